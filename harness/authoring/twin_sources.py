"""Finds in each page the code that belongs to the twin, and refuses what could not become a module."""

from __future__ import annotations

import ast
import keyword
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from harness.authoring.pages import line_of, read_page, title_of
from harness.authoring.paths import BookPaths
from harness.errors import BuildError

_TAG = "twin"


@dataclass(frozen=True)
class TwinSource:
    """A page that is the source of a module.

    Attributes:
        name: The page, as readers see it.
        module: The module that it names.
        doc: What the module is for.
        cells: First line in the page, and code, of each tagged cell.
    """

    name: str
    module: str
    doc: str
    cells: list[tuple[int, str]]


def twin_source(paths: BookPaths, page: Path) -> TwinSource | None:
    """The twin's code in one page.

    Args:
        paths: The book.
        page: The page's file.

    Returns:
        The source, or None if the page names no module and tags no cell.

    Raises:
        BuildError: If the page names a module but tags no cell, or the other way round; if the name cannot
            be one; if the code does not parse or imports the harness.
    """
    notebook, name = read_page(paths, page), paths.name_of(page)
    cells = [
        (line_of(notebook, index), cell.source)
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and _TAG in cell.metadata.get("tags", [])
    ]
    settings = notebook.metadata.get(_TAG)
    if settings is None and not cells:
        return None
    _check_front_matter(name, settings, cells)
    for line, code in cells:
        _check_code(name, line, code)
    return TwinSource(name, settings["module"], _doc(settings, notebook), cells)


def _doc(settings: NotebookNode, notebook: NotebookNode) -> str:
    return str(settings.get("doc") or title_of(notebook)).rstrip(".?!") + "."


def _check_front_matter(name: str, settings: NotebookNode | None, cells: list[tuple[int, str]]) -> None:
    example = "Write `twin: {module: some_name}` between the --- at the page's head"
    if settings is None:
        raise BuildError(
            f"{name}, line {cells[0][0]}: a cell is tagged twin, but the page names no module", remedy=example
        )
    module = settings.get("module") if isinstance(settings, dict) else None
    if not _is_module_name(module):
        raise BuildError(f"{name}: the twin's module has no usable name", value=module, remedy=example)
    if not cells:
        raise BuildError(
            f"{name} names a module, but tags no cell as twin",
            value=module,
            remedy="Tag the cells that belong to it with `:tags: [twin]`, or take the name out",
        )


def _is_module_name(name: object) -> bool:
    return (
        isinstance(name, str)
        and name.isidentifier()
        and name.islower()
        and not keyword.iskeyword(name)
        and not name.startswith("_")
    )


def _check_code(name: str, line: int, code: str) -> None:
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        where = line + (error.lineno or 1) - 1
        raise BuildError(
            f"{name}, line {where}: a cell tagged twin is not plain Python ({error.msg})",
            value=(error.text or "").strip(),
            remedy="Mend the code; notebook magics and shell commands go in a cell without the tag",
        ) from error
    for node in ast.walk(tree):
        if "harness" in _imported_packages(node):
            raise BuildError(
                f"{name}, line {line + node.lineno - 1}: the twin imports harness",  # type: ignore[attr-defined]
                remedy="The twin must run beside a real plant: take what it needs as an argument",
            )


def _imported_packages(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return {(node.module or "").split(".")[0]}
    return set()
