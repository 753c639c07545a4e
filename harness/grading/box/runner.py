"""The untrusted side of the door: runs cells, calls functions, gives values, as it is asked to.

It shares its process with the learner's code, so nothing it says is believed; it only has to be fair to code
that means no harm. One request at a time, each with a number that the reply repeats.
"""

from __future__ import annotations

import os
import random
import socket
import sys
from collections.abc import Callable
from typing import Any

import numpy
from IPython.core.displayhook import DisplayHook
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell

from harness.grading import live
from harness.grading.box.door import LENGTH
from harness.grading.plain import NotPlainData, pack, unpack
from harness.grading.submission import NotDone, NotPlain, Raised, StudentFault


def serve(descriptor: int, *, home: str) -> None:
    """Answer requests until the other end is gone.

    Args:
        descriptor: The socket.
        home: The folder to run in.
    """
    os.set_inheritable(descriptor, False)
    channel = socket.socket(fileno=descriptor)
    os.chdir(home)
    random.seed()
    numpy.random.seed()
    shell = _shell()
    while (request := _receive(channel)) is not None:
        number, *what = unpack(request)
        _send(channel, pack([number, *_answer(shell, what)]))


class _Unseen(DisplayHook):
    """Keeps the value that a cell ends with, as `_`, and makes no picture or text of it."""

    def compute_format_data(self, result: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """Nothing."""
        return {}, {}

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Nothing."""

    def write_output_prompt(self) -> None:
        """Nothing."""


class _Shell(InteractiveShell):
    """A shell that shows nothing: nobody looks, and colouring a traceback takes longer than the cell."""

    displayhook_class = _Unseen

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Nothing."""

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """Nothing."""

    def enable_matplotlib(self, gui: Any = None) -> tuple[Any, str]:
        """Nothing; `%matplotlib qt` works for a learner with a screen, and must not fail without one."""
        return gui, "agg"

    def enable_gui(self, gui: Any = None) -> None:
        """Nothing; `%matplotlib inline` asks for it."""


def _shell() -> InteractiveShell:
    HistoryManager.enabled = False  # type: ignore[assignment]  # it would keep a database, and a thread
    shell: InteractiveShell = _Shell.instance()
    shell.user_ns["__name__"] = "__main__"
    sys.path.insert(0, "")
    return shell


def _answer(shell: InteractiveShell, what: list[Any]) -> list[Any]:
    """["fine", value] or ["fault", kind, text, …]."""
    try:
        return ["fine", _ACTIONS[what[0]](shell, *what[1:])]
    except Raised as fault:
        return ["fault", "Raised", fault.kind, fault.text, fault.line]
    except (NotDone, NotPlain) as fault:
        return ["fault", type(fault).__name__, str(fault)]
    except (StudentFault, NotPlainData) as fault:
        return ["fault", "NotPlain", str(fault)]


def _run(shell: InteractiveShell, source: str) -> None:
    result = shell.run_cell(source, store_history=False)  # type: ignore[no-untyped-call]
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        raise live.raised(error)


def _call(shell: InteractiveShell, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    return live.answer_call(shell.user_ns, name, args, kwargs)


def _value(shell: InteractiveShell, name: str) -> Any:
    return live.answer_value(shell.user_ns, name)


_ACTIONS: dict[str, Callable[..., Any]] = {"run": _run, "call": _call, "value": _value}


def _receive(channel: socket.socket) -> bytes | None:
    head = _exactly(channel, LENGTH.size)
    return None if head is None else _exactly(channel, LENGTH.unpack(head)[0])


def _exactly(channel: socket.socket, count: int) -> bytes | None:
    data = bytearray()
    while len(data) < count:
        if not (some := channel.recv(min(count - len(data), 1 << 20))):
            return None
        data += some
    return bytes(data)


def _send(channel: socket.socket, data: bytes) -> None:
    channel.sendall(LENGTH.pack(len(data)) + data)
