"""Runs the pages, and keeps their results where the renderer looks for them.

MyST-NB would run a page while rendering it. Running the pages first shows how far we are, and names the
page, the cell and the error when one fails. The results go to the jupyter-cache that `digest` names.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.render import strip_ansi
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from traitlets.config import Config

from harness.authoring.pages import is_executed, line_of, read_page
from harness.authoring.paths import BookPaths
from harness.errors import BuildError

CELL_TIMEOUT_S = 120
_TRACEBACK_LINES = 25
# Kernels are reached over TCP; encrypted, so that no other user of the machine can listen or write.
_ENCRYPTED = Config(KernelManager={"transport_encryption": "auto"})

Report = Callable[[str], None]


@dataclass(frozen=True)
class Executed:
    """One page that has results now.

    Attributes:
        name: The page.
        seconds: How long it ran; 0 when its results were there already.
    """

    name: str
    seconds: float


def execute_pages(paths: BookPaths, *, executions: Path, report: Report) -> list[Executed]:
    """Runs every page that has no valid results.

    Args:
        paths: The book.
        executions: Folder of the results that are valid; see `digest.execution_cache`.
        report: Told what is happening, a line at a time.

    Returns:
        The pages with code, in reading order.

    Raises:
        BuildError: If a cell fails; names the page, the cell and the error.
    """
    cache = get_cache(executions)
    pages = [page for page in paths.pages() if is_executed(page)]
    return [_execute(paths, page, cache, report) for page in pages]


def _execute(paths: BookPaths, page: Path, cache: Any, report: Report) -> Executed:
    notebook, name = read_page(paths, page), paths.name_of(page)
    if _has_results(cache, notebook):
        return Executed(name, 0.0)
    report(f"running {name}")
    started = time.perf_counter()
    _run(notebook, name, page.parent)
    seconds = time.perf_counter() - started
    bundle = CacheBundleIn(notebook, str(page), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    report(f"ran {name} in {seconds:.1f} s")
    return Executed(name, seconds)


def _has_results(cache: Any, notebook: NotebookNode) -> bool:
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


def _run(notebook: NotebookNode, name: str, folder: Path) -> None:
    current: dict[str, int] = {}

    def remember(cell: NotebookNode, cell_index: int) -> None:
        current["index"] = cell_index

    client = NotebookClient(
        notebook,
        timeout=notebook.metadata.get("execution", {}).get("timeout", CELL_TIMEOUT_S),
        kernel_name=notebook.metadata.get("kernelspec", {}).get("name", "python3"),
        resources={"metadata": {"path": str(folder)}},
        config=_ENCRYPTED,
        record_timing=False,  # it would write into the metadata that the cache goes by
        on_cell_start=remember,
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, RuntimeError) as error:
        raise _failure(notebook, name, current.get("index"), error) from error


def _failure(notebook: NotebookNode, name: str, index: int | None, error: Exception) -> BuildError:
    if index is None:
        return BuildError(f"{name}: its Python process did not start, or was interrupted ({error})")
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: index + 1])
    where = f"{name}: code cell {number} (line {line_of(notebook, index)})"
    first_line = notebook.cells[index].source.strip().partition("\n")[0]
    return BuildError(f"{where} {_what_happened(error)}", value=first_line, remedy=_advice(error))


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
