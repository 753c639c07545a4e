"""CSV that a spreadsheet shows, and does not run."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

Cell = str | float | None

# A cell that begins so is a formula to some spreadsheet.
_FORMULA = tuple("=+-@＝＋－＠")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table as CSV: cells of text that could be formulas begin with an apostrophe, numbers stay numbers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe(cell) for cell in header])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def safe(cell: Cell) -> str:
    """A cell on one line, which no spreadsheet takes for a formula."""
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        return f"{cell:.2f}".rstrip("0").rstrip(".")
    line = " ".join("".join(" " if _invisible(character) else character for character in cell).split())
    return f"'{line}" if line.startswith(_FORMULA) else line


def _invisible(character: str) -> bool:
    """Whether it is a line break, a control character, a lone surrogate, or turns the writing round."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
