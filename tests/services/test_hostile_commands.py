"""Whatever a command's payload holds, it is answered once and never stops the gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fake_plant import FakePlant
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mqtt_client import Listener

from harness.errors import WriteRefused
from harness.services import MqttGateway
from harness.services.mqtt.commands import CommandDesk
from harness.services.mqtt.outbox import Message
from harness.services.mqtt.payloads import Command, parse_command

TOPIC = "reactor/R101/command/temperature"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
nearly_commands = st.fixed_dictionaries(
    {},
    optional={
        "value": json_values | st.floats(330, 370),
        "unit": st.sampled_from(["K", "degC", ""]) | json_values,
        "item": st.sampled_from(["SV", "MV", "MODE"]) | json_values,
        "id": json_values,
        "extra": json_values,
    },
)
payloads = st.binary(max_size=200) | (json_values | nearly_commands).map(
    lambda value: json.dumps(value).encode()
)


class Desk:
    """The desk with its answers in a list, without a network."""

    def __init__(self, plant: FakePlant) -> None:
        self.answers: list[Message] = []
        self.logs: list[str] = []
        self.desk = CommandDesk(
            plant, {TOPIC: "TIC-101"}, {TOPIC}, answer=self.answers.extend, log=self.logs.append
        )

    def answer(self, payload: bytes) -> Message:
        return self.desk._decide(TOPIC, payload, False)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    desk = Desk(FakePlant())
    yield desk
    desk.desk.stop(2.0)


@settings(max_examples=200)
@given(payloads)
@example(b'{"value": 1e400}')
@example(b'{"value": 1' + b"0" * 400 + b"}")
@example(b'{"value": -0.0}')
@example(b'{"value": Infinity}')
@example(b'{"value": 351, "value": true}')
@example(b'{"value": 351, "id": ' + b"9" * 100 + b"}")
@example(b"[" * 4000)
@example(b'{"value":' * 400)
@example(b"\xff\xfe\x00")
@example(b'{"value": "\\ud800"}')
def test_every_payload_gets_one_well_formed_answer(desk: Desk, payload: bytes) -> None:
    topic, answer, retained = desk.answer(payload)
    kind = topic.split("/")[2]
    assert kind in ("ack", "error")
    assert not retained
    content = json.loads(answer, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert ("remedy" in content) == (kind == "error")


@settings(max_examples=150)
@given(payloads)
def test_what_passes_is_strictly_a_command(payload: bytes) -> None:
    try:
        command = parse_command(payload)
    except WriteRefused:
        return
    assert isinstance(command, Command)
    assert not isinstance(command.value, bool)
    assert set(json.loads(payload)) <= {"value", "unit", "item", "id"}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(payloads, min_size=1, max_size=20))
def test_the_live_gateway_survives_hostile_payloads(
    live: tuple[MqttGateway, Listener], hostile: list[bytes]
) -> None:
    gateway, listener = live
    listener.heard.clear()
    for payload in hostile:
        listener.client.publish(TOPIC, payload, qos=1)
    listener.publish(TOPIC, json.dumps({"value": gateway._plant.loop_states()[0].sv, "id": "last"}))
    answers = listener.wait(len(hostile) + 1)
    assert answers[-1].json["id"] == "last"


@pytest.fixture(scope="module")
def live() -> Iterator[tuple[MqttGateway, Listener]]:
    with MqttGateway(FakePlant()) as gateway, Listener(gateway.endpoint) as listener:
        listener.subscribe("reactor/R101/ack/+", "reactor/R101/error/+")
        yield gateway, listener


def test_a_plant_that_fails_on_a_command_is_answered_for_and_does_not_stop_the_desk() -> None:
    class Brittle(FakePlant):
        calls = 0

        def write(self, *what: Any, **more: Any) -> None:
            self.calls += 1
            if self.calls == 1:
                raise ZeroDivisionError
            super().write(*what, **more)

    desk = Desk(Brittle())
    for _ in range(2):
        desk.desk.take(TOPIC, b'{"value": 351.0}', False)
    desk.desk.stop(2.0)
    assert "ZeroDivisionError" in desk.logs[0]
    assert [topic.split("/")[2] for topic, *_ in desk.answers] == ["error", "ack"]


def test_a_flood_of_commands_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.services.mqtt.commands.WAITING_MAX", 10)
    plant = FakePlant()
    plant._lock.acquire()
    desk = Desk(plant)
    for _ in range(50):
        desk.desk.take(TOPIC, b'{"value": 351.0}', False)
    assert any("dropped" in line for line in desk.logs)
    plant._lock.release()
    desk.desk.stop(2.0)
