"""Every exercise of every lab: its solution and other right answers pass, each mutant fails for its own reason."""

import re
from pathlib import Path

import pytest

from harness.grading.lab import lab_file, read_lab
from harness.grading.outcome import PASSED
from harness.grading.trial import try_answer

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"
LABS = sorted(path for path in SOLUTIONS.iterdir() if path.is_dir() and list(path.glob("lab-*.md")))
EXERCISES = [(lab, name) for lab in LABS for name in read_lab(lab_file(lab)).exercises]
SAYS = re.compile(r"^# says: (.+)$", re.MULTILINE)


def answers(kind: str) -> list[tuple[Path, str, Path]]:
    """The answers of a kind, `mutants` or `alternatives`, with their exercises."""
    return [
        (lab, ex, file) for lab, ex in EXERCISES for file in sorted(folder_of(lab, kind, ex).glob("*.py"))
    ]


def folder_of(lab: Path, kind: str, exercise: str) -> Path:
    return lab / kind / exercise.replace(".", "_")


def named(cases: list[tuple[Path, str, Path]]) -> list[object]:
    return [pytest.param(*case, id=f"{case[1]}-{case[2].stem}") for case in cases]


@pytest.mark.parametrize(("lab", "exercise"), EXERCISES, ids=lambda value: str(value).rpartition("/")[2])
def test_solution_gets_full_marks(lab: Path, exercise: str) -> None:
    result = try_answer(lab, exercise)
    assert result.state == PASSED, result


@pytest.mark.parametrize(("lab", "exercise", "file"), named(answers("alternatives")))
def test_another_right_answer_gets_full_marks(lab: Path, exercise: str, file: Path) -> None:
    result = try_answer(lab, exercise, file.read_text(encoding="utf-8"))
    assert result.state == PASSED, result


@pytest.mark.parametrize(("lab", "exercise", "file"), named(answers("mutants")))
def test_mutant_is_told_its_own_mistake(lab: Path, exercise: str, file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    said = SAYS.search(source)
    assert said, f"{file.name} needs a line `# says: …`, a part of the message that it must get"
    messages = [part.message for part in try_answer(lab, exercise, source).parts if part.message]
    assert any(said[1] in message for message in messages), messages


@pytest.mark.parametrize(("lab", "exercise"), EXERCISES, ids=lambda value: str(value).rpartition("/")[2])
def test_exercise_has_three_mutants_and_two_other_answers(lab: Path, exercise: str) -> None:
    mutants = list(folder_of(lab, "mutants", exercise).glob("*.py"))
    said = {SAYS.search(file.read_text(encoding="utf-8"))[1] for file in mutants}  # type: ignore[index]
    assert len(mutants) >= 3 and len(said) == len(mutants), "three mutants, each with a message of its own"
    assert len(list(folder_of(lab, "alternatives", exercise).glob("*.py"))) >= 2
