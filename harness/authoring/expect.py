"""Rewrites `tests/expected/` from the results of the pages; the command `harness expect`."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

from nbformat import NotebookNode

from harness.authoring.digest import execution_cache
from harness.authoring.executions import Executions
from harness.authoring.expected import expected_file, read_expected, renewed
from harness.authoring.glued import Value
from harness.authoring.pages import is_executed, read_page
from harness.authoring.paths import BookPaths
from harness.errors import BuildError


def changes(paths: BookPaths) -> dict[Path, str | None]:
    """The files that are not as the pages' results say, each with its new text, or None if it is to go.

    Raises:
        BuildError: If a page has no valid results, or glues what cannot be compared.
    """
    wanted = {file: text for name, page in _executed(paths) for file, text in _wanted(paths, name, page)}
    kept = paths.root / "tests" / "expected"
    extra = {file: None for file in sorted(kept.rglob("*.json")) if file not in wanted}
    return {file: text for file, text in {**wanted, **extra}.items() if _text(file) != text}


def write(found: dict[Path, str | None]) -> None:
    """Make the changes."""
    for file, text in found.items():
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")


def difference(paths: BookPaths, file: Path, text: str | None) -> str:
    """How a file changes, line by line."""
    name = paths.name_of(file)
    before, after = (_text(file) or "").splitlines(), (text or "").splitlines()
    return "\n".join(difflib.unified_diff(before, after, name, name, lineterm="", n=0))


def _executed(paths: BookPaths) -> list[tuple[str, NotebookNode]]:
    store = Executions(execution_cache(paths))
    pages = {paths.name_of(page): read_page(paths, page) for page in paths.pages() if is_executed(page)}
    found = {name: store.find(page) for name, page in pages.items()}
    if missing := [name for name, page in found.items() if page is None]:
        raise BuildError(
            "Pages have no results of their present code", value=missing, remedy="Run `make book`"
        )
    return [(name, page) for name, page in found.items() if page is not None]


def _wanted(paths: BookPaths, name: str, page: NotebookNode) -> list[tuple[Path, str]]:
    values = renewed(page, name=name, expected=read_expected(paths, name))
    return [(expected_file(paths, name), _as_text(values))] if values else []


def _as_text(values: dict[str, Value]) -> str:
    return json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None
