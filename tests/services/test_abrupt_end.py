"""A process with services that ends without a word leaves no process, port or file behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from brokers import needs_mosquitto

PROGRAM = """
import sys, threading
sys.path.insert(0, {folder!r})
from fake_plant import FakePlant
from harness.services import MosquittoBroker, MqttBroker, MqttGateway, OpcUaService, start_all
plant = FakePlant()
services = [OpcUaService(plant), MqttGateway(plant, {broker}())]
endpoints = start_all(services)
print(*(endpoint.port for endpoint in endpoints), flush=True)
try:
    threading.Event().wait()
finally:
    for service in services:
        service.stop()
"""

BROKERS = ["MqttBroker", pytest.param("MosquittoBroker", marks=needs_mosquitto)]


def open_files(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("broker", BROKERS)
def test_nothing_stays_behind(
    broker: str, how: signal.Signals, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    program = PROGRAM.format(folder=str(Path(__file__).parent), broker=broker)
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        assert process.stdout is not None
        ports = [int(word) for word in process.stdout.readline().split()]
        assert len(ports) == 2
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) == (broker == "MosquittoBroker")
        process.send_signal(how)
        process.wait(10)
    wait_until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children), 5)
    wait_until(lambda: all(is_free(port) for port in ports), 5)
    assert open_files(tmp_path) == set()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_program_that_forgets_to_stop_still_ends(tmp_path: Path) -> None:
    program = PROGRAM.format(folder=str(Path(__file__).parent), broker="MqttBroker").partition("try:")[0]
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=30, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begin < 15
    assert not any(name.startswith("opcua") for name in os.listdir(tempfile.gettempdir()))
