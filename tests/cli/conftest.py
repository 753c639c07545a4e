"""`harness` run as its user runs it: as a program, in a terminal or not, and stopped by signals."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

DEADLINE_S = 60.0


class Program:
    """A running `harness`, in a process group and with a temporary folder of its own."""

    def __init__(self, *arguments: str, temporary: Path) -> None:
        self.temporary = temporary
        self.output = temporary.with_name(temporary.name + ".out")
        with self.output.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "harness", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=os.environ | {"TMPDIR": str(temporary), "COLUMNS": "120"},
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the output holds a pattern."""
        deadline = time.monotonic() + DEADLINE_S
        while not (match := re.search(pattern, self.text)):
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.text}"
            assert time.monotonic() < deadline, f"no {pattern!r} in:\n{self.text}"
            time.sleep(0.02)
        return match

    def send(self, *signals: signal.Signals) -> None:
        for number in signals:
            os.killpg(self.process.pid, number)

    def end(self) -> int:
        """Wait for the end; the exit code."""
        return self.process.wait(DEADLINE_S)

    def left_behind(self) -> list[str]:
        """Processes and files that outlived it."""
        files = [str(path) for path in self.temporary.rglob("*")]
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return files
        return [f"processes of group {self.process.pid}", *files]


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Start the command line with arguments; whatever still runs after the test is killed."""
    started: list[Program] = []

    def start(*arguments: str) -> Program:
        temporary = tmp_path / f"tmp-{len(started)}"
        temporary.mkdir()
        started.append(Program(*arguments, temporary=temporary))
        return started[-1]

    yield start
    for program in started:
        if program.process.poll() is None:
            program.send(signal.SIGKILL)
            program.end()
