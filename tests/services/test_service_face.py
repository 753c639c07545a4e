"""What all services share: started once, stopped once, whatever their clients do."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress

import pytest
from asyncua import ua
from asyncua.sync import Client
from brokers import BROKERS
from fake_plant import FakePlant
from mqtt_client import Listener

from harness.errors import BadArgument, PortBusy, ServiceError, WrongState
from harness.services import Endpoint, MqttGateway, OpcUaService, Service, start_all

Make = Callable[..., Service]

SERVICES = [
    pytest.param(lambda **options: OpcUaService(FakePlant(), **options), id="opcua"),
    *[pytest.param(*kind.values, id=kind.id, marks=kind.marks) for kind in BROKERS],
    pytest.param(lambda **options: MqttGateway(FakePlant(), **options), id="gateway"),
]
STOP_MAX_S = 5.0


@pytest.fixture(params=SERVICES)
def make(request: pytest.FixtureRequest) -> Make:
    kind: Make = request.param
    return kind


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while left := [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.01)


def listening(endpoint: Endpoint) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((endpoint.host, endpoint.port)) == 0


def test_it_listens_on_loopback_when_start_returns_and_not_after_stop(make: Make) -> None:
    service = make()
    endpoint = service.start()
    assert (endpoint.host, service.running, listening(endpoint)) == ("127.0.0.1", True, True)
    service.stop()
    assert (service.running, listening(endpoint)) == (False, False)


def test_a_second_start_is_refused_and_harms_nothing(make: Make) -> None:
    with make() as service:
        with pytest.raises(WrongState, match="started before"):
            service.start()
        assert listening(service.endpoint)


def test_it_cannot_be_used_before_start_or_after_stop(make: Make) -> None:
    service = make()
    with pytest.raises(WrongState, match="start"):
        _ = service.endpoint
    service.start()
    service.stop()
    with pytest.raises(WrongState, match="new one"):
        _ = service.endpoint
    with pytest.raises(WrongState, match="new one"):
        service.start()


def test_stop_may_come_twice_or_before_start(make: Make) -> None:
    service = make()
    service.start()
    service.stop()
    service.stop()
    make().stop()


def test_a_busy_port_is_named_and_a_given_one_is_taken(make: Make) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortBusy, match=f"{port}.*port=0"):
            make(port=port).start()
    with make(port=port) as service:
        assert service.endpoint.port == port


def test_the_port_is_free_for_the_next_one_at_once(make: Make) -> None:
    with make() as first:
        port = first.endpoint.port
        with socket.create_connection(("127.0.0.1", port)):
            first.stop()
            with make(port=port) as second:
                assert second.endpoint.port == port


@pytest.mark.parametrize("port", [-1, 65536, 1.5, "1883", True, None])
def test_what_is_no_port_is_explained(make: Make, port: object) -> None:
    with pytest.raises(BadArgument, match="0 to 65535"):
        make(port=port)


def test_clients_that_send_nothing_or_rubbish_or_half_a_message_do_not_hold_it_up(make: Make) -> None:
    with make() as service, ExitStack() as clients:
        address = (service.endpoint.host, service.endpoint.port)
        long_hello = b"HELF\xff\xff\xff\xff" + b"x" * 1000
        for opening in (b"", b"\x00" * 100, b"HELF", b"\x10\xff\xff\xff\x7f", long_hello):
            client = clients.enter_context(socket.create_connection(address))
            client.sendall(opening)
        begin = time.monotonic()
        service.stop()
        assert time.monotonic() - begin < STOP_MAX_S
        assert not listening(Endpoint(url="", host=address[0], port=address[1]))


def test_opcua_stops_with_a_subscriber_attached_that_does_not_read() -> None:
    plant = FakePlant("plant")
    service = OpcUaService(plant)
    client = Client(service.start().url)
    client.connect()
    subscription = client.create_subscription(10, _Deaf())
    subscription.subscribe_data_change(
        [client.get_node(f"ns=2;s={row.address.node}.PV") for row in plant.instruments]
    )
    released = threading.Event()
    client.tloop.loop.call_soon_threadsafe(released.wait)
    begin = time.monotonic()
    for _ in range(50):
        service.publish(*plant.scan())
    service.stop()
    assert time.monotonic() - begin < STOP_MAX_S
    released.set()
    with suppress(OSError, ua.UaError, TimeoutError, CancelledError):
        client.disconnect()


class _Deaf:
    def datachange_notification(self, *_: object) -> None:
        """Hears nothing."""


@pytest.mark.parametrize("kind", BROKERS)
def test_a_broker_stops_with_a_subscriber_attached_that_does_not_read(kind: type[Service]) -> None:
    plant = FakePlant()
    with MqttGateway(plant, kind()) as gateway, _stalled_subscriber(gateway.endpoint):  # type: ignore[arg-type]
        for _ in range(300):
            gateway.publish(*plant.scan())
        gateway.flush()
        begin = time.monotonic()
        gateway.stop()
        assert time.monotonic() - begin < STOP_MAX_S


def _stalled_subscriber(endpoint: Endpoint) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    client.connect((endpoint.host, endpoint.port))
    client.sendall(bytes.fromhex("100d00044d5154540402003c000173"))  # CONNECT, client id "s"
    client.recv(4)
    client.sendall(bytes.fromhex("82060001000123") + b"\x01")  # SUBSCRIBE "#", QoS 1
    client.recv(5)
    return client


def test_start_all_starts_side_by_side_and_keeps_the_order() -> None:
    plant = FakePlant()
    services: list[Service] = [OpcUaService(plant), MqttGateway(plant)]
    endpoints = start_all(services)
    assert [endpoint.url.partition(":")[0] for endpoint in endpoints] == ["opc.tcp", "mqtt"]
    for service in services:
        service.stop()


def test_start_all_leaves_nothing_running_when_one_fails() -> None:
    plant = FakePlant()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        services: list[Service] = [MqttGateway(plant), OpcUaService(plant, port=other.getsockname()[1])]
        with pytest.raises(PortBusy):
            start_all(services)
    assert not any(service.running for service in services)


def test_a_failure_shows_the_end_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    service = OpcUaService(FakePlant())
    service.logs.extend(["first line", "the last thing it said"])
    with pytest.raises(ServiceError, match="the last thing it said"):
        raise service._failure("did not start")


def test_the_environment_moves_the_opcua_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("HARNESS_OPCUA_URL", f"opc.tcp://127.0.0.1:{port}/anything")
    with OpcUaService(FakePlant()) as service:
        assert service.endpoint.port == port
    for wrong in ("http://127.0.0.1:1", "opc.tcp://:4840", "opc.tcp://here", "opc.tcp://here:port", "4840"):
        monkeypatch.setenv("HARNESS_OPCUA_URL", wrong)
        with pytest.raises(BadArgument, match=re.escape("opc.tcp://127.0.0.1:4840")):
            OpcUaService(FakePlant())


def test_the_environment_points_the_gateway_at_another_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.services import MqttBroker, User
    from harness.services.users import Role

    plant = FakePlant()
    with MqttBroker(anonymous="off", users=(User("p:1", "s@cret", Role.PLANT), User("me", "me"))) as broker:
        port = broker.endpoint.port
        monkeypatch.setenv("HARNESS_MQTT_URL", f"mqtt://p%3A1:s%40cret@127.0.0.1:{port}")
        with MqttGateway(plant) as gateway, Listener(broker.endpoint, user=User("me", "me")) as listener:
            assert (gateway.broker, gateway.endpoint.url) == (None, f"mqtt://127.0.0.1:{port}")
            listener.subscribe("+/+/sensor/+")
            gateway.publish(*plant.scan())
            listener.wait(len(plant.instruments))
        assert broker.running


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1", "mqtt://", "mqtt://host:99999", "mqtt://user:secret@:1883", "127.0.0.1:1883"]
)
def test_a_wrong_broker_address_is_explained_without_its_password(url: str) -> None:
    with pytest.raises(BadArgument, match="mqtt://user:password@host:1883") as caught:
        MqttGateway(FakePlant(), url=url)
    assert "secret" not in str(caught.value)


def test_a_broker_that_is_not_there_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.services.mqtt.gateway.CONNECT_S", 0.5)
    with pytest.raises(ServiceError, match=re.escape("127.0.0.1:1")):
        MqttGateway(FakePlant(), url="mqtt://127.0.0.1:1").start()


def test_a_missing_mosquitto_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.services import MosquittoBroker

    monkeypatch.setattr("harness.services.mqtt.mosquitto.installed", lambda: None)
    with pytest.raises(ServiceError, match="package"):
        MosquittoBroker().start()
