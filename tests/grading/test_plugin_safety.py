"""Nothing of a student's runs in the grader; the course's secret stays one."""

import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_course import HIDDEN_2, RIGHT, SmallCourse

from harness.errors import BadArgument
from harness.grading.seeds import make_secret, read_secret, student_seeds

HOSTILE = "from pathlib import Path\nPath({!r}).touch()\n"


@pytest.fixture
def course(tmp_path: Path) -> SmallCourse:
    course = SmallCourse(tmp_path)
    course.hand_in("alice", RIGHT)
    return course


def set_trap(course: SmallCourse, where: str) -> Path:
    """Files that pytest would run if it came by, and the file that shows that it has."""
    trace = course.root / "trace"
    source = HOSTILE.format(str(trace)) + "def test_nothing():\n    pass\n"
    for folder in (where, f"{where}/alice", f"{where}/alice/checks", f"{where}/alice/tests"):
        for name in ("conftest.py", "test_1_1.py", "test_mine.py", "__init__.py", "sitecustomize.py"):
            course.write(f"{folder}/{name}", source)
        course.write(f"{folder}/pytest.ini", "[pytest]\naddopts = --collect-only\n")
    return trace


def test_code_beside_a_submission_is_never_imported(course: SmallCourse) -> None:
    trace = set_trap(course, "handed-in")
    run = course.grade("-n", "2")
    assert course.gradebook["alice"]["total"] == "10", run.out
    assert not trace.exists()


def test_code_is_not_imported_when_submissions_lie_among_the_labs(course: SmallCourse) -> None:
    course.hand_in("alice", RIGHT, where="solutions/handed-in")
    trace = set_trap(course, "solutions/handed-in")
    command = [word.replace("handed-in", "solutions/handed-in") for word in course.command()]
    run = course.run(command)
    assert course.gradebook["alice"]["total"] == "10", run.out
    assert not trace.exists()


@pytest.mark.parametrize(
    "named", ["handed-in", "handed-in/alice/test_mine.py", "handed-in/alice/tests::test_nothing"]
)
def test_submissions_named_as_tests_are_refused(course: SmallCourse, named: str) -> None:
    trace = set_trap(course, "handed-in")
    run = course.grade(named)
    assert run.code == 4, run.out
    assert "never run as tests" in run.out
    assert not trace.exists()


def test_without_a_box_nothing_is_graded_unless_it_is_trusted(course: SmallCourse) -> None:
    refused = course.grade(trust=False)
    assert refused.code == 4
    assert "bubblewrap is away today. Install it." in refused.out
    assert "--trust-submissions" in refused.out
    assert not course.opened
    assert not (course.root / "grades.csv").exists()
    trusted = course.grade()
    assert trusted.code == 0
    assert trusted.out.count("WITHOUT a box") == 2, "said at the start and at the end"


SAYS_SEED = HIDDEN_2.replace("    assert", '    open("SEEDS", "a").write(f"{seed}\\n")\n    assert')


def test_seeds_are_a_student_s_own_and_come_back_in_a_regrade(course: SmallCourse) -> None:
    course.hand_in("bob", RIGHT)
    course.write(
        "solutions/1-small/hidden/test_1_2.py", SAYS_SEED.replace("SEEDS", str(course.root / "seeds"))
    )
    for _ in range(2):
        assert course.grade("--regrade", "all").code == 0
    seeds = (course.root / "seeds").read_text().split()
    assert seeds[:2] == seeds[2:]
    assert len(set(seeds)) == 2


def test_secret_is_made_once_for_its_owner_alone_and_never_shown(course: SmallCourse) -> None:
    first = course.grade("-vv", "--feedback", "feedback", "--junitxml", "junit.xml")
    file = course.root / "grades.csv.secret"
    secret = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert re.fullmatch("[0-9a-f]{64}", secret)
    assert course.grade("-vv").code == 0
    assert file.read_text().strip() == secret
    holds = [
        path
        for path in course.root.rglob("*")
        if path.is_file() and secret in path.read_text(errors="ignore")
    ]
    assert holds == [file]
    assert secret not in first.out


def test_secret_may_be_named_and_may_not_lie_among_the_labs(course: SmallCourse) -> None:
    course.write("private/secret", "a secret that is long enough")
    assert course.grade("--course-secret", "private/secret").code == 0
    assert not (course.root / "grades.csv.secret").exists()
    for options in (["--gradebook", "solutions/grades.csv"], ["--course-secret", "solutions/1-small/s"]):
        run = course.grade(*options)
        assert run.code == 4, run.out
        assert "must not lie among the labs" in run.out
    assert "cannot be read" in course.grade("--course-secret", "nowhere").out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--policy", "nowhere.toml"], "policy cannot be read"),
        (["--roster", "nowhere.csv"], "roster cannot be read"),
        (["--submissions", "nowhere"], "no folder of submissions"),
        (["--submissions", "empty"], "Nothing was handed in"),
    ],
)
def test_wrong_option_is_named_before_anything_runs(
    course: SmallCourse, options: list[str], said: str
) -> None:
    (course.root / "empty").mkdir()
    run = course.grade(*options)
    assert run.code == 4, run.out
    assert said in run.out
    assert "Traceback" not in run.out


def test_own_solutions_are_graded_without_submissions(course: SmallCourse) -> None:
    command = [
        word for word in course.command() if word not in ("--submissions", "handed-in", "--trust-submissions")
    ]
    sound = course.run(command)
    assert sound.code == 0, sound.out
    assert "2 passed" in sound.out
    lab = course.lab / "lab-1.md"
    lab.write_text(lab.read_text().replace("x**2", "x**3"))
    wrong = course.run(command)
    assert wrong.code == 1
    assert "A number is not squared." in wrong.out
    course.write("solutions/1-small/hidden/test_1_2.py", "import no_such_module\n")
    assert course.run(command).code == 6
    assert not (course.root / "grades.csv").exists()


names = st.text(min_size=1, max_size=12)


@given(names, names, names, names)
def test_seeds_depend_on_student_lab_and_exercise(student: str, lab: str, exercise: str, other: str) -> None:
    def seeds(*, student: str = student, lab: str = lab, exercise: str = exercise) -> list[int]:
        return student_seeds(b"a secret of the course", student=student, lab=lab, exercise=exercise)

    assert seeds() == seeds()
    assert len(set(seeds())) == 3
    assert all(0 <= seed < 2**31 for seed in seeds())
    assert (seeds(student=other) == seeds()) == (other == student)
    assert (seeds(lab=other) == seeds()) == (other == lab)
    assert student_seeds(b"another secret", student=student, lab=lab, exercise=exercise) != seeds()


def test_secret_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("short")
    with pytest.raises(BadArgument, match="fewer than 16 bytes"):
        read_secret(file)
    make_secret(file)
    assert file.read_text() == "short", "a file that exists is never written over"
