"""What a learner gets in place of a solution."""

import ast
import textwrap

import pytest

from harness.errors import BadArgument
from harness.grading.stub import stub_of


def cell(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


def test_function_keeps_what_stands_outside_the_region_and_raises() -> None:
    source = cell(
        '''
        def p95_age_s(log):
            """Age."""
            ages = log["age"]
            ### BEGIN SOLUTION
            def helper(x):
                return x

            return helper(ages)
            ### END SOLUTION
        '''
    )
    assert stub_of(source, "1.2") == cell(
        '''
        def p95_age_s(log):
            """Age."""
            ages = log["age"]
            raise NotImplementedError("Exercise 1.2 is not done yet")
        '''
    )


def test_assignments_at_the_top_become_dots_and_helpers_go() -> None:
    source = cell(
        """
        ### BEGIN SOLUTION
        _table = {1: 2}

        def helper(x):
            scale = 3
            return x * scale

        kinds = {name: "twin" for name in "ab"}
        low, (high, *rest) = 1, (2, 3)
        limit: float = 0.5
        ### END SOLUTION
        shown = kinds
        """
    )
    assert stub_of(source, "1.1") == cell(
        """
        kinds = ...
        low = ...
        high = ...
        rest = ...
        limit = ...
        shown = kinds
        """
    )


def test_a_method_raises_and_a_class_attribute_becomes_dots() -> None:
    source = cell(
        """
        class Twin:
            ### BEGIN SOLUTION
            rate_Hz = 2.0
            ### END SOLUTION

            async def step(self, u):
                ### BEGIN SOLUTION
                return u
                ### END SOLUTION

            def state(self):
                ### BEGIN SOLUTION
                return self.x
                ### END SOLUTION
        """
    )
    stub = stub_of(source, "1.7")
    assert "    rate_Hz = ...\n" in stub
    assert stub.count(" " * 8 + "raise NotImplementedError(") == 2


def test_region_of_helpers_alone_leaves_dots() -> None:
    assert stub_of("### BEGIN SOLUTION\ndef f():\n    return 1\n### END SOLUTION", "1.1") == "..."


@pytest.mark.parametrize("marker", ["# BEGIN SOLUTION", "##BEGIN SOLUTION", "### begin solution (hard)"])
def test_marker_written_otherwise_hands_out_no_solution(marker: str) -> None:
    assert "42" not in stub_of(f"{marker}\nx = 42\n### END SOLUTION", "1.1")


@pytest.mark.parametrize(
    "source", ["", "...", "def f(x):\n    raise NotImplementedError\n", "%matplotlib inline"]
)
def test_cell_without_a_region_stays_and_a_stub_is_its_own_stub(source: str) -> None:
    assert stub_of(source, "1.1") == source


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("### BEGIN SOLUTION\nx = 1", "not closed"),
        ("x = 1\n### END SOLUTION", "not balanced"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "not balanced"),
        ("x = {\n### BEGIN SOLUTION\n'a': 1,\n### END SOLUTION\n}", "whole statements"),
        (
            "def f(x):\n    return (\n    ### BEGIN SOLUTION\n    x\n    ### END SOLUTION\n    )",
            "whole statements",
        ),
    ],
)
def test_bad_region_is_refused_by_the_name_of_its_exercise(source: str, said: str) -> None:
    with pytest.raises(BadArgument, match=rf"1\.4.*{said}"):
        stub_of(source, "1.4")


def test_stub_of_two_regions_parses() -> None:
    region = "    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"
    stub = stub_of(f"def f():\n{region}\n\ndef g():\n{region}", "1.5")
    assert [type(node.body[0]).__name__ for node in ast.parse(stub).body] == ["Raise", "Raise"]  # type: ignore[attr-defined]
