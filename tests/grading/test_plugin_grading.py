"""`pytest solutions/ --submissions …`: every student gets a row, and the exit code says how it went."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from small_course import RIGHT, WRONG_SQUARE, SmallCourse


@pytest.fixture
def course(tmp_path: Path) -> SmallCourse:
    return SmallCourse(tmp_path)


def test_full_marks_of_all_end_with_0(course: SmallCourse) -> None:
    course.hand_in("alice", RIGHT)
    run = course.grade("--feedback", "feedback")
    assert run.code == 0, run.out
    assert course.gradebook["alice"]["total"] == "10"
    assert (course.root / "feedback" / "alice.html").is_file()


def test_every_student_gets_a_row_that_says_how_it_went(course: SmallCourse) -> None:
    course.hand_in("alice", RIGHT)
    course.hand_in("bob", WRONG_SQUARE)
    course.hand_in("carol", {})
    course.hand_in("dora", {"1.1": RIGHT["1.1"]})
    course.write("handed-in/emil/lab-1.ipynb", "{this is no notebook")
    course.write("roster.csv", "student\nalice\nbob\ncarol\ndora\nemil\nfritz\n")
    run = course.grade("--roster", "roster.csv")
    assert run.code == 1, run.out
    rows = course.gradebook
    states = {student: row["state"] for student, row in rows.items()}
    assert states == {
        "alice": "graded",
        "bob": "graded",
        "carol": "not done",
        "dora": "partial",
        "emil": "unreadable",
        "fritz": "missing",
    }
    assert (rows["bob"]["1.1"], rows["bob"]["1.2"], rows["bob"]["total"]) == ("5", "0", "5")
    assert rows["dora"]["1.2"] == "not done"
    assert re.search(r"5 exercises graded in \d+ s, 0 reused, 7 without an answer", run.out), run.out
    assert len(course.opened) == 3, "what is not done, missing or unreadable needs no interpreter"


def test_lost_points_show_no_traceback(course: SmallCourse) -> None:
    course.hand_in("bob", WRONG_SQUARE)
    quiet, verbose = course.grade(), course.grade("-vv", "--regrade", "all")
    for run in (quiet, verbose):
        assert "Traceback" not in run.out
        assert "Error" not in run.out
    assert "A number is not squared." not in quiet.out
    assert "A number is not squared." in verbose.out
    assert "FAILED 0/5" in verbose.out
    assert "1.2[bob]" in verbose.out


def test_an_answer_that_raises_costs_its_own_exercise_alone(course: SmallCourse) -> None:
    course.hand_in("bob", {"1.1": RIGHT["1.1"], "1.2": "    return missing_name * x"})
    assert course.grade().code == 1
    assert (course.gradebook["bob"]["1.1"], course.gradebook["bob"]["1.2"]) == ("5", "0")


def test_one_student_s_exercises_run_on_one_worker_in_one_interpreter(course: SmallCourse) -> None:
    students = [f"s{number}" for number in range(6)]
    for student in students:
        course.hand_in(student, RIGHT)
    run = course.grade("-n", "2")
    assert run.code == 0, run.out
    assert len(course.opened) == len(students), "each student's work is opened once"
    assert len(set(course.opened)) == 2, "both workers work"


@pytest.mark.parametrize("dist", ["worksteal", "loadgroup"])
def test_students_stay_together_whatever_dist_says(course: SmallCourse, dist: str) -> None:
    for student in "abcd":
        course.hand_in(student, RIGHT)
    assert course.grade("-n", "2", "--dist", dist).code == 0
    assert len(course.opened) == 4


def test_thirty_students_are_graded_quickly_and_the_terminal_stays_short(course: SmallCourse) -> None:
    for number in range(30):
        course.hand_in(f"student-{number:02}", RIGHT if number % 3 else WRONG_SQUARE)
    run = course.grade("-n", "2", "--feedback", "feedback")
    assert run.code == 1, run.out
    assert len(course.gradebook) == len(list((course.root / "feedback").glob("*.html"))) == 30
    assert len(run.out.splitlines()) < 40, run.out
    assert "30 students: 30 graded" in run.out
    assert "mean 8.3, median 10.0 of 10 points" in run.out
    assert "graded 30 of 30 students, 60 of 60 exercises" in run.out


def test_k_grades_a_part_and_the_gradebook_keeps_the_rest(course: SmallCourse) -> None:
    course.hand_in("alice", RIGHT)
    course.hand_in("bob", WRONG_SQUARE)
    first = course.grade("-k", "1.1 and alice")
    assert first.code == 0, first.out
    assert {row["state"] for row in course.gradebook.values()} == {"incomplete"}
    assert course.gradebook["alice"]["1.1"] == "5"
    assert course.grade("-k", "bob").code == 1
    assert [row["state"] for row in course.gradebook.values()] == ["incomplete", "graded"]
    assert course.gradebook["alice"]["1.1"] == "5", "an earlier run's result that still holds stays"


def test_junit_tells_points_and_nothing_of_the_hidden_checks(course: SmallCourse) -> None:
    course.hand_in("alice", RIGHT)
    course.hand_in("bob", WRONG_SQUARE)
    course.grade("-n", "2", "--junitxml", "junit.xml")
    suite = ET.parse(course.root / "junit.xml").getroot()[0]
    cases = {case.get("name"): case for case in suite.findall("testcase")}
    assert set(cases) == {"1.1[alice]", "1.2[alice]", "1.1[bob]", "1.2[bob]"}
    properties = {p.get("name"): p.get("value") for p in cases["1.2[bob]"].iter("property")}
    assert properties == {"student": "bob", "exercise": "1.2", "state": "failed", "points": "0", "of": "5"}
    assert (suite.get("failures"), suite.get("errors")) == ("1", "0")


def test_several_labs_are_told_apart_by_folders(course: SmallCourse) -> None:
    second = course.root / "solutions" / "2-other"
    for path in course.lab.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            course.write(
                str(second.relative_to(course.root) / path.relative_to(course.lab)), path.read_text()
            )
    course.hand_in("alice", RIGHT)
    unsorted = course.grade()
    assert unsorted.code == 4
    assert "1-small, 2-other" in unsorted.out
    (course.root / "handed-in").rename(course.root / "one")
    (course.root / "handed-in").mkdir()
    (course.root / "one").rename(course.root / "handed-in" / "2-other")
    run = course.grade()
    assert run.code == 0, run.out
    assert "2-other: 1 student: 1 graded" in run.out
    assert "1-small" not in run.out, "a lab for which nothing was handed in is left out"


def test_exercise_without_checks_is_named(course: SmallCourse) -> None:
    (course.lab / "hidden" / "test_1_2.py").unlink()
    course.hand_in("alice", RIGHT)
    run = course.grade()
    assert "WITHOUT any check, so not graded: 1.2" in run.out
    assert course.gradebook["alice"]["state"] == "incomplete"


def test_collect_only_lists_items_and_writes_nothing(course: SmallCourse) -> None:
    course.hand_in("alice", RIGHT)
    run = course.grade("--collect-only", "-q", trust=False)
    assert run.code == 0, run.out
    assert "solutions/1-small/hidden/test_1_2.py::1.2[alice]" in run.out
    assert not (course.root / "grades.csv").exists()
    assert not course.opened


def test_live_line_stands_in_a_terminal(course: SmallCourse) -> None:
    pexpect = pytest.importorskip("pexpect")
    course.hand_in("alice", RIGHT)
    command = course.command()
    child = pexpect.spawn(command[0], command[1:], cwd=str(course.root), env=course.environment, timeout=60)
    said = child.read().decode()
    child.close()
    assert child.exitstatus == 0, said
    assert "1 of 1 students, 2 of 2 exercises" in said
    assert "graded 1 of 1" not in said, "no plain lines beside the live one"
