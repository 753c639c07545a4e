"""A course with a lab of two exercises, made in a test, and pytest run on it as an instructor does."""

import csv
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
LAB = """\
---
kernelspec:
  name: python3
  display_name: Python 3
  language: python
---

# Lab 1: Small

```{code-cell} ipython3
factor = 2
```

## 1.1 Double it

*5 points, 5 min.*

```{code-cell} ipython3
:label: ex-1.1
def double(x):
    ### BEGIN SOLUTION
    return factor * x
    ### END SOLUTION
```

## 1.2 Square it

*5 points, 5 min.*

```{code-cell} ipython3
:label: ex-1.2
def square(x):
    ### BEGIN SOLUTION
    return x**2
    ### END SOLUTION
```
"""
FIXTURES = """\
import pytest

@pytest.fixture(scope="session")
def three():
    return 3
"""
VISIBLE = """\
from harness.grading.points import points

@points(2, hint="Times two.")
def test_double(submission, three):
    \"\"\"Three is doubled.\"\"\"
    assert submission.call("double", three) == 6, "It is not doubled."
"""
HIDDEN_1 = """\
from harness.grading.points import points

@points(3)
def test_seed(submission, seed):
    \"\"\"Any number is doubled.\"\"\"
    assert submission.call("double", seed) == 2 * seed, "A number is not doubled."
"""
HIDDEN_2 = """\
from harness.grading.points import points

@points(5)
def test_square(submission, seed):
    \"\"\"Any number is squared.\"\"\"
    assert submission.call("square", seed) == seed**2, "A number is not squared."
"""
RIGHT = {"1.1": "    return 2 * x", "1.2": "    return x * x"}
WRONG_SQUARE = {**RIGHT, "1.2": "    return 2 * x"}


@dataclass
class Run:
    """How pytest ended."""

    code: int
    out: str

    @property
    def reused(self) -> int:
        return int(re.search(r"(\d+) reused", self.out)[1])


class SmallCourse:
    """A folder with `solutions/` and `handed-in/`."""

    def __init__(self, root: Path) -> None:
        self.root, self.lab = root, root / "solutions" / "1-small"
        self.log = root / "workshop.log"
        # Plugins of the tests' own environment take longer to import than all that is graded here.
        without = " ".join(f"-p no:{name}" for name in ("hypothesispytest", "nbval", "anyio", "platformdirs"))
        self.write("pytest.ini", f"[pytest]\naddopts = -ra {without}\n")
        loads = f"import sys\nsys.path.insert(0, {str(HERE)!r})\nimport stand_in_workshop\n"
        self.write("conftest.py", loads + "stand_in_workshop.install()\n")
        self.write("solutions/1-small/lab-1.md", LAB)
        self.write("solutions/1-small/conftest.py", FIXTURES)
        self.write("solutions/1-small/checks/test_1_1.py", VISIBLE)
        self.write("solutions/1-small/hidden/test_1_1.py", HIDDEN_1)
        self.write("solutions/1-small/hidden/test_1_2.py", HIDDEN_2)

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def hand_in(self, student: str, answers: dict[str, str], *, where: str = "handed-in") -> None:
        """A submission: the lab with these lines in the places of the solutions."""
        kept = iter(re.split(r"    ### BEGIN SOLUTION\n.*?    ### END SOLUTION\n", LAB, flags=re.DOTALL))
        stub = '    raise NotImplementedError("Exercise {} is not done yet")'
        text = next(kept)
        for exercise, rest in zip(("1.1", "1.2"), kept, strict=True):
            text += answers.get(exercise, stub.format(exercise)) + "\n" + rest
        self.write(f"{where}/{student}/lab-1.md", text)

    def command(self, *options: str, trust: bool = True) -> list[str]:
        given = ["--submissions", "handed-in", *(["--trust-submissions"] if trust else [])]
        return [sys.executable, "-m", "pytest", "solutions", *given, *options]

    @property
    def environment(self) -> dict[str, str]:
        away = ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "HARNESS_COURSE_SECRET_FILE", "PYTEST_CURRENT_TEST")
        return {k: v for k, v in os.environ.items() if k not in away} | {"WORKSHOP_LOG": str(self.log)}

    def grade(self, *options: str, trust: bool = True) -> Run:
        return self.run(self.command(*options, trust=trust))

    def run(self, command: list[str]) -> Run:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        return Run(done.returncode, done.stdout)

    @property
    def gradebook(self) -> dict[str, dict[str, str]]:
        with (self.root / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            return {row["student"]: row for row in csv.DictReader(file)}

    @property
    def opened(self) -> list[int]:
        """The processes that opened a student's work, once for each time."""
        if not self.log.exists():
            return []
        notes = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]
        assert sum(what == "open" for _, what in notes) == sum(what == "close" for _, what in notes)
        return [process for process, what in notes if what == "open"]
