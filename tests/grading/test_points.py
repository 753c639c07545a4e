"""How checks of an exercise stand together, and what state they give it."""

import pytest

from harness.errors import BadArgument
from harness.grading.outcome import ExerciseResult, PartResult
from harness.grading.points import Part, in_order


def part(name: str, *needs: str) -> Part:
    return Part(name, "A title.", 1.0, lambda: None, needs=needs)


def test_checks_run_in_the_order_in_which_they_stand() -> None:
    parts = [part("test_a"), part("test_b", "test_a")]
    assert in_order(parts) == parts


def test_two_checks_of_one_name_are_refused_since_the_points_of_one_would_be_lost() -> None:
    with pytest.raises(BadArgument, match="test_a"):
        in_order([part("test_a"), part("test_b"), part("test_a")])


@pytest.mark.parametrize("needed", ["test_b", "test_c"])
def test_a_check_can_need_only_what_stands_before_it(needed: str) -> None:
    with pytest.raises(BadArgument, match=needed):
        in_order([part("test_a", needed), part("test_b")])


@pytest.mark.parametrize(
    ("states", "state", "earned"),
    [
        (("not done", "not done"), "not done", 0),
        (("passed", "not done"), "partial", 1),
        (("failed", "not done"), "failed", 0),
        (("passed", "failed"), "partial", 1),
        (("passed", "passed"), "passed", 2),
        (("passed", "timed out", "not done"), "timed out", 1),
        (("passed", "grader error"), "grader error", 1),
    ],
)
def test_an_exercise_is_not_done_only_if_nothing_of_it_is_begun(
    states: tuple[str, ...], state: str, earned: float
) -> None:
    parts = tuple(PartResult(f"test_{n}", "A title.", 1.0, state) for n, state in enumerate(states))
    result = ExerciseResult("1.5", "A title", parts)
    assert (result.state, result.earned) == (state, earned)
