"""A small course of one lab with three exercises, for tests that change labs, checks and answers."""

from __future__ import annotations

from pathlib import Path

from harness.grading.course import Course
from harness.grading.release.writing import release

NAME = "1-small"

HEAD = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# Lab 1: A small lab

```{code-cell} ipython3
from harness.grading import check

samples = [3.0, 4.0, 5.0]
```
"""

SECTION = """
## {name} {title}

*{points} points, {minutes} min.*

What this exercise asks for.

```{{code-cell}} ipython3
:label: ex-{name}

{answer}
```

```{{code-cell}} ipython3
:tags: [check]

check("{name}")
```
"""

MEAN = '''\
def mean_of(values):
    """The mean of a list of numbers."""
    ### BEGIN SOLUTION
    total_of_all_values = sum(values)
    return total_of_all_values / len(values)
    ### END SOLUTION'''
SPREAD = '''\
def spread_of(values):
    """Largest less smallest."""
    ### BEGIN SOLUTION
    lowest_first = sorted(values)
    return lowest_first[-1] - lowest_first[0]
    ### END SOLUTION'''
LIMIT = """\
# The limit in K.
### BEGIN SOLUTION
limit_K = 273.15 + 80.25
### END SOLUTION"""

CHECKS = {
    "1.1": '''\
from harness.grading.expect import close
from harness.grading.points import points


@points(15, hint="Look at what you divide by.")
def test_mean_of_samples(submission, readings):
    """The mean of three readings is right."""
    close(
        submission.call("mean_of", readings), 4.0, what="The mean", rel_tol=1e-9,
        mistakes={"This is the sum, not the mean.": 12.0}, otherwise="It is not the mean of the values.",
    )


@points(5, needs="test_mean_of_samples")
def test_mean_of_one(submission):
    """The mean of one value is that value."""
    close(submission.call("mean_of", [7.0]), 7.0, what="The mean", otherwise="It should be the value itself.")
''',
    "1.2": '''\
from harness.grading.points import points


@points(10)
def test_spread(submission):
    """The spread of equal values is zero."""
    assert submission.call("spread_of", [2.0, 2.0]) == 0.0, "Equal values have no spread."
''',
    "1.3": '''\
from harness.grading.points import points


@points(10, hint="Degrees Celsius become kelvin by adding 273.15.")
def test_limit(submission):
    """The limit is a temperature in K."""
    assert submission.value("limit_K") > 300, "This is no temperature in K."
''',
}
HIDDEN = {
    "1.1": '''\
from harness.grading.points import points


@points(20)
def test_secret_mean(submission, seed):
    """Unseen values."""
    assert submission.call("mean_of", [float(seed), 0.0]) == seed / 2, "The mean of unseen values is wrong."
''',
    "1.2": '''\
from harness.grading.points import points


@points(20)
def test_secret_spread(submission):
    """Unseen values."""
    assert submission.call("spread_of", [9.0, 2.0]) == 7.0, "The spread of unseen values is wrong."
''',
    "1.3": '''\
from harness.grading.points import points


@points(20)
def test_secret_limit(submission):
    """The value."""
    assert abs(submission.value("limit_K") - 353.4) < 1e-9, "It is not the limit of the data sheet."
''',
}
CONFTEST = '''\
"""What checks of this lab share."""

import pytest


@pytest.fixture
def readings():
    """Three readings."""
    return [3.0, 4.0, 5.0]
'''
EXERCISES = {
    "1.1": ("The mean", 40, 10, MEAN),
    "1.2": ("The spread", 30, 10, SPREAD),
    "1.3": ("The limit", 30, 5, LIMIT),
}


def lab_text(**changes: object) -> str:
    """The lab's notebook; `answer_1_1=…`, `points_1_2=…`, `extra=…` change it."""
    text = HEAD
    for name, (title, points, minutes, answer) in EXERCISES.items():
        at = name.replace(".", "_")
        text += SECTION.format(
            name=name,
            title=title,
            points=changes.get(f"points_{at}", points),
            minutes=minutes,
            answer=changes.get(f"answer_{at}", answer),
        )
    return text + str(changes.get("extra", ""))


def write_course(root: Path, **changes: object) -> Course:
    """A course with its solutions, not yet handed out."""
    course = Course(root)
    folder = course.solutions / NAME
    files = {"lab-1.md": lab_text(**changes), "conftest.py": CONFTEST}
    files |= {f"checks/test_{name.replace('.', '_')}.py": text for name, text in CHECKS.items()}
    files |= {f"hidden/test_{name.replace('.', '_')}.py": text for name, text in HIDDEN.items()}
    files |= {"mutants/1_1/sum.py": "# says: This is the sum\n", "hidden/conftest.py": "SECRET = 'key'\n"}
    files |= {"alternatives/1_1/other.py": "def mean_of(values): ...\n"}
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return course


def handed_out(root: Path, **changes: object) -> Path:
    """The folder of a lab that was handed out."""
    course = write_course(root, **changes)
    release(course)
    return course.labs / NAME


def solved_text(lab: str, **answers: str) -> str:
    """A handed-out lab's text with answers, `mean=…`, `spread=…`, `limit=…`, in place of the stubs."""
    stubs = {
        "mean": '    raise NotImplementedError("Exercise 1.1 is not done yet")',
        "spread": '    raise NotImplementedError("Exercise 1.2 is not done yet")',
        "limit": "limit_K = ...",
    }
    for name, answer in answers.items():
        assert lab.count(stubs[name]) == 1, name
        lab = lab.replace(stubs[name], answer)
    return lab
