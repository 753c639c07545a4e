"""The trusted side of the door: requests and replies over a socket, each with a deadline.

DoorClosed         the other side has ended, or cannot be understood
└── DoorTimedOut   it has not answered in time
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import time
from typing import Any

from harness.grading.plain import LARGEST_BYTES, NotPlainData, pack, unpack
from harness.grading.submission import NotDone, NotPlain, Raised, StudentFault

LENGTH = struct.Struct("<I")
"""Before each message, on either side: how many bytes it has."""
_ANSWER_DEPTH = 3
_LONGEST_TEXT = 300
_FAULTS = {"NotDone": NotDone, "NotPlain": NotPlain}


class DoorClosed(Exception):
    """The other side has ended, or says what cannot be understood.

    Args:
        what: What it did.
        ended: Whether it has ended.
    """

    def __init__(self, what: str, *, ended: bool = False) -> None:
        super().__init__(what)
        self.ended = ended


class DoorTimedOut(DoorClosed):
    """The other side has not answered in time."""


class Door:
    """One end of a socket whose other end is in a box.

    Args:
        channel: The socket.
    """

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._numbers = itertools.count(1)

    def ask(self, *request: Any, within_s: float) -> Any:
        """Ask, and wait for the answer.

        Args:
            request: What to do, with what.
            within_s: How long that may take, in s.

        Raises:
            DoorClosed: If there is no answer, or none that can be understood.
            StudentFault: If the answer is that the learner's code is at fault.
        """
        until, number = time.monotonic() + within_s, next(self._numbers)
        data = pack([number, *request])
        try:
            self._send(LENGTH.pack(len(data)) + data, until)
            (length,) = LENGTH.unpack(self._receive(LENGTH.size, until))
            if length > LARGEST_BYTES:
                raise DoorClosed("It answered with too much.")
            return _understood(self._receive(length, until), number)
        except TimeoutError:
            raise DoorTimedOut(f"It took longer than {within_s:g} s.") from None
        except OSError:
            raise DoorClosed("It has ended.", ended=True) from None

    def close(self) -> None:
        """Close this end."""
        with contextlib.suppress(OSError):
            self._channel.close()

    def _send(self, data: bytes, until: float) -> None:
        self._channel.settimeout(_left(until))
        self._channel.sendall(data)

    def _receive(self, count: int, until: float) -> bytes:
        data = bytearray()
        while len(data) < count:
            self._channel.settimeout(_left(until))
            if not (some := self._channel.recv(min(count - len(data), 1 << 20))):
                raise DoorClosed("It has ended.", ended=True)
            data += some
        return bytes(data)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _understood(data: bytes, number: int) -> Any:
    try:
        answer = unpack(data)
    except NotPlainData as error:
        raise DoorClosed(f"Its answer is no plain data. {error}") from None
    if type(answer) is not list or len(answer) < _ANSWER_DEPTH or answer[0] != number:
        raise DoorClosed("It answered what it was not asked.")
    if answer[1] == "fine":
        return answer[2]
    raise _fault(answer[2:])


def _fault(answer: list[Any]) -> Exception:
    texts = [text[:_LONGEST_TEXT] if type(text) is str else None for text in answer]
    kind, text = texts[0], texts[1] if len(texts) > 1 else None
    if kind == "Raised" and text is not None and len(answer) == 4:
        line = answer[3] if type(answer[3]) is int else None
        return Raised(text, texts[2] or "", line)
    made = _FAULTS.get(kind or "")
    return made(text or "") if made else DoorClosed("It answered what cannot be understood.")


__all__ = ["Door", "DoorClosed", "DoorTimedOut", "StudentFault"]
