"""What the course needs of an MQTT broker and of the plant's gateway, proven against each broker."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from fake_plant import FakePlant
from mqtt_client import Listener

from harness.plant.samples import Quality
from harness.services import MqttGateway
from harness.services.mqtt.broker import Broker

Listen = Callable[..., Listener]
TEMPERATURE = "reactor/R101/sensor/temperature"
COMMAND = "reactor/R101/command/temperature"


def test_a_sample_arrives_as_json_on_its_topic(
    gateway: MqttGateway, plant: FakePlant, listen: Listen
) -> None:
    listener = listen(TEMPERATURE)
    gateway.publish(*plant.scan(TT_101=350.25))
    assert listener.wait(1)[0].json == {
        "tag": "TT-101",
        "value": 350.25,
        "unit": "K",
        "timestamp": "2026-01-01T00:00:01.000000Z",
        "quality": "Good",
        "sequence": 0,
    }


def test_every_instrument_has_its_topic(gateway: MqttGateway, plant: FakePlant, listen: Listen) -> None:
    listener = listen("+/+/sensor/+")
    gateway.publish(*plant.scan())
    heard = {message.json["tag"]: message.topic for message in listener.wait(len(plant.instruments))}
    assert heard == {row.tag: row.address.topic("sensor") for row in plant.instruments}


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_goes_out_as_null_and_bad(
    gateway: MqttGateway, plant: FakePlant, listen: Listen, value: float | None
) -> None:
    listener = listen(TEMPERATURE)
    samples, states = plant.scan()
    gateway.publish([replace(samples[0], value=value, quality=Quality.GOOD)], states)
    message = listener.wait(1)[0].json
    assert (message["value"], message["quality"]) == (None, "Bad")


def test_a_bad_value_is_not_passed_on_and_an_uncertain_one_is(
    gateway: MqttGateway, plant: FakePlant, listen: Listen
) -> None:
    listener = listen(TEMPERATURE)
    sample = plant.scan()[0][0]
    gateway.publish([replace(sample, quality=Quality.BAD), replace(sample, quality=Quality.UNCERTAIN)])
    heard = [(message.json["value"], message.json["quality"]) for message in listener.wait(2)]
    assert heard == [(None, "Bad"), (sample.value, "Uncertain")]


def test_a_late_subscriber_gets_the_latest_value_of_what_it_asked_for_and_nothing_else(
    gateway: MqttGateway, plant: FakePlant, listen: Listen
) -> None:
    early = listen("#")
    for value in (341.0, 342.0):
        gateway.publish(*plant.scan(TT_101=value))
    early.wait(2 * len(plant.instruments), "sensor")
    late = listen(TEMPERATURE)
    (message,) = late.wait(1)
    late.quiet()
    assert (message.retained, message.json["value"], len(late.heard)) == (True, 342.0, 1)


def test_the_loop_shows_set_value_output_mode_and_units(
    gateway: MqttGateway, plant: FakePlant, listen: Listen
) -> None:
    listener = listen("reactor/R101/setpoint/temperature")
    shown = listener.wait(1)[0].json
    assert shown | {"timestamp": ""} == {
        "loop": "TIC-101",
        "timestamp": "",
        "SV": 350.0,
        "SV_unit": "K",
        "MV": 0.0,
        "MV_unit": "kg/min",
        "MODE": "AUTO",
    }


def test_thousands_of_samples_arrive_complete_and_in_order(
    gateway: MqttGateway, plant: FakePlant, listen: Listen
) -> None:
    listener, scans = listen("+/+/sensor/+"), 400
    for _ in range(scans):
        gateway.publish(*plant.scan())
    gateway.flush()
    heard = listener.wait(scans * len(plant.instruments))
    for row in plant.instruments:
        mine = [message.json["sequence"] for message in heard if message.json["tag"] == row.tag]
        assert mine == list(range(scans))


def test_late_duplicate_and_skewed_samples_go_out_as_they_come(
    gateway: MqttGateway, plant: FakePlant, listen: Listen
) -> None:
    listener = listen(TEMPERATURE)
    first, second = (plant.scan()[0][0] for _ in range(2))
    gateway.publish([second, first, second])
    assert [message.json["sequence"] for message in listener.wait(3)] == [1, 0, 1]


@pytest.mark.parametrize("named", [False, True])
def test_a_persistent_subscriber_gets_what_came_while_it_was_away(
    gateway: MqttGateway, plant: FakePlant, listen: Listen, named: bool
) -> None:
    user = gateway.endpoint.users["viewer"] if named else None
    before = listen(TEMPERATURE, name="night-shift", clean=False, user=user)
    before.close()
    for _ in range(50):
        gateway.publish(*plant.scan())
    gateway.flush()
    after = listen(name="night-shift", clean=False, user=user)
    heard = after.wait(50)
    assert [message.json["sequence"] for message in heard] == list(range(50))
    assert not any(message.retained for message in heard)


def test_a_persistent_subscriber_that_goes_in_mid_burst_misses_nothing(
    gateway: MqttGateway, plant: FakePlant, listen: Listen
) -> None:
    before = listen(TEMPERATURE, name="unsteady", clean=False)
    for scan in range(300):
        gateway.publish(*plant.scan())
        if scan == 150:
            before.vanish()
    gateway.flush()
    after = listen(name="unsteady", clean=False)
    seen = {message.json["sequence"] for message in before.heard}
    after.until(lambda: seen | {message.json["sequence"] for message in after.heard} == set(range(300)))


def test_what_a_publisher_sends_just_before_it_goes_arrives(gateway: MqttGateway, listen: Listen) -> None:
    listener = listen("lab/#")
    with Listener(gateway.endpoint) as publisher:
        tickets = [publisher.client.publish("lab/burst", str(n), qos=1) for n in range(2000)]
        for ticket in tickets:
            ticket.wait_for_publish(15)
    assert [int(message.payload) for message in listener.wait(2000)] == list(range(2000))


def test_the_lower_qos_of_publisher_and_subscriber_counts(
    gateway: MqttGateway, listen: Listen, wait_until: Callable[..., None]
) -> None:
    levels: list[int] = []
    listener = listen("lab/#")
    listener.client.on_message = lambda client, data, message: levels.append(message.qos)
    with Listener(gateway.endpoint) as publisher:
        for qos in (0, 1, 2):
            publisher.publish("lab/x", "1", qos=qos)
    wait_until(lambda: len(levels) == 3)
    assert levels == [0, 1, 1]


def test_who_subscribes_by_two_filters_hears_a_message_once(gateway: MqttGateway, listen: Listen) -> None:
    listener = listen("lab/#", "lab/+")
    listener.publish("lab/x", "1")
    listener.wait(1)
    listener.quiet()
    assert len(listener.heard) == 1


def test_a_command_is_taken_and_answered(gateway: MqttGateway, plant: FakePlant, listen: Listen) -> None:
    listener = listen("reactor/R101/ack/+", "reactor/R101/error/+")
    listener.publish(COMMAND, '{"value": 352.0, "unit": "K", "id": "a1"}')
    listener.publish(COMMAND, '{"value": "MAN", "item": "MODE"}')
    listener.publish(COMMAND, '{"value": 200, "item": "MV", "unit": "kg/min"}')
    assert [message.topic for message in listener.wait(3)] == ["reactor/R101/ack/temperature"] * 3
    assert listener.heard[0].json == {
        "id": "a1",
        "loop": "TIC-101",
        "item": "SV",
        "value": 352.0,
        "unit": "K",
    }
    assert plant.writes == [
        ("TIC-101", "SV", 352.0, "K", "mqtt"),
        ("TIC-101", "MODE", "MAN", None, "mqtt"),
        ("TIC-101", "MV", 200, "kg/min", "mqtt"),
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ('{"value": 500.0}', "out_of_range"),
        ('{"value": 369.0}', "too_fast"),
        ('{"value": 352.0, "unit": "degC"}', "wrong_unit"),
        ('{"value": "hot"}', "wrong_type"),
        ('{"value": 10.0, "item": "MV"}', "wrong_mode"),
        ('{"value": true}', "malformed"),
        ('{"value": NaN}', "malformed"),
        ('{"value": 1e999}', "malformed"),
        ('{"value": 352.0, "item": "PV"}', "malformed"),
        ('{"value": 352.0, "colour": "red"}', "malformed"),
        ("352.0", "malformed"),
        ("", "malformed"),
        ('{"value": 352.0' + " " * 5000 + "}", "malformed"),
    ],
)
def test_a_refused_command_says_why_and_what_to_do(
    gateway: MqttGateway, plant: FakePlant, listen: Listen, payload: str, reason: str
) -> None:
    listener = listen("reactor/R101/error/+", "reactor/R101/ack/+")
    listener.publish(COMMAND, payload)
    (message,) = listener.wait(1)
    assert (message.topic, message.json["reason"]) == ("reactor/R101/error/temperature", reason)
    assert message.json["remedy"]
    assert plant.writes == []


def test_a_command_to_a_misspelt_or_uncontrolled_quantity_is_answered(
    gateway: MqttGateway, listen: Listen
) -> None:
    listener = listen("reactor/R101/error/+")
    listener.publish("reactor/R101/command/temprature", '{"value": 352.0}')
    listener.publish("reactor/R101/command/pressure", '{"value": 0.3}')
    first, second = listener.wait(2)
    assert (first.json["reason"], "temperature" in first.json["remedy"]) == ("unknown_name", True)
    assert (second.topic, second.json["reason"]) == ("reactor/R101/error/pressure", "not_writable")


def test_a_retained_command_is_refused_because_it_would_come_back(
    plant: FakePlant, broker_kind: type[Broker]
) -> None:
    with broker_kind() as broker:
        with Listener(broker.endpoint) as client:
            client.publish(COMMAND, '{"value": 352.0}', retain=True)
            client.subscribe("reactor/R101/error/+")
            with MqttGateway(plant, broker):
                assert "retain" in client.wait(1)[0].json["remedy"]
        assert plant.writes == []


def test_a_viewer_reads_but_cannot_command(gateway: MqttGateway, plant: FakePlant, listen: Listen) -> None:
    witness, viewer = listen("#"), listen("#", user=gateway.endpoint.users["viewer"])
    gateway.publish(*plant.scan())
    viewer.wait(len(plant.instruments), "sensor")
    # Mosquitto ends the connection of who publishes where he may not; amqtt drops the message.
    viewer.client.publish(COMMAND, '{"value": 352.0}', qos=1)
    viewer.quiet()
    assert plant.writes == []
    assert not witness.on("command")


@pytest.mark.parametrize("name", [None, "operator"])
def test_nobody_can_speak_as_a_sensor(gateway: MqttGateway, listen: Listen, name: str | None) -> None:
    user = gateway.endpoint.users[name] if name else None
    listener = listen("#", user=user)
    listener.wait(2, "setpoint")
    for kind in ("sensor", "setpoint", "ack"):
        with Listener(gateway.endpoint, user=user) as forger:
            forger.client.publish(f"reactor/R101/{kind}/temperature", json.dumps({"value": 999}), qos=1)
            forger.client.publish("lab/after", "1", qos=1)
            forger.quiet(0.1)
    listener.quiet()
    assert not [message for message in listener.heard if b"999" in message.payload]


def test_a_wrong_password_or_an_unknown_name_is_refused(gateway: MqttGateway) -> None:
    operator = gateway.endpoint.users["operator"]
    for wrong in ({"password": "guess"}, {"name": "admin"}, {"password": ""}):
        user = replace(operator, **wrong)
        with Listener(gateway.endpoint, user=user) as client:
            assert "uthori" in client.refused


def test_the_plants_own_login_is_not_published(gateway: MqttGateway) -> None:
    assert set(gateway.endpoint.users) == {"viewer", "operator"}
    assert gateway.broker is not None
    for user in gateway.endpoint.users.values():
        assert user.password not in repr(gateway.endpoint)


def test_anonymous_clients_can_be_made_readers_or_kept_out(
    plant: FakePlant, broker_kind: type[Broker]
) -> None:
    with (
        broker_kind(anonymous="viewer") as broker,
        MqttGateway(plant, broker),
        Listener(broker.endpoint) as client,
    ):
        client.client.publish(COMMAND, '{"value": 352.0}', qos=1)
        client.quiet()
        assert plant.writes == []
    with broker_kind(anonymous="off") as broker, Listener(broker.endpoint) as client:
        assert "uthori" in client.refused


def test_what_is_published_during_an_outage_arrives_after_it(
    plant: FakePlant, broker_kind: type[Broker]
) -> None:
    first = broker_kind()
    port = first.start().port
    users = first.endpoint.users
    with MqttGateway(plant, first) as gateway:
        gateway.publish(*plant.scan())
        gateway.flush()
        first.stop()
        for _ in range(100):
            gateway.publish(*plant.scan())
        second = broker_kind(port=port, users=tuple(users.values()))
        second.plant_login = first.plant_login
        second._access = first._access
        with second, Listener(second.endpoint) as listener:
            listener.subscribe(TEMPERATURE)
            gateway.flush()
            listener.until(lambda: any(message.json["sequence"] == 100 for message in listener.heard))
            numbers = [message.json["sequence"] for message in listener.heard]
            assert all(later >= earlier for earlier, later in pairwise(numbers))
