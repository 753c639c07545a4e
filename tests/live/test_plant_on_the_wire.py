"""The plant with its services: what real clients get is what `plant.log()` says, and nothing stays behind."""

import json
import socket
import threading
import time
from collections import Counter

import pandas as pd
import pytest
from asyncua.sync import Client as OpcUaClient
from paho.mqtt.client import Client as MqttClient
from paho.mqtt.enums import CallbackAPIVersion

from harness import Plant
from harness.errors import PortBusy, WrongState

PATIENCE_S = 20.0


def eventually(condition):
    """Poll a condition, for what crosses a socket arrives when it does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        threading.Event().wait(0.01)


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def no_thread_left():
    before = set(threading.enumerate())
    yield
    eventually(lambda: set(threading.enumerate()) <= before)


@pytest.fixture
def live(no_thread_left):
    """A started plant of the whole scope; it is stopped at the end."""
    with Plant(seed=7, scope="plant").start() as plant:
        yield plant


@pytest.fixture
def mqtt(live):
    """Everything under sensor topics that a paho client hears, as decoded objects."""
    heard, ready = [], threading.Event()
    client = MqttClient(CallbackAPIVersion.VERSION2)
    client.on_connect = lambda c, *_: c.subscribe("+/+/sensor/#", qos=1)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda _c, _u, message: heard.append((message.topic, json.loads(message.payload)))
    client.connect(live.mqtt.host, live.mqtt.port)
    client.loop_start()
    assert ready.wait(PATIENCE_S)
    yield heard
    client.disconnect()
    client.loop_stop()


def rows_of(log):
    """A log as a bag of what a protocol shows of each row."""
    return Counter(
        (row.tag, row.time.timestamp(), None if pd.isna(row.value) else row.value, str(row.quality))
        for row in log.itertuples()
    )


def test_an_mqtt_client_hears_the_log(live, mqtt):
    live.fault("TT-102", "missing", start_min=1, end_min=2)
    live.fault("TT-101", "bias", start_min=1, bias_K=3.0)
    eventually(lambda: len(mqtt) >= 19)  # the retained first sample of each tag
    live.run(minutes=7)
    log = live.log()
    eventually(lambda: len(mqtt) >= len(log))
    heard = Counter(
        (m["tag"], pd.Timestamp(m["timestamp"]).timestamp(), m["value"], m["quality"]) for _, m in mqtt
    )
    assert heard == rows_of(log)
    topics = {(topic, m["tag"], m["unit"]) for topic, m in mqtt}
    assert topics == {(row.address.topic("sensor"), row.tag, row.unit) for row in live.instruments}


class Changes:
    """Handler of an OPC UA subscription."""

    def __init__(self):
        self.seen = []

    def datachange_notification(self, node, value, data):
        self.seen.append((str(node.nodeid.Identifier), data.monitored_item.Value))


def test_an_opcua_client_sees_the_log(live):
    handler = Changes()
    with OpcUaClient(live.opcua.url) as client:
        nodes = {f"{row.address.node}.PV": row.tag for row in live.instruments}
        subscription = client.create_subscription(10, handler)
        subscription.subscribe_data_change(
            [client.get_node(f"ns=2;s={node}") for node in nodes], queuesize=1000, sampling_interval=0
        )
        eventually(lambda: len(handler.seen) >= len(nodes))
        live.run(minutes=7)
        log = live.log()
        eventually(lambda: len(handler.seen) >= len(log) - 4)
        subscription.delete()
    seen = Counter(
        (
            nodes[node],
            pd.Timestamp(value.SourceTimestamp).timestamp(),
            value.Value.Value,
            "Good" if value.StatusCode.is_good() else "Bad",
        )
        for node, value in handler.seen
    )
    # The server tells of changes: an analyser that finds the same value again is no change.
    again = log.groupby("tag", observed=True)["value"].transform(lambda values: values.diff() == 0)
    assert set(log[again.astype(bool)]["tag"]) == {"AT-101A", "AT-101W", "AT-201", "AT-202"}
    expected = rows_of(log[~again.astype(bool)])
    assert seen == expected


def test_a_set_value_written_over_opcua_moves_the_plant(live):
    with OpcUaClient(live.opcua.url) as client:
        client.get_node("ns=2;s=Reactor.R101.Temperature.SV").write_value(352.0)
        live.run(minutes=1)
        assert client.get_node("ns=2;s=Reactor.R101.Temperature.SV").read_value() == 352.0
    assert live.loop_states()[0].sv == 352.0
    assert live.truth()["coolant_kg_per_min"].iloc[-1] < live.truth()["coolant_kg_per_min"].iloc[0]


def test_on_the_wire_the_log_is_that_of_a_pure_simulation(live):
    live.run(minutes=5)
    live.run(minutes=2)
    pure = Plant(seed=7, scope="plant").simulate(minutes=7)
    pd.testing.assert_frame_equal(live.log(), pure.log, check_exact=True)
    pd.testing.assert_frame_equal(live.truth(), pure.truth, check_exact=True)


def test_played_fast_or_run_the_log_is_the_same(live):
    live.play(speed=6000)
    eventually(lambda: len(live.truth()) > 30)
    live.pause()
    minutes = (len(live.truth()) - 1) / 6
    pure = Plant(seed=7, scope="plant").simulate(minutes=minutes)
    pd.testing.assert_frame_equal(live.log(), pure.log, check_exact=True)


def test_play_keeps_to_its_speed():
    with Plant(seed=1).start() as plant:
        begun = time.monotonic()
        plant.play(speed=100)
        assert plant.playing
        eventually(lambda: len(plant.truth()) > 10)
        took_s = time.monotonic() - begun
        plant.pause()
        assert not plant.playing
        # Ten periods of 10 s at 100 plant seconds a second; a loaded machine may be late, never early.
        assert took_s > 0.9
        stands = plant.now
        threading.Event().wait(0.3)
        assert plant.now == stands


def test_the_latest_sample_of_each_tag_is_at_hand(live):
    live.run(minutes=1)
    latest = live.latest()
    assert set(latest) == {row.tag for row in live.instruments}
    assert latest["TT-101"].value == live.log().query("tag == 'TT-101'")["value"].iloc[-1]


def test_while_it_plays_it_is_neither_run_nor_played_again(live):
    live.play(speed=10)
    with pytest.raises(WrongState, match="pause"):
        live.run(minutes=1)
    with pytest.raises(WrongState, match="pause"):
        live.play()
    live.pause()
    live.run(minutes=1)


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf"), "fast", True])
def test_an_impossible_speed_is_refused(live, speed):
    from harness.errors import BadArgument

    with pytest.raises(BadArgument, match="speed"):
        live.play(speed=speed)
    assert not live.playing


def test_a_second_start_is_refused_and_the_first_goes_on(live):
    with pytest.raises(WrongState, match="started before"):
        live.start()
    live.run(minutes=1)
    assert len(live.truth()) == 7


def test_with_starts_a_plant_that_was_not_started(no_thread_left):
    with Plant() as plant:
        plant.run(minutes=1)
        port = plant.mqtt.port
    assert is_free(port)


def test_stop_frees_both_ports_and_ends_every_thread(no_thread_left):
    plant = Plant().start()
    ports = plant.opcua.port, plant.mqtt.port
    plant.play(speed=60)
    plant.stop()
    plant.stop()
    assert all(is_free(port) for port in ports)
    with pytest.raises(WrongState, match="stopped"):
        plant.run(minutes=1)
    assert len(plant.log()) > 0


def test_a_plant_may_be_started_on_the_ports_of_one_that_was_stopped(no_thread_left):
    first = Plant().start()
    ports = {"opcua_port": first.opcua.port, "mqtt_port": first.mqtt.port}
    first.stop()
    with Plant().start(**ports) as second:
        assert (second.opcua.port, second.mqtt.port) == tuple(ports.values())
        second.run(minutes=1)


@pytest.mark.parametrize("service", ["opcua_port", "mqtt_port"])
def test_a_busy_port_is_named_and_nothing_is_left_running(no_thread_left, service):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        plant = Plant()
        with pytest.raises(PortBusy, match=str(port)):
            plant.start(**{service: port})
    with pytest.raises(WrongState):
        plant.run(minutes=1)
    # Once the port is free the same plant can be started.
    with plant.start(**{service: port}):
        plant.run(minutes=1)


def test_two_plants_live_side_by_side(no_thread_left):
    with Plant(seed=1).start() as one, Plant(seed=2).start() as two:
        assert len({one.opcua.port, one.mqtt.port, two.opcua.port, two.mqtt.port}) == 4
        one.run(minutes=2)
        two.run(minutes=1)
        assert (len(one.truth()), len(two.truth())) == (13, 7)


def test_an_error_while_it_plays_is_raised_by_pause(no_thread_left, monkeypatch):
    with Plant().start() as plant:

        def broken(_seconds):
            raise ZeroDivisionError("on purpose")

        plant.play(speed=1000)
        monkeypatch.setattr(plant._simulation, "run", broken)
        eventually(lambda: not plant.playing)
        with pytest.raises(ZeroDivisionError, match="on purpose"):
            plant.pause()
        monkeypatch.undo()
        plant.run(minutes=1)


def test_an_error_while_it_plays_does_not_keep_stop_from_freeing_the_ports(no_thread_left, monkeypatch):
    plant = Plant().start()
    ports = plant.opcua.port, plant.mqtt.port

    def broken(_seconds):
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(plant._simulation, "run", broken)
    plant.play(speed=1000)
    eventually(lambda: not plant.playing)
    with pytest.raises(ZeroDivisionError):
        plant.stop()
    assert all(is_free(port) for port in ports)


def test_an_error_in_the_block_stops_the_plant(no_thread_left):
    plant = Plant().start()
    port = plant.opcua.port
    with pytest.raises(KeyError), plant:
        raise KeyError("the learner's")
    assert is_free(port)


def test_faults_and_writes_from_other_threads_while_it_plays(live):
    trouble = []

    def meddle(number):
        try:
            for step in range(20):
                fault = live.fault("TT-101" if number else "TT-102", "bias", bias_K=0.1)
                live.write("FIC-101", "SV", 4.2 + 0.001 * (step % 2))
                live.log()
                live.truth()
                live.latest()
                live.remove(fault)
        except Exception as error:
            trouble.append(error)

    live.play(speed=6000)
    threads = [threading.Thread(target=meddle, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    live.pause()
    assert not trouble
