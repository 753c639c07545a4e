"""The kernel provisioner: where Jupyter asks for a kernel process, it gets a fork."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from harness.warm.client import ForkServer, StaleServer, WarmKernel, WarmStartFailed, can_fork, server_for

_LOG = logging.getLogger("harness.warm")
_LAUNCHER = "ipykernel_launcher"
_UNDERSTOOD = {"cwd", "env", "extra_arguments", "independent", "kernel_id", "stderr", "stdout"}
_ATTEMPTS = 3


class WarmProvisioner(LocalProvisioner):
    """Forks Python kernels from a warm process; starts all others, and in need these too, as usual."""

    _warned = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel; forked if it can be."""
        if not can_fork() or not _is_ours(cmd) or not _is_plain(kwargs):
            return await super().launch_kernel(cmd, **kwargs)
        try:
            kernel = await _forked(cmd, **kwargs)
        except (WarmStartFailed, OSError) as error:
            self._warn(error)
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid  # type: ignore[assignment]
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel and what it has started."""
        if isinstance(self.process, WarmKernel):
            self.process.send_signal(signum)
        else:
            await super().send_signal(signum)

    @classmethod
    def _warn(cls, error: Exception) -> None:
        if not cls._warned:
            WarmProvisioner._warned = True
            _LOG.warning("Kernels start slowly, for no warm one could be had: %s", error)


async def _forked(cmd: list[str], *, env: dict[str, str] | None = None, **kwargs: Any) -> WarmKernel:
    """A forked kernel; a server that is stale or has died is replaced by another."""
    env = dict(os.environ if env is None else env)
    env["JPY_PARENT_PID"] = str(os.getpid())
    at = cmd.index("-m")
    for attempt in range(1, _ATTEMPTS + 1):
        server = server_for(tuple(cmd[:at]), env)
        await asyncio.wrap_future(server.ready)
        try:
            return await asyncio.wrap_future(_asked(server, cmd[at + 2 :], env, kwargs))
        except StaleServer:
            server.retire()
        except WarmStartFailed:
            if server.alive or attempt == _ATTEMPTS:
                raise
    raise WarmStartFailed("The code of the harness changes all the time")


def _asked(server: ForkServer, argv: list[str], env: dict[str, str], kwargs: dict[str, Any]) -> Any:
    cwd = os.path.abspath(kwargs.get("cwd") or os.curdir)
    descriptors = _descriptor(kwargs.get("stdout"), 1), _descriptor(kwargs.get("stderr"), 2)
    return server.launch(argv, env=env, cwd=cwd, descriptors=descriptors)


def _descriptor(stream: Any, default: int) -> int:
    if stream is None:
        return default
    return stream if isinstance(stream, int) else int(stream.fileno())


def _is_ours(cmd: list[str]) -> bool:
    """Whether the command is `python … -m ipykernel_launcher …` with this very Python."""
    if "-m" not in cmd or cmd[cmd.index("-m") + 1 : cmd.index("-m") + 2] != [_LAUNCHER]:
        return False
    return cmd[0] == sys.executable


def _is_plain(kwargs: dict[str, Any]) -> bool:
    """Whether the launch asks for nothing that only a new process can give."""
    pipes = any(isinstance(kwargs.get(name), int) and kwargs[name] < 0 for name in ("stdout", "stderr"))
    folder = kwargs.get("cwd") or os.curdir
    return not (kwargs.keys() - _UNDERSTOOD or pipes or kwargs.get("independent")) and os.path.isdir(folder)
