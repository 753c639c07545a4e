"""Wall-clock pacing of something that moves in steps."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable


class Pacer:
    """Calls a step again and again, one a period, in a thread of its own.

    A step that takes longer than the period delays the next ones; none is left out.

    Args:
        step: What to do.
        period_s: Wall-clock time from one call to the next, in s.
    """

    def __init__(self, step: Callable[[], None], *, period_s: float) -> None:
        self._step, self._period_s = step, period_s
        self._enough = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="plant-pacer", daemon=True)

    def start(self) -> None:
        """Begin."""
        # A program may end without stopping: a thread that is in compiled code then would abort it.
        atexit.register(self._end)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it still steps: not before `start`, and not after a step has failed."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End after the present step; an error that a step raised is raised here."""
        atexit.unregister(self._end)
        self._end()
        if self._failure is not None:
            raise self._failure

    def _end(self) -> None:
        self._enough.set()
        self._thread.join()

    def _run(self) -> None:
        due = time.monotonic()
        try:
            while not self._enough.is_set():
                self._step()
                due = max(due + self._period_s, time.monotonic())
                self._enough.wait(due - time.monotonic())
        except BaseException as error:  # noqa: BLE001 - handed to the caller of stop()
            self._failure = error
