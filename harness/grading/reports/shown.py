"""What a student may see of the own results. Pages and files for students are made of this and nothing else.

visibility   "visible" shows; "after_due_date" and "after_published" once the policy says so; "hidden" never
secret       no input, nothing that came back, and no message but the author's own words
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.grading.outcome import (
    FAILED,
    GRADER_ERROR,
    NOT_DONE,
    PASSED,
    SKIPPED,
    ExerciseResult,
    PartResult,
)
from harness.grading.reports.authored import authored
from harness.grading.reports.graded import Row, Sheet
from harness.grading.submission import BUILTIN_ERRORS

_RAISED = re.compile(
    r"Your code raised ([A-Z][A-Za-z]{1,40}|an exception of its own) for an input of this check\."
)
_NOT_PLAIN = "Your code gave something that is no plain data."
_INSTEAD = {
    FAILED: "It does not hold.",
    SKIPPED: "Skipped, for another check must pass first.",
    NOT_DONE: "Not done yet.",
    GRADER_ERROR: "The check itself failed. That is not your fault; your instructor knows.",
    "timed out": "Your code took too long for an input of this check.",
    "out of memory": "Your code took too much memory for an input of this check.",
    "ended": "Your code ended the interpreter for an input of this check.",
    "missing": "There is no answer to check.",
    "unreadable": "What was handed in could not be read.",
}


@dataclass(frozen=True)
class ShownExercise:
    """An exercise as its student sees it.

    Attributes:
        exercise: Such as "1.5".
        title: Its heading.
        state: One word, of what is shown.
        parts: The checks that are shown.
        withheld: How many checks are shown later.
        withheld_points: What those are worth.
        unseen_points: What checks are worth that never show.
        note: What the reader of the submission noticed.
    """

    exercise: str
    title: str
    state: str
    parts: tuple[PartResult, ...]
    withheld: int
    withheld_points: float
    unseen_points: float
    note: str

    @property
    def points(self) -> float:
        """What the checks that are shown are worth."""
        return sum(part.points for part in self.parts)

    @property
    def earned(self) -> float:
        """Points of the checks that are shown."""
        return sum(part.earned for part in self.parts)


def shown_exercises(row: Row, sheet: Sheet) -> tuple[ShownExercise, ...]:
    """What a student may see of the exercises."""
    released = ("visible", *sheet.policy.feedback.show)
    return tuple(shown_exercise(result, released, sheet) for result in row.graded.results)


def shown_exercise(result: ExerciseResult, released: Sequence[str], sheet: Sheet) -> ShownExercise:
    """What a student may see of an exercise."""
    shown = [part for part in result.parts if part.visibility in released]
    later = [part for part in result.parts if part.visibility not in (*released, "hidden")]
    never = [part for part in result.parts if part.visibility == "hidden"]
    parts = tuple(shown_part(part, result, released, sheet) for part in shown)
    state = replace(result, parts=tuple(shown)).state if shown else "not shown"
    return ShownExercise(
        exercise=result.exercise,
        title=result.title,
        state=state,
        parts=parts,
        withheld=len(later),
        withheld_points=sum(part.points for part in later),
        unseen_points=sum(part.points for part in never),
        note=result.note,
    )


def shown_part(part: PartResult, result: ExerciseResult, released: Sequence[str], sheet: Sheet) -> PartResult:
    """What a student may see of a check whose verdict is shown."""
    if part.state == PASSED:
        return replace(part, message="", hint="", tried="", got="")
    if part.state == SKIPPED and any(
        other.visibility not in released and other.title in part.message for other in result.parts
    ):
        part = replace(part, message=_INSTEAD[SKIPPED])
    if part.state == GRADER_ERROR:
        part = replace(part, message=_INSTEAD[GRADER_ERROR])
    if not part.secret:
        return part
    return replace(part, tried="", got="", message=secret_message(part, result, sheet))


def secret_message(part: PartResult, result: ExerciseResult, sheet: Sheet) -> str:
    """What a student is told of a hidden check: its author's words, or a sentence that fits the state."""
    if part.state == SKIPPED and any(part.message.endswith(f": {other.title}") for other in result.parts):
        return part.message
    if part.state == FAILED and _authors(part.message, result.exercise, sheet):
        return part.message
    return _INSTEAD.get(part.state, _INSTEAD[FAILED])


def _authors(message: str, exercise: str, sheet: Sheet) -> bool:
    if message == _NOT_PLAIN:
        return True
    if (raised := _RAISED.fullmatch(message)) is not None:
        return raised[1] == "an exception of its own" or raised[1] in BUILTIN_ERRORS
    return authored(sheet.lab.path.parent, exercise).fullmatch(message) is not None
