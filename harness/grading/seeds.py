"""Seeds of a student's own, from the course's secret: unknown beforehand, and the same in a regrade."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from harness.errors import BadArgument

SEEDS = 3
SECRET_VARIABLE = "HARNESS_COURSE_SECRET_FILE"
_SHORTEST_BYTES = 16


def student_seeds(secret: bytes, *, student: str, lab: str, exercise: str) -> list[int]:
    """Three different seeds from 0 to 2³¹ − 1, always the same for the same arguments.

    Args:
        secret: The course's secret.
        student: Identifier of the student.
        lab: Name of the lab.
        exercise: Such as "1.5".
    """
    seeds: dict[int, None] = {}
    round_ = 0
    while len(seeds) < SEEDS:
        # A NUL parts the fields, so that no two different triples make one message.
        message = "\0".join((student, lab, exercise, str(round_))).encode()
        digest = hmac.new(secret, message, hashlib.sha256).digest()
        seeds |= {int.from_bytes(digest[i : i + 4], "big") >> 1: None for i in range(0, 32, 4)}
        round_ += 1
    return list(seeds)[:SEEDS]


def read_secret(path: Path) -> bytes:
    """The secret that a file holds.

    Raises:
        BadArgument: If there is no such file, or it holds too little to be a secret.
    """
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise BadArgument("The course secret cannot be read", value=str(path), remedy=str(error)) from None
    if len(secret) < _SHORTEST_BYTES:
        raise BadArgument(
            f"The course secret holds fewer than {_SHORTEST_BYTES} bytes",
            value=str(path),
            remedy="Delete the file, and the next run makes a good one",
        )
    return secret


def make_secret(path: Path) -> None:
    """Make a file with a new secret that only its owner can read; one that exists is left as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
