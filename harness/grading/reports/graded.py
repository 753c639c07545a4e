"""What reports are made of: the results of a student, and of a class, with totals and states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from harness.grading.lab import Lab
from harness.grading.marks import Total
from harness.grading.outcome import FAILED, GRADER_ERROR, NOT_DONE, PASSED, ExerciseResult
from harness.grading.policy import Policy

MISSING, UNREADABLE, INCOMPLETE, TOO_LATE = "missing", "unreadable", "incomplete", "too late"
GRADED, PARTIAL = "graded", "partial"
_STOPPED = ("out of memory", "timed out", "ended")
_UNDONE = (NOT_DONE, MISSING)

ATTENTION = (GRADER_ERROR, UNREADABLE, MISSING, INCOMPLETE, TOO_LATE, *_STOPPED)
"""States that an instructor should look at, the gravest first."""


@dataclass(frozen=True)
class Graded:
    """All results of one student in one lab.

    Attributes:
        student: Who it is.
        results: One for each exercise, in the lab's order.
        state: "read", "unreadable" or "missing": whether something could be graded.
        notes: What was noticed, a sentence each, for instructor and student.
        handed_in_at: When it was handed in, with its zone; None if that is not known.
    """

    student: str
    results: tuple[ExerciseResult, ...]
    state: str = "read"
    notes: tuple[str, ...] = ()
    handed_in_at: datetime | None = None


@dataclass(frozen=True)
class Row:
    """A student's line in the gradebook.

    Attributes:
        graded: The results.
        total: What the policy makes of them.
        state: One word for the whole: "graded", "partial", "timed out", "missing", "grader error" ….
        grade: The points that stand; None as long as there is no grade to give.
    """

    graded: Graded
    total: Total
    state: str
    grade: float | None

    @property
    def student(self) -> str:
        """Who it is."""
        return self.graded.student

    def result(self, exercise: str) -> ExerciseResult | None:
        """The result of an exercise; None if it has none."""
        return next((result for result in self.graded.results if result.exercise == exercise), None)


@dataclass(frozen=True)
class Sheet:
    """A class: its rows, sorted by student, and what each exercise is worth."""

    lab: Lab
    policy: Policy
    rows: tuple[Row, ...]
    worth: dict[str, float]

    @property
    def title(self) -> str:
        """The lab's own heading, such as "Lab 1: Foundations"."""
        for cell in self.lab.cells:
            if cell.kind == "markdown" and cell.source.startswith("# "):
                return cell.source[2:].splitlines()[0].strip()
        return self.lab.name

    @property
    def points(self) -> float:
        """What the lab is worth, without extra credit."""
        bonus = self.policy.rules(self.lab.name).extra_credit
        return round(sum(points for name, points in self.worth.items() if name not in bonus), 6)

    def title_of(self, exercise: str) -> str:
        """The heading of an exercise."""
        return self.lab.exercises[exercise].title if exercise in self.lab.exercises else exercise

    def of(self, exercise: str) -> Iterator[tuple[Row, ExerciseResult]]:
        """All results of an exercise."""
        for row in self.rows:
            if (result := row.result(exercise)) is not None:
                yield row, result


def sheet_of(graded: Sequence[Graded], lab: Lab, policy: Policy) -> Sheet:
    """A class's results with totals and states.

    Raises:
        BadArgument: If the policy names exercises that the lab does not have.
    """
    policy.check(lab.name, lab.exercises)
    worth = dict.fromkeys(lab.exercises, 0.0)
    for result in (result for one in graded for result in one.results):
        worth[result.exercise] = max(worth.get(result.exercise, 0.0), result.points)
    rows = (_row(one, lab, policy, worth) for one in sorted(graded, key=lambda one: one.student))
    return Sheet(lab, policy, tuple(rows), worth)


def _row(graded: Graded, lab: Lab, policy: Policy, worth: dict[str, float]) -> Row:
    total = policy.total(graded, lab=lab.name, worth=worth)
    state = _state(graded, lab, total)
    stands = state not in (GRADER_ERROR, UNREADABLE, INCOMPLETE)
    if state == MISSING:
        return Row(graded, total, state, 0.0 if policy.missing_as_zero else None)
    return Row(graded, total, state, total.total if stands else None)


def _state(graded: Graded, lab: Lab, total: Total) -> str:
    """The gravest of what there is to say."""
    if graded.state in (MISSING, UNREADABLE):
        return graded.state
    states = {result.state for result in graded.results}
    if GRADER_ERROR in states:
        return GRADER_ERROR
    if set(lab.exercises) - {result.exercise for result in graded.results}:
        return INCOMPLETE
    if total.too_late:
        return TOO_LATE
    for stopped in _STOPPED:
        if any(part.state == stopped for result in graded.results for part in result.parts):
            return stopped
    if states <= set(_UNDONE):
        return NOT_DONE
    return PARTIAL if states & set(_UNDONE) else GRADED


def counted(result: ExerciseResult | None) -> float | None:
    """The points of an exercise, where points say how it went; None where a word must."""
    if result is None or result.state == GRADER_ERROR:
        return None
    return result.earned if result.earned or result.state in (PASSED, FAILED) else None
