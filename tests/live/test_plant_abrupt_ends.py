"""A process that plays or runs a plant is ended from outside: nothing of it stays."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

PATIENCE_S = 30.0

PROGRAM = """
import sys
from harness import Plant
plant = Plant(seed=1).start()
print(plant.opcua.port, plant.mqtt.port, flush=True)
{then}
"""
RUNS = "plant.run(minutes=1e6)"
PLAYS = "plant.play(speed=600)\nimport threading\nthreading.Event().wait()"
IN_A_BLOCK = "with plant:\n    plant.run(minutes=1e6)"


@pytest.fixture
def program():
    """Starts a program with a plant; returns its process and its two ports."""
    started = []

    def start(then):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(then=then)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        ports = tuple(map(int, process.stdout.readline().split()))
        assert len(ports) == 2, process.stderr.read()
        return process, ports

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def listeners():
    """Local ports that somebody listens on, from the kernel's own table."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if os.path.exists(table):
            with open(table, encoding="ascii") as lines:
                rows = [line.split() for line in lines][1:]
            found |= {int(row[1].rsplit(":", 1)[1], 16) for row in rows if row[3] == "0A"}
    return found


def members(session):
    """Processes of a session that are alive."""
    alive = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[3]) == session and fields[0] != "Z":
            alive.append(int(name))
    return alive


def nothing_left(process, ports):
    deadline = time.monotonic() + PATIENCE_S
    while set(ports) & listeners() or members(process.pid):
        assert time.monotonic() < deadline, (ports, members(process.pid))
        threading.Event().wait(0.02)


def wait_for(process):
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out + err


@pytest.mark.parametrize("then", [RUNS, PLAYS, IN_A_BLOCK], ids=["runs", "plays", "in a block"])
def test_ctrl_c_ends_it_at_once_and_leaves_nothing(program, then):
    process, ports = program(then)
    assert set(ports) <= listeners()
    process.send_signal(signal.SIGINT)
    code, text = wait_for(process)
    assert code == -signal.SIGINT or "KeyboardInterrupt" in text
    assert "Fatal" not in text
    nothing_left(process, ports)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "kill"])
@pytest.mark.parametrize("then", [RUNS, PLAYS], ids=["runs", "plays"])
def test_a_killed_process_leaves_no_child_and_no_port(program, then, number):
    process, ports = program(then)
    process.send_signal(number)
    assert wait_for(process)[0] == -number
    nothing_left(process, ports)


def test_a_program_that_forgets_to_stop_still_ends(program):
    process, ports = program("plant.run(minutes=1)")
    assert wait_for(process)[0] == 0
    nothing_left(process, ports)


def test_a_program_that_forgets_to_pause_still_ends(program):
    process, ports = program("plant.play(speed=600)")
    assert wait_for(process)[0] == 0
    nothing_left(process, ports)


def test_ctrl_c_in_a_run_leaves_a_log_without_a_gap(program):
    process, _ = program(
        "plant.run(minutes=5)\ntry:\n    print('amid', flush=True)\n"
        "    plant.run(minutes=1e6)\nexcept KeyboardInterrupt:\n"
        "    times = plant.truth().index.to_series()\n"
        "    print(len(times), set(times.diff().dropna().dt.total_seconds()))\n"
        "    plant.stop()"
    )
    assert process.stdout.readline() == "amid\n"
    process.send_signal(signal.SIGINT)
    code, text = wait_for(process)
    assert code == 0, text
    assert text.strip().endswith("{10.0}")
