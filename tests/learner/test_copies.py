"""The learner's copies in `work/`: made once, brought up to date, and never at the cost of their work."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_lab import LIMIT, MEAN, NAME, solved_text, write_course

from harness.grading.course import Course
from harness.grading.learner import copies
from harness.grading.learner.copies import bring_up_to_date
from harness.grading.release.writing import release


@pytest.fixture
def copy(course: Course) -> Path:
    release(course)
    assert bring_up_to_date(course) == [f"work/{NAME}/ is ready"]
    return course.work / NAME


ANSWER = "    return sum(values) / len(values)"


def answer(copy: Path) -> str:
    """Does exercise 1.1 in a copy; its text then."""
    file = copy / "lab-1.md"
    file.write_text(solved_text(file.read_text(encoding="utf-8"), mean=ANSWER), encoding="utf-8")
    return file.read_text(encoding="utf-8")


def change(course: Course, **changes: object) -> None:
    write_course(course.root, **changes)
    release(course)


NEW_PROSE = {"answer_1_3": LIMIT.replace("# The limit", "# The upper limit")}
NEW_STUB = {"answer_1_1": MEAN.replace("    ### BEGIN", "    # Mind the empty list.\n    ### BEGIN")}


def test_a_copy_is_the_hand_out(course: Course, copy: Path) -> None:
    for file in (course.labs / NAME).rglob("*.*"):
        assert (copy / file.relative_to(course.labs / NAME)).read_bytes() == file.read_bytes()


def test_a_second_start_changes_nothing(course: Course, copy: Path) -> None:
    answer(copy)
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    assert bring_up_to_date(course) == []
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*")} == before


def test_an_untouched_notebook_is_replaced(course: Course, copy: Path) -> None:
    change(course, **NEW_PROSE)
    assert bring_up_to_date(course) == [f"work/{NAME}/lab-1.md is up to date"]
    assert (copy / "lab-1.md").read_bytes() == (course.labs / NAME / "lab-1.md").read_bytes()
    assert bring_up_to_date(course) == []


def test_an_update_is_merged_with_the_learner_s_work(course: Course, copy: Path) -> None:
    before = answer(copy)
    change(course, **NEW_PROSE)
    (said,) = bring_up_to_date(course)
    merged = (copy / "lab-1.md").read_text(encoding="utf-8")
    assert ANSWER in merged
    assert "# The upper limit" in merged
    assert "taken in an update" in said
    (backup,) = (copy / "before-update").iterdir()
    assert backup.read_text(encoding="utf-8") == before
    assert bring_up_to_date(course) == []


def test_an_update_of_the_very_lines_that_were_answered_lies_beside(course: Course, copy: Path) -> None:
    before = answer(copy)
    change(course, **NEW_STUB)
    (said,) = bring_up_to_date(course)
    assert "updated-lab-1.md" in said
    assert (copy / "lab-1.md").read_text(encoding="utf-8") == before
    assert "Mind the empty list" in (copy / "updated-lab-1.md").read_text(encoding="utf-8")
    assert bring_up_to_date(course) == []


def test_without_git_an_update_lies_beside(
    course: Course, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answer(copy)
    change(course, **NEW_PROSE)
    monkeypatch.setattr(copies.shutil, "which", lambda name: None)
    bring_up_to_date(course)
    assert (copy / "lab-1.md").read_text(encoding="utf-8") == before
    assert "# The upper limit" in (copy / "updated-lab-1.md").read_text(encoding="utf-8")


def test_checks_are_brought_back_and_edited_ones_are_kept_beside(course: Course, copy: Path) -> None:
    check = copy / "checks" / "test_1_1.py"
    wanted = check.read_bytes()
    check.write_text("mine\n", encoding="utf-8")
    bring_up_to_date(course)
    assert check.read_bytes() == wanted
    assert (copy / "checks" / "test_1_1.py.yours").read_text(encoding="utf-8") == "mine\n"


def test_a_deleted_notebook_comes_back(course: Course, copy: Path) -> None:
    (copy / "lab-1.md").unlink()
    bring_up_to_date(course)
    assert (copy / "lab-1.md").read_bytes() == (course.labs / NAME / "lab-1.md").read_bytes()


def test_what_is_no_longer_handed_out_goes_unless_edited(course: Course, copy: Path) -> None:
    helpers = [course.solutions / NAME / "checks" / f"{name}.py" for name in ("one", "two")]
    for helper in helpers:
        helper.write_text("x = 1\n", encoding="utf-8")
    release(course)
    bring_up_to_date(course)
    (copy / "checks" / "two.py").write_text("mine\n", encoding="utf-8")
    for helper in helpers:
        helper.unlink()
    release(course)
    bring_up_to_date(course)
    assert not (copy / "checks" / "one.py").exists()
    assert (copy / "checks" / "two.py").read_text(encoding="utf-8") == "mine\n"
    assert bring_up_to_date(course) == []


def test_release_and_progress_leave_the_copy_alone(course: Course, copy: Path) -> None:
    before = answer(copy)
    (copy / ".progress.json").write_text("{}", encoding="utf-8")
    change(course, **NEW_PROSE)
    assert (copy / "lab-1.md").read_text(encoding="utf-8") == before
