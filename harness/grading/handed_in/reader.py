"""Reading a class: each submission in a process beside, with limits on time and memory.

A notebook can be made that takes a parser hours or all memory: nested brackets, endless references, a million
cells. Such a file costs its own student's row; the process is replaced and the next student is read.
"""

from __future__ import annotations

import json
import os
import resource
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from harness.errors import ServiceError
from harness.grading.handed_in.expected import ExpectedLab
from harness.grading.handed_in.model import NOTHING, Answer, HandedIn
from harness.grading.handed_in.one import read_one, unreadable
from harness.grading.handed_in.students import Student, students_in
from harness.grading.lab import Cell, Lab, lab_of

LONGEST_S = 20.0
_MOST_MEMORY_BYTES = 2 << 30
_START_S = 60.0


def read_handed_in(
    folder: Path, lab: Lab, *, roster: list[str] | None = None, longest_s: float = LONGEST_S
) -> list[HandedIn]:
    """What a class has handed in, sorted by student.

    Args:
        folder: Holds one folder, zip or notebook for each student.
        lab: The instructor's lab.
        roster: Identifiers of all students; those who have handed in nothing come as "missing".
        longest_s: How long reading one student's may take.

    Raises:
        BadArgument: If the folder does not exist, or two students would get the same name.
    """
    with Reader(lab, longest_s=longest_s) as reader:
        return [_read(student, lab, reader) for student in students_in(folder, lab.name, roster)]


def _read(student: Student, lab: Lab, reader: Reader) -> HandedIn:
    if not student.paths:
        answers = {name: Answer(name) for name in lab.exercises}
        return HandedIn(student.name, answers, NOTHING, ("Nothing was handed in.",))
    read = reader.read(student.name, student.paths)
    return replace(read, notes=(*student.notes, *read.notes))


class Reader:
    """A process that reads submissions; use it in a `with` statement.

    Args:
        lab: The instructor's lab.
        longest_s: How long reading one student's may take.
    """

    def __init__(self, lab: Lab, *, longest_s: float = LONGEST_S) -> None:
        self._lab, self._longest_s = lab, longest_s
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def read(self, student: str, paths: Sequence[Path]) -> HandedIn:
        """The answers of one student."""
        process = self._process or self._start()
        _send(process.stdin, {"student": student, "paths": [os.fsencode(path).hex() for path in paths]})
        began = time.monotonic()
        reply = _receive(process.stdout, self._longest_s)
        if reply is not None:
            return HandedIn.from_plain(json.loads(reply))
        slow = time.monotonic() - began >= self._longest_s
        self._stop()
        why = f"takes more than {self._longest_s:g} s" if slow else "takes too much memory"
        note = f"Reading it {why}. Hand in a notebook as JupyterLab saves it, with outputs cleared."
        return unreadable(student, self._lab, [note])

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
        command = [sys.executable, "-c", f"from {__name__} import serve; serve()"]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        self._process = process
        _send(
            process.stdin, {"path": str(self._lab.path), "cells": [asdict(cell) for cell in self._lab.cells]}
        )
        if _receive(process.stdout, _START_S) is None:
            self._stop()
            raise ServiceError("The process that reads submissions did not start", remedy="Is memory short?")
        return process

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        self._process = None


def _send(stream: IO[bytes] | None, message: Any) -> None:
    assert stream is not None
    try:
        stream.write(json.dumps(message).encode() + b"\n")
        stream.flush()
    except BrokenPipeError:
        return  # it has ended; that no reply comes says so too


def _receive(stream: IO[bytes] | None, longest_s: float) -> bytes | None:
    """A line of a pipe; nothing if the other side ends or takes too long."""
    assert stream is not None
    until, pieces, poll = time.monotonic() + longest_s, list[bytes](), select.poll()
    poll.register(stream, select.POLLIN)
    while not (pieces and pieces[-1].endswith(b"\n")):
        ready = poll.poll(max(0.0, until - time.monotonic()) * 1000)
        piece = os.read(stream.fileno(), 1 << 20) if ready else b""
        if not piece:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def serve() -> None:
    """The process itself: a lab comes first, then students, one line each."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY_BYTES, _MOST_MEMORY_BYTES))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints gets among the replies
    spec = json.loads(sys.stdin.buffer.readline())
    lab = lab_of(Path(spec["path"]), tuple(Cell(**{**c, "tags": tuple(c["tags"])}) for c in spec["cells"]))
    expected = ExpectedLab(lab)
    _send(replies, "ready")
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        paths = [Path(os.fsdecode(bytes.fromhex(path))) for path in asked["paths"]]
        _send(replies, _read_any(asked["student"], paths, lab, expected).as_plain())


def _read_any(student: str, paths: Sequence[Path], lab: Lab, expected: ExpectedLab) -> HandedIn:
    """As `read_one`, and a file that trips a library is one unreadable file, not the end of the class."""
    try:
        return read_one(student, paths, lab, expected)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - what parsers raise for rubbish is not known beforehand
        note = f"Reading it failed ({type(error).__name__}: {str(error)[:80]}). Save it in JupyterLab again."
        return unreadable(student, lab, [note])
