"""Says when the results of executed pages are out of date.

jupyter-cache knows a page by its code cells alone. But a page's results also follow from the code
that it imports, so the cache lies in a folder whose name is a digest of that code: of `harness`, of
`book/twin`, and of the versions of everything installed. When any of it changes, the folder is another
one, and every page runs anew.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from harness.authoring.paths import BookPaths

# Pages do not import it (a test of the imports holds that), so it has no part in their results.
_NOT_IMPORTED_BY_PAGES = "authoring"


def execution_cache(paths: BookPaths) -> Path:
    """The folder of the executions that are valid for the code as it is now."""
    return paths.executions / code_digest(paths)


def code_digest(paths: BookPaths) -> str:
    """A digest of all the code that a page can import."""
    digest = hashlib.sha256(sys.version.encode())
    for line in _installed():
        digest.update(line.encode())
    for label, source in _sources(paths):
        digest.update(f"{label}\0{source.stat().st_size}\0".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def drop_stale_executions(paths: BookPaths) -> list[Path]:
    """Removes the caches of other states of the code.

    Returns:
        The folders removed.
    """
    current = execution_cache(paths)
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


def _harness_folder() -> Path:
    spec = importlib.util.find_spec("harness")
    assert spec is not None and spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations)))
