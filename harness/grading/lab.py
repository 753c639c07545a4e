"""A lab as the course hands it out: a MyST notebook whose answer cells carry labels.

An answer cell is a code cell with the label `ex-1.5` (`:label: ex-1.5` in MyST, `metadata.label` in a
notebook file). Code cells without a label are the lab's own: they prepare what the exercises work on. Cells
tagged `check` are the learner's, and grading ignores them.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness.errors import BadArgument

LABEL = re.compile(r"ex-(\d+\.\d+)")
_HEADING = re.compile(r"^##\s+(\d+\.\d+)\s+(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """One cell of a lab or of a submission.

    Attributes:
        kind: "code" or "markdown".
        source: Its text.
        label: Its label; empty if it has none.
        tags: Its tags.
    """

    kind: str
    source: str
    label: str = ""
    tags: tuple[str, ...] = ()

    @property
    def exercise(self) -> str:
        """The exercise that its label names; empty if it names none."""
        match = LABEL.fullmatch(self.label)
        return match[1] if match else ""


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lab.

    Attributes:
        name: Such as "1.5".
        title: Its heading.
        answer: The source of its answer cell, as handed out or as solved.
        defines: The names that the answer cell defines, in order.
    """

    name: str
    title: str
    answer: str
    defines: tuple[str, ...]


@dataclass(frozen=True)
class Lab:
    """One lab: its cells, and its exercises by name."""

    path: Path
    cells: tuple[Cell, ...]
    exercises: dict[str, Exercise]

    @property
    def name(self) -> str:
        """Such as "lab-1"."""
        return self.path.stem


def lab_file(folder: Path) -> Path:
    """The lab's notebook in a lab's folder.

    Raises:
        BadArgument: If there is not exactly one.
    """
    found = sorted(folder.glob("lab-*.md"))
    if len(found) != 1:
        raise BadArgument("A lab's folder must hold one file lab-N.md", value=[path.name for path in found])
    return found[0]


@cache
def read_lab(path: Path) -> Lab:
    """Read a lab.

    Raises:
        BadArgument: If an exercise has no heading or several answer cells.
    """
    cells = read_cells(path)
    titles = dict(_HEADING.findall("\n".join(cell.source for cell in cells if cell.kind == "markdown")))
    exercises: dict[str, Exercise] = {}
    for cell in cells:
        if not (name := cell.exercise):
            continue
        if name in exercises or name not in titles:
            why = "is answered twice" if name in exercises else f"has no heading '## {name} …'"
            raise BadArgument(f"{path.name}: exercise {name} {why}")
        exercises[name] = Exercise(name, titles[name], cell.source, defined_names(cell.source))
    return Lab(path, cells, exercises)


def read_cells(path: Path) -> tuple[Cell, ...]:
    """The cells of a notebook, `.md` (MyST) or `.ipynb`."""
    import jupytext

    notebook = jupytext.read(path, fmt="md:myst") if path.suffix == ".md" else jupytext.read(path)
    return tuple(_cell(cell) for cell in notebook.cells)


def _cell(cell: Any) -> Cell:
    tags, label = cell.metadata.get("tags", []), cell.metadata.get("label", "")
    return Cell(cell.cell_type, cell.source, str(label), tuple(map(str, tags)))


def defined_names(source: str) -> tuple[str, ...]:
    """Functions, classes and variables that a cell defines at its top; empty if it is no Python."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return ()
    names: dict[str, None] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names[node.name] = None
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id: None for target in targets if isinstance(target, ast.Name)}
    return tuple(names)
