"""From points to a grade: late penalties, extensions, extra credit, dropping, and mistakes in the file."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from class_of import exercise, part, student
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import BadArgument, UnknownName
from harness.grading.marks import Total
from harness.grading.policy import Policy
from harness.grading.reports import Graded

DUE = datetime(2026, 3, 2, 22, 59, tzinfo=UTC)
LAB = """
zone = "Europe/Berlin"
[late]
grace_minutes = 15
percent_per_day = 10
cap_percent = 25
[labs.lab-7]
due = 2026-03-02T23:59:00
latest = 2026-03-09T23:59:00
"""


def policy(text: str) -> Policy:
    return Policy.model_validate(tomllib.loads(text))


def handed_in(late: timedelta, *states: str, name: str = "alice") -> Graded:
    return student(name, *states, handed_in_at=DUE + late)


def read(tmp_path: Path, text: str) -> Policy:
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    return Policy.read(file)


@pytest.mark.parametrize(
    ("late", "penalty"),
    [
        (timedelta(days=-3), 0),
        (timedelta(0), 0),
        (timedelta(minutes=15), 0),
        (timedelta(minutes=15, seconds=1), 2),
        (timedelta(days=1), 2),
        (timedelta(days=1, seconds=1), 4),
        (timedelta(days=2, hours=5), 5),  # capped at 25 % of 20
        (timedelta(days=6), 5),
    ],
)
def test_each_started_day_costs_up_to_the_cap(late: timedelta, penalty: float) -> None:
    total = policy(LAB).total(handed_in(late))
    assert (total.earned, total.points, total.penalty, total.total) == (20, 20, penalty, 20 - penalty)
    assert bool(total.why) == (late > timedelta(0)), "what is deducted, or let pass, has a reason"


def test_after_the_latest_time_there_are_no_points() -> None:
    total = policy(LAB).total(handed_in(timedelta(days=7, seconds=1)))
    assert total.too_late
    assert total.total == 0
    assert "2026-03-09 23:59 (Europe/Berlin)" in " ".join(total.why)


def test_an_extension_moves_both_times_for_one_student_in_one_lab() -> None:
    given_time = '[[extensions]]\nstudent = "alice"\nlab = "lab-7"\ndue = 2026-03-04T23:59:00\n'
    rules = policy(LAB + given_time)
    assert rules.total(handed_in(timedelta(days=2))).penalty == 0
    assert rules.total(handed_in(timedelta(days=2), name="bob")).penalty == 4
    assert not rules.total(handed_in(timedelta(days=8))).too_late
    assert rules.total(handed_in(timedelta(days=8), name="bob")).too_late


def test_an_extension_may_write_a_name_as_the_platform_does() -> None:
    given_time = '[[extensions]]\nstudent = "Dora Diaz"\nlab = "lab-7"\ndue = 2026-03-04T23:59:00\n'
    assert policy(LAB + given_time).total(handed_in(timedelta(days=2), name="Dora-Diaz")).penalty == 0


def test_a_due_time_over_the_change_of_clocks_is_local() -> None:
    rules = policy('zone = "Europe/Berlin"\n[labs.lab-7]\ndue = 2026-03-29T23:59:00\n')
    assert rules.rules("lab-7").due == datetime(2026, 3, 29, 21, 59, tzinfo=UTC)


def test_an_unknown_time_costs_nothing_and_is_said() -> None:
    total = policy(LAB).total(student("alice"))
    assert total.penalty == 0
    assert "not known" in " ".join(total.why)


def test_extra_credit_is_a_capped_bonus() -> None:
    rules = policy('[extra_credit]\ncap_percent = 40\n[labs.lab-7]\nextra_credit = ["7.2"]\n')
    total = rules.total(student("alice"))
    assert (total.earned, total.points, total.extra, total.total) == (10, 10, 4, 14)
    assert "at most 4 points; 10 were earned" in " ".join(total.why)


def test_the_weakest_exercise_is_dropped_and_the_rest_counts_for_all() -> None:
    rules = policy("[labs.lab-7]\ndrop_lowest = 1\n")
    weak = Graded(
        "alice", (exercise("7.1", part("failed", 4)), exercise("7.2", part("passed", 3), part("failed", 3)))
    )
    total = rules.total(weak)
    assert (total.points, total.earned) == (10, 5)
    assert "7.1 is left out as the weakest; the other 6 points count as 10" in " ".join(total.why)


def test_what_the_grader_could_not_grade_is_never_dropped_as_the_weakest() -> None:
    rules = policy("[labs.lab-7]\ndrop_lowest = 1\n")
    assert "7.2" in " ".join(rules.total(student("alice", "grader error", "failed")).why)


def test_the_shipped_policy_deducts_nothing_and_is_the_default(root: Path) -> None:
    shipped = Policy.read(root / "solutions" / "policy.toml")
    assert shipped.late == Policy().late
    assert shipped.extra_credit == Policy().extra_credit
    assert shipped.total(handed_in(timedelta(days=400))).penalty == 0


def test_every_example_in_the_shipped_policy_is_valid(root: Path, tmp_path: Path) -> None:
    text = (root / "solutions" / "policy.toml").read_text(encoding="utf-8")
    keys = ("# due", "# latest", "# canvas", "# [[", "# student", "# lab", "# why")
    lines = [line[2:] if line.startswith(keys) else line for line in text.splitlines()]
    full = read(tmp_path, "\n".join(lines))
    assert full.extensions
    assert full.rules("lab-1").latest
    assert full.rules("lab-1").canvas_column


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[late]\ngrace = 3\n", ["late.grace", "Known: grace_minutes, percent_per_day, cap_percent"]),
        ("lates = 3\n", ["'lates'", "Known: zone, missing_as_zero, late, extra_credit, feedback, labs"]),
        ("[labs.lab-1]\ndeu = 2026-03-02T23:59:00Z\n", ["labs.lab-1.deu", "Known: due, latest"]),
        ("[late]\npercent_per_day = 110\n", ["late.percent_per_day", "100", "not 110"]),
        ("[late]\npercent_per_day = true\n", ["late.percent_per_day", "not True"]),
        ("[late]\ngrace_minutes = nan\n", ["late.grace_minutes", "nan"]),
        ("[labs.lab-1]\ndue = 2026-03-02\n", ["labs.lab-1.due"]),
        ("[labs.lab-1]\ndue = 2026-03-02T23:59:00\n", ["labs.lab-1.due", "no zone", "+01:00"]),
        ("[labs.one]\ndrop_lowest = 1\n", ["unknown lab 'one'", "lab-1"]),
        ('zone = "Europe/Berlinn"\n', ["Europe/Berlinn", "no time zone"]),
        ('[labs.lab-1]\nextra_credit = ["seven"]\n', ["labs.lab-1.extra_credit", "seven"]),
        ('[feedback]\nshow = ["hidden"]\n', ["feedback.show", "after_due_date", "hidden"]),
        ('[[extensions]]\nstudent = "a"\nlab = "lab-1"\n', ["extensions.0.due", "missing"]),
        ("[labs.lab-1]\nlatest = 2026-03-02T23:59:00Z\n", ["labs.lab-1", "`due`"]),
        ("[labs.lab-1]\ndue = 2026-03-03T00:00:00Z\nlatest = 2026-03-02T00:00:00Z\n", ["before `due`"]),
        ("late = [\n", ["policy.toml is no TOML"]),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, says: list[str]) -> None:
    with pytest.raises(BadArgument) as caught:
        read(tmp_path, text)
    assert all(word in str(caught.value) for word in says), str(caught.value)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadArgument) as caught:
        read(tmp_path, "[late]\ngrace = 3\ncap_percent = -1\n")
    assert "late.grace" in str(caught.value)
    assert "late.cap_percent" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match=r"nowhere\.toml"):
        Policy.read(tmp_path / "nowhere.toml")


def test_exercises_that_the_lab_does_not_have_are_refused() -> None:
    with pytest.raises(UnknownName, match=r"7\.9"):
        policy('[labs.lab-7]\nextra_credit = ["7.9"]\n').check("lab-7", ["7.1", "7.2"])
    with pytest.raises(BadArgument, match="at least one of 2"):
        policy("[labs.lab-7]\ndrop_lowest = 2\n").check("lab-7", ["7.1", "7.2"])


# ---- whatever the policy and the results ----

PERCENT = st.floats(0, 100).map(lambda value: round(value, 1))
STATES = st.sampled_from(["passed", "failed", "skipped", "not done", "timed out", "grader error", "missing"])
PARTS = st.lists(st.tuples(STATES, st.integers(0, 20)), min_size=1, max_size=4)
LATE = st.timedeltas(timedelta(days=-5), timedelta(days=12))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    rules = {
        "due": DUE,
        "latest": draw(st.none() | st.just(DUE + timedelta(days=draw(st.integers(0, 9))))),
        "extra_credit": draw(st.sets(st.sampled_from(["7.1", "7.2", "7.3"]), max_size=1).map(list)),
        "drop_lowest": draw(st.integers(0, 1)),
    }
    late = {
        "grace_minutes": float(draw(st.integers(0, 300))),
        "percent_per_day": draw(PERCENT),
        "cap_percent": draw(PERCENT),
    }
    extra = {"cap_percent": draw(PERCENT)}
    return Policy.model_validate({"late": late, "extra_credit": extra, "labs": {"lab-7": rules}})


def graded_of(exercises: list[list[tuple[str, int]]], late: timedelta) -> Graded:
    results = [exercise(f"7.{n}", *(part(*p) for p in parts)) for n, parts in enumerate(exercises, 1)]
    return Graded("alice", tuple(results), handed_in_at=DUE + late)


EXERCISES = st.lists(PARTS, min_size=3, max_size=3)


def bonus_of(rules: Policy, total: Total) -> float:
    return rules.extra_credit.cap_percent * total.points / 100


@given(policies(), EXERCISES, LATE)
def test_a_total_is_never_negative_nor_above_all_points_and_the_bonus(
    rules: Policy, exercises: list[list[tuple[str, int]]], late: timedelta
) -> None:
    total = rules.total(graded_of(exercises, late))
    assert 0 <= total.total <= total.points + bonus_of(rules, total) + 0.01
    assert 0 <= total.penalty <= total.earned + total.extra + 0.01
    assert 0 <= total.extra <= bonus_of(rules, total) + 0.01
    assert total.total == pytest.approx(total.earned + total.extra - total.penalty, abs=0.011)


@given(policies(), EXERCISES, LATE, LATE)
def test_later_never_costs_less(
    rules: Policy, exercises: list[list[tuple[str, int]]], one: timedelta, other: timedelta
) -> None:
    early, late = (rules.total(graded_of(exercises, when)) for when in sorted((one, other)))
    assert early.penalty <= late.penalty
    assert early.total >= late.total


@given(EXERCISES)
def test_dropping_the_weakest_never_costs_points(exercises: list[list[tuple[str, int]]]) -> None:
    graded = graded_of(exercises, timedelta(0))
    dropped = policy("[labs.lab-7]\ndrop_lowest = 1\n").total(graded)
    plain = Policy().total(graded)
    broken = any(result.state == "grader error" for result in graded.results)
    assert dropped.points == plain.points
    assert broken or dropped.earned >= plain.earned - 0.01
