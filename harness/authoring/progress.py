"""Shows how far the pages are: a live line for each that runs, or plain lines where there is no terminal."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table

Report = Callable[[str], None]


class Progress:
    """Tells of pages in plain lines, one when a page starts and one when it has ended.

    Args:
        report: Takes a line.
    """

    def __init__(self, report: Report) -> None:
        self._report = report

    @contextlib.contextmanager
    def showing(self, waiting: int) -> Iterator[None]:
        """Show what happens while the context lasts; so many pages are to run."""
        yield

    def starts(self, name: str, *, cells: int) -> None:
        """A page starts."""
        self._report(f"running {name}")

    def reaches(self, name: str, *, cell: int) -> None:
        """A page has come to a code cell."""

    def ends(self, name: str, *, seconds: float, failed: bool = False) -> None:
        """A page has ended."""
        self._report(f"{'FAILED' if failed else 'ran'} {name} {'after' if failed else 'in'} {seconds:.1f} s")


@dataclass
class _Running:
    cells: int
    cell: int = 0
    since: float = field(default_factory=time.perf_counter)


class LiveProgress(Progress):
    """Tells of pages on a terminal: a line for each that runs, with its cell and its seconds.

    Args:
        report: Takes the line of a page that has ended.
        console: The terminal.
    """

    def __init__(self, report: Report, console: Console) -> None:
        super().__init__(report)
        self._console = console
        self._running: dict[str, _Running] = {}
        self._waiting = 0

    @contextlib.contextmanager
    def showing(self, waiting: int) -> Iterator[None]:
        """Show what happens while the context lasts; so many pages are to run."""
        self._waiting = waiting
        with Live(console=self._console, get_renderable=self.table, refresh_per_second=4, transient=True):
            yield

    def starts(self, name: str, *, cells: int) -> None:
        """A page starts."""
        self._waiting -= 1
        self._running[name] = _Running(cells)

    def reaches(self, name: str, *, cell: int) -> None:
        """A page has come to a code cell."""
        self._running[name].cell = cell

    def ends(self, name: str, *, seconds: float, failed: bool = False) -> None:
        """A page has ended."""
        self._running.pop(name, None)
        super().ends(name, seconds=seconds, failed=failed)

    def table(self) -> Table:
        """What is shown now."""
        shown, now = Table.grid(padding=(0, 2)), time.perf_counter()
        for name, page in list(self._running.items()):
            cell, seconds = f"cell {page.cell} of {page.cells}", f"{now - page.since:.0f} s"
            shown.add_row("          running", name, cell, seconds)
        if self._waiting:
            shown.add_row("          waiting", f"{self._waiting} more", "", "")
        return shown
