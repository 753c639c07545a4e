"""An MQTT client for tests: connects, subscribes, and waits for what it expects."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from harness.services import Endpoint, User

PATIENCE_S = 15.0


@dataclass(frozen=True)
class Heard:
    topic: str
    payload: bytes
    retained: bool

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.payload, parse_constant=lambda word: pytest_fail(word))


def pytest_fail(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


class Listener:
    """Connects on construction; `refused` says why when the broker did not let it in."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        user: User | None = None,
        name: str = "",
        clean: bool = True,
        qos: int = 1,
    ) -> None:
        self.heard: list[Heard] = []
        self.refused = ""
        self.lost = False
        self._qos = qos
        self._change = threading.Condition()
        self._granted: list[int] | None = None
        self._settled = False
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=clean)
        self.client.max_inflight_messages_set(0)
        if user is not None:
            self.client.username_pw_set(user.name, user.password)
        self.client.on_connect = self._on_connect
        self.client.on_message = self._on_message
        self.client.on_subscribe = self._on_subscribe
        self.client.on_disconnect = self._on_disconnect
        self.client.connect(endpoint.host, endpoint.port)
        self.client.loop_start()
        self.until(lambda: self._settled)

    def subscribe(self, *topics: str) -> list[int]:
        if not topics:
            return []
        self._granted = None
        self.client.subscribe([(topic, self._qos) for topic in topics])
        self.until(lambda: self._granted is not None)
        return self._granted or []

    def publish(self, topic: str, payload: str | bytes, *, qos: int = 1, retain: bool = False) -> None:
        self.client.publish(topic, payload, qos=qos, retain=retain).wait_for_publish(PATIENCE_S)

    def wait(self, count: int, topic: str = "") -> list[Heard]:
        """Wait for so many messages whose topic contains `topic`."""
        self.until(lambda: len(self.on(topic)) >= count)
        return self.on(topic)

    def on(self, topic: str) -> list[Heard]:
        return [message for message in self.heard if topic in message.topic]

    def until(self, true: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
        with self._change:
            if not self._change.wait_for(true, timeout_s):
                raise AssertionError(f"Not in {timeout_s} s; heard {len(self.heard)}: {self.heard[-3:]}")

    def quiet(self, seconds: float = 0.3) -> None:
        """Let pass what should not come."""
        time.sleep(seconds)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def vanish(self) -> None:
        """Go without a word, as when a cable is cut."""
        self.client.loop_stop()
        if (connection := self.client.socket()) is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _on_connect(self, client: Any, data: Any, flags: Any, reason: Any, more: Any) -> None:
        with self._change:
            self.refused = str(reason) if reason.is_failure else ""
            self._settled = True
            self._change.notify_all()

    def _on_disconnect(self, client: Any, data: Any, flags: Any, reason: Any, more: Any) -> None:
        with self._change:
            self.lost = True
            self._change.notify_all()

    def _on_subscribe(self, client: Any, data: Any, mid: int, reasons: list[Any], more: Any) -> None:
        with self._change:
            self._granted = [reason.value for reason in reasons]
            self._change.notify_all()

    def _on_message(self, client: Any, data: Any, message: Any) -> None:
        with self._change:
            self.heard.append(Heard(message.topic, message.payload, message.retain))
            self._change.notify_all()
