"""Any answer in place of an exercise's solution, graded by all its checks: how checks are tried.

python -m harness.grading.trial solutions/1-foundations 1.5                    the solution
python -m harness.grading.trial solutions/1-foundations 1.5 some_answer.py     another answer
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.grading.in_process import check_names
from harness.grading.lab import Lab, lab_file, read_lab
from harness.grading.outcome import ExerciseResult
from harness.grading.plugin.provider import COMMON_SEEDS
from harness.grading.points import CHECKS, HIDDEN, module_name
from harness.grading.verdict import as_text


def names_of(lab: Lab, exercise: str, answer: str | None = None) -> dict[str, Any]:
    """The name space of a lab after its own cells and the answer of one exercise.

    Args:
        lab: The lab.
        exercise: Such as "1.5".
        answer: Source in place of the exercise's answer cell; the cell itself by default.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(lab.cells):
        if cell.kind != "code" or "check" in cell.tags or cell.exercise not in ("", exercise):
            continue
        source = answer if answer is not None and cell.exercise else cell.source
        exec(compile(source, f"<cell {number}>", "exec"), names)
    return names


def try_answer(
    folder: Path, exercise: str, answer: str | None = None, *, seeds: Sequence[int] = COMMON_SEEDS
) -> ExerciseResult:
    """Grade an answer by the visible and the hidden checks of an exercise, without a box.

    Args:
        folder: The lab's folder with its hidden checks.
        exercise: Such as "1.5".
        answer: Source of the answer; the lab's own by default.
        seeds: Three seeds for the checks.
    """
    names = names_of(read_lab(lab_file(folder)), exercise, answer)
    return check_names(exercise, names, checks_of(folder, exercise), seeds=seeds)


def checks_of(folder: Path, exercise: str) -> Path:
    """The module with the checks of an exercise: the hidden ones where they are, else the visible ones."""
    hidden = folder / HIDDEN / module_name(exercise)
    return hidden if hidden.exists() else folder / CHECKS / hidden.name


if __name__ == "__main__":
    file = Path(sys.argv[3]).read_text(encoding="utf-8") if len(sys.argv) > 3 else None
    print(as_text(try_answer(Path(sys.argv[1]), sys.argv[2], file)))  # noqa: T201
