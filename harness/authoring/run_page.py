"""Runs one page in a kernel, and says what went wrong as a reader of the page would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from myst_nb.core.render import strip_ansi
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from traitlets.config import Config

from harness.authoring.pages import line_of
from harness.errors import BuildError

CELL_TIMEOUT_S = 120
# What nbclient raises when a cell does; a kernel that dies is a RuntimeError.
CELL_FAILURES = (CellExecutionError, CellTimeoutError, RuntimeError)
_TRACEBACK_LINES = 25
# Kernels are reached over TCP; encrypted, so that no other user of the machine can listen or write.
_ENCRYPTED = Config(KernelManager={"transport_encryption": "auto"})


def page_client(
    page: NotebookNode, *, folder: Path, on_cell: Callable[[int], None] | None = None
) -> NotebookClient:
    """What runs a page's cells and writes their results into it.

    Args:
        page: The page, as `read_page` gives it.
        folder: Working folder of its kernel.
        on_cell: Told the index of each cell that is about to run.
    """

    def starting(cell: NotebookNode, cell_index: int) -> None:
        if on_cell is not None:
            on_cell(cell_index)

    return NotebookClient(
        page,
        timeout=page.metadata.get("execution", {}).get("timeout", CELL_TIMEOUT_S),
        kernel_name=page.metadata.get("kernelspec", {}).get("name", "python3"),
        resources={"metadata": {"path": str(folder)}},
        config=_ENCRYPTED,
        record_timing=False,  # it would write into the metadata that the cache goes by
        on_cell_start=starting,
    )


def failure(page: NotebookNode, name: str, index: int | None, error: Exception) -> BuildError:
    """The error of a page: which cell, which line, what happened.

    Args:
        page: The page.
        name: Its name.
        index: The cell that ran, None if it did not come so far.
        error: One of CELL_FAILURES.
    """
    if index is None:
        return BuildError(f"{name}: its Python process did not start, or was interrupted ({error})")
    where = f"{name}: code cell {number_of(page, index)} (line {line_of(page, index)})"
    first_line = page.cells[index].source.strip().partition("\n")[0]
    return BuildError(f"{where} {_what_happened(error)}", value=first_line, remedy=_advice(error))


def number_of(page: NotebookNode, index: int) -> int:
    """Which of its code cells a cell is, counted from 1."""
    return sum(cell.cell_type == "code" for cell in page.cells[: index + 1])


def _what_happened(error: Exception) -> str:
    if isinstance(error, CellExecutionError):
        return f"raised {error.ename}: {strip_ansi(error.evalue)}"
    if isinstance(error, CellTimeoutError):
        return f"ran longer than it may: {str(error).partition(chr(10))[0]}"
    return f"lost its Python process, or was interrupted ({error})"


def _advice(error: Exception) -> str:
    if not isinstance(error, CellExecutionError):
        return "Run the page in JupyterLab to see how far it comes"
    tail = strip_ansi(error.traceback).strip().splitlines()[-_TRACEBACK_LINES:]
    return "Mend the cell, or tag it raises-exception if it is meant to fail. Its traceback:\n" + "\n".join(
        tail
    )
