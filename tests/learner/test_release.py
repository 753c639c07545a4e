"""`labs/` follows from `solutions/`, hands out no answer, and loses nothing that anybody wrote."""

from __future__ import annotations

from pathlib import Path

import jupytext
import pytest
from small_lab import CHECKS, HIDDEN, LIMIT, MEAN, NAME, lab_text, write_course
from typer.testing import CliRunner

from harness.errors import BadArgument
from harness.grading.commands import app
from harness.grading.course import Course
from harness.grading.handout import read_handout
from harness.grading.release.writing import release, stale_files


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def run(course: Course, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["release", "--folder", str(course.root), *options])
    return done.exit_code, done.output if done.exception is None else f"{done.output}{done.exception}"


def test_hands_out_notebook_visible_checks_and_fixtures_and_nothing_else(course: Course) -> None:
    release(course)
    checks = {f"{NAME}/checks/test_{name.replace('.', '_')}.py" for name in CHECKS}
    others = {f"{NAME}/lab-1.md", f"{NAME}/conftest.py", f"{NAME}/handout.json"}
    assert set(files_of(course.labs)) == checks | others


def test_no_line_of_a_solution_and_no_hidden_check_is_handed_out(course: Course) -> None:
    release(course)
    everything = b"\n".join(files_of(course.labs).values()).decode()
    for secret in ("total_of_all_values", "lowest_first", "80.25", "test_secret", "SOLUTION", "SECRET"):
        assert secret in "".join([lab_text(), *HIDDEN.values(), "SECRET"])
        assert secret not in everything


def test_cells_tagged_solution_are_dropped_code_and_text(course: Course) -> None:
    extra = (
        "```{code-cell} ipython3\n:tags: [solution]\n\nprint('how to see it')\n```\n\n"
        '+++ {"tags": ["solution"]}\n\nThe idea behind the solution.\n'
    )
    write_course(course.root, extra=extra)
    release(course)
    text = (course.labs / NAME / "lab-1.md").read_text(encoding="utf-8")
    assert "how to see it" not in text
    assert "The idea behind" not in text


def test_what_jupyterlab_would_save_is_what_is_handed_out(course: Course) -> None:
    release(course)
    file = course.labs / NAME / "lab-1.md"
    assert jupytext.writes(jupytext.read(file), fmt="md:myst").encode() == file.read_bytes()


def test_a_second_run_touches_nothing(course: Course) -> None:
    release(course)
    before = {path: path.stat().st_mtime_ns for path in course.labs.rglob("*")}
    again = release(course)
    assert (again.written, again.removed) == ([], [])
    assert {path: path.stat().st_mtime_ns for path in course.labs.rglob("*")} == before


def test_handout_tells_points_and_minutes(course: Course) -> None:
    release(course)
    handout = read_handout(course.labs / NAME)
    first = handout.exercise("1.1")
    assert (first.title, first.points, first.visible_points, first.minutes) == ("The mean", 40, 20, 10)
    assert (handout.points, handout.visible_points) == (100, 40)


def test_check_names_what_is_stale_and_changes_nothing(course: Course) -> None:
    release(course)
    assert run(course, "--check") == (0, "labs/ is up to date\n")
    write_course(course.root, answer_1_3=LIMIT.replace("# The limit", "# The upper limit"))
    before = files_of(course.labs)
    code, said = run(course, "--check")
    assert code == 1
    assert f"out of date: labs/{NAME}/lab-1.md" in said
    assert "checks/" not in said
    assert files_of(course.labs) == before


def test_what_has_no_source_any_more_is_removed_and_what_was_never_ours_stays(course: Course) -> None:
    (course.solutions / NAME / "checks" / "helper.py").write_text("x = 1\n", encoding="utf-8")
    release(course)
    notes = course.labs / NAME / "notes.md"
    notes.write_text("mine", encoding="utf-8")
    (course.solutions / NAME / "checks" / "helper.py").unlink()
    assert f"labs/{NAME}/checks/helper.py" in stale_files(course)
    assert release(course).removed == [f"labs/{NAME}/checks/helper.py"]
    assert notes.read_text(encoding="utf-8") == "mine"


def test_a_lab_without_source_is_removed(course: Course) -> None:
    release(course)
    (course.labs / NAME).rename(course.labs / "2-gone")
    assert set(release(course).removed) >= {"labs/2-gone/lab-1.md", "labs/2-gone/handout.json"}
    assert [path.name for path in course.labs.iterdir()] == [NAME]


def test_an_edited_file_is_not_overwritten_unasked(course: Course) -> None:
    release(course)
    file = course.labs / NAME / "lab-1.md"
    file.write_text("an afternoon's work", encoding="utf-8")
    code, said = run(course)
    assert code != 0
    assert "lab-1.md" in said
    assert file.read_text(encoding="utf-8") == "an afternoon's work"
    assert run(course, "--overwrite-edits")[0] == 0
    assert stale_files(course) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"answer_1_1": MEAN.replace("    ### END SOLUTION", "")}, "1.1.*not closed"),
        ({"answer_1_1": MEAN.replace("### BEGIN", "### END")}, "1.1.*not balanced"),
        ({"answer_1_2": "def spread_of(values):\n    return max(values)"}, "1.2.*no solution region"),
        ({"points_1_2": 31}, "1.2.*states 31 points, and its checks give 30"),
        ({"points_1_2": "thirty"}, "1.2.*needs one line"),
        ({"extra": "## 1.4 Forgotten\n\n*0 points, 1 min.*\n"}, "1.4.*no answer cell"),
        ({"extra": "```{code-cell} ipython3\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n```\n"}, "outside"),
    ],
)
def test_a_faulty_lab_is_refused_by_name(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    course = write_course(tmp_path, **changes)
    with pytest.raises(BadArgument, match=f"(?s){says}"):
        release(course)
    assert not course.labs.exists()


def test_points_that_do_not_add_up_to_100_are_refused(course: Course) -> None:
    file = course.solutions / NAME / "hidden" / "test_1_3.py"
    file.write_text(file.read_text(encoding="utf-8").replace("@points(20)", "@points(21)"), encoding="utf-8")
    write = course.solutions / NAME / "lab-1.md"
    write.write_text(lab_text(points_1_3=31), encoding="utf-8")
    with pytest.raises(BadArgument, match=r"add up to 100, not 101.*1.3: 31"):
        release(course)


def test_checks_that_cannot_be_imported_are_named(course: Course) -> None:
    (course.solutions / NAME / "hidden" / "test_1_2.py").write_text("import nowhere\n", encoding="utf-8")
    with pytest.raises(BadArgument, match=r"Exercise 1\.2.*nowhere"):
        release(course)


def test_a_missing_check_cell_is_named(course: Course) -> None:
    file = course.solutions / NAME / "lab-1.md"
    file.write_text(lab_text().replace('check("1.3")', 'check("1.2")'), encoding="utf-8")
    with pytest.raises(BadArgument, match=r"Exercise 1\.[23]: [02] check cells"):
        release(course)
