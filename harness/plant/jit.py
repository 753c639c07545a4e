"""Compiling the plant's equations once, and keeping the machine code.

Numba keeps compiled code beside the sources, but notices a change only in the file of the outermost
function. Here the cache folder carries a digest of all the sources that are compiled, so an edited
equation is never run in its old form.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

_LOG = logging.getLogger("harness.plant")
_HERE = Path(__file__).parent
_COMPILED = (_HERE / "layout.py", _HERE / "parameters.py", *sorted((_HERE / "equations").glob("*.py")))


def cache_folder() -> Path:
    """Where the machine code of these very sources is kept; `HARNESS_CACHE` moves it."""
    return _cache_root() / f"plant-{_digest()}"


def is_compiled() -> bool:
    """Whether the machine code is there already."""
    return any(cache_folder().rglob("*.nbi"))


@contextlib.contextmanager
def compiling() -> Iterator[bool]:
    """Let Numba keep what is compiled inside in `cache_folder`; say so if it takes a while.

    Yields:
        Whether it can be kept; when it cannot, each process compiles for itself.
    """
    import numba

    keep = _is_writable(cache_folder())
    before, known = numba.config.CACHE_DIR, is_compiled()  # type: ignore[attr-defined]
    numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
    start = time.perf_counter()
    if not keep:
        _LOG.warning(
            "Compiling the plant's equations: about 10 s, each time, for %s cannot be written. "
            "Point HARNESS_CACHE to a folder that can.",
            cache_folder(),
        )
    elif not known:
        _LOG.warning("Compiling the plant's equations, once: about 10 s.")
        _drop_stale()
    try:
        yield keep
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
        _LOG.info("Equations ready in %.1f s (%s).", time.perf_counter() - start, cache_folder())


def compiled(function: Callable[..., Any], signature: Any) -> Any:
    """The C callback of a function, from the cache or compiled now."""
    import numba

    with compiling() as keep:
        return numba.cfunc(signature, cache=keep, error_model="numpy")(function)


@cache
def _digest() -> str:
    content = hashlib.sha256()
    for path in _COMPILED:
        content.update(path.read_bytes())
    return content.hexdigest()[:12]


def _cache_root() -> Path:
    given = os.environ.get("HARNESS_CACHE") or os.environ.get("XDG_CACHE_HOME")
    return Path(given or Path.home() / ".cache") / "digital-twin-course"


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _drop_stale() -> None:
    for folder in _cache_root().glob("plant-*"):
        if folder != cache_folder():
            shutil.rmtree(folder, ignore_errors=True)
