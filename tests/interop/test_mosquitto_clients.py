"""`mosquitto_sub` and `mosquitto_pub`, which are not ours, with the plant behind each broker."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import IO

import pytest
from brokers import BROKERS
from fake_plant import FakePlant
from peers import needs, program

from harness.services import Endpoint, MqttGateway, User

pytestmark = needs("mosquitto_sub", "mosquitto_pub")

COMMAND = "reactor/R101/command/temperature"
TOLD = "reactor/R101/setpoint/flow_rate"
PATIENCE_S = 20


@pytest.fixture(params=BROKERS)
def gateway(request: pytest.FixtureRequest) -> Iterator[MqttGateway]:
    with MqttGateway(FakePlant(), request.param(anonymous="viewer")) as gateway:
        yield gateway


def arguments(endpoint: Endpoint, user: User | None) -> list[str]:
    login = ["-u", user.name, "-P", user.password] if user else []
    return ["-h", endpoint.host, "-p", str(endpoint.port), *login]


def subscriber(
    endpoint: Endpoint, topic: str, count: int, *more: str, told: str | None = TOLD
) -> subprocess.Popen[str]:
    """A running `mosquitto_sub` that is subscribed: it has heard the retained message on `told`."""
    topics = ["-t", topic, "-t", told] if told else ["-t", topic]
    wanted = count + 1 if told else count
    process = subprocess.Popen(
        [
            *(program("mosquitto_sub"), *arguments(endpoint, None), *topics, "-q", "1", "-F", "%t %p"),
            *("-C", str(wanted), "-W", str(PATIENCE_S), *more),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    if told:
        _read_until(process.stdout, told)
    return process


def _read_until(stream: IO[str] | None, word: str) -> None:
    assert stream is not None
    for line in stream:
        if line.startswith(word):
            return
    raise AssertionError(f"it ended without {word}")


def heard(process: subprocess.Popen[str]) -> list[tuple[str, dict[str, object]]]:
    """Topic and content of what the subscriber printed."""
    # Not `communicate`, which would leave out what has been read ahead while waiting.
    assert process.stdout is not None
    with process:
        lines = [line.strip() for line in process.stdout]
    return [(topic, json.loads(payload)) for topic, _, payload in (line.partition(" ") for line in lines)]


def publish(endpoint: Endpoint, topic: str, payload: str, user: User | None = None, *more: str) -> None:
    subprocess.run(
        [program("mosquitto_pub"), *arguments(endpoint, user), "-t", topic, "-q", "1", *more, "-m", payload],
        timeout=PATIENCE_S,
        capture_output=True,
        check=False,
    )


def plant_of(gateway: MqttGateway) -> FakePlant:
    plant = gateway._plant
    assert isinstance(plant, FakePlant)
    return plant


def test_it_hears_every_sample_in_order(gateway: MqttGateway) -> None:
    plant, scans = plant_of(gateway), 200
    process = subscriber(gateway.endpoint, "+/+/sensor/+", scans * len(plant.instruments))
    for _ in range(scans):
        gateway.publish(*plant.scan())
    messages = heard(process)
    for row in plant.instruments:
        topic = row.address.topic("sensor")
        assert [content["sequence"] for where, content in messages if where == topic] == list(range(scans))


def test_a_late_one_gets_the_retained_value(gateway: MqttGateway) -> None:
    gateway.publish(*plant_of(gateway).scan(TT_101=350.25))
    gateway.flush()
    topic = "reactor/R101/sensor/temperature"
    ((_, content),) = heard(subscriber(gateway.endpoint, topic, 1, told=None))
    assert (content["value"], content["unit"], content["quality"]) == (350.25, "K", "Good")


def test_an_operator_commands_and_is_answered(gateway: MqttGateway) -> None:
    operator = gateway.endpoint.users["operator"]
    process = subscriber(gateway.endpoint, "reactor/R101/ack/#", 1)
    publish(gateway.endpoint, COMMAND, '{"value": 352.0, "unit": "K"}', operator)
    ((topic, content),) = heard(process)
    assert (topic, content["value"]) == ("reactor/R101/ack/temperature", 352.0)
    assert plant_of(gateway).writes == [("TIC-101", "SV", 352.0, "K", "mqtt")]


def test_a_refused_command_says_why(gateway: MqttGateway) -> None:
    operator = gateway.endpoint.users["operator"]
    process = subscriber(gateway.endpoint, "reactor/R101/error/#", 2)
    publish(gateway.endpoint, COMMAND, '{"value": 500}', operator)
    publish(gateway.endpoint, COMMAND, "hot", operator)
    assert [content["reason"] for _, content in heard(process)] == ["out_of_range", "malformed"]


@pytest.mark.parametrize("name", ["viewer", None])
def test_who_may_only_read_commands_in_vain(gateway: MqttGateway, name: str | None) -> None:
    user = gateway.endpoint.users[name] if name else None
    operator = gateway.endpoint.users["operator"]
    process = subscriber(gateway.endpoint, "reactor/R101/ack/#", 1)
    publish(gateway.endpoint, COMMAND, '{"value": 351.0}', user)
    publish(gateway.endpoint, COMMAND, '{"value": 352.0}', operator)
    assert [content["value"] for _, content in heard(process)] == [352.0]
    assert [write[2] for write in plant_of(gateway).writes] == [352.0]


def test_a_wrong_password_is_refused(gateway: MqttGateway) -> None:
    command = [program("mosquitto_sub"), *arguments(gateway.endpoint, User("operator", "guess"))]
    done = subprocess.run(
        [*command, "-t", "#", "-W", "5"], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode != 0
    assert "not authori" in (done.stdout + done.stderr).lower()


def test_a_persistent_one_gets_what_it_missed(gateway: MqttGateway) -> None:
    plant, topic = plant_of(gateway), "reactor/R101/sensor/temperature"
    gateway.publish(*plant.scan())
    gateway.flush()
    persistent = ("--id", "night-shift", "--disable-clean-session")
    ((_, first),) = heard(subscriber(gateway.endpoint, topic, 1, *persistent, told=None))
    for _ in range(20):
        gateway.publish(*plant.scan())
    gateway.flush()
    messages = heard(subscriber(gateway.endpoint, topic, 20, *persistent, "-R", told=None))
    assert first["sequence"] == 0
    assert [content["sequence"] for _, content in messages] == list(range(1, 21))
