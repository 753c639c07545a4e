"""`pytest labs/`: the visible checks in a terminal, on the learner's own notebook, run from its start.

    pytest labs/                all exercises of all labs
    pytest labs/ -k 1.5         one exercise

Checks come from `labs/`; the notebook is the learner's copy in `work/` if there is one, and the summary says
which. It runs in a process of its own, with a limit of time for each cell and each call. An exercise that is
not begun counts as skipped, since there is nothing wrong with it yet; but the exit code is 0 only when all
that was looked at passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import BadArgument
from harness.grading.handout import is_handed_out, read_handout
from harness.grading.plugin.item import ExerciseItem, LostPoints
from harness.grading.plugin.provider import Provider, Settled
from harness.grading.plugin.workroom import Workroom, steps_of

if TYPE_CHECKING:
    from harness.grading.box import Step
    from harness.grading.handed_in import Answer
    from harness.grading.handout import Handout
    from harness.grading.lab import Lab
    from harness.grading.outcome import ExerciseResult
    from harness.grading.points import Part
    from harness.grading.submission import Submission

WORK = "work"


class OwnWork(Provider):
    """A learner's own notebook of a lab, read as grading reads what is handed in.

    Args:
        folder: The lab's folder with the checks.
        room: Where the notebook runs.
    """

    def __init__(self, folder: Path, room: Workroom) -> None:
        self._folder, self._room = folder, room

    def students(self) -> list[str]:
        """Nobody but the learner."""
        return [""]

    @cached_property
    def _lab(self) -> Lab:
        return _lab_of(self._folder, read_handout(self._folder))

    @cached_property
    def _answers(self) -> dict[str, Answer]:
        return answers_in(_existing(notebook_of(self._folder)), self._lab)

    def settled(self, student: str, exercise: str, parts: Sequence[Part]) -> Settled | None:
        """What is not begun needs no running."""
        from harness.grading.outcome import NOT_DONE
        from harness.grading.plugin.results import all_parts

        answer = self._answers[exercise]
        if answer.found not in ("missing", "untouched"):
            return None
        title = self._lab.exercises[exercise].title
        message = answer.note or "Not done yet."
        return Settled(all_parts(exercise, title, parts, state=NOT_DONE, message=message), reused=False)

    def submission_of(self, item: ExerciseItem) -> Submission:
        """The work after all cells of the notebook have run; what failed there, a check is told."""
        return self._room.work((str(self._folder), ""), self._steps).of(item.exercise)

    def _steps(self) -> list[Step]:
        return steps_of(self._lab, {name: answer.cells for name, answer in self._answers.items()})

    def complete(self, result: ExerciseResult, student: str) -> ExerciseResult:
        """The result with what was noticed when the notebook was read."""
        return replace(result, note=self._answers[result.exercise].note)

    def leave(self, student: str) -> None:
        """Close the work."""
        self._room.leave()


def notebook_of(folder: Path) -> Path:
    """The learner's notebook of a lab: the copy in `work/`, or the one beside the checks."""
    name = read_handout(folder).lab + ".md"
    copy = folder.parent.parent / WORK / folder.name / name
    return copy if copy.is_file() and folder.parent.name != WORK else folder / name


def _lab_of(folder: Path, handout: Handout) -> Lab:
    """The lab as it was handed out, whatever the learner has done to its file."""
    from harness.grading.lab import Cell, Exercise, Lab, defined_names

    cells = tuple(Cell("code", source, f"ex-{name}" if name else "") for name, source in handout.cells)
    stubs = dict(handout.cells)
    exercises = {
        e.name: Exercise(e.name, e.title, stubs[e.name], defined_names(stubs[e.name]))
        for e in handout.exercises
    }
    return Lab(folder / f"{handout.lab}.md", cells, exercises)


def answers_in(notebook: Path, lab: Lab) -> dict[str, Answer]:
    """The answers of a notebook, by exercise.

    Raises:
        BadArgument: If it cannot be read.
    """
    from harness.grading.handed_in.expected import ExpectedLab
    from harness.grading.handed_in.one import read_one

    read = read_one("", [notebook], lab, ExpectedLab(lab))
    if read.state != "read":
        raise BadArgument(
            "Your notebook cannot be read",
            value=str(notebook),
            remedy=" ".join(read.notes) or "Look at it in JupyterLab",
        )
    return read.answers


def _existing(notebook: Path) -> Path:
    if notebook.is_file():
        return notebook
    there = [path.name for path in sorted(notebook.parent.glob("*")) if path.suffix in (".md", ".ipynb")]
    raise BadArgument(
        f"There is no {notebook.name} to check in {notebook.parent}",
        value=there,
        remedy="Give your notebook this name again, or start `harness lab`, which brings a new one",
    )


class LearnersReport:
    """What a learner reads in the terminal: a pytest plugin, silent unless a handed-out lab is checked."""

    def __init__(self) -> None:
        self._results: dict[tuple[Path, str], ExerciseResult] = {}

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
            yield from (f"{name}: {result.note}" for name, result in results.items() if result.note)
            yield _line(handout, results)


def _line(handout: Handout, results: dict[str, ExerciseResult]) -> str:
    done = sum(result.state == "passed" for result in results.values())
    earned = sum(result.earned for result in results.values())
    points = sum(e.visible_points for e in handout.exercises if e.name in results)
    looked_at = len(results)
    begun = sum(result.state != "passed" and result.earned > 0 for result in results.values())
    some = f", {begun} begun" if begun else ""
    some += "" if looked_at == len(handout.exercises) else f" (of {len(handout.exercises)} in the lab)"
    return (
        f"{handout.title}: {done} of {looked_at} exercises done{some}, "
        f"{earned:g} of {points:g} visible points. "
        f"Hidden checks bring the lab to {handout.points:g} points when it is graded."
    )


def is_own(item: pytest.Item) -> bool:
    """Whether an item is about a learner's own work."""
    return isinstance(item, ExerciseItem) and isinstance(item.provider, OwnWork)
