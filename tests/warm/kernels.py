"""Starts kernels for the tests and runs code in them."""

from __future__ import annotations

import ast
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

TIMEOUT_S = 60


class Kernel:
    """A running kernel, and what it answers."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def outputs(self, code: str) -> list[dict[str, Any]]:
        """The messages that running the code brings, without those that tell of the kernel's state."""
        found: list[dict[str, Any]] = []
        self.client.execute_interactive(code, timeout=TIMEOUT_S, output_hook=found.append)
        passing = ("status", "execute_input")
        return [{m["msg_type"]: m["content"]} for m in found if m["msg_type"] not in passing]

    def value(self, expression: str) -> Any:
        """The value of an expression, which must be a literal."""
        (answer,) = self.outputs(f"print(repr(({expression})))")
        return ast.literal_eval(answer["stream"]["text"])

    @property
    def pid(self) -> int:
        """Its process."""
        return int(self.manager.provisioner.pid)


@contextlib.contextmanager
def kernel(**options: Any) -> Iterator[Kernel]:
    """A kernel that lives as long as the context; options go to `start_kernel`."""
    manager = KernelManager(kernel_name="python3", transport_encryption="auto")
    manager.start_kernel(**options)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT_S)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def is_running(pid: int) -> bool:
    """Whether a process is there and is no corpse that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
