"""The trusted side of boxes: a fork server behind bubblewrap, and boxes that it fills."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import TimeoutError as WaitedTooLong
from pathlib import Path
from types import TracebackType

from harness.grading.box import bubblewrap
from harness.grading.box.bubblewrap import NoBox
from harness.grading.box.door import Door
from harness.grading.box.limits import Limits
from harness.grading.box.work import BoxedWork, Step
from harness.plant.jit import cache_folder
from harness.warm.client import ForkServer, WarmKernel, WarmStartFailed

_READY_WITHIN_S = 120.0
_BOX_WITHIN_S = 30.0
_ENDS_WITHIN_S = 5.0
_SERVER = "harness.grading.box.server"


class Workshop:
    """A fork server behind bubblewrap, from which boxes are made; one a process that grades.

    Args:
        trusted: Whether the work is trusted: then there is no bubblewrap and there are no limits but of time.
        limits: Limits of each box.
    """

    def __init__(self, *, trusted: bool = False, limits: Limits | None = None) -> None:
        self.trusted, self.limits = trusted, limits or Limits()
        self._server: ForkServer | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._folder = tempfile.mkdtemp(prefix="workshop-") if trusted else ""

    def __enter__(self) -> Workshop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the server and every box."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._log.close()

    def open(self, steps: Sequence[Step]) -> BoxedWork:
        """A submission in boxes of its own, its cells run.

        Raises:
            NoBox: If no box can be made.
        """
        return BoxedWork(self, steps)

    def new_box(self) -> Box:
        """An empty box with a fresh interpreter in it.

        Raises:
            NoBox: If none can be made.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs, open(os.devnull, "wb") as nothing:
            try:
                fork = self._ready_server().launch(
                    [json.dumps(self.limits.as_plain())],
                    env=bubblewrap.ENVIRONMENT,
                    cwd=self._folder or "/tmp",
                    descriptors=(nothing.fileno(), self._log.fileno(), theirs.fileno()),
                    become="harness.grading.box.keeper:" + ("run_unboxed" if self.trusted else "keep_box"),
                )
                return Box(fork.result(_BOX_WITHIN_S), Door(ours))
            except (WarmStartFailed, WaitedTooLong) as error:
                raise NoBox(f"The workshop cannot be used ({error})", value=self.said()) from None

    def said(self) -> str | None:
        """The last thing that workshop and keepers said on standard error."""
        self._log.seek(0)
        text = self._log.read().decode(errors="replace").strip()
        return text[-600:] or None

    def _ready_server(self) -> ForkServer:
        if self._server is None or not self._server.alive:
            self._server = ForkServer(
                self._command(), self._environment(), _SERVER, stderr=self._log.fileno()
            )
            try:
                self._server.ready.result(_READY_WITHIN_S)
            except (WarmStartFailed, WaitedTooLong) as error:
                raise NoBox(f"The workshop did not start ({error})", value=self.said()) from None
        return self._server

    def _command(self) -> tuple[str, ...]:
        if self.trusted:
            return (sys.executable,)
        as_root = os.geteuid() == 0
        return (*bubblewrap.workshop_command(as_root=as_root, cache=_compiled()), sys.executable)

    def _environment(self) -> dict[str, str]:
        if self.trusted:
            return {**os.environ, "MPLBACKEND": "agg"}
        return {**bubblewrap.ENVIRONMENT, "HARNESS_CACHE": "/tmp/compiled"}


class Box:
    """One box: its keeper, and the door to it."""

    def __init__(self, keeper: WarmKernel, door: Door) -> None:
        self.keeper, self.door = keeper, door

    def ended(self) -> int | None:
        """The keeper's exit code, once the box has ended by itself."""
        with contextlib.suppress(WaitedTooLong):
            return self.keeper.wait(_ENDS_WITHIN_S)
        return None

    def close(self) -> None:
        """End the box with everything in it."""
        self.door.close()
        self.keeper.kill()
        with contextlib.suppress(WaitedTooLong):
            self.keeper.wait(_ENDS_WITHIN_S)


def _compiled() -> Path:
    """Folder of the plant's machine code, compiled if it is not yet."""
    from harness.plant.jit import is_compiled

    if not is_compiled():
        from harness.live import Plant

        Plant(seed=0).simulate(minutes=1.0)
    cache_folder().mkdir(parents=True, exist_ok=True)
    return cache_folder().parent
