"""An asyncio event loop in a thread of its own, that can always be stopped.

asyncua and amqtt both wait for their clients when they stop. A client that stalls would hold them for
ever, so stopping here has a deadline: first politely, then every task is cancelled and every connection
cut.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from harness.errors import WrongState

T = TypeVar("T")
Goodbye = Callable[[], Coroutine[Any, Any, None]]


class LoopThread:
    """A running event loop.

    Args:
        name: Name of the thread.
        loggers: Names of the loggers whose warnings from this thread are kept.
        logs: Where they are kept, as text.
    """

    def __init__(self, name: str, *, loggers: tuple[str, ...], logs: deque[str]) -> None:
        self._loop = asyncio.new_event_loop()
        # A daemon, so that a program that forgets to stop a service can still end.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._handler = _ThreadLogs(name, logs)
        self._loggers = [logging.getLogger(logger) for logger in loggers]
        self._loop.set_exception_handler(self._note)
        for logger in self._loggers:
            logger.addHandler(self._handler)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Schedule a coroutine on the loop from any other thread."""
        if self._loop.is_closed() or not self._thread.is_alive():
            work.close()
            raise WrongState("The service's event loop has stopped", remedy="Make a new service and start it")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, work: Coroutine[Any, Any, T], *, timeout_s: float) -> T:
        """Run a coroutine on the loop and wait for its result.

        Raises:
            TimeoutError: If it took longer; it is cancelled then.
        """
        future = self.submit(work)
        try:
            return future.result(timeout_s)
        except (FutureTimeout, KeyboardInterrupt):
            future.cancel()
            raise

    def stop(self, goodbye: Goodbye | None, *, timeout_s: float) -> None:
        """Run `goodbye`, then end the loop and its thread, within about twice the time given."""
        if self._thread.is_alive() and not self._loop.is_closed():
            future = asyncio.run_coroutine_threadsafe(self._wind_up(goodbye, timeout_s), self._loop)
            future.add_done_callback(lambda _: self._loop.call_soon_threadsafe(self._loop.stop))
            self._thread.join(2 * timeout_s)
        for logger in self._loggers:
            logger.removeHandler(self._handler)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    async def _wind_up(self, goodbye: Goodbye | None, timeout_s: float) -> None:
        try:
            if goodbye is not None:
                await asyncio.wait_for(goodbye(), timeout_s)
        except Exception as error:  # noqa: BLE001 — whatever a library raises on its way out, we go on stopping
            self._handler.note(f"while stopping: {error!r}")
        finally:
            await self._cancel_rest(timeout_s / 2)

    async def _cancel_rest(self, timeout_s: float) -> None:
        """Cancel every task, and those that tasks start while they are being cancelled."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            if not rest:
                return
            for task in rest:
                task.cancel()
            await asyncio.wait(rest, timeout=timeout_s / 4)

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._handler.note(f"{context.get('message')}: {context.get('exception')!r}")


class _ThreadLogs(logging.Handler):
    """Keeps the warnings that one thread logs."""

    def __init__(self, thread: str, logs: deque[str]) -> None:
        super().__init__(logging.WARNING)
        self._thread, self._logs = thread, logs

    def emit(self, record: logging.LogRecord) -> None:
        if record.threadName == self._thread:
            self.note(f"{record.levelname} {record.name}: {record.getMessage()}")

    def note(self, line: str) -> None:
        self._logs.append(line)


def join_threads(prefix: str, *, timeout_s: float) -> None:
    """Wait, but not for ever, until the threads whose names start so have ended."""
    deadline = time.monotonic() + timeout_s
    for thread in threading.enumerate():
        if thread.name.startswith(prefix) and thread is not threading.current_thread():
            thread.join(max(0.0, deadline - time.monotonic()))
