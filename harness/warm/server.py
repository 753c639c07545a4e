"""The fork server: it imports, then forks a kernel for each launch, passes signals on and tells of exits.

It has one thread and one loop. It returns from the loop in two ways: in itself, when the client is gone,
and in each fork, with the launch that the fork is for. So a kernel does not run inside the server's loop.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import time
from dataclasses import dataclass

from harness.warm import preload, wire
from harness.warm.rehearse import rehearse

_LOOK_FOR_CLIENT_S = 1.0


@dataclass(frozen=True)
class Launch:
    """What a fork is to become.

    Attributes:
        argv: Its arguments; for a kernel those of `ipykernel_launcher`, without its own name.
        env: Its whole environment.
        cwd: Its folder.
        become: The function that the fork ends in, as "module:function"; it is given this launch.
        descriptors: Standard output, standard error, and for what is no kernel a channel of its own.
    """

    argv: list[str]
    env: dict[str, str]
    cwd: str
    become: str
    descriptors: tuple[int, ...]


def get_ready(channel: socket.socket) -> dict[str, str] | None:
    """Import everything, and tell the client how it went.

    Returns:
        The variables that libraries have set while they were imported; None if this process cannot serve.
    """
    started, variables = time.perf_counter(), dict(os.environ)
    gc.disable()
    try:
        preload.preload()
        rehearse()
        preload.check()
    except Exception as error:  # noqa: BLE001 - whatever a library raises, the client must know
        wire.send(channel, {"failed": f"{type(error).__name__}: {error}"})
        return None
    gc.collect()
    gc.freeze()  # forks share these pages of memory as long as nobody writes marks into them
    wire.send(channel, {"ready": time.perf_counter() - started})
    return {name: value for name, value in os.environ.items() if variables.get(name) != value}


class ForkServer:
    """The loop of the server.

    Args:
        channel: The server's end of the socket pair.
        variables: What an import sets in the environment, and so every fork has unless its launch says else.
    """

    def __init__(self, channel: socket.socket, variables: dict[str, str]) -> None:
        self._channel, self._variables = channel, variables
        self._client = os.getppid()
        self._sources = preload.sources()
        self._kernels: dict[int, int] = {}  # the descriptor that tells of its exit, by process
        self._selector = selectors.DefaultSelector()
        self._selector.register(channel, selectors.EVENT_READ)

    def serve(self) -> Launch | None:
        """Serve until the client is gone.

        Returns:
            None in the server, and in each fork the launch that it is for.
        """
        # A process that the client has forked may hold the client's end open, so look for the client, too.
        while os.getppid() == self._client:
            for key, _ in self._selector.select(_LOOK_FOR_CLIENT_S):
                if key.data is not None:
                    self._tell_exit(key.data)
                    continue
                message, descriptors = wire.receive(self._channel)
                if message is None:
                    self._end()
                    return None
                if launch := self._handle(message, descriptors):
                    return launch
        self._end()
        return None

    def _handle(self, message: wire.Message, descriptors: list[int]) -> Launch | None:
        if "signal" in message:
            self._signal(message["pid"], message["signal"])
            return None
        env = {**self._variables, **message["env"]}
        launch = Launch(message["argv"], env, message["cwd"], message["become"], tuple(descriptors))
        try:
            forked = self._answer(message["launch"])
        except OSError as error:
            forked = False
            wire.send(self._channel, {"refused": message["launch"], "why": str(error)})
        if forked:
            return launch
        for descriptor in descriptors:
            os.close(descriptor)
        return None

    def _answer(self, number: int) -> bool:
        """Forks for a launch, unless the code has changed; true in the fork."""
        if preload.sources() != self._sources:
            wire.send(self._channel, {"stale": number})
            return False
        if (pid := os.fork()) == 0:
            self._let_go()
            return True
        self._kernels[pid] = os.pidfd_open(pid)
        self._selector.register(self._kernels[pid], selectors.EVENT_READ, data=pid)
        wire.send(self._channel, {"launched": number, "pid": pid})
        return False

    def _signal(self, pid: int, number: int) -> None:
        """Signals a kernel and what it has started; only here is it certain that the number is still its."""
        if pid not in self._kernels:
            return
        try:
            os.killpg(pid, number)
        except ProcessLookupError:  # it has no group of its own yet
            os.kill(pid, number)

    def _tell_exit(self, pid: int) -> None:
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        descriptor = self._kernels.pop(pid)
        self._selector.unregister(descriptor)
        os.close(descriptor)
        with contextlib.suppress(OSError):  # the loop is about to see that the client is gone
            wire.send(self._channel, {"exited": pid, "code": code})

    def _end(self) -> None:
        for pid in self._kernels:
            self._signal(pid, signal.SIGKILL)
        for pid in self._kernels:
            os.waitpid(pid, 0)

    def _let_go(self) -> None:
        """In a fork: closes what belongs to the server."""
        self._selector.close()
        self._channel.close()
        for descriptor in self._kernels.values():
            os.close(descriptor)
