"""Results that no check has made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.grading.exercise import what_happened
from harness.grading.outcome import FAILED, NOT_DONE, ExerciseResult, PartResult
from harness.grading.points import Part
from harness.grading.submission import StudentFault


def all_parts(
    exercise: str, title: str, parts: Sequence[Part], *, state: str, message: str
) -> ExerciseResult:
    """A result in which all checks of an exercise are in one state."""
    shown = [
        PartResult(p.name, p.title, p.points, state, message, visibility=p.visibility, secret=p.secret)
        for p in parts
    ]
    # An exercise whose checks could not be read has a state all the same.
    nothing = PartResult("grader", "The checks could not be read.", 0.0, state, message)
    return ExerciseResult(exercise, title, tuple(shown) or (nothing,))


def blamed_on(fault: StudentFault, result: ExerciseResult) -> ExerciseResult:
    """A result in which what is not done is put down to what the answer cell raised.

    What the cell defined before it failed has been checked; what it did not come to is not "not done yet".
    """
    return replace(result, parts=tuple(_blamed(fault, part) for part in result.parts))


def _blamed(fault: StudentFault, part: PartResult) -> PartResult:
    if part.state != NOT_DONE:
        return part
    state = FAILED if fault.state == NOT_DONE else fault.state
    return replace(part, state=state, message=what_happened(fault, secret=part.secret))
