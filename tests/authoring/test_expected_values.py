"""What pages glue is compared with what was kept, as closely as the front matter says."""

from __future__ import annotations

import pytest
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_notebook, new_output

from harness.authoring.expected import Tolerance, problems, renewed, tolerances
from harness.authoring.glued import Unreadable, glued_values
from harness.errors import BuildError


def page(glued: dict[str, str], front_matter: object = None, **more: str):
    """A page that has glued values, each given as the text that glue keeps."""
    outputs = [
        new_output(
            "display_data",
            data={
                f"application/papermill.record/{kind}": text
                for kind, text in {"text/plain": text, **more}.items()
            },
            metadata={"scrapbook": {"name": name, "mime_prefix": "application/papermill.record/"}},
        )
        for name, text in glued.items()
    ]
    metadata = {} if front_matter is None else {"expected": front_matter}
    return new_notebook(cells=[new_code_cell("1", outputs=outputs)], metadata=from_dict(metadata))


def wrong(glued: dict[str, str], expected: dict, front_matter: object = None) -> list[str]:
    return problems(page(glued, front_matter), name="book/a.md", expected=expected)


def test_glued_values_are_read_as_numbers_and_strings():
    found = glued_values(page({"n": "3", "x": "0.25", "s": "'warm'", "yes": "True"}))
    assert found == {"n": 3, "x": 0.25, "s": "warm", "yes": True}
    assert [type(value) for value in found.values()] == [int, float, str, bool]


def test_reading_leaves_the_page_as_it_was():
    one = page({"n": "3"})
    assert glued_values(one) == glued_values(one) == {"n": 3}
    assert len(one.cells[0].outputs) == 1


@pytest.mark.parametrize("text", ["np.float64(1.5)", "<Figure size 640x480 with 1 Axes>", "[1, 2]", "None"])
def test_what_is_no_plain_value_is_refused(text):
    (problem,) = wrong({"x": text}, {"x": 1.5})
    assert problem.startswith("x: the page glues ")
    assert wrong({"x": text}, {}, {"x": "skip"}) == []


def test_figures_are_refused():
    found = glued_values(page({"fig": "1"}, **{"image/png": "abc"}))
    assert found == {"fig": Unreadable("a figure (image/png)")}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [("3", 3), ("1.0000005", 1.0), ("-2.000001", -2.0), ("'a'", "a"), ("1", 1.0), ("0.0", 0.0)],
)
def test_values_that_agree_by_the_usual_rule(seen, expected):
    assert wrong({"x": seen}, {"x": expected}) == []


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ("4", 3),
        ("1.000002", 1.0),
        ("'b'", "a"),
        ("'1'", 1),
        ("1", "1"),
        ("True", 1),
        ("1e-9", 0.0),
        ("3.0000001", 3),
    ],
)
def test_values_that_do_not_agree_by_the_usual_rule(seen, expected):
    (problem,) = wrong({"x": seen}, {"x": expected})
    assert problem.startswith(f"x: expected {expected!r}, seen ")
    assert "tolerance: " in problem


@pytest.mark.parametrize(
    ("seen", "front_matter", "agrees"),
    [
        ("10.4", {"x": {"abs": 0.5}}, True),
        ("10.6", {"x": {"abs": 0.5}}, False),
        ("10.9", {"x": {"rel": 0.1}}, True),
        ("11.1", {"x": {"rel": 0.1}}, False),
        ("11.1", {"x": {"rel": 0.1, "abs": 2}}, True),
        ("10.9", {"default": {"rel": 0.1}}, True),
        ("10.9", {"default": {"rel": 0.1}, "x": {"abs": 0.5}}, False),
        ("10.00001", {"x": {"rel": "1e-5"}}, True),  # as YAML reads a number without a dot
        ("12", {"x": {"abs": 2}}, True),
    ],
)
def test_tolerances_of_the_front_matter_are_honoured(seen, front_matter, agrees):
    assert (wrong({"x": seen}, {"x": 10}, front_matter) == []) is agrees
    assert (wrong({"x": seen}, {"x": 10.0}, front_matter) == []) is agrees


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("front_matter", [None, {"x": {"abs": 1e9}}])
def test_what_is_no_number_never_agrees(text, front_matter):
    (problem,) = wrong({"x": text}, {"x": 1.0}, front_matter)
    assert text in problem


def test_missing_and_additional_names_are_told():
    assert wrong({"new": "1"}, {"old": 2}) == ["old: expected 2, not glued", "new: glued 1, not expected"]


def test_skipped_names_are_neither_compared_nor_kept():
    assert wrong({"x": "1", "y": "2"}, {"y": 2}, {"x": "skip"}) == []
    assert renewed(page({"x": "1", "y": "2"}, {"x": "skip"}), name="a", expected={}) == {"y": 2}
    assert wrong({"y": "2"}, {"y": 2, "x": 1}, {"x": "skip"}) != []


def test_tolerance_of_a_name_that_is_not_glued_is_told():
    (problem,) = wrong({"x": "1"}, {"x": 1}, {"y": {"abs": 1}})
    assert problem.startswith("y: the front matter names it")


@pytest.mark.parametrize(
    "front_matter",
    [
        "skip",
        ["x"],
        {"x": "skipped"},
        {"x": 0.1},
        {"x": {}},
        {"x": {"relative": 0.1}},
        {"x": {"rel": "much"}},
        {"x": {"rel": -1}},
        {"x": {"rel": True}},
        {"x": {"abs": float("nan")}},
        {"default": "skip"},
    ],
)
def test_front_matter_of_a_wrong_form_is_an_error_that_shows_the_right_one(front_matter):
    with pytest.raises(BuildError, match=r"book/a\.md: `expected.*`rel`, `abs` or both"):
        tolerances(page({}, front_matter), name="book/a.md")


def test_renewing_keeps_what_agrees_and_takes_what_does_not():
    one = page({"same": "1.0000001", "other": "2.5", "new": "'a'"})
    assert renewed(one, name="a", expected={"same": 1.0, "other": 2.0, "gone": 3}) == {
        "same": 1.0,
        "other": 2.5,
        "new": "a",
    }


def test_renewing_refuses_what_cannot_be_compared():
    with pytest.raises(BuildError, match="nan"):
        renewed(page({"x": "nan"}), name="a", expected={})


def test_tolerance_says_what_it_is():
    assert [str(Tolerance()), str(Tolerance(rel=0.1)), str(Tolerance(rel=1e-6, abs=2))] == [
        "exact",
        "rel 0.1",
        "rel 1e-06 or abs 2",
    ]
