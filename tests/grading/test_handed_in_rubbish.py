"""Whatever bytes a notebook file holds, reading it gives cells or says what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import BadArgument
from harness.grading.handed_in.expected import ExpectedLab
from harness.grading.handed_in.matching import match
from harness.grading.handed_in.notebook import read_notebook
from harness.grading.handed_in.reader import Reader
from harness.grading.handed_in.students import safe_name
from harness.grading.lab import Cell, lab_file, lab_of, read_lab
from harness.grading.stub import stub_of
from labs import ANSWERS, as_ipynb, as_myst, cells_of, write_lab

FILES = [as_ipynb(cells_of(ANSWERS)).encode(), as_myst(cells_of(ANSWERS)).encode()]
SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"
LABS = sorted(path for path in SOLUTIONS.iterdir() if list(path.glob("lab-*.md")))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cell_type", "source", "metadata", "label", "tags", "x"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


def read(data: bytes) -> list[Cell]:
    """The cells; none if the file is refused with a reason and a remedy."""
    try:
        return read_notebook(data).cells
    except BadArgument as refused:
        if not refused.remedy:
            pytest.fail(f"no remedy: {refused}")
        return []


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read(data)


@given(st.sampled_from(FILES), st.integers(0, 3000), st.integers(0, 200), st.binary(max_size=20))
def test_damaged_notebook_is_read_or_refused(data: bytes, at: int, cut: int, put: bytes) -> None:
    read(data[:at] + put + data[at + cut :])


@given(st.lists(JSON, max_size=6), JSON, st.sampled_from([None, 1, 2, 3, 4, 5, "4", []]))
def test_any_json_with_cells_is_read_or_refused(cells: list[Any], metadata: Any, version: Any) -> None:
    notebook = {"nbformat": version, "metadata": metadata, "cells": cells, "worksheets": cells}
    for cell in read(json.dumps(notebook).encode()):
        assert (type(cell.source), type(cell.label)) == (str, str)
        cell.source.encode()


@given(st.text(max_size=80))
def test_name_is_safe_for_any_file_system_and_stays_what_it_is(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert safe_name(safe) == safe
    assert not set(safe) & set("/\\:*?\"<>|,;'\n\r\t =+")
    assert safe[0] not in ".-@="
    assert len(safe.encode()) < 200


def test_process_that_dies_costs_one_row_and_is_replaced(tmp_path: Path) -> None:
    lab = write_lab(tmp_path / "lab")
    with Reader(lab) as reader:
        reader._start().kill()
        assert "too much memory" in reader.read("alice", [lab.path]).notes[0]
        assert reader.read("bob", [lab.path]).state == "read"


@pytest.mark.parametrize("folder", LABS, ids=lambda path: path.name)
def test_released_lab_is_untouched_and_its_answers_are_found_without_labels(folder: Path) -> None:
    lab = read_lab(lab_file(folder))
    expected = ExpectedLab(lab)
    released = [
        Cell(c.kind, stub_of(c.source, c.exercise) if c.exercise else c.source, c.label, c.tags)
        for c in lab.cells
    ]
    assert {answer.found for answer in match(released, expected)[0].values()} == {"untouched"}
    assert {a.found for a in match(released, ExpectedLab(lab_of(lab.path, tuple(released))))[0].values()} == {
        "untouched"
    }
    stripped = [Cell(c.kind, c.source) for c in lab.cells]
    found = {name: answer.found for name, answer in match(stripped, expected)[0].items()}
    named = {name for name, exercise in expected.exercises.items() if exercise.wanted}
    assert {found[name] for name in named} <= {"by name"}
