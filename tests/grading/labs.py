"""A small lab, and submissions made of it."""

import json
from collections.abc import Sequence
from pathlib import Path

from harness.grading.lab import Cell, Lab, read_lab

FRONT = "---\nkernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n---\n"
SETUP = "import numpy as np\nfrom harness.grading import check\n\nplant_log = np.arange(10.0)\nstep_s = 5.0"
STUBS = {
    "1.1": "kinds = ...",
    "1.2": 'def p95_age_s(log):\n    """Age."""\n    '
    'raise NotImplementedError("Exercise 1.2 is not done yet")',
    "1.3": 'def pack(x):\n    raise NotImplementedError("Exercise 1.3 is not done yet")\n\n'
    'def unpack(x):\n    raise NotImplementedError("Exercise 1.3 is not done yet")',
}
SOLVED = {
    "1.1": '### BEGIN SOLUTION\nkinds = {"a": "twin"}\n### END SOLUTION',
    "1.2": 'def p95_age_s(log):\n    """Age."""\n    ### BEGIN SOLUTION\n    return np.quantile(log, 0.95)\n'
    "    ### END SOLUTION",
    "1.3": "def pack(x):\n    ### BEGIN SOLUTION\n    return [x]\n    ### END SOLUTION\n\n"
    "def unpack(x):\n    ### BEGIN SOLUTION\n    return x[0]\n    ### END SOLUTION",
}
ANSWERS = {
    "1.1": 'kinds = {"a": "shadow"}',
    "1.2": "def p95_age_s(log):\n    return float(np.mean(log))",
    "1.3": "def pack(x):\n    return (x,)\n\ndef unpack(x):\n    return x[0]",
}


def code(source: str, label: str = "", *tags: str) -> Cell:
    return Cell("code", source, label, tags)


def text(source: str) -> Cell:
    return Cell("markdown", source)


def cells_of(answers: dict[str, str]) -> list[Cell]:
    """The cells of a lab with these answers."""
    cells = [text("# Lab 1"), code(SETUP)]
    for name, answer in answers.items():
        cells += [
            text(f"## {name} Exercise"),
            code(answer, f"ex-{name}"),
            code(f'check("{name}")', "", "check"),
        ]
    return cells


def as_myst(cells: Sequence[Cell]) -> str:
    parts = [FRONT]
    for cell in cells:
        options = f":label: {cell.label}\n" * bool(cell.label) + f":tags: [{', '.join(cell.tags)}]\n" * bool(
            cell.tags
        )
        block = f"```{{code-cell}} ipython3\n{options}{cell.source}\n```\n"
        parts.append(block if cell.kind == "code" else f"+++\n\n{cell.source}\n")
    return "\n".join(parts)


def as_ipynb(cells: Sequence[Cell], *, metadata: dict | None = None) -> str:
    def plain(cell: Cell) -> dict:
        known = {key: value for key, value in (("label", cell.label), ("tags", list(cell.tags))) if value}
        data = {"cell_type": cell.kind, "metadata": known, "source": cell.source.splitlines(keepends=True)}
        return data | ({"outputs": [], "execution_count": 3} if cell.kind == "code" else {})

    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata or {}, "cells": [*map(plain, cells)]}
    )


def write_lab(folder: Path) -> Lab:
    """The instructor's lab in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "lab-1.md"
    file.write_text(as_myst(cells_of(SOLVED)), encoding="utf-8")
    return read_lab(file)
