"""What an instructor gets: the gradebook, and files for Gradescope, Canvas and Moodle."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from class_of import exercise, part, row_of, rows_of, small_lab, student, unseen
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import BadArgument, UnknownName
from harness.grading.lab import Lab
from harness.grading.policy import Policy
from harness.grading.reports import Graded, left_over, write_reports
from harness.grading.reports.files import file_names, write_whole
from harness.grading.reports.roster import read_roster
from harness.grading.reports.tables import as_csv, safe


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return small_lab(tmp_path / "lab")


def gradebook(tmp_path: Path, lab: Lab, *graded: Graded, policy: Policy | None = None) -> list[list[str]]:
    write_reports(graded, lab, gradebook=tmp_path / "grades.csv", policy=policy)
    return rows_of((tmp_path / "grades.csv").read_text(encoding="utf-8"))


# ---- the gradebook ----


@pytest.mark.parametrize(
    ("graded", "state", "first", "total"),
    [
        (student("a"), "graded", "10", "20"),
        (student("a", "failed", "failed"), "graded", "0", "0"),
        (student("a", "passed", "not done"), "partial", "10", "10"),
        (student("a", "not done", "not done"), "not done", "not done", "0"),
        (student("a", "timed out", "passed"), "timed out", "timed out", "10"),
        (student("a", "out of memory", "timed out"), "out of memory", "out of memory", "0"),
        (student("a", "grader error", "passed"), "grader error", "grader error", ""),
        (student("a", "unreadable", "unreadable", state="unreadable"), "unreadable", "unreadable", ""),
        (student("a", "missing", "missing", state="missing"), "missing", "missing", ""),
        (Graded("a", (), "missing"), "missing", "missing", ""),
        (Graded("a", student("a").results[:1]), "incomplete", "10", ""),
    ],
)
def test_state_and_points_of_a_row(
    tmp_path: Path, lab: Lab, graded: Graded, state: str, first: str, total: str
) -> None:
    row = row_of(gradebook(tmp_path, lab, graded, student("b")), "a")
    assert (row["state"], row["7.1"], row["total"]) == (state, first, total)


def test_the_gravest_of_several_states_is_told_even_with_points(tmp_path: Path, lab: Lab) -> None:
    mixed = Graded("a", (exercise("7.1", part("passed", 6), part("timed out", 4)), exercise("7.2", part())))
    row = row_of(gradebook(tmp_path, lab, mixed), "a")
    assert (row["state"], row["7.1"]) == ("timed out", "6")
    assert "7.1: timed out." in row["notes"]


def test_missing_counts_as_zero_only_where_the_policy_says_so(tmp_path: Path, lab: Lab) -> None:
    missing = Graded("a", (), "missing")
    zero = Policy(missing_as_zero=True)
    assert row_of(gradebook(tmp_path, lab, missing, student("b"), policy=zero), "a")["total"] == "0"


def test_rows_are_sorted_and_notes_and_penalty_are_there(tmp_path: Path, lab: Lab) -> None:
    due = datetime(2026, 3, 2, 12, tzinfo=UTC)
    policy = Policy.model_validate({"labs": {"lab-7": {"due": due}}})
    late = student("zoe", notes=("Two files were handed in.",), handed_in_at=due.replace(hour=14))
    rows = gradebook(tmp_path, lab, late, student("al", handed_in_at=due), policy=policy)
    assert [row[0] for row in rows] == ["student", "al", "zoe"]
    row = row_of(rows, "zoe")
    assert (row["penalty"], row["total"], row["handed in (UTC)"]) == ("2", "18", "2026-03-02 14:00:00")
    assert "Two files were handed in." in row["notes"]
    assert "2 h later" in row["notes"]


def test_a_policy_for_another_lab_is_refused_before_anything_is_written(tmp_path: Path, lab: Lab) -> None:
    policy = Policy.model_validate({"labs": {"lab-7": {"extra_credit": ["7.9"]}}})
    with pytest.raises(UnknownName):
        write_reports([student("a")], lab, gradebook=tmp_path / "grades.csv", policy=policy)
    assert not (tmp_path / "grades.csv").exists()


# ---- safe cells, names and files ----


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u200b=1", "＝1", "\n-1"]
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    assert safe(text).startswith("'")


@given(st.text())
def test_no_cell_of_text_is_a_formula_or_more_than_a_line(text: str) -> None:
    row = rows_of(as_csv(["head"], [[text]]))
    assert len(row) <= 2
    assert not safe(text).startswith(("=", "+", "-", "@", "\t", "\r", " "))
    assert "\n" not in safe(text)
    assert "\r" not in safe(text)


@pytest.mark.parametrize(
    ("number", "cell"), [(0.0, "0"), (20, "20"), (1234.5, "1234.5"), (100000.25, "100000.25")]
)
def test_numbers_stay_numbers(number: float, cell: str) -> None:
    assert safe(number) == cell


@given(st.sets(st.text(min_size=1), min_size=1, max_size=6))
def test_file_names_are_safe_and_all_different(students: set[str]) -> None:
    names = file_names(students)
    assert len({name.casefold() for name in names.values()}) == len(students)
    for name in names.values():
        assert name.isascii()
        assert not set(name) & set('/\\:*?"<>|\0 ')
        assert not name.startswith((".", "-"))


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "con", "NUL.txt", "a/b", ".bashrc", "x" * 300, "né", "a\nb", "."]
)
def test_awkward_students_get_names_that_stay_in_the_folder(tmp_path: Path, lab: Lab, name: str) -> None:
    folder = tmp_path / "feedback"
    files = write_reports([student(name)], lab, feedback=folder)
    assert [file.parent for file in files] == [folder]
    assert len(list(folder.iterdir())) == 1
    assert len(files[0].name) < 120


def test_names_that_differ_in_case_only_get_files_of_their_own() -> None:
    names = file_names(["Alice", "alice", "bob"])
    assert names["bob"] == "bob"
    assert names["Alice"].casefold() != names["alice"].casefold()


def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_whole(tmp_path / "grades.csv", "old")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        write_whole(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_feedback_of_students_who_left_stays_and_is_named(tmp_path: Path, lab: Lab) -> None:
    folder = tmp_path / "feedback"
    write_reports([student("al"), student("gone")], lab, feedback=folder)
    write_reports([student("al")], lab, feedback=folder, gradebook=tmp_path / "grades.csv")
    assert [path.name for path in left_over(folder, [student("al")])] == ["gone.html"]
    assert "gone.html" in (tmp_path / "grades-overview.html").read_text(encoding="utf-8")


# ---- Gradescope ----

_TOP = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format"}
_TOP |= {"visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"}
_TEST = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format"}
_TEST |= {"tags", "visibility", "extra_data"}


def gradescope(tmp_path: Path, lab: Lab, graded: Graded) -> dict[str, object]:
    write_reports([graded], lab, gradescope=tmp_path / "gs")
    results: dict[str, object] = json.loads(
        (tmp_path / "gs" / graded.student / "results.json").read_text("utf-8")
    )
    return results


def test_gradescope_gets_documented_fields_only(tmp_path: Path, lab: Lab) -> None:
    first = exercise("7.1", part("failed", message="Off.", hint="Units?", tried="f(1)", got="2"), unseen())
    second = exercise("7.2", part("passed", 10, visibility="after_published"))
    results = gradescope(tmp_path, lab, Graded("al", (first, second)))
    tests = results["tests"]
    assert isinstance(tests, list)
    assert results["score"] == 14
    assert set(results) <= _TOP
    assert all(set(test) <= _TEST and test["status"] in ("passed", "failed") for test in tests)
    assert [(t["number"], t["score"], t["max_score"], t["visibility"]) for t in tests] == [
        ("7.1.1", 0, 6, "visible"),
        ("7.1.2", 4, 4, "visible"),
        ("7.2.1", 10, 10, "after_published"),
    ]
    assert tests[0]["output"] == "Tried: f(1)\nCame back: 2\nOff.\nHint: Units?"


@pytest.mark.parametrize("graded", [student("al", "grader error", "passed"), Graded("al", (), "missing")])
def test_gradescope_gets_no_file_without_a_grade(tmp_path: Path, lab: Lab, graded: Graded) -> None:
    assert write_reports([graded, student("bo")], lab, gradescope=tmp_path / "gs") == [
        tmp_path / "gs" / "bo" / "results.json"
    ]


# ---- Canvas and Moodle ----

ROSTER = """student,name,canvas_id,sis_login_id,section,moodle_email
al,"Smith, Al",4711,asmith,Group A,al@example.org
"""


def platform(tmp_path: Path, lab: Lab, which: str, *, roster: bool = True) -> list[list[str]]:
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    graded = [student("al"), student("bo", "passed", "failed"), student("cy", "grader error", "passed")]
    path = tmp_path / f"{which}.csv"
    write_reports(graded, lab, **{which: path}, roster=tmp_path / "roster.csv" if roster else None)  # type: ignore[arg-type]
    return rows_of(path.read_text(encoding="utf-8"))


def test_canvas_gets_its_columns_its_line_of_points_and_only_grades_that_stand(
    tmp_path: Path, lab: Lab
) -> None:
    assert platform(tmp_path, lab, "canvas") == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab 7: Tanks"],
        ["Points Possible", "", "", "", "", "20"],
        ["Smith, Al", "4711", "", "asmith", "Group A", "20"],
        ["bo", "", "", "bo", "", "10"],
    ]


def test_canvas_column_can_name_the_assignment(tmp_path: Path, lab: Lab) -> None:
    policy = Policy.model_validate({"labs": {"lab-7": {"canvas_column": "Tanks (99)"}}})
    write_reports([student("al")], lab, canvas=tmp_path / "c.csv", policy=policy)
    assert rows_of((tmp_path / "c.csv").read_text(encoding="utf-8"))[0][-1] == "Tanks (99)"


def test_moodle_gets_who_it_is_the_grade_and_feedback(tmp_path: Path, lab: Lab) -> None:
    assert platform(tmp_path, lab, "moodle") == [
        ["Username", "ID number", "Email address", "Lab 7: Tanks", "Feedback: Lab 7: Tanks"],
        ["", "", "al@example.org", "20", "graded."],
        ["bo", "", "", "10", "graded."],
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("student,nmae\na,b\n", "nmae"),
        ("name\nAl\n", "no column 'student'"),
        ("student\na\na\n", "a student twice"),
        ("student,name\n,Al\n", "line 2: the student is missing"),
        ("student,name\na,Smith, Al\n", "more cells than columns"),
    ],
)
def test_a_mistake_in_the_roster_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadArgument, match=says):
        read_roster(tmp_path / "roster.csv")


def test_a_roster_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes("\ufeffstudent,name\r\nal,Åsa\r\n".encode())
    assert read_roster(tmp_path / "roster.csv")["al"].name == "Åsa"


def test_templates_are_in_the_wheel(root: Path) -> None:
    import tomllib

    wheel = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    assert "harness" in wheel["packages"]
    assert not {"only-include", "exclude", "include"} & set(wheel)
    assert len(list((root / "harness/grading/reports/templates").glob("*.j2"))) == 3


def test_roster_may_write_a_name_as_the_platform_does(tmp_path: Path, lab: Lab) -> None:
    (tmp_path / "roster.csv").write_text("student,canvas_id\nDora Diaz,104\n", encoding="utf-8")
    graded = [student("Dora-Diaz")]  # as what she has handed in is read
    write_reports(graded, lab, canvas=tmp_path / "canvas.csv", roster=tmp_path / "roster.csv")
    rows = rows_of((tmp_path / "canvas.csv").read_text(encoding="utf-8"))
    assert rows[2][:2] == ["Dora-Diaz", "104"]
