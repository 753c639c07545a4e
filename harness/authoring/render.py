"""Renders the executed pages with Jupyter Book, any warning being an error."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

from myst_nb.core.render import strip_ansi

from harness.authoring.digest import CACHE_VARIABLE
from harness.authoring.paths import BookPaths
from harness.errors import BuildError

_PROGRESS = re.compile(r"^(reading sources|writing output)\.\.\. *\[ *(\d+%)\] *(\S+)")
_TROUBLE = re.compile(r"WARNING|ERROR|CRITICAL")

Report = Callable[[str], None]


def render(paths: BookPaths, *, executions: Path, report: Report) -> None:
    """Renders the site.

    The whole site is written, since a change of one page's title shows in the navigation of all.

    Args:
        paths: The book.
        executions: Folder of the results of the pages.
        report: Told what is happening, a line at a time.

    Raises:
        BuildError: If Jupyter Book warns of anything or fails; shows what it said.
    """
    paths.stamp.unlink(missing_ok=True)
    shutil.rmtree(paths.html, ignore_errors=True)
    _run_jupyter_book(paths, executions, report)


def _run_jupyter_book(paths: BookPaths, executions: Path, report: Report) -> None:
    command = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    arguments = [str(command), "build", "-W", "-n", "--keep-going", "--all", str(paths.root)]
    process = subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, CACHE_VARIABLE: str(executions)},
    )
    with process:
        assert process.stdout is not None
        troubles, tail = _follow(process.stdout, report)
    if process.returncode != 0:
        # Sphinx warns of a page only when it reads it, and remembers what it has read: forget that.
        shutil.rmtree(paths.build / ".doctrees", ignore_errors=True)
        raise BuildError(
            "Jupyter Book did not accept the pages:\n" + "\n".join(troubles or tail),
            remedy="Mend the pages named",
        )


def _follow(lines: Iterator[str], report: Report) -> tuple[list[str], list[str]]:
    """Passes progress on; collects what sounds like trouble, and the last lines in case none does."""
    troubles: list[str] = []
    tail: list[str] = []
    for line in map(strip_ansi, lines):
        if progress := _PROGRESS.match(line):
            step, percent, page = progress.groups()
            report(f"{step} {percent:>4} {page}")
        elif _TROUBLE.search(line):
            troubles.append(line.rstrip())
        tail = [*tail[-19:], line.rstrip()]
    return troubles, tail
