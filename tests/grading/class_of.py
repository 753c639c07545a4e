"""A small lab, and results of students in it, for tests of reports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.grading.lab import Lab, lab_file, read_lab
from harness.grading.outcome import ExerciseResult, PartResult
from harness.grading.reports import Graded

_LAB = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# Lab 7: Tanks

## 7.1 Fill it

```{code-cell} ipython3
:label: ex-7.1
level_m = ...
```

## 7.2 Drain it

```{code-cell} ipython3
:label: ex-7.2
flow_m3_s = ...
```
"""

_HIDDEN = '''
from harness.grading.expect import close
from harness.grading.points import points

@points(4)
def test_unseen(submission):
    """It holds for another tank."""
    close(submission.call("level_m"), 1.0, what="The level in m", otherwise="The level misses the outlet.")
'''


def small_lab(folder: Path) -> Lab:
    """A lab of two exercises; 7.1 has a hidden check."""
    (folder / "hidden").mkdir(parents=True)
    (folder / "lab-7.md").write_text(_LAB, encoding="utf-8")
    (folder / "hidden" / "test_7_1.py").write_text(_HIDDEN, encoding="utf-8")
    return read_lab(lab_file(folder))


def part(state: str = "passed", points: float = 6, name: str = "test_one", **others: Any) -> PartResult:
    return PartResult(name, "The level is right", points, state, **others)


def unseen(state: str = "passed", points: float = 4, **others: Any) -> PartResult:
    return PartResult("test_unseen", "It holds for another tank", points, state, secret=True, **others)


def exercise(name: str, *parts: PartResult, **others: Any) -> ExerciseResult:
    return ExerciseResult(name, f"Exercise {name}", parts, **others)


def student(name: str, *states: str, **others: Any) -> Graded:
    """A student's results: the state of the one check in 7.1 and in 7.2, 10 points each."""
    results = [
        exercise(f"7.{n}", part(state, 10)) for n, state in enumerate(states or ("passed", "passed"), 1)
    ]
    return Graded(name, tuple(results), **others)


def rows_of(text: str) -> list[list[str]]:
    import csv
    import io

    return list(csv.reader(io.StringIO(text)))


def row_of(rows: Sequence[Sequence[str]], student: str) -> dict[str, str]:
    return next(dict(zip(rows[0], row, strict=True)) for row in rows[1:] if row[0] == student)
