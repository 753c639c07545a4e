"""The keeper of a box: it has bubblewrap make one, puts the runner into it, watches it and ends it.

A keeper is a fork of the workshop's server. It runs no learner's code and lies outside of the box, so nothing
in the box can see or signal it. When it ends, however it ends, the box ends with all that is in it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NoReturn

from harness.grading.box import bubblewrap, confine, runner, syscalls
from harness.grading.box.ends import NO_BOX, RUNNER_ENDED, TOO_MUCH_MEMORY
from harness.grading.box.limits import Limits
from harness.warm.server import Launch

LOOKS_EVERY_S = 0.1
_FILE_BYTES = 1536
"""What the kernel keeps of a file in memory, about, beside its content."""


def keep_box(launch: Launch) -> NoReturn:
    """Make a box, fill it, watch it; the launch's first argument is the limits as JSON."""
    code = NO_BOX
    try:
        _settle(launch)
        limits = Limits(**json.loads(launch.argv[0]))
        bwrap, process = _open_box(limits)
        confine.limit(limits, process=process)  # a learner's code may take hold of it
        inside = _put_in(process, limits, launch)
        os.close(launch.descriptors[2])
        code = _watch(inside, process, limits)
        bwrap.kill()
    except Exception as error:  # noqa: BLE001 - the grader reads it on standard error
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201
    finally:
        os._exit(code)


def run_unboxed(launch: Launch) -> NoReturn:
    """Be the runner without a box, for work that is trusted."""
    _settle(launch)
    confine.die_with_parent(signal.SIGKILL)
    runner.serve(launch.descriptors[2], home=launch.cwd)
    os._exit(0)


def _settle(launch: Launch) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor, stream in ((nothing, 0), (launch.descriptors[0], 1), (launch.descriptors[1], 2)):
        os.dup2(descriptor, stream)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(launch.env)
    gc.enable()


def _open_box(limits: Limits) -> tuple[subprocess.Popen[bytes], int]:
    """An empty box; bubblewrap, and the process that keeps the box open."""
    (told, tell), calls = os.pipe(), syscalls.as_file() if syscalls.program() else -1
    command = bubblewrap.box_command(tell, calls, limits)
    passed = (tell, calls) if calls >= 0 else (tell,)
    bwrap = subprocess.Popen(
        command, pass_fds=passed, env={}, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    for descriptor in passed:
        os.close(descriptor)
    assert bwrap.stdout is not None
    if bwrap.stdout.readline() != b"open\n":
        raise RuntimeError(f"bubblewrap ended with exit code {bwrap.wait()}")
    with os.fdopen(told) as file:
        return bwrap, int(json.loads(file.read())["child-pid"])


def _put_in(process: int, limits: Limits, launch: Launch) -> int:
    """Forks twice, since a process name space takes only children in; the outer one waits for the inner."""
    if (joiner := os.fork()) == 0:
        confine.die_with_parent(signal.SIGKILL)
        confine.enter(process)
        if (inner := os.fork()) == 0:
            _become_runner(limits, launch)
        confine.keep_only()
        os.waitpid(inner, 0)
        os._exit(0)
    return joiner


def _become_runner(limits: Limits, launch: Launch) -> NoReturn:
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        channel = launch.descriptors[2]
        confine.keep_only(0, 1, 2, channel)
        os.environ.clear()
        os.environ.update(bubblewrap.ENVIRONMENT)
        confine.give_up_privileges()
        confine.limit(limits)
        confine.refuse_calls()
        runner.serve(channel, home=bubblewrap.HOME)
    finally:
        os._exit(1)


def _watch(inside: int, process: int, limits: Limits) -> int:
    """Waits for the runner's end, or ends it for its memory; the exit code that says which."""
    # The box's own /proc, through the root of the process that keeps it open: it lists the box alone.
    proc = os.path.join(f"/proc/{process}", "root", "proc")
    allowed = limits.memory_bytes + _proportional_bytes("/proc/self")
    # What is resident is quickly told, but counts shared memory once for each who shares it.
    measures = (_resident_bytes, _proportional_bytes)
    with contextlib.suppress(OSError):  # the box has ended between two looks
        while not os.waitpid(inside, os.WNOHANG)[0]:
            files = _files_bytes(process)
            if all(_total(measure, proc) + files > allowed for measure in measures):
                return TOO_MUCH_MEMORY
            time.sleep(LOOKS_EVERY_S)
    return RUNNER_ENDED


def _total(measure: Callable[[str], int], proc: str) -> int:
    """A measure of memory over all processes of a box, in bytes."""
    total = 0
    for name in os.listdir(proc):
        if name.isdigit():
            with contextlib.suppress(OSError):  # it has just ended
                total += measure(f"{proc}/{name}")
    return total


def _resident_bytes(folder: str) -> int:
    return 1024 * _kB_of(f"{folder}/status", ("VmRSS:", "VmSwap:"))


def _proportional_bytes(folder: str) -> int:
    """Memory of a process; what it shares is divided among those who share it."""
    return 1024 * _kB_of(f"{folder}/smaps_rollup", ("Pss:", "SwapPss:"))


def _kB_of(file: str, names: tuple[str, ...]) -> int:
    with open(file, encoding="ascii", errors="replace") as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith(names))


def _files_bytes(process: int) -> int:
    """What the files of a box take, which lie in memory; an empty one takes some too."""
    total = 0
    for folder in bubblewrap.WRITABLE:
        try:
            of = os.statvfs(f"/proc/{process}/root{folder}")
        except OSError:
            continue  # the box has ended
        total += (of.f_blocks - of.f_bfree) * of.f_frsize + (of.f_files - of.f_ffree) * _FILE_BYTES
    return total
