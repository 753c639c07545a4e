"""Grades a class of hostile students once, as an instructor would, and hands out what came of it."""

from __future__ import annotations

import csv
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

_LIMITS = "[box]\ncell_s = 3\ncall_s = 3\nmemory_MB = 512\n"


@dataclass(frozen=True)
class GradedClass:
    """What a grading run left behind."""

    rows: dict[str, dict[str, str]]
    states: dict[str, str]
    folder: Path
    exit_code: int
    output: str


@pytest.fixture(scope="session")
def listening() -> Iterator[list[str]]:
    """Who has connected to the machine's loopback while thieves were at work."""
    from attacked_lab import LISTENING_NAME, LISTENING_PORT

    with socket.create_server(("127.0.0.1", LISTENING_PORT)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind("\0" + LISTENING_NAME)
        unix.listen()
        for server in (tcp, unix):
            server.setblocking(False)
        yield [str(server) for server in (tcp, unix)]


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory, listening: list[str]) -> GradedClass:
    """The class, graded by two workers."""
    from attacked_lab import SECRET, make
    from file_cases import hand_in

    folder = tmp_path_factory.mktemp("course")
    make(folder / "solutions")
    hand_in(folder / "handed-in")
    (folder / "policy.toml").write_text(_LIMITS, encoding="utf-8")
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "solutions", "-n", "2", "-q", "--junitxml=junit.xml"]
    command += ["--submissions", "handed-in", "--gradebook", "grades.csv", "--feedback", "feedback"]
    command += ["--policy", "policy.toml", "--course-secret", "secret", "--gradescope", "gradescope"]
    environment = {**os.environ, "HIDDEN_FROM_STUDENTS": SECRET}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, timeout=900)
    with (folder / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    return GradedClass(rows, {}, folder, done.returncode, done.stdout + done.stderr)
