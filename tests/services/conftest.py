"""A plant without physics, and the brokers that every MQTT need is proven against."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from brokers import BROKERS
from fake_plant import FakePlant
from mqtt_client import Listener

from harness.services import MqttGateway
from harness.services.mqtt.broker import Broker


@pytest.fixture
def plant() -> FakePlant:
    return FakePlant()


@pytest.fixture(params=BROKERS)
def broker_kind(request: pytest.FixtureRequest) -> type[Broker]:
    kind: type[Broker] = request.param
    return kind


@pytest.fixture
def gateway(plant: FakePlant, broker_kind: type[Broker]) -> Iterator[MqttGateway]:
    with MqttGateway(plant, broker_kind()) as gateway:
        yield gateway


@pytest.fixture
def listen(gateway: MqttGateway) -> Iterator[Callable[..., Listener]]:
    with ExitStack() as stack:

        def connect(*topics: str, **options: object) -> Listener:
            listener = stack.enter_context(Listener(gateway.endpoint, **options))  # type: ignore[arg-type]
            listener.subscribe(*topics)
            return listener

        yield connect


@pytest.fixture
def wait_until() -> Callable[..., None]:
    def wait(true: Callable[[], object], timeout_s: float = 15.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.01)

    return wait
