"""Builds the book: its sources become the twin, the executed pages and the site, in that order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from harness.authoring.assets import install_assets
from harness.authoring.digest import drop_stale_executions, execution_cache, site_digest
from harness.authoring.execute import execute_pages
from harness.authoring.paths import BookPaths
from harness.authoring.progress import LiveProgress, Progress
from harness.authoring.render import render
from harness.authoring.tangle import tangle

Report = Callable[[str], None]


def build_book(
    paths: BookPaths, *, report: Report, workers: int | None = None, console: Console | None = None
) -> None:
    """Builds the book; earlier results that are still valid are taken over.

    Args:
        paths: The book.
        report: Told what is happening, a line at a time.
        workers: How many pages run at a time; the number of processors by default.
        console: Shows the running pages live, if it is a terminal.

    Raises:
        BuildError: If a step fails; nothing of a failed rendering is left to be mistaken for the book.
    """
    _tangle(paths, report)
    # Taken once: code that changes while the book is built makes the next build's results, not this one's.
    executions, state = execution_cache(paths), site_digest(paths)
    _assets(paths, report)
    _execute(paths, executions, report, workers, console)
    report("4/4 site: rendering with Jupyter Book")
    render(paths, executions=executions, report=_indented(report))
    paths.stamp.write_text(state, encoding="utf-8")


def _tangle(paths: BookPaths, report: Report) -> None:
    report("1/4 twin: writing book/twin from the pages")
    changed = tangle(paths)
    for name in changed.written:
        report(f"    wrote {name}")
    for name in changed.removed:
        report(f"    removed {name}")


def _assets(paths: BookPaths, report: Report) -> None:
    report("2/4 assets: what a browser needs to show the pages")
    if not install_assets(paths.assets, report=_indented(report)):
        report("    already there")


def _execute(
    paths: BookPaths, executions: Path, report: Report, workers: int | None, console: Console | None
) -> None:
    report("3/4 pages: running their code")
    if drop_stale_executions(paths, current=executions):
        report("    the code that pages import has changed: earlier results are dropped")
    progress = _progress(_indented(report), console)
    pages = execute_pages(paths, executions=executions, progress=progress, workers=workers)
    ran = [page for page in pages if page.seconds]
    report(f"    {len(pages)} with code, {len(ran)} run, {len(pages) - len(ran)} unchanged")


def _progress(report: Report, console: Console | None) -> Progress:
    if console is not None and console.is_terminal:
        return LiveProgress(report, console)
    return Progress(report)


def _indented(report: Report) -> Report:
    return lambda line: report(f"    {line}")
