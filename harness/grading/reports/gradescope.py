"""Gradescope's results.json, as its autograder specification describes it.

Gradescope itself keeps to each test's visibility: what is hidden, only instructors see there. Inputs of
hidden checks and what came back for them stay out all the same.
"""

from __future__ import annotations

import json
from typing import Any

from harness.grading.outcome import PASSED, ExerciseResult, PartResult
from harness.grading.points import Visibility
from harness.grading.reports.clean import clean
from harness.grading.reports.graded import Row, Sheet
from harness.grading.reports.shown import shown_part

_ALL: tuple[Visibility, ...] = ("visible", "after_due_date", "after_published")


def results_json(row: Row, sheet: Sheet) -> str:
    """The results of a student."""
    tests = [
        _test(part, number, result, sheet)
        for result in row.graded.results
        for number, part in enumerate(result.parts, 1)
    ]
    return json.dumps({**_head(row, sheet), "tests": tests}, indent=2, ensure_ascii=False, allow_nan=False)


def _head(row: Row, sheet: Sheet) -> dict[str, Any]:
    said = [
        *row.graded.notes,
        *row.total.why,
        *(f"{r.exercise}: {r.note}" for r in row.graded.results if r.note),
    ]
    return {
        "score": row.total.total,
        "execution_time": round(sum(result.seconds for result in row.graded.results), 3),
        "output": clean("\n".join(said)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "extra_data": {
            "student": clean(row.student),
            "lab": sheet.lab.name,
            "state": row.state,
            "earned": row.total.earned,
            "extra": row.total.extra,
            "penalty": row.total.penalty,
        },
    }


def _test(part: PartResult, number: int, result: ExerciseResult, sheet: Sheet) -> dict[str, Any]:
    # Each verdict keeps its own visibility, so a skipped check must not name one that shows later.
    shown = shown_part(part, result, [v for v in _ALL if v in ("visible", part.visibility)], sheet)
    return {
        "score": part.earned,
        "max_score": part.points,
        "status": "passed" if part.state == PASSED else "failed",
        "name": clean(f"{result.title}: {part.title}"),
        "number": f"{result.exercise}.{number}",
        "output": clean(_output(shown)),
        "visibility": part.visibility,
        "extra_data": {"exercise": result.exercise, "check": clean(part.name), "state": part.state},
    }


def _output(part: PartResult) -> str:
    lines = (("Tried: ", part.tried), ("Came back: ", part.got), ("", part.message), ("Hint: ", part.hint))
    return "\n".join(f"{name}{text}" for name, text in lines if text)
