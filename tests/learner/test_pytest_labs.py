"""`pytest labs/`: what the notebook says, in a terminal."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from small_lab import NAME, solved_text

from harness.grading.course import Course
from harness.grading.learner.copies import bring_up_to_date
from harness.grading.learner.own_work import OwnWork
from harness.grading.plugin.workroom import Workroom
from harness.grading.release.writing import release


@pytest.fixture
def course_of_learner(course: Course) -> Course:
    """A course as a learner has it, without the solutions."""
    release(course)
    course.solutions.rename(course.root.parent / f"{course.root.name}-solutions")
    (course.root / "pytest.ini").write_text("[pytest]\naddopts = -ra -p no:cacheprovider\n", encoding="utf-8")
    return course


def run(course: Course, *options: str) -> tuple[int, str]:
    """Exit code and output of pytest on the labs of a course."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "labs/", *options],
        cwd=course.root,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_an_untouched_lab_is_skipped_as_not_done_and_the_exit_code_says_so(course_of_learner: Course) -> None:
    code, said = run(course_of_learner)
    assert code == 1, said
    assert "3 skipped" in said
    assert "1.1 is not done yet" in said
    assert "0 of 3 exercises done, 0 of 40 visible points" in said
    assert "Traceback" not in said


def test_each_kind_of_answer_gets_its_verdict(course_of_learner: Course) -> None:
    bring_up_to_date(course_of_learner)
    notebook = course_of_learner.work / NAME / "lab-1.md"
    text = solved_text(
        notebook.read_text(encoding="utf-8"),
        mean="    return helper(values) / len(values)",
        spread="    return max(values)",
        limit="limit_K = 1 / 0",
    )
    own_cell = "```{code-cell} ipython3\ndef helper(values):\n    return sum(values)\n```\n\n## 1.1"
    notebook.write_text(text.replace("## 1.1", own_cell), encoding="utf-8")
    code, said = run(course_of_learner)
    assert code == 1, said
    assert f"Your notebook: {notebook}" in said
    assert "1 of 3 exercises done, 20 of 40 visible points" in said
    assert "came back: 2.0" in said
    assert "Equal values have no spread." in said
    assert re.search(r"raised ZeroDivisionError: division by zero, in line 2 of your cell", said)


def test_all_right_is_exit_code_0_and_k_runs_one(course_of_learner: Course) -> None:
    notebook = course_of_learner.labs / NAME / "lab-1.md"
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(solved_text(text, mean="    return sum(values) / len(values)"), encoding="utf-8")
    code, said = run(course_of_learner, "-k", "1.1")
    assert code == 0, said
    assert "1 passed, 2 deselected" in said
    assert "1 of 1 exercises done (of 3 in the lab), 20 of 20 visible points" in said


def test_a_lost_notebook_is_said_with_the_remedy(course_of_learner: Course) -> None:
    (course_of_learner.labs / NAME / "lab-1.md").rename(course_of_learner.labs / NAME / "mine.md")
    code, said = run(course_of_learner, "-k", "1.1")
    assert code not in (0, 3), said
    assert "There is no lab-1.md" in said
    assert "harness lab" in said


def test_own_set_up_runs_as_handed_out_though_the_learner_has_broken_it(course_of_learner: Course) -> None:
    bring_up_to_date(course_of_learner)
    notebook = course_of_learner.work / NAME / "lab-1.md"
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace("samples = [3.0, 4.0, 5.0]", "samples = 1 / 0"), encoding="utf-8")
    steps = OwnWork(course_of_learner.labs / NAME, Workroom(trusted=True))._steps()
    assert [step.source for step in steps if not step.exercise] == [
        "from harness.grading import check\n\nsamples = [3.0, 4.0, 5.0]"
    ]
    assert not [step for step in steps if "1 / 0" in step.source]
