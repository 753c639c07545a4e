"""The feedback page of a student."""

from __future__ import annotations

from dataclasses import dataclass

from harness.grading.outcome import GRADER_ERROR, PASSED
from harness.grading.reports.graded import MISSING, UNREADABLE, Row, Sheet
from harness.grading.reports.pages import page
from harness.grading.reports.shown import ShownExercise, shown_exercises

_SIGNS = {PASSED: "✓", **dict.fromkeys(("not done", "skipped", "missing", GRADER_ERROR), "·")}

_HEADLINES = {
    "missing": "Nothing was handed in.",
    "unreadable": "What was handed in could not be read, so it was not graded. Talk to your instructor.",
    "grader error": "Some of it could not be graded, through the grader's fault. "
    "There is no grade yet; your instructor knows, and it costs you no points.",
    "incomplete": "Not all of it is graded yet, so there is no grade yet.",
    "too late": "It came when it was no longer taken.",
    "not done": "No exercise is done yet.",
}


@dataclass(frozen=True)
class Sums:
    """The sums at the top of a page.

    Attributes:
        earned: Points of the checks that are shown.
        points: What those are worth.
        whole: Whether these are all checks, so that the page can state the grade.
        withheld: Points of checks that are shown later.
        unseen: Points of checks that never show.
    """

    earned: float
    points: float
    whole: bool
    withheld: float
    unseen: float


def feedback_page(row: Row, sheet: Sheet) -> str:
    """What a student is told: each check that may be shown, the points, and what became of them."""
    exercises = () if row.state in (MISSING, UNREADABLE) else shown_exercises(row, sheet)
    bonus = set(sheet.policy.rules(sheet.lab.name).extra_credit)
    at = row.graded.handed_in_at
    return page(
        "feedback.html.j2",
        row=row,
        sheet=sheet,
        exercises=exercises,
        bonus=bonus,
        sums=_sums(exercises, bonus),
        headline=_HEADLINES.get(row.state, ""),
        handed_in=sheet.policy.local(at) if at else "",
        sign=lambda part: _SIGNS.get(part.state, "✗"),
    )


def _sums(exercises: tuple[ShownExercise, ...], bonus: set[str]) -> Sums:
    base = [exercise for exercise in exercises if exercise.exercise not in bonus]
    withheld = sum(exercise.withheld_points for exercise in exercises)
    unseen = sum(exercise.unseen_points for exercise in exercises)
    earned, worth = sum(e.earned for e in base), sum(e.points for e in base)
    return Sums(earned, worth, not withheld and not unseen, withheld, unseen)
