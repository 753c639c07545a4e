"""Keeps the results of executed pages in a jupyter-cache folder, where the renderer looks for them.

Several processes may use one folder at a time: the workers of the tests do.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbformat import NotebookNode

_SECONDS = "execution_seconds"


class Executions:
    """The results that are valid for one state of the code.

    Args:
        folder: Where they lie; see `digest.execution_cache`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, page: NotebookNode) -> NotebookNode | None:
        """A page with the results of its valid execution, or None if it has none."""
        with self._cache() as cache, contextlib.suppress(KeyError):
            executed: NotebookNode = cache.merge_match_into_notebook(page)[1]
            return executed
        return None

    def seconds(self, page: NotebookNode) -> float | None:
        """How long a page's valid execution took, in s, or None if it has none."""
        with self._cache() as cache, contextlib.suppress(KeyError):
            return float(cache.match_cache_notebook(page).data[_SECONDS])
        return None

    def keep(self, executed: NotebookNode, *, page: Path, seconds: float) -> None:
        """Keep the results of a page that has run to its end.

        Args:
            executed: The page with its results.
            page: The page's file.
            seconds: How long it ran.
        """
        bundle = CacheBundleIn(executed, str(page), data={_SECONDS: seconds})
        with self._cache() as cache:
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)

    @contextlib.contextmanager
    def _cache(self) -> Iterator[Any]:
        """The cache, for this process alone: it writes a file and a row of a database, one after another."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield get_cache(self._folder)
