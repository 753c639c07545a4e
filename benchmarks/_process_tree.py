"""Commands run side by side: wall time, processor time and peak memory of all their processes together."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil


class Failed(Exception):
    """A command ended with an exit code that is not expected."""


@dataclass(frozen=True)
class Job:
    """A command.

    Attributes:
        command: Itself.
        folder: Where it runs.
        log: File that what it says goes to.
        fine: Exit codes that are no failure.
    """

    command: tuple[str, ...]
    folder: Path
    log: Path
    fine: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Taken:
    """What jobs have taken.

    Attributes:
        wall_s: Seconds until the last had ended.
        cpu_s: Processor time of all processes; of each up to when it was last looked at.
        peak_MiB: The most memory of all processes at a time; what they share is divided among them.
    """

    wall_s: float
    cpu_s: float = 0.0
    peak_MiB: float = 0.0


def run(jobs: Sequence[Job], env: dict[str, str]) -> Taken:
    """Run jobs side by side and do nothing meanwhile, so that only wall time is known."""
    start = time.perf_counter()
    with _started(jobs, env) as running:
        _finish(jobs, running)
    return Taken(time.perf_counter() - start)


def run_watched(jobs: Sequence[Job], env: dict[str, str], *, every_s: float = 0.2) -> Taken:
    """Run jobs side by side and look at all their processes meanwhile, which takes some time itself.

    Args:
        jobs: The jobs.
        env: Their environment.
        every_s: How long to wait between two looks.
    """
    start, done, watch = time.perf_counter(), threading.Event(), _Watch()
    with _started(jobs, env) as running:
        looks = threading.Thread(target=watch.until, args=(done, [job.pid for job in running], every_s))
        looks.start()
        try:
            _finish(jobs, running)
        finally:
            done.set()
            looks.join()
    return Taken(time.perf_counter() - start, sum(watch.cpu_s.values()), watch.peak_MiB)


class _Watch:
    """What the descendants of some processes take."""

    def __init__(self) -> None:
        self.cpu_s: dict[tuple[int, float], float] = {}
        self.peak_MiB = 0.0

    def until(self, done: threading.Event, roots: Sequence[int], every_s: float) -> None:
        """Look again and again."""
        while not done.wait(every_s):
            self.peak_MiB = max(self.peak_MiB, sum(map(self._look_at_tree, roots)))

    def _look_at_tree(self, root: int) -> float:
        with contextlib.suppress(psutil.Error):
            top = psutil.Process(root)
            return sum(map(self._look_at, [top, *top.children(recursive=True)]))
        return 0.0

    def _look_at(self, process: psutil.Process) -> float:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            self.cpu_s[process.pid, process.create_time()] = times.user + times.system
            return _memory_MiB(process.pid)
        return 0.0


def _memory_MiB(process: int) -> float:
    """Proportional set size; of a process that does not let us look, the resident one; 0 if it has ended."""
    for file, key in ((f"/proc/{process}/smaps_rollup", "Pss:"), (f"/proc/{process}/status", "VmRSS:")):
        with contextlib.suppress(OSError), open(file, encoding="utf-8", errors="replace") as lines:
            found = next((line.split()[1] for line in lines if line.startswith(key)), None)
            if found is not None:
                return int(found) / 1024
    return 0.0


@contextlib.contextmanager
def _started(jobs: Sequence[Job], env: dict[str, str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    with contextlib.ExitStack() as stack:
        running = []
        for job in jobs:
            log = stack.enter_context(open(job.log, "wb"))
            started = subprocess.Popen(
                job.command, cwd=job.folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
            stack.callback(started.kill)  # does nothing to one that has been waited for
            running.append(started)
        yield running


def _finish(jobs: Sequence[Job], running: Sequence[subprocess.Popen[bytes]]) -> None:
    codes = [process.wait() for process in running]
    for job, code in zip(jobs, codes, strict=True):
        if code not in job.fine:
            said = job.log.read_text(encoding="utf-8", errors="replace")[-4000:]
            raise Failed(f"{' '.join(job.command)}\nended with exit code {code}:\n{said}")
