"""Every exercise of every lab: right answers get full marks, wrong ones are told their own mistake.

Seeds are those that students of a course would get, other ones for each answer and for each repetition.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from harness.grading.in_process import check_names
from harness.grading.lab import lab_file, read_lab
from harness.grading.outcome import PASSED
from harness.grading.seeds import student_seeds
from harness.grading.trial import checks_of, names_of, try_answer

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"
LABS = sorted(path for path in SOLUTIONS.iterdir() if path.is_dir() and list(path.glob("lab-*.md")))
EXERCISES = [(lab, name) for lab in LABS for name in read_lab(lab_file(lab)).exercises]
SAYS = re.compile(r"^# says: (.+)$", re.MULTILINE)
SEED_SETS = 20
FEWER_SEED_SETS = 3


def folder_of(lab: Path, kind: str, exercise: str) -> Path:
    """The answers of a kind, `mutants` or `alternatives`, to an exercise."""
    return lab / kind / exercise.replace(".", "_")


def answers(kind: str) -> list[object]:
    """All answers of a kind, with the lab and the exercise."""
    return [
        pytest.param(lab, exercise, file, id=f"{exercise}-{file.stem}")
        for lab, exercise in EXERCISES
        for file in sorted(folder_of(lab, kind, exercise).glob("*.py"))
    ]


def seeds_of(exercise: str, student: str) -> list[int]:
    """The seeds of an imaginary student."""
    return student_seeds(b"a secret for tests", student=student, lab="tests", exercise=exercise)


def assert_full_marks(lab: Path, exercise: str, answer: str | None, students: list[str]) -> None:
    names = names_of(read_lab(lab_file(lab)), exercise, answer)
    for student in students:
        result = check_names(exercise, names, checks_of(lab, exercise), seeds=seeds_of(exercise, student))
        assert result.state == PASSED, (student, result)


every_exercise = pytest.mark.parametrize(
    ("lab", "exercise"), [pytest.param(lab, name, id=f"{lab.name}-{name}") for lab, name in EXERCISES]
)


@every_exercise
def test_solution_gets_full_marks(lab: Path, exercise: str) -> None:
    assert_full_marks(lab, exercise, None, [f"solution {number}" for number in range(SEED_SETS)])


@pytest.mark.parametrize(("lab", "exercise", "file"), answers("alternatives"))
def test_another_right_answer_gets_full_marks(lab: Path, exercise: str, file: Path) -> None:
    students = [f"{file.stem} {number}" for number in range(FEWER_SEED_SETS)]
    assert_full_marks(lab, exercise, file.read_text(encoding="utf-8"), students)


@pytest.mark.parametrize(("lab", "exercise", "file"), answers("mutants"))
def test_wrong_answer_is_told_its_own_mistake(lab: Path, exercise: str, file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    said = SAYS.search(source)
    assert said, f"{file.name} needs a line `# says: …`, a part of the message that it must get"
    result = try_answer(lab, exercise, source, seeds=seeds_of(exercise, file.stem))
    messages = [part.message for part in result.parts if part.message]
    assert any(said[1] in message for message in messages), messages
    assert result.earned < result.points


@every_exercise
def test_exercise_has_three_wrong_and_two_other_right_answers(lab: Path, exercise: str) -> None:
    mutants = list(folder_of(lab, "mutants", exercise).glob("*.py"))
    said = {SAYS.search(file.read_text(encoding="utf-8"))[1] for file in mutants}  # type: ignore[index]
    assert len(mutants) >= 3
    assert len(said) == len(mutants), "each has a message of its own"
    assert len(list(folder_of(lab, "alternatives", exercise).glob("*.py"))) >= 2


@every_exercise
def test_messages_of_hidden_checks_are_constants(lab: Path, exercise: str) -> None:
    """What a hidden check says may hold no value: it could be a student's text, or a hidden input."""
    source = (lab / "hidden" / f"test_{exercise.replace('.', '_')}.py").read_text(encoding="utf-8")
    asserts = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
    assert [node.lineno for node in asserts if isinstance(node.msg, ast.JoinedStr)] == []
