"""The client's side: fork servers and forked kernels as objects.

A server is started when the first kernel is asked for. Which server a kernel comes from depends on the
interpreter's options and on those variables of the environment that libraries read while they are imported.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import Future
from typing import Any

from harness.errors import HarnessError
from harness.warm import preload, wire

_ENDS_WITHIN_S = 3.0
_READ_AT_IMPORT = (
    *("ARROW_", "BLIS_", "GOTO_", "HARNESS_", "IPYTHON", "JE_", "JUPYTER_", "KMP_", "LANG", "LC_", "LD_"),
    *("MALLOC_", "MKL_", "MPL", "NPY_", "NUMBA_", "NUMEXPR_", "OMP_", "OPENBLAS_", "PLOTLY_", "PYDEVD_"),
    *("PYTHON", "SCIPY_", "SKLEARN_", "VECLIB_", "VIRTUAL_ENV", "XDG_", "HOME", "PATH", "TZ"),
)


class WarmStartFailed(HarnessError):
    """No kernel could be forked; an ordinary one can be started instead."""


class StaleServer(WarmStartFailed):
    """The server has imported code that has changed since."""


class WarmKernel:
    """A forked kernel, with the face of `subprocess.Popen` that Jupyter's local provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, server: ForkServer, pid: int) -> None:
        self.pid = pid
        self._server = server
        self._exit: Future[int] = Future()

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._exit.result() if self._exit.done() else None

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; the exit code."""
        return self._exit.result(timeout)

    def send_signal(self, number: int) -> None:
        """Signal the kernel and what it has started; nothing happens if it has ended."""
        self._server.signal(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def ended(self, code: int) -> None:
        """Take note of its end."""
        if not self._exit.done():
            self._exit.set_result(code)


class ForkServer:
    """A fork server, started by this process and ending with it.

    Args:
        options: The interpreter and its options, as a kernel's command has them before `-m`.
        env: The environment to import in.
        module: What runs the server, when it needs more than this package's own `__main__`.
        stderr: Descriptor for what the server says on standard error; its client's by default.
    """

    def __init__(
        self,
        options: tuple[str, ...],
        env: dict[str, str],
        module: str = "harness.warm",
        *,
        stderr: int | None = None,
    ) -> None:
        self.owner = os.getpid()
        self.ready: Future[float] = Future()
        self._kernels: dict[int, WarmKernel] = {}
        self._launches: dict[int, Future[WarmKernel]] = {}
        self._numbers = itertools.count()
        self._retired = False
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = self._start((*options, "-m", module), env, theirs.fileno(), stderr)
        threading.Thread(target=self._listen, name="fork server", daemon=True).start()

    @staticmethod
    def _start(
        command: tuple[str, ...], env: dict[str, str], theirs: int, stderr: int | None
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*command, str(theirs)],
            env={**preload.ENVIRONMENT, **env},
            stdin=subprocess.DEVNULL,
            stderr=stderr,
            pass_fds=(theirs,),
            start_new_session=True,  # Ctrl-C in a terminal reaches the client alone
        )

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked for kernels."""
        return self.owner == os.getpid() and not self._retired and self._process.poll() is None

    def launch(
        self,
        argv: list[str],
        *,
        env: dict[str, str],
        cwd: str,
        descriptors: tuple[int, ...],
        become: str = "harness.warm.kernel:become_kernel",
    ) -> Future[WarmKernel]:
        """Ask for a fork, once the server is ready.

        Args:
            argv: Its arguments; for a kernel those of `ipykernel_launcher`.
            env: Its whole environment.
            cwd: Its folder.
            descriptors: For its standard output, its standard error and, if it is no kernel, its channel.
            become: What it becomes, as "module:function"; a kernel by default.

        Returns:
            The fork, when it has been made; fails with WarmStartFailed.
        """
        number, kernel = next(self._numbers), Future[WarmKernel]()
        self._launches[number] = kernel
        request = {"launch": number, "become": become, "argv": argv, "env": env, "cwd": cwd}
        try:
            wire.send(self._channel, request, descriptors)
        except OSError as error:
            self._launches.pop(number, None)
            kernel.set_exception(WarmStartFailed("The fork server cannot be asked", value=str(error)))
        return kernel

    def signal(self, pid: int, number: int) -> None:
        """Signal one of its kernels."""
        with contextlib.suppress(OSError):  # server and kernels have ended
            wire.send(self._channel, {"signal": int(number), "pid": pid})

    def retire(self) -> None:
        """Take no more launches; end when the last kernel has ended."""
        self._retired = True
        self._end_if_idle()

    def close(self) -> None:
        """End the server and all its kernels, and wait until they are gone."""
        if self.owner != os.getpid():
            return
        self._retired = True
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    # --- what the server says, in a thread of its own --------------------------------------------

    def _listen(self) -> None:
        while (message := wire.receive(self._channel)[0]) is not None:
            self._take(message)
        code = self._process.wait()
        self._fail_all(f"The fork server has ended with exit code {code}")

    def _take(self, message: wire.Message) -> None:
        if "ready" in message:
            self.ready.set_result(message["ready"])
        elif "failed" in message:
            self.ready.set_exception(WarmStartFailed(message["failed"]))
        elif "exited" in message:
            self._kernels.pop(message["exited"]).ended(message["code"])
            self._end_if_idle()
        else:
            self._answered(message)

    def _answered(self, message: wire.Message) -> None:
        if "launched" in message:
            kernel = self._kernels[message["pid"]] = WarmKernel(self, message["pid"])
            self._launches.pop(message["launched"]).set_result(kernel)
        elif "stale" in message:
            stale = StaleServer("The code of the harness has changed since it was imported")
            self._launches.pop(message["stale"]).set_exception(stale)
        else:
            refused = WarmStartFailed("The fork server could not fork", value=message["why"])
            self._launches.pop(message["refused"]).set_exception(refused)

    def _fail_all(self, why: str) -> None:
        waits: list[Future[Any]] = [self.ready, *self._launches.values()]
        for waiting in waits:
            if not waiting.done():
                waiting.set_exception(WarmStartFailed(why))
        for kernel in list(self._kernels.values()):
            kernel.ended(-signal.SIGKILL)  # they see within a second that their parent is gone

    def _end_if_idle(self) -> None:
        if self._retired and not self._kernels and not self._launches:
            with contextlib.suppress(OSError):
                self._channel.shutdown(socket.SHUT_RDWR)


_servers: dict[tuple[Any, ...], ForkServer] = {}
_lock = threading.Lock()


def server_for(options: tuple[str, ...], env: dict[str, str]) -> ForkServer:
    """The server that kernels with this interpreter and environment come from; started if there is none."""
    key = (options, tuple(sorted(item for item in env.items() if item[0].startswith(_READ_AT_IMPORT))))
    with _lock:
        server = _servers.get(key)
        if server is None or not server.alive:
            server = _servers[key] = ForkServer(options, _without_parent(env))
        return server


def close_servers() -> None:
    """End all servers of this process and their kernels; the next launch starts a new one."""
    with _lock:
        for server in _servers.values():
            server.close()
        _servers.clear()


def can_fork() -> bool:
    """Whether this system has what the fork server needs."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and os.path.isdir("/proc/self/task")


def _without_parent(env: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name != "JPY_PARENT_PID"}


atexit.register(close_servers)
