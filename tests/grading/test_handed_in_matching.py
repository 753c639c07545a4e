"""Answers are found whatever a learner has done to the cells."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.grading.handed_in.expected import ExpectedLab
from harness.grading.handed_in.matching import match
from harness.grading.handed_in.model import Answer
from harness.grading.handed_in.notebook import read_notebook
from harness.grading.lab import Cell, lab_of
from labs import ANSWERS, SETUP, SOLVED, STUBS, as_ipynb, as_myst, cells_of, code, text

LAB = ExpectedLab(lab_of(Path("lab-1.md"), tuple(cells_of(SOLVED))))


def answers_in(cells: list[Cell]) -> dict[str, Answer]:
    return match(cells, LAB)[0]


def sources(answers: dict[str, Answer]) -> dict[str, str]:
    return {name: "\n".join(answer.cells) for name, answer in answers.items()}


def test_answers_are_found_by_label_and_nothing_is_noted() -> None:
    answers, notes = match(cells_of(ANSWERS), LAB)
    assert sources(answers) == ANSWERS
    assert {(answer.found, answer.note) for answer in answers.values()} == {("by label", "")}
    assert notes == []


@pytest.mark.parametrize("stubs", [STUBS, {n: f"# mine\n\n{s}  # later" for n, s in STUBS.items()}])
def test_stub_is_untouched_whatever_its_comments(stubs: dict[str, str]) -> None:
    assert {answer.found for answer in answers_in(cells_of(stubs)).values()} == {"untouched"}


def test_deleted_and_emptied_cells_are_missing() -> None:
    cells = [cell for cell in cells_of(ANSWERS) if cell.label != "ex-1.1"]
    cells = [replace(cell, source="# nothing") if cell.label == "ex-1.2" else cell for cell in cells]
    answers = answers_in(cells)
    assert {name: answer.found for name, answer in answers.items()} == {
        "1.1": "missing",
        "1.2": "missing",
        "1.3": "by label",
    }
    assert answers["1.1"].cells == ()


def damaged(seed: int, strip: bool, shuffle: bool, double: bool, headings: bool) -> list[Cell]:
    cells = cells_of(ANSWERS)
    if strip:
        cells = [replace(cell, label="", tags=()) for cell in cells]
    if double:
        cells += [cell for cell in cells if cell.kind == "code"]
        cells += [code(stub, f"ex-{name}") for name, stub in STUBS.items()]
    if not headings:
        cells = [cell for cell in cells if cell.kind == "code"]
    if shuffle:
        random.Random(seed).shuffle(cells)
    return cells


@given(
    st.integers(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["md", "ipynb"]),
)
def test_shuffled_doubled_and_stripped_cells_give_the_same_answers(
    seed: int, strip: bool, shuffle: bool, double: bool, headings: bool, kind: str
) -> None:
    cells = damaged(seed, strip, shuffle, double, headings)
    data = as_myst(cells) if kind == "md" else as_ipynb(cells)
    answers = answers_in(read_notebook(data.encode()).cells)
    assert sources(answers) == ANSWERS
    # Stripped and doubled, the labelled stubs are there as well, and the answers still come by name.
    assert {answer.found for answer in answers.values()} == {"by name" if strip else "by label"}


def test_swapped_labels_do_not_swap_answers() -> None:
    swapped = {"ex-1.2": "ex-1.3", "ex-1.3": "ex-1.2"}
    cells = [replace(cell, label=swapped.get(cell.label, cell.label)) for cell in cells_of(ANSWERS)]
    answers = answers_in(cells)
    assert sources(answers) == ANSWERS
    assert answers["1.2"].found == "by name"
    assert "label of 1.3" in answers["1.2"].note


def test_of_two_edited_cells_with_one_label_the_last_is_taken() -> None:
    better = "def p95_age_s(log):\n    return 1.0"
    answer = answers_in([*cells_of(ANSWERS), code(better, "ex-1.2")])["1.2"]
    assert answer.cells == (better,)
    assert "the last was taken" in answer.note


def test_edited_cell_is_taken_before_a_later_stub() -> None:
    answer = answers_in([*cells_of(ANSWERS), code(STUBS["1.2"], "ex-1.2")])["1.2"]
    assert answer.cells == (ANSWERS["1.2"],)
    assert "the edited one was taken" in answer.note


def test_label_goes_before_a_draft_without_one() -> None:
    answer = answers_in([*cells_of(ANSWERS), code("def p95_age_s(log):\n    return 0")])["1.2"]
    assert answer.cells == (ANSWERS["1.2"],)
    assert "the one with the label" in answer.note


def test_answer_in_a_new_cell_is_found_beside_the_stub_with_the_label() -> None:
    answer = answers_in([*cells_of({**ANSWERS, "1.2": STUBS["1.2"]}), code(ANSWERS["1.2"])])["1.2"]
    assert answer.cells == (ANSWERS["1.2"],)
    assert answer.found == "by name"


def test_split_cell_is_put_together_from_both_halves() -> None:
    first, second = ANSWERS["1.3"].split("\n\n")
    cells = [cell for cell in cells_of(ANSWERS) if cell.label != "ex-1.3"]
    for label in ("ex-1.3", ""):
        answer = answers_in([*cells, code("import json", label), code(first, label), code(second, label)])[
            "1.3"
        ]
        assert answer.cells == ("import json", first, second)


def test_split_assignment_keeps_what_is_filled_in_later() -> None:
    cells = [cell for cell in cells_of(ANSWERS) if cell.label != "ex-1.1"]
    halves = [code("kinds = {}", "ex-1.1"), code('kinds["a"] = "twin"', "ex-1.1")]
    assert answers_in([*cells, *halves])["1.1"].cells == ("kinds = {}", 'kinds["a"] = "twin"')


def test_merged_cells_answer_both_exercises() -> None:
    both = ANSWERS["1.1"] + "\n" + ANSWERS["1.2"]
    cells = [cell for cell in cells_of({**ANSWERS, "1.1": both}) if cell.label != "ex-1.2"]
    answers = answers_in(cells)
    assert answers["1.2"].cells == (both,)
    assert "cell of 1.1" in answers["1.2"].note
    assert answers["1.1"].found == "by label"


def test_renamed_function_is_taken_by_label_and_named() -> None:
    answer = answers_in(cells_of({**ANSWERS, "1.2": "def age(log):\n    return 1"}))["1.2"]
    assert answer.found == "by label"
    assert "does not define `p95_age_s`" in answer.note


def placed(after: str, *extra: Cell) -> dict[str, Answer]:
    """The answers when extra cells stand behind the cell that holds a text."""
    cells = cells_of(ANSWERS)
    at = next(n for n, cell in enumerate(cells) if after in cell.source) + 1
    return answers_in([*cells[:at], *extra, *cells[at:]])


def test_helper_before_the_answer_is_run_before_it() -> None:
    helper = "seen = []\nprint(seen)"
    assert placed("## 1.2", code(helper))["1.2"].cells == (helper, ANSWERS["1.2"])


def test_trial_after_the_answer_is_not_run_but_a_helper_that_is_used_is() -> None:
    cells = cells_of({**ANSWERS, "1.2": "def p95_age_s(log):\n    return mean(log)"})
    cells += [
        text("## 1.2 Again"),
        code("while True: p95_age_s([1])"),
        code("def mean(x):\n    return total(x)"),
    ]
    cells += [code("def total(x):\n    return sum(x)")]
    answer = answers_in(cells)["1.2"]
    assert [cell.split("(")[0] for cell in answer.cells] == ["def p95_age_s", "def mean", "def total"]


def test_helper_without_a_heading_belongs_to_the_next_answer() -> None:
    cells = [cell for cell in cells_of(ANSWERS) if cell.kind == "code"]
    at = next(n for n, cell in enumerate(cells) if cell.label == "ex-1.3")
    assert answers_in([*cells[:at], code("import math"), *cells[at:]])["1.3"].cells[0] == "import math"


@pytest.mark.parametrize(
    "source",
    ['check("1.2")', "check()", 'check("1.1"); check("1.2")', "# what now?\ncheck('1.3')", SETUP, ""],
)
def test_checks_and_set_up_cells_are_not_taken(source: str) -> None:
    assert sources(placed("## 1.2", code(source))) == ANSWERS


def test_edited_set_up_is_noted_and_only_what_the_learner_added_is_taken() -> None:
    edited = (
        SETUP.replace("5.0", "0.0")
        + "\nimport math\nmine = {}\nmine['a'] = math.pi * step_s\nplant_log[0] = 1"
    )
    answers, notes = match(
        [replace(c, source=edited) if c.source == SETUP else c for c in cells_of(ANSWERS)], LAB
    )
    assert answers["1.1"].cells == ("import math\nmine = {}\nmine['a'] = math.pi * step_s", ANSWERS["1.1"])
    assert [note for note in notes if "set-up cell" in note]


def test_edited_set_up_without_additions_is_ignored() -> None:
    edited = SETUP.replace("5.0", "0.0")
    answers, notes = match(
        [replace(c, source=edited) if c.source == SETUP else c for c in cells_of(ANSWERS)], LAB
    )
    assert sources(answers) == ANSWERS
    assert notes


@pytest.mark.parametrize(
    "prefix", ["%matplotlib inline\n", "!ls\n", "%%time\n", "files = !ls\n", "x = = 1\n", "\0\n"]
)
def test_magics_shell_and_syntax_errors_do_not_hide_an_answer(prefix: str) -> None:
    source = prefix + ANSWERS["1.2"]
    for label in ("ex-1.2", ""):
        cells = [
            replace(c, source=source, label=label) if c.label == "ex-1.2" else c for c in cells_of(ANSWERS)
        ]
        assert answers_in(cells)["1.2"].cells == (source,)


def test_answer_in_a_check_cell_and_in_a_markdown_cell_with_its_label_is_taken() -> None:
    cells = cells_of({**ANSWERS, "1.2": STUBS["1.2"]})
    cells = [replace(c, source=ANSWERS["1.2"]) if c.source == 'check("1.2")' else c for c in cells]
    cells = [replace(c, kind="markdown") if c.label == "ex-1.3" else c for c in cells]
    answers = answers_in(cells)
    assert answers["1.2"].cells == (ANSWERS["1.2"],)
    assert "no code cell" in answers["1.3"].note


def test_import_or_constant_that_a_stub_gives_is_no_sign_of_an_answer() -> None:
    given_lines = "import math\n\nLIMIT_K = 0.5\n\n"
    lab = ExpectedLab(
        lab_of(Path("lab-1.md"), tuple(cells_of({**SOLVED, "1.2": given_lines + SOLVED["1.2"]})))
    )
    assert lab.exercises["1.2"].wanted == {"p95_age_s"}
    helper = "import math\nLIMIT_K = 0.6"
    cells = [*cells_of({**ANSWERS, "1.2": given_lines + ANSWERS["1.2"]}), text("## 1.2"), code(helper)]
    assert match(cells, lab)[0]["1.2"].cells == (given_lines + ANSWERS["1.2"],)


@given(st.text(max_size=300), st.sampled_from(["", "ex-1.2", "ex-9.9"]))
def test_any_text_in_a_cell_is_read_without_an_exception(source: str, label: str) -> None:
    assert set(answers_in([code(source, label), *cells_of(ANSWERS)])) == set(ANSWERS)


@pytest.mark.parametrize(
    "source", ["(" * 5000, "-" * 50_000 + "1", "a." * 50_000 + "b", "[" * 90 + "1" + "]" * 90, "1," * 90_000]
)
def test_code_made_to_exhaust_a_parser_is_read(source: str) -> None:
    assert sources(answers_in([*cells_of(ANSWERS), code(source)])) == ANSWERS
