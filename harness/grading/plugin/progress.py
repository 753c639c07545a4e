"""How far a grading run is: a live line in a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from harness.grading.plugin.words import QUIET, Address, address_of

if TYPE_CHECKING:
    from rich.live import Live

_PLAIN_EVERY_S = 30.0
_TENTHS = 10


class Progress:
    """Counts what is done; stands in for pytest's dots, and leaves `-v` and `-q` to pytest.

    Args:
        config: Of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._left: Counter[tuple[str, str]] = Counter()
        self._students = self._exercises = self._done = 0
        self._seen: set[Address] = set()
        self._started = self._said_at = time.monotonic()
        self._said_tenth = 0
        self._live: Live | None = None

    def pytest_sessionstart(self) -> None:
        """Take the place of pytest's own letters."""
        reporter: Any = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is None or self._config.get_verbosity() != 0 or self._config.getoption("collectonly"):
            self._config.pluginmanager.unregister(self)
            return
        self._reporter = reporter
        self._config.stash[QUIET] = True
        reporter.showfspath = reporter._show_progress_info = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Know what is to be done, when this process does it."""
        if session.items:
            self._expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Know what is to be done, when workers do it; each of them tells the same."""
        if not self._exercises:
            self._expect(ids)

    def _expect(self, ids: Iterable[str]) -> None:
        addresses = [address for address in map(address_of, ids) if address is not None]
        self._left = Counter((address.folder, address.student) for address in addresses)
        self._students, self._exercises = len(self._left), len(addresses)
        self._started = self._said_at = time.monotonic()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count an exercise, once."""
        address = address_of(report.nodeid)
        if address is None or address in self._seen or (report.when == "setup" and report.passed):
            return
        self._seen.add(address)
        self._done += 1
        self._left[address.folder, address.student] -= 1
        self._show()

    def text(self) -> str:
        """How far it is, in a line."""
        whole = sum(not left for left in self._left.values())
        line = f"{whole} of {self._students} students, {self._done} of {self._exercises} exercises"
        return f"{line}, {self._time_left()} left" if self._done < self._exercises else line

    def _time_left(self) -> str:
        per_exercise_s = (time.monotonic() - self._started) / max(1, self._done)
        left_s = round(per_exercise_s * (self._exercises - self._done))
        return f"about {left_s} s" if left_s < 100 else f"about {round(left_s / 60)} min"

    def _show(self) -> None:
        if self._reporter.isatty:
            self._show_live()
        elif self._is_time_to_say():
            self._reporter.ensure_newline()
            self._reporter.write_line("graded " + self.text())

    def _is_time_to_say(self) -> bool:
        now, tenth = time.monotonic(), _TENTHS * self._done // self._exercises
        if tenth == self._said_tenth and now - self._said_at < _PLAIN_EVERY_S:
            return False
        self._said_at, self._said_tenth = now, tenth
        return True

    def _show_live(self) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        if self._live is None:
            # Without a thread of its own: it would write while pytest captures what checks print.
            self._live = Live(
                console=Console(),
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        share = round(30 * self._done / self._exercises)
        bar = "━" * share, "─" * (30 - share)
        self._live.update(Text.assemble((bar[0], "green"), (bar[1], "dim"), " " + self.text()), refresh=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Clear the line before the summary."""
        if self._live is not None:
            self._live.stop()
            self._live = None
