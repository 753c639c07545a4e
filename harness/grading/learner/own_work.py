"""`pytest labs/`: the visible checks in a terminal, on the learner's own notebook, run from its start.

    pytest labs/                all exercises of all labs
    pytest labs/ -k 1.5         one exercise

Checks come from `labs/`; the notebook is the learner's copy in `work/` if there is one, and the summary says
which. It runs in a process of its own, with a limit of time for each cell and each call. An exercise that is
not begun counts as skipped, since there is nothing wrong with it yet; but the exit code is 0 only when all
that was looked at passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.grading.handout import is_handed_out, read_handout
from harness.grading.plugin.item import ExerciseItem, LostPoints
from harness.grading.plugin.provider import Provider
from harness.grading.plugin.workroom import Workroom

if TYPE_CHECKING:
    from harness.grading.box import Step
    from harness.grading.handout import Handout
    from harness.grading.lab import Cell
    from harness.grading.outcome import ExerciseResult
    from harness.grading.submission import Submission

WORK = "work"


class OwnWork(Provider):
    """A learner's own notebook of a lab.

    Args:
        folder: The lab's folder with the checks.
        room: Where the notebook runs.
    """

    def __init__(self, folder: Path, room: Workroom) -> None:
        self._folder, self._room = folder, room

    def students(self) -> list[str]:
        """Nobody but the learner."""
        return [""]

    def submission_of(self, item: ExerciseItem) -> Submission:
        """The work after all cells of the notebook have run; what failed there, a check is told."""
        work = self._room.work((str(self._folder), ""), lambda: steps_of_notebook(self._folder))
        return work.of(item.exercise)

    def leave(self, student: str) -> None:
        """Close the work."""
        self._room.leave()


def notebook_of(folder: Path) -> Path:
    """The learner's notebook of a lab: the copy in `work/`, or the one beside the checks."""
    name = read_handout(folder).lab + ".md"
    copy = folder.parent.parent / WORK / folder.name / name
    return copy if copy.is_file() and folder.parent.name != WORK else folder / name


def steps_of_notebook(folder: Path) -> list[Step]:
    """The cells of the learner's notebook, each with the exercise that answers for it.

    The lab's own cells run as they were handed out, also where the learner has changed or deleted them, since
    that is what grading does. Other cells without a label belong to the answer that follows.
    """
    from harness.grading.box import Step
    from harness.grading.lab import read_cells

    mine = _code(read_cells(_existing(notebook_of(folder))))
    own = read_handout(folder).own_cells
    kept = {cell.source for cell in mine}
    steps = [Step("", source) for source in own if source not in kept]
    for cell, exercise in zip(mine, _answers_for(mine), strict=True):
        steps.append(Step("" if cell.source in own else exercise, cell.source))
    return steps


def _code(cells: tuple[Cell, ...]) -> list[Cell]:
    return [cell for cell in cells if cell.kind == "code" and "check" not in cell.tags]


def _answers_for(cells: list[Cell]) -> list[str]:
    """The exercise of each cell; of one without a label, that of the next with one, or else of the last."""
    named = [cell.exercise for cell in cells]
    last = next((name for name in reversed(named) if name), "")
    found: list[str] = []
    for name in reversed(named):
        found.append(name or (found[-1] if found else last))
    return found[::-1]


def _existing(notebook: Path) -> Path:
    from harness.errors import BadArgument

    if notebook.is_file():
        return notebook
    there = [path.name for path in sorted(notebook.parent.glob("*")) if path.suffix in (".md", ".ipynb")]
    raise BadArgument(
        f"There is no {notebook.name} to check in {notebook.parent}",
        value=there,
        remedy="Give your notebook this name again, or start `harness lab`, which brings a new one",
    )


@dataclass
class LearnersReport:
    """What a learner reads in the terminal: a pytest plugin, silent unless a handed-out lab is checked."""

    _results: dict[tuple[Path, str], ExerciseResult] = field(default_factory=dict)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Count what is not begun as skipped."""
        report = yield
        if is_own(item) and call.excinfo is not None and isinstance(call.excinfo.value, LostPoints):
            result: ExerciseResult = call.excinfo.value.args[0]
            if result.state == "not done":
                report.outcome = "skipped"
                report.longrepr = (str(item.path), None, f"Skipped: {item.name} is not done yet")
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the results, those of other processes too."""
        from harness.grading.plugin.words import told_by

        told = told_by(report)
        if told is not None and told.result is not None and not told.student:
            folder = Path(told.folder)
            if is_handed_out(folder):
                self._results[folder, told.exercise] = told.result

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Exit code 1 while something is to be done."""
        undone = any(result.state != "passed" for result in self._results.values())
        if undone and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """A line for each lab."""
        for line in self._summary():
            terminalreporter.write_line(line)

    def _summary(self) -> Iterator[str]:
        for folder in dict.fromkeys(folder for folder, _ in self._results):
            handout = read_handout(folder)
            results = {name: result for (lab, name), result in self._results.items() if lab == folder}
            yield f"Your notebook: {notebook_of(folder)}"
            yield _line(handout, results)


def _line(handout: Handout, results: dict[str, ExerciseResult]) -> str:
    done = sum(result.state == "passed" for result in results.values())
    earned = sum(result.earned for result in results.values())
    points = sum(e.visible_points for e in handout.exercises if e.name in results)
    looked_at = len(results)
    some = "" if looked_at == len(handout.exercises) else " that were looked at"
    return (
        f"{handout.title}: {done} of {looked_at} exercises{some} done, "
        f"{earned:g} of {points:g} visible points. "
        f"Hidden checks bring the lab to {handout.points:g} points when it is graded."
    )


def is_own(item: pytest.Item) -> bool:
    """Whether an item is about a learner's own work."""
    return isinstance(item, ExerciseItem) and isinstance(item.provider, OwnWork)
