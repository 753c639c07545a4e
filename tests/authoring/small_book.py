"""Writes small books for the tests."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.authoring.paths import BookPaths

HEAD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
%s
---

# %s

"""


def page_text(*cells: str, title: str = "A page", front_matter: str = "") -> str:
    """A page with code cells; a cell that begins with `:tags:` keeps its tags."""
    return HEAD % (front_matter, title) + "\n".join(
        f"```{{code-cell}} ipython3\n{cell}\n```\n" for cell in cells
    )


def write_book(folder: Path, root: Path, pages: dict[str, str]) -> BookPaths:
    """Writes a book of the pages given, by name, with the configuration of the real one."""
    paths = BookPaths(folder)
    shutil.copy(root / "_config.yml", folder)
    shutil.copytree(root / "book" / "_static", folder / "book" / "_static", dirs_exist_ok=True)
    shutil.copy(root / "book" / "references.bib", folder / "book")
    for name, text in {"index": "# A book\n", **pages}.items():
        (folder / "book" / f"{name}.md").write_text(text, encoding="utf-8")
    chapters = "".join(f"  - file: book/{name}\n" for name in pages)
    toc = "format: jb-book\nroot: book/index\n" + (f"chapters:\n{chapters}" if pages else "")
    paths.toc.write_text(toc, encoding="utf-8")
    return paths
