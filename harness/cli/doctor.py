"""`harness doctor`: what is installed, what is optional, what each missing thing costs."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer
from rich.table import Table

from harness.cli.panels import OUT
from harness.doctor import Finding, State, examine, healthy

_STYLE = {State.OK: "green", State.MISSING: "bold red", State.OPTIONAL: "yellow"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: the findings as JSON.")] = False,
) -> None:
    """Say what is installed, what is missing, and what each missing thing costs.

    The exit code is 0 when all that the course needs is here, else 1; what is optional does not count.

    For example:

        harness doctor

        harness doctor --json
    """
    findings = examine()
    if as_json:
        OUT.print_json(json.dumps([asdict(finding) for finding in findings]))
    else:
        OUT.print(_table(findings))
        OUT.print(_verdict(findings))
    raise typer.Exit(0 if healthy(findings) else 1)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in ("state", "name", "what was found"):
        table.add_column(overflow="fold")
    for group, members in groupby(findings, key=lambda finding: finding.group):
        table.add_row("", f"[bold]{group}[/bold]", "")
        for finding in members:
            table.add_row(_state(finding), finding.name, _detail(finding))
    return table


def _state(finding: Finding) -> str:
    return f"[{_STYLE[finding.state]}]{finding.state}[/]"


def _detail(finding: Finding) -> str:
    lines = [finding.detail]
    if finding.cost:
        lines.append(f"without it: {finding.cost}")
    if finding.remedy:
        lines.append(f"to get it: [bold]{finding.remedy}[/bold]")
    return "\n".join(lines)


def _verdict(findings: list[Finding]) -> str:
    missing = [finding.name for finding in findings if finding.state is State.MISSING]
    if missing:
        return f"\n[bold red]Missing and needed: {', '.join(missing)}.[/]"
    lacking = sum(finding.state is State.OPTIONAL for finding in findings)
    return f"\nAll that is needed is here; optional things missing: {lacking}."
