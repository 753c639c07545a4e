"""Numbers on a class: how points are spread, how each check did, which mistakes are common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.grading.outcome import GRADER_ERROR, PASSED, ExerciseResult
from harness.grading.reports.graded import MISSING, UNREADABLE, Row, Sheet

ENOUGH = 10
"""Students that it takes to say how well a check tells the strong from the weak."""

_BINS = 10
_COMMONEST = 5
_BACKWARDS = -0.2  # nearer to 0 it is chance in a class of usual size


@dataclass(frozen=True)
class Spread:
    """How points are spread over a class.

    Attributes:
        title: Of what.
        points: What it is worth.
        values: The points of each student who has some result.
        bins: Students in each tenth of the points; full marks are in the last.
    """

    title: str
    points: float
    values: tuple[float, ...]
    bins: tuple[int, ...]

    @property
    def median(self) -> float:
        """The middle student's points."""
        return float(np.median(self.values))

    @property
    def mean(self) -> float:
        """The mean of the points."""
        return float(np.mean(self.values))

    @property
    def full(self) -> int:
        """Students with all points."""
        return sum(value >= self.points - 1e-9 for value in self.values)


@dataclass(frozen=True)
class Item:
    """How one check did.

    Attributes:
        title: What it looks at.
        points: What it is worth.
        secret: Whether it is hidden.
        tried: Students on whose work it ran.
        passed: Students who passed it.
        discrimination: Correlation with the points of the rest of the lab; None if it cannot be told.
    """

    title: str
    points: float
    secret: bool
    tried: int
    passed: int
    discrimination: float | None

    @property
    def remark(self) -> str:
        """What to look at; empty if all is well."""
        if self.tried and self.passed == 0:
            return "Nobody passed: is the check right, and the task clear?"
        if self.tried >= ENOUGH and self.passed == self.tried:
            return "Everybody passed: does it tell anything?"
        if self.discrimination is not None and self.discrimination < _BACKWARDS:
            return "Those who pass do worse in the rest: is the check right?"
        return ""


def spread(title: str, points: float, values: Sequence[float]) -> Spread:
    """How values are spread over tenths of the points."""
    share = np.clip(np.asarray(values, dtype=float) / (points or 1.0), 0, 1)
    places = np.minimum((share * _BINS + 1e-9).astype(int), _BINS - 1)
    bins = np.bincount(places, minlength=_BINS)
    return Spread(title, points, tuple(values), tuple(int(count) for count in bins))


def of_totals(sheet: Sheet) -> Spread:
    """How the grades are spread, of all who have one."""
    return spread("Total", sheet.points, [row.grade for row in sheet.rows if row.grade is not None])


def of_exercise(sheet: Sheet, exercise: str) -> Spread:
    """How the points of an exercise are spread, of all whose work could be graded."""
    values = [result.earned for _, result in ran(sheet, exercise)]
    return spread(f"{exercise} {sheet.title_of(exercise)}", sheet.worth[exercise], values)


def ran(sheet: Sheet, exercise: str) -> list[tuple[Row, ExerciseResult]]:
    """The results of an exercise that say something of its students."""
    return [
        (row, result)
        for row, result in sheet.of(exercise)
        if row.graded.state not in (MISSING, UNREADABLE) and result.state != GRADER_ERROR
    ]


def items(sheet: Sheet, exercise: str) -> list[Item]:
    """How each check of an exercise did, in their order."""
    results = ran(sheet, exercise)
    # A visible and a hidden check may share a name, for they stand in modules of their own.
    keys = dict.fromkeys((part.name, part.secret) for _, result in results for part in result.parts)
    return [_item(name, secret, results) for name, secret in keys]


def _item(name: str, secret: bool, results: Sequence[tuple[Row, ExerciseResult]]) -> Item:
    pairs = [(r, p) for r, result in results for p in result.parts if (p.name, p.secret) == (name, secret)]
    passed = [part.state == PASSED for _, part in pairs]
    rest = [sum(r.earned for r in row.graded.results) - part.earned for row, part in pairs]
    part = pairs[0][1]
    return Item(part.title, part.points, part.secret, len(pairs), sum(passed), _correlation(passed, rest))


def _correlation(passed: Sequence[bool], rest: Sequence[float]) -> float | None:
    """The point-biserial correlation; None with few students, or where one of the two does not vary."""
    if len(passed) < ENOUGH or np.ptp(np.asarray(passed, dtype=float)) == 0 or np.ptp(rest) < 1e-9:
        return None
    return float(np.corrcoef(np.asarray(passed, dtype=float), rest)[0, 1])


def mistakes(sheet: Sheet, exercise: str) -> list[tuple[str, int]]:
    """The commonest messages of an exercise, each with the number of students who got it."""
    said: Counter[str] = Counter()
    for _, result in ran(sheet, exercise):
        states = (PASSED, "skipped", "not done", GRADER_ERROR)
        said.update({part.message for part in result.parts if part.message and part.state not in states})
    return sorted(said.items(), key=lambda pair: (-pair[1], pair[0]))[:_COMMONEST]
