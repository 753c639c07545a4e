"""Results that no check has made."""

from __future__ import annotations

from collections.abc import Sequence

from harness.grading.outcome import ExerciseResult, PartResult
from harness.grading.points import Part


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
