"""What is the grader's own fault costs nobody points, stops nothing else, and has an exit code of its own."""

from pathlib import Path

import pytest
from small_course import FIXTURES, HIDDEN_1, HIDDEN_2, RIGHT, WRONG_SQUARE, SmallCourse

CHECK = "solutions/1-small/hidden/test_1_2.py"


@pytest.fixture
def course(tmp_path: Path) -> SmallCourse:
    course = SmallCourse(tmp_path)
    course.hand_in("alice", RIGHT)
    course.hand_in("bob", RIGHT)
    return course


TWICE = HIDDEN_2 + "\nfirst = test_square\n" + HIDDEN_2
BROKEN = {
    "a check that raises": HIDDEN_2.replace("    assert", "    1 / 0\n    assert"),
    "an import error": "import no_such_module\n" + HIDDEN_2,
    "no Python": "def (",
    "a module that exits": "raise SystemExit(0)\n",
    "a check of a fixture that is not there": HIDDEN_2.replace("seed)", "seed, nobody)", 1),
    "a check that skips": "import pytest\n"
    + HIDDEN_2.replace("    assert", "    pytest.skip('')\n    assert"),
    "no check at all": "",
    "two checks of one name": TWICE,
    "a check that needs an unknown one": HIDDEN_2.replace("@points(5)", "@points(5, needs='test_cube')"),
    "a check without a title": HIDDEN_2.replace('    """Any number is squared."""\n', ""),
}


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN)
def test_broken_check_is_a_grader_error_of_its_exercise_alone(course: SmallCourse, source: str) -> None:
    course.write(CHECK, source)
    run = course.grade()
    assert run.code == 6, run.out
    for student in ("alice", "bob"):
        row = course.gradebook[student]
        assert (row["1.1"], row["1.2"], row["state"]) == ("5", "grader error", "grader error")
        assert row["total"] == "", "no grade rather than a bad one"
    assert run.out.count("Exercise 1.2 of alice, bob:") == 1, run.out


def test_error_is_shown_once_with_its_traceback_and_goes_when_it_is_mended(course: SmallCourse) -> None:
    course.write(CHECK, BROKEN["a check that raises"])
    broken = course.grade("-n", "2", "--feedback", "feedback")
    assert broken.code == 6
    assert broken.out.count("ZeroDivisionError: division by zero") == 1
    assert "1 / 0" in broken.out
    assert "ZeroDivisionError" not in (course.root / "feedback" / "alice.html").read_text()
    course.write(CHECK, HIDDEN_2)
    mended = course.grade("-n", "2")
    assert (mended.code, mended.reused) == (0, 2), mended.out


def test_grader_error_is_not_taken_over_even_if_nothing_changes(course: SmallCourse) -> None:
    flag = course.root / "broken"
    flag.touch()
    when = f"    from pathlib import Path\n    assert not Path({str(flag)!r}).exists() or 1 / 0\n    assert"
    course.write(CHECK, HIDDEN_2.replace("    assert", when))
    assert course.grade().code == 6
    flag.unlink()
    again = course.grade()
    assert (again.code, again.reused) == (0, 2), again.out


@pytest.mark.parametrize("scope", ["session", "function"])
def test_broken_fixture_is_a_grader_error(course: SmallCourse, scope: str) -> None:
    broken = FIXTURES.replace("return 3", "raise OSError('no data')").replace("session", scope)
    course.write("solutions/1-small/conftest.py", broken)
    run = course.grade()
    assert run.code == 6, run.out
    assert "no data" in run.out
    assert [course.gradebook["bob"][name] for name in ("1.1", "1.2")] == ["grader error", "5"]


def test_fixture_that_breaks_afterwards_is_told_and_costs_nothing(course: SmallCourse) -> None:
    late = FIXTURES.replace("return 3", "yield 3\n    raise OSError('not closed')").replace(
        "session", "function"
    )
    course.write("solutions/1-small/conftest.py", late)
    run = course.grade()
    assert run.code == 6, run.out
    assert "not closed" in run.out
    assert course.gradebook["alice"]["total"] == "10"


def test_learner_s_exception_in_a_fixture_is_the_learner_s(course: SmallCourse) -> None:
    uses_answer = FIXTURES.replace(
        "three():\n    return 3", 'three(submission):\n    submission.call("double", 3)\n    return 3'
    )
    course.write("solutions/1-small/conftest.py", uses_answer.replace("session", "function"))
    course.hand_in("bob", {**RIGHT, "1.1": "    return missing * x"})
    run = course.grade()
    assert run.code == 1, run.out
    assert course.gradebook["bob"]["1.1"] == "0"
    assert course.gradebook["alice"]["total"] == "10"


def test_worker_that_dies_costs_one_exercise_and_no_points(course: SmallCourse) -> None:
    course.hand_in("carol", WRONG_SQUARE)
    dies = "    import os\n    if submission.call('square', 3) == 6:\n        os._exit(1)\n    assert"
    course.write(CHECK, HIDDEN_2.replace("    assert", dies))
    run = course.run(course.command("-n", "2"))
    assert run.code == 6, run.out
    rows = course.gradebook
    assert rows["carol"]["state"] == "grader error"
    assert (rows["alice"]["total"], rows["bob"]["total"]) == ("10", "10")


def test_reports_that_cannot_be_written_are_an_error_and_results_are_kept(course: SmallCourse) -> None:
    (course.root / "grades.csv").mkdir()
    run = course.grade()
    assert run.code == 6, run.out
    assert "could not be written" in run.out
    (course.root / "grades.csv").rmdir()
    assert course.grade().reused == 4


def test_pytest_fail_in_a_check_is_a_lost_point(course: SmallCourse) -> None:
    fails = "import pytest\n" + HIDDEN_1.replace(
        "    assert", "    pytest.fail('This is wrong.')\n    assert"
    )
    course.write("solutions/1-small/hidden/test_1_1.py", fails)
    run = course.grade("-vv")
    assert run.code == 1, run.out
    assert "This is wrong." in run.out
    assert course.gradebook["alice"]["1.1"] == "2"
