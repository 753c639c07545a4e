"""Says when the results of executed pages are out of date.

jupyter-cache knows a page by its code cells alone. But a page's results also follow from the code
that it imports, so the cache lies in a folder whose name is a digest of that code: of `harness`, of
`book/twin`, of the figures' style, and of the versions of everything installed. When any of it changes,
the folder is another one, and every page runs anew. The same digest, with the pages themselves, says
whether a site is up to date.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import harness.errors
from harness.authoring.paths import BookPaths

# Pages do not import it (a test of the imports holds that), so it has no part in their results.
_NOT_IMPORTED_BY_PAGES = "authoring"


# Set for the renderer, so that it takes over what was run even if the code has changed meanwhile.
CACHE_VARIABLE = "BOOK_EXECUTIONS"


def execution_cache(paths: BookPaths) -> Path:
    """The folder of the executions that are valid for the code as it is now."""
    return paths.executions / code_digest(paths)


def code_digest(paths: BookPaths) -> str:
    """A digest of all the code that a page can import, and of the style of its figures."""
    digest = hashlib.sha256(sys.version.encode())
    for line in _installed():
        digest.update(line.encode())
    for label, source in _sources(paths):
        digest.update(f"{label}\0{source.stat().st_size}\0".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def site_digest(paths: BookPaths) -> str:
    """A digest of everything that the site is made from: pages, code, configuration, drawings."""
    digest = hashlib.sha256(code_digest(paths).encode())
    for path in _site_sources(paths):
        digest.update(f"{path}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_built(paths: BookPaths) -> bool:
    """Whether the site is there and up to date, so that a build has nothing to do."""
    if not (paths.stamp.is_file() and (paths.html / "index.html").is_file()):
        return False
    return paths.stamp.read_text(encoding="utf-8") == site_digest(paths)


def drop_stale_executions(paths: BookPaths, *, current: Path) -> list[Path]:
    """Removes the caches of other states of the code.

    Args:
        paths: The book.
        current: The cache to keep.

    Returns:
        The folders removed.
    """
    others = [folder for folder in paths.executions.glob("*") if folder.is_dir() and folder != current]
    for folder in others:
        shutil.rmtree(folder)
    return others


def _installed() -> list[str]:
    return sorted({f"{found.name}=={found.version}\n" for found in distributions()})


def _sources(paths: BookPaths) -> Iterator[tuple[str, Path]]:
    for label, folder in (("harness", _harness_folder()), ("twin", paths.twin)):
        for path in sorted(folder.rglob("*.py")):
            relative = path.relative_to(folder)
            if (label, relative.parts[0]) != ("harness", _NOT_IMPORTED_BY_PAGES):
                yield f"{label}/{relative.as_posix()}", path
    for path in sorted((paths.root / "book" / "_static").glob("*.mplstyle")):
        yield path.name, path  # the figures follow from it


def _site_sources(paths: BookPaths) -> list[Path]:
    ours = [path for path in Path(__file__).parent.rglob("*") if path.suffix in {".py", ".json"}]
    book = [path for path in (paths.root / "book").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    # The page of the update history shows the changes themselves.
    beside = [paths.root / "_config.yml", paths.toc, paths.root / "CHANGELOG.md"]
    return [*(path for path in beside if path.is_file()), *sorted(ours), *sorted(book)]


def _harness_folder() -> Path:
    return Path(harness.errors.__file__).parent
