"""The values that a page has glued: the numbers and words that its prose shows."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass

from myst_nb.ext.glue import extract_glue_data_cell
from nbformat import NotebookNode

Value = bool | int | float | str
_NOT_LITERAL = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


@dataclass(frozen=True)
class Unreadable:
    """Something glued that is neither a number nor a word.

    Attributes:
        why: What it is.
    """

    why: str


def glued_values(executed: NotebookNode) -> dict[str, Value | Unreadable]:
    """What an executed page has glued, by name; the last one counts where a name was used twice."""
    # Copies, for the extraction takes the outputs out of the cell.
    cells = [copy.deepcopy(cell) for cell in executed.cells if cell.cell_type == "code"]
    return {name: _read(output.data) for cell in cells for name, output in extract_glue_data_cell(cell)}


def _read(data: dict[str, str]) -> Value | Unreadable:
    if pictures := [kind for kind in data if kind.startswith("image/")]:
        return Unreadable(f"a figure ({pictures[0]})")
    text = data.get("text/plain", "")
    if text in _NOT_LITERAL:
        return _NOT_LITERAL[text]
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return Unreadable(
            f"{text[:60]!r}, which is no plain number or string; glue float(…), int(…) or str(…)"
        )
    return value if isinstance(value, Value) else Unreadable(f"a {type(value).__name__}")
