"""The grader's own errors, at the end of a run: what went wrong, once, and whom it concerns."""

from __future__ import annotations

import pytest

from harness.grading.plugin.options import is_worker
from harness.grading.plugin.words import told_by

EXIT_CODE = 6
_NAMED = 10


class GraderErrors:
    """Gathers the grader's own errors, and ends the run with an exit code of its own."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[str]] = {}

    def add(self, text: str, *, exercise: str = "", student: str = "") -> None:
        """Note an error.

        Args:
            text: What went wrong, with its traceback.
            exercise: Which exercise it concerns; empty if none.
            student: Which student; empty if none.
        """
        self._found.setdefault((text, exercise), []).append(student)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the errors that a report tells of."""
        told = told_by(report)
        for fault in told.faults if told else ():
            self.add(fault, exercise=told.exercise, student=told.student)  # type: ignore[union-attr]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Points that a student has lost are no error; this is one."""
        if self._found and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = EXIT_CODE

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show each error once."""
        if not self._found:
            return
        terminalreporter.section("grader errors", red=True, bold=True)
        for (text, exercise), students in self._found.items():
            terminalreporter.write_line(_concerns(exercise, students), bold=True)
            for line in text.splitlines():
                terminalreporter.write_line("    " + line)
        terminalreporter.write_line(
            "These are faults of the grader or of a check, and cost no student points silently."
            " Mend them and run the same command again: only what they concern is graded anew."
        )


def _concerns(exercise: str, students: list[str]) -> str:
    names = sorted({student for student in students if student})
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    whom = f" of {', '.join(names[:_NAMED])}{more}" if names else ""
    return f"Exercise {exercise}{whom}:" if exercise else "The run itself:"


ERRORS = pytest.StashKey[GraderErrors]()


def register(config: pytest.Config) -> None:
    """Gather the errors of a run, in the process that the user started."""
    if not is_worker(config):
        config.stash[ERRORS] = GraderErrors()
        config.pluginmanager.register(config.stash[ERRORS], "harness-grader-errors")
