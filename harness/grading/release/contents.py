"""The files of a lab as they are handed out, made from the one with its solutions.

What goes out is listed here; whatever else lies beside a lab (hidden checks, mutants, other answers, notes)
stays. The notebook is written by the very library that JupyterLab saves it with, so that a learner's first
save changes what they have written and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jupytext

from harness.grading.course import Course
from harness.grading.handout import FILE, Handout, digest
from harness.grading.lab import LABEL, Cell, Lab
from harness.grading.points import CHECKS
from harness.grading.release.rules import checked_lab
from harness.grading.stub import stub_of

_DROPPED = "solution"
# What JupyterLab writes on saving, so that saving changes nothing else; its version would change by the day.
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_JUPYTEXT = {
    "default_lexer": "ipython3",
    "notebook_metadata_filter": "kernelspec,jupytext,-jupytext.text_representation.jupytext_version",
    "text_representation": {"extension": ".md", "format_name": "myst"},
}


def handed_out_files(course: Course, folder: Path) -> dict[Path, bytes]:
    """The files of one lab in `labs/`, by path.

    Args:
        course: The course.
        folder: The lab's folder in `solutions/`.

    Raises:
        BadArgument: If the lab may not be handed out.
    """
    lab, exercises = checked_lab(folder)
    files = {lab.path.name: lab_text(lab).encode()} | {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in _copied(folder)
    }
    handout = Handout(
        source=f"made by `harness release` from {course.name_of(folder)}: edit there, not here",
        lab=lab.name,
        title=_title(lab),
        exercises=exercises,
        cells=tuple(_handed_out(cell) for cell in lab.cells if _runs(cell)),
        files={name: digest(data) for name, data in sorted(files.items())},
    )
    target = course.labs / folder.name
    return {target / name: data for name, data in [*files.items(), (FILE, handout.as_text().encode())]}


def lab_text(lab: Lab) -> str:
    """The notebook without its solutions and without outputs."""
    notebook = jupytext.read(lab.path, fmt="md:myst")
    notebook.metadata = type(notebook.metadata)(jupytext=_JUPYTEXT, kernelspec=_KERNEL)
    notebook.cells = [cell for cell in notebook.cells if _DROPPED not in cell.metadata.get("tags", [])]
    for cell in notebook.cells:
        _empty(cell)
    return str(jupytext.writes(notebook, fmt="md:myst"))


def _empty(cell: Any) -> None:
    if match := LABEL.fullmatch(str(cell.metadata.get("label", ""))):
        cell.source = stub_of(cell.source, match[1])
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None


def _runs(cell: Cell) -> bool:
    return cell.kind == "code" and not {"check", _DROPPED} & set(cell.tags)


def _handed_out(cell: Cell) -> tuple[str, str]:
    return cell.exercise, stub_of(cell.source, cell.exercise) if cell.exercise else cell.source


def _copied(folder: Path) -> list[Path]:
    conftest = folder / "conftest.py"
    return [*([conftest] if conftest.is_file() else []), *sorted((folder / CHECKS).rglob("*.py"))]


def _title(lab: Lab) -> str:
    lines = (line for cell in lab.cells if cell.kind == "markdown" for line in cell.source.splitlines())
    return next((line[2:].strip() for line in lines if line.startswith("# ")), lab.name)
