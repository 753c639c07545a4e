"""Messages on their way to a broker: in order, each kept until acknowledged.

paho alone would nearly do. It does not bound how much waits, loses messages silently when 65535 are
unacknowledged, and after a reconnection sends all that waits at once. So it only ever gets a window of
messages, from one thread that keeps the order; the rest waits here.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from harness.errors import ServiceError
from harness.services.users import User

WINDOW = 400
WAITING_MAX = 200_000

Message = tuple[str, bytes, bool]
"""Topic, payload, whether it is retained."""


class Outbox:
    """A connection to a broker that is kept up, and what waits for it.

    Args:
        host: The broker's host.
        port: The broker's port.
        login: Who to log in as.
        secure: Whether to use TLS, with the system's trusted authorities.
        keepalive_s: How often to make sure that the connection lives; 0: never.
        subscriptions: Topic filters to listen to.
        hear: Called with topic, payload and the retained flag of what arrives; it must not block.
        log: Called with a line when something goes wrong.
    """

    def __init__(
        self,
        host: str,
        port: int,
        login: User | None,
        *,
        secure: bool,
        keepalive_s: int,
        subscriptions: Sequence[str],
        hear: Callable[[str, bytes, bool], None],
        log: Callable[[str], None],
    ) -> None:
        self._address, self._subscriptions = (host, port, keepalive_s), list(subscriptions)
        self._hear, self._log = hear, log
        # Guards what follows. It is never held while paho is called: paho calls back with its own locks
        # held, and two threads would wait for each other.
        self._change = threading.Condition()
        self._waiting: deque[Message] = deque()
        self._unacknowledged = 0
        self._connected = self._stopping = False
        self._sender = threading.Thread(target=self._send, name="mqtt-outbox", daemon=True)
        self._client = self._new_client(login, secure)

    def _new_client(self, login: User | None, secure: bool) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"plant-{uuid.uuid4().hex}")
        client.max_inflight_messages_set(0)
        client.max_queued_messages_set(0)
        client.reconnect_delay_set(1, 2)
        if login is not None:
            client.username_pw_set(login.name, login.password)
        if secure:
            client.tls_set()
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_publish, client.on_message = self._on_publish, self._on_message
        return client

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        return self._connected

    def connect(self, timeout_s: float) -> bool:
        """Connect and subscribe; False if that took longer."""
        self._client.connect_async(*self._address)
        self._client.loop_start()
        self._sender.start()
        with self._change:
            return self._change.wait_for(lambda: self._connected, timeout_s)

    def put(self, messages: Sequence[Message]) -> None:
        """Queue messages; they leave in this order.

        Raises:
            ServiceError: If too much waits already.
        """
        with self._change:
            if len(self._waiting) + len(messages) > WAITING_MAX:
                raise ServiceError(
                    "Too many MQTT messages wait for the broker",
                    value=len(self._waiting),
                    remedy="Start the broker again, then go on",
                )
            self._waiting.extend(messages)
            self._change.notify_all()

    def pace(self) -> None:
        """While the broker is there, wait until no message waits outside the window."""
        with self._change:
            self._change.wait_for(lambda: not self._waiting or not self._connected or self._stopping)

    def drain(self, timeout_s: float) -> int:
        """Wait until everything is acknowledged; returns how many are not."""
        with self._change:
            self._change.wait_for(lambda: not self._left() or self._stopping, timeout_s)
            return self._left()

    def _left(self) -> int:
        return len(self._waiting) + self._unacknowledged

    def stop(self, timeout_s: float) -> None:
        """Send what can still be sent, disconnect, end both threads."""
        if self._connected:
            self.drain(timeout_s)
        with self._change:
            self._stopping = True
            self._change.notify_all()
        self._client.disconnect()
        if self._sender.ident is not None:
            self._sender.join(timeout_s)
            self._client.loop_stop()

    def _send(self) -> None:
        while batch := self._next():
            for topic, payload, retain in batch:
                self._client.publish(topic, payload, qos=1, retain=retain)

    def _next(self) -> list[Message]:
        """The messages that fit the window now; empty when stopping."""
        with self._change:
            self._change.wait_for(lambda: self._stopping or self._may_send())
            if self._stopping:
                return []
            room = min(WINDOW - self._unacknowledged, len(self._waiting))
            self._unacknowledged += room
            batch = [self._waiting.popleft() for _ in range(room)]
            self._change.notify_all()
            return batch

    def _may_send(self) -> bool:
        # By halves, so that the sender wakes for a good handful of messages and not for each one.
        return self._connected and bool(self._waiting) and self._unacknowledged <= WINDOW // 2

    def _on_connect(
        self, client: Client, data: Any, flags: ConnectFlags, reason: ReasonCode, more: Properties | None
    ) -> None:
        if reason.is_failure:
            self._log(f"{time.strftime('%H:%M:%S')} the broker refused the connection: {reason}")
            return
        if self._subscriptions:
            client.subscribe([(topic, 1) for topic in self._subscriptions])
        self._set_connected(True)

    def _on_disconnect(
        self, client: Client, data: Any, flags: DisconnectFlags, reason: ReasonCode, more: Properties | None
    ) -> None:
        if reason.is_failure:
            self._log(f"{time.strftime('%H:%M:%S')} the connection to the broker broke: {reason}")
        self._set_connected(False)

    def _set_connected(self, connected: bool) -> None:
        with self._change:
            self._connected = connected
            self._change.notify_all()

    def _on_publish(
        self, client: Client, data: Any, mid: int, reason: ReasonCode, more: Properties | None
    ) -> None:
        with self._change:
            self._unacknowledged -= 1
            # Only when somebody could go on now: waking threads for each message would halve the rate.
            if not self._unacknowledged or (self._waiting and self._may_send()):
                self._change.notify_all()

    def _on_message(self, client: Client, data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            self._log("a message with a topic that is not UTF-8 was dropped")
            return
        self._hear(topic, bytes(message.payload), message.retain)
