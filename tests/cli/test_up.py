"""`harness up` starts what it says, shows it, and leaves nothing behind, whenever and however it ends."""

import errno
import os
import pty
import re
import select
import signal
import socket
import sys
import time
from collections.abc import Callable

import pytest

READY = r"running until Ctrl-C"
Start = Callable[..., "Program"]  # noqa: F821  (tests/cli/conftest.py)


def ports(text: str) -> tuple[int, int]:
    """The OPC UA and MQTT ports that were printed."""
    opcua = re.search(r"opc\.tcp://127\.0\.0\.1:(\d+)", text)
    mqtt = re.search(r"MQTT\s+127\.0\.0\.1 port (\d+)", text)
    assert opcua
    assert mqtt
    return int(opcua[1]), int(mqtt[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_prints_addresses_that_answer_and_users(harness: Start) -> None:
    program = harness("up")
    program.wait_for(READY)
    assert [answers(port) for port in ports(program.text)] == [True, True]
    assert "Basic256Sha256" in program.text
    assert len(re.findall(r"viewer / \S{8,}, operator / \S{8,}", program.text)) == 2


def test_mqtt_client_of_our_users_sees_the_tags_move(harness: Start) -> None:
    import paho.mqtt.client as paho

    program = harness("up", "--speed", "600")
    program.wait_for(READY)
    got: dict[str, set[bytes]] = {}
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.on_message = lambda *args: got.setdefault(args[2].topic, set()).add(args[2].payload)
    client.connect("127.0.0.1", ports(program.text)[1])
    client.subscribe("reactor/R101/sensor/#")
    deadline = time.monotonic() + 20
    while len(got.get("reactor/R101/sensor/temperature", ())) < 3:
        assert time.monotonic() < deadline, got
        client.loop(0.1)
    client.disconnect()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ends_cleanly_and_frees_its_ports(harness: Start, number: signal.Signals) -> None:
    program = harness("up", "--speed", "600")
    program.wait_for(READY)
    program.send(number)
    assert program.end() == 0, program.text
    assert program.left_behind() == []
    assert [answers(port) for port in ports(program.text)] == [False, False]
    assert "Traceback" not in program.text


@pytest.mark.parametrize("delay_s", [0.15, 0.4, 0.7, 1.0, 1.4, 1.8, 2.3])
def test_ctrl_c_at_any_moment_leaves_nothing_behind(harness: Start, delay_s: float) -> None:
    program = harness("up")
    # The moment is the point here; nothing is waited for.
    time.sleep(delay_s)
    program.send(signal.SIGINT)
    # Python itself ends by the signal when it came inside `exec` of a string, as dataclasses use it.
    assert program.end() in (0, 130, -signal.SIGINT), program.text
    assert program.left_behind() == []
    assert "Traceback" not in program.text


def test_impatient_second_ctrl_c_does_not_break_the_end(harness: Start) -> None:
    program = harness("up")
    program.wait_for(READY)
    program.send(*[signal.SIGINT] * 5)
    assert program.end() == 0, program.text
    assert program.left_behind() == []
    assert "Traceback" not in program.text


def test_kill_leaves_no_process_no_port_and_the_next_start_works(harness: Start) -> None:
    program = harness("up")
    program.wait_for(READY)
    opcua, mqtt = ports(program.text)
    os.kill(program.process.pid, signal.SIGKILL)
    program.end()
    assert [path for path in program.left_behind() if path.startswith("processes")] == []
    again = harness("up", "--mqtt-port", str(mqtt), "--opcua-port", str(opcua))
    again.wait_for(READY)
    assert ports(again.text) == (opcua, mqtt)


@pytest.mark.parametrize("option", ["--mqtt-port", "--opcua-port"])
def test_busy_port_is_a_short_error_that_names_it(harness: Start, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = harness("up", option, str(port))
        assert program.end() == 2
    assert "PortBusy" in program.text
    assert str(port) in program.text
    assert "Traceback" not in program.text
    assert program.left_behind() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--scope", "reacter"), ("scope", "'reacter'", "reactor")),
        (("--scenario", "pump-failur"), ("scenario", "'pump-failur'", "pump-failure")),
        (("--speed", "0"), ("speed", "0")),
        (("--speed", "nan"), ("speed", "nan")),
        (("--speed", "fast"), ("speed", "number")),
        (("--seed", "-1"), ("seed", "-1")),
        (("--mqtt-port", "70000"), ("port", "70000", "0 to 65535")),
    ],
)
def test_bad_option_says_what_was_wrong_and_what_to_do(
    harness: Start, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    program = harness("up", *arguments)
    assert program.end() == 2, program.text
    assert "Traceback" not in program.text
    assert [word for word in words if word not in program.text] == []
    assert program.left_behind() == []


def test_terminal_shows_every_tag_with_unit_quality_and_time() -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.environ |= {"COLUMNS": "120", "LINES": "50", "TERM": "xterm"}
        os.execv(
            sys.executable, [sys.executable, "-m", "harness", "up", "--scope", "plant", "--speed", "600"]
        )
    try:
        shown = read_until(terminal, rb"AT-202.*AT-202")
    finally:
        os.kill(child, signal.SIGINT)
        rest = drain(terminal)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, rest
    for words in (
        r"TT-101\s+Reactor temperature\s+3[45]\d\.\d\d\s+K\s+.*Good",
        "TIC-101.*AUTO",
        "PT-101.*MPa",
    ):
        assert re.search(words, shown), words


def read_until(terminal: int, pattern: bytes) -> str:
    data, deadline = b"", time.monotonic() + 60
    while not re.search(pattern, data, re.DOTALL):
        assert time.monotonic() < deadline, data
        if select.select([terminal], [], [], 0.5)[0]:
            data += os.read(terminal, 65536)
    return data.decode()


def drain(terminal: int) -> str:
    """Read what is left, so that the program is not held up by a full terminal."""
    data = b""
    while True:
        try:
            data += os.read(terminal, 65536)
        except OSError as error:
            if error.errno == errno.EIO:  # how Linux tells the end of a pseudo-terminal
                return data.decode()
            raise
