"""The door: whatever the other side sends, an answer, a fault, or an end; in time."""

import socket
import struct
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.grading.box.door import Door, DoorClosed, DoorTimedOut
from harness.grading.plain import LARGEST_BYTES, pack
from harness.grading.submission import NotDone, NotPlain, Raised, StudentFault

LENGTH = struct.Struct("<I")


def asked(reply: bytes, *, close: bool = True, within_s: float = 5.0) -> object:
    """What the door makes of some bytes."""
    ours, theirs = socket.socketpair()

    def say() -> None:
        theirs.recv(1 << 16)
        theirs.sendall(reply)
        if close:
            theirs.close()

    speaker = threading.Thread(target=say)
    speaker.start()
    door = Door(ours)
    try:
        return door.ask("call", "f", [], {}, within_s=within_s)
    finally:
        speaker.join()
        door.close()
        theirs.close()


def framed(answer: object) -> bytes:
    data = pack(answer)
    return LENGTH.pack(len(data)) + data


def test_an_answer_comes_through() -> None:
    assert asked(framed([1, "fine", {"a": [1.5, None]}])) == {"a": [1.5, None]}


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ([1, "fault", "NotDone", "not yet"], NotDone),
        ([1, "fault", "NotPlain", "a class"], NotPlain),
        ([1, "fault", "Raised", "ValueError", "text", 3], Raised),
    ],
)
def test_a_fault_comes_through(answer: list[object], fault: type[StudentFault]) -> None:
    with pytest.raises(fault):
        asked(framed(answer))


@pytest.mark.parametrize(
    "answer",
    [
        [2, "fine", 1], ["1", "fine", 1], [1, "fine"], {"a": 1}, None, 1,
        [1, "passed", 100], [1, "fault"], [1, "fault", "SystemExit", "x"], [1, "fault", "Raised", 1, 2, 3],
        [1, "fault", ["NotDone"], "x"], [True and 1.5, "fine", 1],
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_to_another_question_is_none(answer: object) -> None:
    with pytest.raises(DoorClosed):
        asked(framed(answer))


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_a_fault_or_an_end(data: bytes) -> None:
    with pytest.raises((DoorClosed, StudentFault)):
        asked(data)


@given(st.binary(max_size=200))
def test_any_message_is_an_answer_a_fault_or_an_end(data: bytes) -> None:
    try:
        asked(LENGTH.pack(len(data)) + data)
    except (DoorClosed, StudentFault):
        return


def test_a_length_beyond_the_limit_is_not_waited_for() -> None:
    with pytest.raises(DoorClosed, match="too much"):
        asked(LENGTH.pack(LARGEST_BYTES + 1), close=False)


def test_a_reply_that_does_not_end_is_cut_in_time() -> None:
    started = time.monotonic()
    with pytest.raises(DoorTimedOut):
        asked(LENGTH.pack(1000) + b"only this", close=False, within_s=0.2)
    assert time.monotonic() - started < 2


def test_a_reply_in_drops_is_cut_in_time() -> None:
    ours, theirs = socket.socketpair()
    ended = threading.Event()

    def drip() -> None:
        theirs.sendall(LENGTH.pack(10_000))
        while not ended.wait(0.02):
            theirs.sendall(b"\x90")

    speaker = threading.Thread(target=drip)
    speaker.start()
    with pytest.raises(DoorTimedOut):
        Door(ours).ask("value", "x", within_s=0.3)
    ended.set()
    speaker.join()


def test_texts_of_faults_are_cut() -> None:
    with pytest.raises(NotDone) as caught:
        asked(framed([1, "fault", "NotDone", "x" * 10_000]))
    assert len(str(caught.value)) <= 300
