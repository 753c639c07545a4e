"""The class overview: for the instructor alone, as it shows hidden checks and what students' code said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from harness.grading.reports import statistics
from harness.grading.reports.graded import ATTENTION, MISSING, Row, Sheet
from harness.grading.reports.pages import page

_LISTED = 10


def overview_page(sheet: Sheet, left: Sequence[Path] = ()) -> str:
    """How a class did.

    Args:
        sheet: The class.
        left: Feedback pages of earlier runs, of students who are no longer there.
    """
    exercises = [
        (
            statistics.of_exercise(sheet, name),
            statistics.items(sheet, name),
            statistics.mistakes(sheet, name),
        )
        for name in sheet.worth
    ]
    return page(
        "overview.html.j2",
        sheet=sheet,
        totals=statistics.of_totals(sheet),
        exercises=exercises,
        states=Counter(row.state for row in sheet.rows).most_common(),
        attention=attention(sheet),
        strangers=strangers(sheet),
        left=[path.name for path in left[:_LISTED]],
        more=max(0, len(left) - _LISTED),
        enough=statistics.ENOUGH,
    )


def attention(sheet: Sheet) -> list[tuple[Row, str]]:
    """Who needs a look, the gravest first, with the reason."""
    found = [row for row in sheet.rows if row.state in ATTENTION]
    found.sort(key=lambda row: (ATTENTION.index(row.state), row.student))
    return [(row, _reason(row)) for row in found]


def _reason(row: Row) -> str:
    where = [r.exercise for r in row.graded.results if any(part.state == row.state for part in r.parts)]
    said = [f"In {', '.join(where)}."] if where and row.graded.state == "read" else []
    if row.state == MISSING:
        said = ["Nothing was handed in."]
    return " ".join([*said, *row.graded.notes, *(row.total.why if row.total.too_late else ())])


def strangers(sheet: Sheet) -> list[str]:
    """Students who have an extension for this lab and are not in the class: misspelt?"""
    here = {row.student for row in sheet.rows}
    return [e.student for e in sheet.policy.extensions if e.lab == sheet.lab.name and e.student not in here]
