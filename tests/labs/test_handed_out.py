"""The labs that are handed out: up to date, in git, without solutions, and worth nothing as they are."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from harness.grading.course import Course
from harness.grading.in_process import check_names
from harness.grading.lab import lab_file, read_lab
from harness.grading.outcome import NOT_DONE
from harness.grading.release.rules import MARKER
from harness.grading.release.writing import stale_files
from harness.grading.trial import names_of

COURSE = Course(Path(__file__).resolve().parents[2])
LABS = [folder.name for folder in COURSE.solved()]
EXERCISES = [(lab, name) for lab in LABS for name in read_lab(lab_file(COURSE.solutions / lab)).exercises]
# A line that says so little that it may stand in a stub or a check as well: a name, a bracket, `return x`.
SHORTEST_TELLING_LINE = 25


def given_out(lab: str) -> str:
    """All text of a lab's folder that was handed out."""
    files = [file for file in (COURSE.labs / lab).rglob("*") if file.suffix in (".md", ".py", ".json")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if "__pycache__" not in file.parts)


def test_labs_are_what_release_makes_of_the_solutions() -> None:
    assert LABS
    assert stale_files(COURSE) == [], "run `make release`"


def test_labs_are_in_git_and_nothing_else_is_with_them() -> None:
    if not (COURSE.root / ".git").exists():
        pytest.skip("not a git checkout: git knows which files are tracked")
    asked = ["git", "ls-files", "--others", "--modified", "--exclude-standard", "labs"]
    listed = subprocess.run(asked, cwd=COURSE.root, capture_output=True, text=True, check=True)
    assert listed.stdout == "", "commit what `make release` has made"
    tracked = subprocess.run(
        ["git", "ls-files", "labs"], cwd=COURSE.root, capture_output=True, text=True, check=True
    )
    assert {Path(name).parts[1] for name in tracked.stdout.split()} == set(LABS)


@pytest.mark.parametrize("lab", LABS)
def test_no_line_of_a_solution_is_handed_out(lab: str) -> None:
    released = {line.strip() for line in given_out(lab).splitlines()}
    inside, secret = False, set()
    for cell in read_lab(lab_file(COURSE.solutions / lab)).cells:
        for line in cell.source.splitlines():
            if MARKER.match(line):
                inside = not inside
            elif inside and len(line.strip()) >= SHORTEST_TELLING_LINE:
                secret.add(line.strip())
    assert secret
    assert secret & released == set()
    assert not MARKER.search(given_out(lab))


@pytest.mark.parametrize("lab", LABS)
def test_no_hidden_check_is_handed_out(lab: str) -> None:
    released = given_out(lab)
    modules = sorted((COURSE.solutions / lab / "hidden").glob("*.py"))
    names = [
        name for file in modules for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
    ]
    assert names
    assert [name for name in names if re.search(rf"\b{name}\b", released)] == []


@pytest.mark.parametrize(("lab", "exercise"), EXERCISES)
def test_untouched_lab_is_not_done_and_worth_nothing(lab: str, exercise: str) -> None:
    """By the visible and by the hidden checks."""
    released, checks = read_lab(lab_file(COURSE.labs / lab)), f"test_{exercise.replace('.', '_')}.py"
    for module in (COURSE.labs / lab / "checks" / checks, COURSE.solutions / lab / "hidden" / checks):
        result = check_names(exercise, names_of(released, exercise), module)
        assert {part.state for part in result.parts} == {NOT_DONE}, result
        assert result.earned == 0
