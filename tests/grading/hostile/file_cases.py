"""Hostile and clumsy files: what stands in a student's folder, and the points that are fair for it."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from attacked_lab import GOOD, POINTS, notebook
from code_cases import CASES

_WRONG = {**GOOD, "9.2": "def rms(values):\n    return 0.0"}
_HALF = {**POINTS, "9.2": 0.0}


@dataclass(frozen=True)
class FileCase:
    """A folder of files and what is fair for it.

    Attributes:
        name: What is odd about it, as a student's name.
        write: Writes the files into the student's folder.
        fair: Points by exercise; None for all if there is no grade to give.
        state: State of the student in the gradebook; empty if it does not matter.
    """

    name: str
    write: Callable[[Path], object]
    fair: dict[str, float] | None
    state: str = ""


def _md(answers: dict[str, str], name: str = "lab-9.md") -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(notebook(answers), encoding="utf-8")


def _text(text: str | bytes, name: str = "lab-9.md") -> Callable[[Path], object]:
    data = text.encode() if isinstance(text, str) else text
    return lambda folder: (folder / name).write_bytes(data)


def _cells(answers: dict[str, str], *, labels: bool = True) -> list[Any]:
    cells = []
    for name, source in answers.items():
        cells.append(nbformat.v4.new_markdown_cell(f"## {name} Exercise"))
        cell = nbformat.v4.new_code_cell(source)
        cell.metadata = {"label": f"ex-{name}"} if labels else {}
        cells.append(cell)
    return cells


def _ipynb(cells: list[Any], name: str = "lab-9.ipynb", **metadata: Any) -> Callable[[Path], object]:
    book = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    return lambda folder: (folder / name).write_text(json.dumps(book), encoding="utf-8")


def _both(*writers: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda folder: [write(folder) for write in writers]


def _zip(members: dict[str, str]) -> Callable[[Path], object]:
    def write(folder: Path) -> None:
        folder.rmdir()
        with zipfile.ZipFile(folder.with_suffix(".zip"), "w") as archive:
            for name, text in members.items():
                archive.writestr(name, text)

    return write


def _duplicated() -> str:
    stub = notebook(
        {"9.2": 'def rms(values):\n    raise NotImplementedError("Exercise 9.2 is not done yet")'}
    )
    return notebook(GOOD) + stub.split("# A small lab\n")[1]


def _forged() -> list[Any]:
    cells = _cells(_WRONG)
    for cell in cells:
        if cell.cell_type == "code":
            cell.metadata |= {"points": 1000, "grade": True, "nbgrader": {"points": 1000, "grade": True}}
            cell.outputs = [nbformat.v4.new_output("stream", text="10 of 10 points")]
    cells[0].source += "\n\n*1000 points, 1 min.*"
    return [*cells, nbformat.v4.new_code_cell('check = lambda name: "10 of 10 points"\ncheck("9.2")')]


_HOSTILE_CONFTEST = """
import pathlib
pathlib.Path(__file__).with_name("pwned").write_text("x")
def pytest_runtest_makereport(item, call): raise SystemExit(0)
"""

FILE_CASES = [
    FileCase("cell-deleted", _md({name: GOOD[name] for name in ("9.1", "9.3")}), _HALF),
    FileCase("cell-duplicated", _text(_duplicated()), POINTS),
    FileCase("cells-reordered", _md(dict(reversed(GOOD.items()))), POINTS),
    FileCase("cells-relabelled", _md({"9.3": GOOD["9.1"], "9.1": GOOD["9.2"], "9.2": GOOD["9.3"]}), POINTS),
    FileCase("labels-stripped", _text(notebook(GOOD).replace(":label: ex-", ":was: ")), POINTS),
    FileCase("notebook", _ipynb(_cells(GOOD)), POINTS),
    FileCase("notebook-stripped", _ipynb(_cells(GOOD, labels=False)), POINTS),
    FileCase(
        "set-up-edited",
        _text(
            notebook(GOOD).replace("# A small lab\n", "# A small lab\n\n```{code-cell}\nimport maths\n```\n")
        ),
        POINTS,
    ),
    FileCase("points-changed", _ipynb(_forged()), _HALF),
    FileCase(
        "wrong-kernel",
        _ipynb(_cells(GOOD), kernelspec={"name": "ir", "display_name": "R", "language": "R"}),
        POINTS,
    ),
    FileCase("renamed", _md(GOOD, "My Lab (final) FINAL2.md"), POINTS),
    FileCase(
        "extra-notebook",
        _both(_md(GOOD), _ipynb([nbformat.v4.new_code_cell("1/0")], "scratch.ipynb")),
        POINTS,
    ),
    FileCase("invalid-json", _text('{"cells": [', "lab-9.ipynb"), None, "unreadable"),
    FileCase("empty-file", _text("", "lab-9.ipynb"), None, "unreadable"),
    FileCase("binary", _text(os.urandom(5000), "lab-9.ipynb"), None, "unreadable"),
    FileCase("no-notebook", _text("Dear teacher, …", "letter.txt"), None, "unreadable"),
    FileCase("zipped", _zip({"lab-9.md": notebook(GOOD)}), POINTS),
    FileCase("zip-leads-out", _zip({"../../escaped-7741.md": "x", "lab-9.md": notebook(GOOD)}), POINTS),
    FileCase(
        "link-to-a-peer", lambda folder: (folder / "lab-9.md").symlink_to("../00-control/lab-9.md"), None
    ),
    FileCase(
        "pytest-files",
        _both(
            _md(_WRONG),
            _text(_HOSTILE_CONFTEST, "conftest.py"),
            _text(_HOSTILE_CONFTEST, "test_9_2.py"),
            _text("[pytest]\naddopts = --collect-only\n", "pytest.ini"),
        ),
        _HALF,
    ),
    FileCase("markdown-bomb", _text("[a]: b\n" * 3000 + notebook(GOOD)), POINTS),
    FileCase("syntax-error", _md({**GOOD, "9.2": "def rms(values:\n    return"}), _HALF),
    FileCase("null-byte", _ipynb(_cells({**GOOD, "9.2": "def rms(values):\n    return '\0'"})), _HALF),
]


def hand_in(folder: Path) -> None:
    """Write every case, of code and of files, as a class's submissions."""
    for case in CASES:
        student = folder / case.name
        student.mkdir(parents=True)
        (student / "lab-9.md").write_text(notebook(case.answers), encoding="utf-8")
    for odd in FILE_CASES:
        student = folder / odd.name
        student.mkdir(parents=True)
        odd.write(student)
