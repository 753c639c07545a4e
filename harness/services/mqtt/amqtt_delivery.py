"""A message's way to one subscriber of the embedded broker, and back to the shelf when it did not arrive."""

# amqtt has no annotations that mypy can see, so its classes count as Any.
# mypy: disable-error-code="misc"

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from amqtt.broker import RetainedApplicationMessage
from amqtt.errors import AMQTTError
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session

if TYPE_CHECKING:
    from harness.services.mqtt.amqtt_routes import RoutingBroker


class Kept(RetainedApplicationMessage):
    """A message kept for an absent subscriber.

    Attributes:
        ticket: Its place in the order of all messages.
    """

    __slots__ = ("ticket",)

    def __init__(self, topic: str, data: bytes, qos: int, ticket: int) -> None:
        super().__init__(None, topic, data, qos)
        self.ticket = ticket


class Delivery:
    """Publishes to one subscriber; stands in for amqtt's handler, of which it needs this one method."""

    def __init__(self, broker: RoutingBroker, session: Session, handler: BrokerProtocolHandler) -> None:
        self._broker, self._session, self._handler = broker, session, handler

    def mqtt_publish(
        self, topic: str, data: bytes, qos: int | None, *, retain: bool
    ) -> Coroutine[Any, Any, None]:
        """Publish, and wait for the acknowledgement."""
        # The ticket is drawn now, and not when the work begins: other messages may come in between.
        return self._publish(Kept(topic, data, qos or 0, self._broker.next_ticket), retain)

    async def _publish(self, message: Kept, retain: bool) -> None:
        if self._broker.arriving(self._session) and not self._session.clean_session and message.qos:
            self._session.retained_messages.put_nowait(message)
            return
        try:
            await self._handler.mqtt_publish(message.topic, message.data, message.qos, retain)
        except (asyncio.CancelledError, TimeoutError, AMQTTError, ConnectionError):
            if self._session.clean_session or not message.qos:
                raise
            # It may have arrived, its acknowledgement not: QoS 1 allows to send it twice.
            await self._broker.keep(self._session, self._handler, message)
