"""What a fork of the server does to become a Jupyter kernel: what a new process would have found done."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib.util
import os
import random
import signal
import sys
import threading
import time
import traceback
from typing import NoReturn

from harness.warm.server import Launch


def become_kernel(launch: Launch) -> NoReturn:
    """Set the process up as its launch says, and run the kernel until it is shut down."""
    code = 1
    try:
        _set_up(launch)
        code = _run(launch.argv)
    except Exception:  # noqa: BLE001 - a new process would print it and end, and so does this one
        traceback.print_exc()
    finally:
        _end(code)


def _set_up(launch: Launch) -> None:
    _leave_the_server_behind()
    _take_streams(*launch.descriptors)
    _take_surroundings(launch)
    _draw_new_random_numbers()
    gc.enable()


def _run(argv: list[str]) -> int:
    """Runs the kernel; its exit code."""
    from ipykernel.kernelapp import IPKernelApp

    try:
        # It ends when this parent, the server, does; the variable of the environment names the client.
        IPKernelApp.launch_instance(argv=argv, parent_handle=os.getppid())
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    return 0


def _end(code: int) -> NoReturn:
    """Ends as multiprocessing ends its forks: taking down thousands of modules would cost a second."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    finally:
        os._exit(code)


def _leave_the_server_behind() -> None:
    os.setsid()  # as Jupyter starts a kernel, so that a signal reaches what it has started, too
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _take_streams(stdout: int, stderr: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, stream in ((nothing, 0), (stdout, 1), (stderr, 2)):
        os.dup2(descriptor, stream)
        os.close(descriptor)


def _take_surroundings(launch: Launch) -> None:
    os.environ.clear()
    os.environ.update(launch.env)
    time.tzset()
    os.chdir(launch.cwd)
    spec = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [str(spec and spec.origin), *launch.argv]
    sys.orig_argv = [sys.executable, "-m", "ipykernel_launcher", *launch.argv]
    importlib.invalidate_caches()


def _draw_new_random_numbers() -> None:
    """Seeds the global generators anew, which would be in the same state in every fork."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
