"""Python's garbage collector, paused while very many objects are made and none dies.

Importing asyncua makes a few hundred thousand objects and building its address space millions; the
collector would walk them again and again, for a fifth of the time that it all takes.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_pauses = 0
_was_on = True


@contextlib.contextmanager
def paused_collector() -> Iterator[None]:
    """Collect no garbage within this block, in no thread; blocks may overlap."""
    global _pauses, _was_on
    with _lock:
        if _pauses == 0:
            _was_on = gc.isenabled()
            gc.disable()
        _pauses += 1
    try:
        yield
    finally:
        with _lock:
            _pauses -= 1
            if _pauses == 0 and _was_on:
                gc.enable()
