"""Whatever plain data a learner's code gives, a check judges it: it never fails itself."""

import inspect
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from harness.grading.exercise import run_exercise
from harness.grading.lab import lab_file, read_lab
from harness.grading.live import LiveSubmission
from harness.grading.plain import pack, unpack
from harness.grading.plugin.module import module_from
from harness.grading.plugin.provider import COMMON_SEEDS
from harness.grading.points import Part, parts_of
from harness.grading.trial import names_of

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"
LABS = sorted(path for path in SOLUTIONS.iterdir() if path.is_dir() and list(path.glob("lab-*.md")))
EXERCISES = [(lab, name) for lab in LABS for name in read_lab(lab_file(lab)).exercises]
ODD = [
    *(None, True, 0, 0.0, -1, 2**63 - 1, math.nan, math.inf, "", "null\n", '{"value": 1}\n', b"1"),
    *([], [None], [{}], [[1], [2, 3]], (), (None, math.nan), {}, {"time": 1}, [{"time": None, "value": []}]),
    *(np.array([]), np.array(1.0), np.array([1.0, math.nan]), np.array(["twin", "twin"]), np.zeros((0, 2))),
    *(np.array([["twin"]], dtype=object), np.datetime64("NaT"), pd.NaT, datetime(2026, 1, 1)),
    *(pd.DataFrame(), pd.DataFrame({"a": [1, 2]}), pd.Series([1.0]), pd.Series([1.0], index=["columns"])),
    *(pd.Index([1, 2]), pd.Series(["a"], dtype="category")),
]


@dataclass
class OddSubmission(LiveSubmission):
    """Right answers, and from some call of each check on odd ones, one after another.

    Args:
        odd: The odd ones.
        right_calls: So many calls of each check get a right answer.
    """

    odd: Iterator[Any] = field(default_factory=lambda: itertools.cycle(ODD))
    right_calls: int = 0
    calls: int = 0

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A right answer or an odd one."""
        self.calls += 1
        if self.calls <= self.right_calls:
            return super().call(name, *args, **kwargs)
        return self.gives(unpack(pack(next(self.odd))))


class Checks:
    """All checks of an exercise, none of which waits for another, and the fixtures beside them."""

    def __init__(self, lab: Path, exercise: str) -> None:
        files = [lab / kind / f"test_{exercise.replace('.', '_')}.py" for kind in ("checks", "hidden")]
        self._modules = [module_from(file) for file in files if file.exists()]
        self.parts = [replace(part, needs=()) for module in self._modules for part in parts_of(module)]
        self.fixtures: dict[str, Any] = {"seeds": list(COMMON_SEEDS), "seed": COMMON_SEEDS[0]}
        for part in self.parts:
            for name in set(inspect.signature(part.function).parameters) - {"submission"}:
                self._make(name)

    def _make(self, name: str) -> Any:
        if name not in self.fixtures:
            (definition,) = (vars(module)[name] for module in self._modules if name in vars(module))
            function = inspect.unwrap(definition)
            wanted = inspect.signature(function).parameters
            self.fixtures[name] = function(**{other: self._make(other) for other in wanted})
        return self.fixtures[name]


@pytest.mark.parametrize(("lab", "exercise"), EXERCISES, ids=lambda value: str(value).rpartition("/")[2])
@pytest.mark.parametrize("right_calls", [0, 1])
def test_no_odd_answer_makes_a_check_fail_itself(lab: Path, exercise: str, right_calls: int) -> None:
    submission = OddSubmission(names=names_of(read_lab(lab_file(lab)), exercise), right_calls=right_calls)
    errors: list[str] = []

    def note(part: Part, error: BaseException) -> None:
        errors.append(f"{part.name} on {submission.last.got}: {error!r}")

    checks = Checks(lab, exercise)
    for part in checks.parts * (3 if right_calls else 12):  # a right answer takes its time
        submission.calls = 0
        run_exercise(exercise, "", [part], submission, checks.fixtures, note)
    assert not errors, errors
