"""Reads a page of the book as the notebook that it is, cell for cell as the renderer reads it."""

from __future__ import annotations

from pathlib import Path

import yaml
from myst_nb.core.read import (
    MystMetadataParsingError,
    is_myst_markdown_notebook,
    read_myst_markdown_notebook,
)
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode

from harness.authoring.paths import BookPaths
from harness.errors import BuildError


def read_page(paths: BookPaths, page: Path) -> NotebookNode:
    """Reads one page.

    Args:
        paths: The book that the page belongs to; its configuration says which syntax is on.
        page: The page's file.

    Returns:
        The page as a notebook; its metadata hold the front matter, and `source_map` the cells' first lines.

    Raises:
        BuildError: If the front matter or a cell's options are not valid.
    """
    config = MdParserConfig(enable_extensions=_syntax(paths))
    text = page.read_text(encoding="utf-8")
    try:
        notebook: NotebookNode = read_myst_markdown_notebook(
            text, config=config, add_source_map=True, path=page
        )
    except (MystMetadataParsingError, yaml.YAMLError) as error:
        raise BuildError(
            f"{paths.name_of(page)} cannot be read: {error}",
            remedy="Mend the YAML at the head of the page, or the options of the cell named",
        ) from error
    notebook.metadata["source_map"] = _first_lines(notebook, text.splitlines())
    return notebook


def _first_lines(notebook: NotebookNode, lines: list[str]) -> list[int]:
    """Where each cell's own text begins; the reader knows only where its fence and options do."""
    first = []
    for cell, fence in zip(notebook.cells, notebook.metadata["source_map"], strict=True):
        text = cell.source.splitlines()
        places = (at for at in range(fence, len(lines)) if lines[at : at + len(text)] == text)
        first.append(next(places, fence) + 1)
    return first


def is_executed(page: Path) -> bool:
    """Whether the renderer takes a page for a notebook: its front matter must say so."""
    return bool(is_myst_markdown_notebook(page.read_text(encoding="utf-8")))


def title_of(page: NotebookNode) -> str:
    """The page's first heading, or an empty string."""
    for cell in page.cells:
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("# "):
                return str(line[2:].strip())
    return ""


def line_of(page: NotebookNode, cell_index: int) -> int:
    """The line of the page's file that a cell's own text starts on, counted from 1."""
    return int(page.metadata["source_map"][cell_index])


def _syntax(paths: BookPaths) -> set[str]:
    config = yaml.safe_load((paths.root / "_config.yml").read_text(encoding="utf-8"))
    return set(config.get("parse", {}).get("myst_enable_extensions", []))
