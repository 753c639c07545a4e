"""A second run takes over what still holds, whatever ended the first; nothing is lost, nothing is stale."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_course import HIDDEN_2, RIGHT, WRONG_SQUARE, Run, SmallCourse

from harness.grading.store import ResultStore

SLOW = """\
import time
from harness.grading.points import points

@points(5)
def test_square(submission, seed):
    \"\"\"Any number is squared.\"\"\"
    time.sleep(0.4)
    assert submission.call("square", seed) == seed**2, "A number is not squared."
"""


@pytest.fixture
def course(tmp_path: Path) -> SmallCourse:
    course = SmallCourse(tmp_path)
    course.hand_in("alice", RIGHT)
    course.hand_in("bob", WRONG_SQUARE)
    return course


def test_second_run_takes_over_all_results_and_loses_as_many_points(course: SmallCourse) -> None:
    first = course.grade()
    gradebook, opened = course.gradebook, len(course.opened)
    second = course.grade("-v")
    assert (first.code, second.code) == (1, 1)
    assert (first.reused, second.reused) == (0, 4)
    assert course.gradebook == gradebook
    assert len(course.opened) == opened
    assert second.out.count("(reused)") == 4


def change_hidden_check(course: SmallCourse) -> None:
    course.write("solutions/1-small/hidden/test_1_2.py", HIDDEN_2.replace("A number", "The number"))


def change_fixture(course: SmallCourse) -> None:
    with (course.lab / "conftest.py").open("a", encoding="utf-8") as file:
        file.write("\n# another fixture\n")


def change_data(course: SmallCourse) -> None:
    course.write("solutions/1-small/data/log.csv", "t_s\n1\n")


def change_answer(course: SmallCourse) -> None:
    course.hand_in("bob", RIGHT)


def change_secret(course: SmallCourse) -> None:
    course.write("grades.csv.secret", "another secret of the course")


def change_policy(course: SmallCourse) -> None:
    course.write("solutions/policy.toml", "missing_as_zero = true\n")


def change_mutant(course: SmallCourse) -> None:
    course.write("solutions/1-small/mutants/1_2/twice.py", "def square(x): return 2 * x\n")


@pytest.mark.parametrize(
    ("change", "reused"),
    [
        (change_hidden_check, 2),
        (change_fixture, 0),
        (change_data, 0),
        (change_answer, 2),
        (change_secret, 0),
        (change_policy, 4),
        (change_mutant, 4),
    ],
)
def test_what_a_change_touches_is_graded_anew(
    course: SmallCourse, change: Callable[[SmallCourse], None], reused: int
) -> None:
    course.grade()
    change(course)
    assert course.grade().reused == reused


def test_regrade_names_exercises_or_all(course: SmallCourse) -> None:
    course.grade()
    assert course.grade("--regrade", "1.2").reused == 2
    assert course.grade("--regrade", "1.1", "--regrade", "1.2").reused == 0
    assert course.grade("--regrade", "all").reused == 0
    wrong = course.grade("--regrade", "9.9")
    assert wrong.code == 4
    assert "Known: 1.1, 1.2, all" in wrong.out


def test_a_spoilt_file_of_results_is_made_again(course: SmallCourse) -> None:
    course.grade()
    kept = course.root / "grades.csv.d" / "1-small" / "alice.json"
    kept.write_text(kept.read_text()[:40])
    assert course.grade().reused == 2
    assert set(json.loads(kept.read_text())["results"]) == {"1.1", "1.2"}


def test_nothing_is_graded_twice_after_a_kill(course: SmallCourse) -> None:
    done = interrupted(course, signal.SIGKILL)
    kept = sum(len(json.loads(path.read_text())["results"]) for path in store(course))
    assert done.code == -signal.SIGKILL
    assert 2 <= kept < 24, "it was killed half-way"
    resumed = course.grade("-n", "2")
    assert resumed.code == 0, resumed.out
    assert resumed.reused == kept
    assert len(course.gradebook) == 12


def test_ctrl_c_writes_what_there_is_and_says_that_it_is_not_all(course: SmallCourse) -> None:
    done = interrupted(course, signal.SIGINT)
    assert done.code == 2, done.out
    states = {row["state"] for row in course.gradebook.values()}
    assert states == {"graded", "incomplete"}
    assert "incomplete: " in done.out
    assert course.grade("-n", "2").code == 0
    assert {row["state"] for row in course.gradebook.values()} == {"graded"}


def test_x_stops_at_the_first_lost_point_and_writes_what_there_is(course: SmallCourse) -> None:
    course.hand_in("zoe", RIGHT)
    assert course.grade("-x").code == 1
    assert {student: row["state"] for student, row in course.gradebook.items()} == {
        "alice": "graded",
        "bob": "graded",
        "zoe": "incomplete",
    }


def store(course: SmallCourse) -> list[Path]:
    return sorted((course.root / "grades.csv.d" / "1-small").glob("*.json"))


def interrupted(course: SmallCourse, number: signal.Signals) -> Run:
    """A run of twelve students, ended by a signal to all its processes once two students are done."""
    for letter in "abcdefghij":
        course.hand_in(letter, RIGHT)
    course.hand_in("bob", RIGHT)
    course.write("solutions/1-small/hidden/test_1_2.py", SLOW)
    process = subprocess.Popen(
        course.command("-n", "2"),
        cwd=course.root,
        env=course.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + 60
        while len(store(course)) < 3 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        os.killpg(process.pid, number)
        out, _ = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return Run(process.returncode, out)


def test_a_second_run_on_the_same_gradebook_waits_its_turn(course: SmallCourse) -> None:
    assert course.grade().code == 1
    (folder,) = (path for path in course.root.glob("*.d/*") if path.is_dir())
    store = ResultStore(folder)
    store.reserve()
    refused = course.grade()
    assert refused.code == pytest.ExitCode.USAGE_ERROR
    assert "Another run of the grader is writing to this gradebook" in refused.out
    store.release()
    assert course.grade().reused == 4


def test_results_that_cannot_be_kept_cost_nobody_points(course: SmallCourse) -> None:
    assert course.grade().code == 1
    gradebook = course.gradebook
    (kept,) = course.root.glob("*.d/*/alice.json")
    kept.unlink()
    kept.mkdir()  # as on a full disk, nothing can be written there, not even by root
    run = course.grade("--regrade=all")
    assert run.code == 6
    assert run.out.count("could not be kept for the next run") == 1
    assert course.gradebook == gradebook
