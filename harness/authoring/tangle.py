"""Writes the package `twin` from the book: one module from each page that names one.

A page names its module in the front matter and tags the cells that belong to it:

    ---
    twin: {module: synchroniser, doc: Keeps the model's state in step with the plant}
    ---
    ```{code-cell} ipython3
    :tags: [twin]
    ```

The tagged cells, in order, are the module; their imports go to its head. `doc` becomes the first line of
its docstring, the page's title if it is missing.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

from harness.authoring.paths import BookPaths
from harness.authoring.twin_sources import TwinSource, twin_source
from harness.errors import BuildError

_MARK = "by `harness tangle`: edit the page, not this file."
_LINE_LENGTH = 110


@dataclass(frozen=True)
class Tangled:
    """What a run changed: names of files, relative to the book."""

    written: list[str]
    removed: list[str]


def tangle(paths: BookPaths) -> Tangled:
    """Brings the package up to date; files that are right are not touched.

    Args:
        paths: The book.

    Returns:
        What was written and what was removed.

    Raises:
        BuildError: If the pages contradict each other, or a module's code does not parse.
    """
    wanted = expected_files(paths)
    written = [path for path, text in wanted.items() if not _holds(path, text)]
    removed = _leftovers(paths, wanted)
    for path in written:
        _write(path, wanted[path])
    for path in removed:
        path.unlink()
    return Tangled([paths.name_of(path) for path in written], [paths.name_of(path) for path in removed])


def stale_files(paths: BookPaths) -> list[str]:
    """Names of the files that `tangle` would write or remove."""
    wanted = expected_files(paths)
    wrong = [path for path, text in wanted.items() if not _holds(path, text)]
    return [paths.name_of(path) for path in wrong + _leftovers(paths, wanted)]


def expected_files(paths: BookPaths) -> dict[Path, str]:
    """The whole package as the pages say it should be: each file and its text."""
    sections = [section for page in paths.pages() if (section := twin_source(paths, page))]
    _check_one_page_a_module(sections)
    files = {paths.twin / "__init__.py": _formatted(_package_text(sections))}
    for section in sections:
        files[paths.twin / f"{section.module}.py"] = _formatted(_module_text(section))
    return files


def _check_one_page_a_module(sections: list[TwinSource]) -> None:
    owners: dict[str, str] = {}
    for section in sections:
        owner = owners.setdefault(section.module, section.name)
        if owner != section.name:
            raise BuildError(
                f"{owner} and {section.name} both claim one module",
                value=section.module,
                remedy="Give one of them another name; a later page imports what an earlier one built",
            )


def _package_text(sections: list[TwinSource]) -> str:
    lines = [f"    {section.module}: {section.name}" for section in sections] or ["    none yet"]
    return (
        f"# Generated from the book's pages {_MARK}\n"
        '"""The digital twin that the book builds.\n\n'
        "Its modules, in the order of the book, and the pages that are their sources:\n\n"
        + "\n".join(lines)
        + '\n"""\n'
    )


def _module_text(section: TwinSource) -> str:
    imports, bodies = [], []
    for _, code in section.cells:
        imported, body = _split_imports(code)
        imports.append(imported)
        bodies.append(body)
    doc = "\n".join(textwrap.wrap(section.doc, _LINE_LENGTH - 3))
    head = f'# Generated from {section.name} {_MARK}\n"""{doc}"""\n\n'
    return head + "\n".join(filter(None, imports)) + "\n\n" + "\n\n".join(filter(None, bodies)) + "\n"


def _split_imports(code: str) -> tuple[str, str]:
    """Parts the imports at the top level of a cell from the rest of it."""
    statements = ast.parse(code).body
    kinds = [isinstance(statement, ast.Import | ast.ImportFrom) for statement in statements]
    spans = [range(statement.lineno, (statement.end_lineno or 0) + 1) for statement in statements]
    others = {line for span, is_import in zip(spans, kinds, strict=True) if not is_import for line in span}
    moved = {
        line for span, is_import in zip(spans, kinds, strict=True) if is_import for line in span
    } - others
    lines = list(enumerate(code.splitlines(), start=1))
    imports = "\n".join(text for number, text in lines if number in moved)
    return imports, "\n".join(text for number, text in lines if number not in moved).strip("\n")


def _formatted(code: str) -> str:
    """The code with its imports sorted and its layout made regular, by Ruff with settings of our own."""
    width = f"--line-length={_LINE_LENGTH}"
    sort = ["check", "--isolated", "--select=I001", "--fix", "--quiet", width]
    # Packages are told apart by name and not by what lies around, so that every machine sorts alike.
    first_party = ["--config", 'lint.isort.known-first-party = ["twin"]', "--config", "src = []"]
    return _ruff(["format", "--isolated", "--quiet", width], _ruff([*sort, *first_party], code))


def _ruff(arguments: list[str], code: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, "--target-version=py311", "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError("Ruff could not format the twin's code", value=done.stderr[-800:])
    return done.stdout


def _leftovers(paths: BookPaths, wanted: dict[Path, str]) -> list[Path]:
    """Modules that no page names any more; a file written by hand is not ours to remove."""
    extra = [path for path in sorted(paths.twin.glob("*.py")) if path not in wanted]
    for path in extra:
        if _MARK not in path.read_text(encoding="utf-8").partition("\n")[0]:
            raise BuildError(
                "A file in the twin's folder was not made from a page",
                value=paths.name_of(path),
                remedy="Move its code into tagged cells of a page, or the file elsewhere",
            )
    return extra


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False
    ) as part:
        part.write(text)
    os.chmod(part.name, 0o644)  # temporary files are private
    os.replace(part.name, path)
