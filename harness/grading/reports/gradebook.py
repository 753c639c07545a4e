"""The gradebook: a CSV file with one row a student."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from harness.grading.outcome import PASSED, ExerciseResult
from harness.grading.reports.graded import MISSING, UNREADABLE, Row, Sheet, counted
from harness.grading.reports.tables import Cell, as_csv


def gradebook(sheet: Sheet) -> str:
    """One row a student: a column an exercise, the total, what was deducted, a state, notes.

    An exercise's cell holds its points, or a word where points would not say how it went. The total is empty
    as long as there is no grade to give.
    """
    names = list(sheet.worth)
    header = [
        "student",
        *names,
        "extra credit",
        "penalty",
        "total",
        "of",
        "state",
        "handed in (UTC)",
        "notes",
    ]
    return as_csv(header, (_row(row, names, sheet) for row in sheet.rows))


def _row(row: Row, names: list[str], sheet: Sheet) -> list[Cell]:
    at = row.graded.handed_in_at
    when = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at else ""
    ends: list[Cell] = [row.total.extra, row.total.penalty, row.grade, sheet.points, row.state, when]
    return [row.student, *(_cell(row, name) for name in names), *ends, " ".join(_notes(row))]


def _cell(row: Row, exercise: str) -> Cell:
    result = row.result(exercise)
    points = counted(result)
    if points is not None:
        return points
    if row.state in (MISSING, UNREADABLE):
        return row.state
    return result.state if result is not None else "not graded"


def _notes(row: Row) -> Iterator[str]:
    """What was noticed, what the policy did, and what went wrong in a way that points do not say."""
    yield from row.graded.notes
    yield from row.total.why
    for result in row.graded.results:
        if result.note:
            yield f"{result.exercise}: {result.note}"
        if (words := _went_wrong(result)) and row.state not in (MISSING, UNREADABLE):
            yield f"{result.exercise}: {words}."


def _went_wrong(result: ExerciseResult) -> str:
    """The states of an exercise's checks other than plainly right or wrong; "failed" if it earned nothing."""
    states = {part.state: None for part in result.parts if part.state not in (PASSED, "failed", "skipped")}
    return ", ".join(states) if states or result.earned or not result.points else "failed"
