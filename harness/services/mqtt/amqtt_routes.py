"""How the embedded broker passes a message from its publisher to its subscribers.

amqtt compares every message with every subscription, asks its plugins about each pair in a task of its
own, sends at the subscriber's QoS whatever the publisher's was, and sends twice to who subscribed by two
filters. This does what MQTT 3.1.1 says (the lower QoS) and what other brokers do (once), and remembers
which filters a topic matches.
"""

# amqtt has no annotations that mypy can see, so its classes count as Any.
# mypy: disable-error-code="misc"

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from typing import Any, cast

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session

from harness.services.mqtt.amqtt_delivery import Delivery, Kept
from harness.services.mqtt.topics import may_publish
from harness.services.users import Access

ROUTES_MAX = 20_000


class RoutingBroker(Broker):
    """amqtt's broker with a routing of its own.

    Args:
        config: amqtt's configuration.
        access: Who may publish what.
        loop: The loop it runs on.
    """

    def __init__(self, config: BrokerConfig, access: Access, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(config, loop=loop)
        self._access = access
        self._tickets = itertools.count()
        self._arriving: set[str | None] = set()
        self._routes: dict[str, list[str]] = {}

    @property
    def next_ticket(self) -> int:
        """A number that says which of two messages came first."""
        return next(self._tickets)

    def arriving(self, session: Session) -> bool:
        """Whether a client has connected and what was kept for it is not yet on its way."""
        return session.client_id in self._arriving

    async def add_subscription(self, subscription: tuple[str, int], session: Session) -> int:
        """Add or refuse a subscription."""
        self._routes.clear()
        return int(await super().add_subscription(subscription, session))

    async def _handle_message_delivery(
        self, client_session: Session, handler: BrokerProtocolHandler, wait_deliver: asyncio.Future[Any]
    ) -> bool:
        """Pass one message on; False when it breaks the protocol and the client must go."""
        message = wait_deliver.result()
        if message is None:
            return True
        if not message.topic or message.topic.startswith("$") or {"#", "+"} & set(message.topic):
            self.logger.warning("A client published to %.100r and is disconnected", message.topic)
            return False
        role = self._access.role(client_session.username, client_session.password)
        if role is not None and may_publish(role, message.topic):
            await self._broadcast_message(client_session, message.topic, message.data, message.qos)
            if message.publish_packet is not None and message.publish_packet.retain_flag:
                await self.retain_message(client_session, message.topic, message.data, message.qos)
        return True

    async def _broadcast_loop(self) -> None:
        under_way: deque[asyncio.Task[Any]] = self._tasks_queue
        while True:
            while under_way and under_way[0].done():
                self._note(under_way.popleft())
            await self._run_broadcast(under_way)

    async def _run_broadcast(self, running_tasks: deque[asyncio.Task[Any]]) -> None:
        broadcast = await self._broadcast_queue.get()
        for session, granted in self._receivers(broadcast["topic"]).values():
            qos = min(granted, broadcast.get("qos", granted))
            if session.transitions.state != "connected":
                self._keep_for(session, broadcast, qos)
            elif (handler := self._get_handler(session)) is not None:
                work = handler.mqtt_publish(broadcast["topic"], broadcast["data"], qos, retain=False)
                running_tasks.append(asyncio.ensure_future(work))

    def _receivers(self, topic: str) -> dict[str, tuple[Session, int]]:
        """The subscribers of a topic with the highest QoS that each was granted."""
        receivers: dict[str, tuple[Session, int]] = {}
        for pattern in self._filters(topic):
            for session, granted in self._subscriptions.get(pattern, ()):
                known = receivers.get(session.client_id)
                if known is None or known[1] < granted:
                    receivers[session.client_id] = (session, granted)
        return receivers

    def _filters(self, topic: str) -> list[str]:
        found = self._routes.get(topic)
        if found is None:
            if len(self._routes) >= ROUTES_MAX:
                self._routes.clear()
            found = [pattern for pattern in self._subscriptions if self._matches(topic, pattern)]
            self._routes[topic] = found
        return found

    def _keep_for(self, session: Session, broadcast: dict[str, Any], qos: int) -> None:
        """Keep a message for an absent subscriber, if it has asked for that."""
        if qos and not session.clean_session:
            message = Kept(broadcast["topic"], broadcast["data"], qos, self.next_ticket)
            session.retained_messages.put_nowait(message)

    def _get_handler(self, session: Session) -> BrokerProtocolHandler | None:
        handler = super()._get_handler(session)
        return None if handler is None else cast(BrokerProtocolHandler, Delivery(self, session, handler))

    async def keep(self, session: Session, handler: BrokerProtocolHandler, message: Kept) -> None:
        """Keep what a persistent subscriber did not acknowledge; it goes out when the client comes back."""
        session.retained_messages.put_nowait(message)
        if session.transitions.is_connected() and self._sessions[str(session.client_id)][1] is not handler:
            await self._publish_session_retained_messages(session)  # It is back already.

    async def _publish_session_retained_messages(self, session: Session) -> None:
        self._arriving.discard(session.client_id)
        handler, kept = self._get_handler(session), list[Kept]()
        while not session.retained_messages.empty():
            kept.append(cast(Kept, session.retained_messages.get_nowait()))
        # What was under way when the client went is kept a little after what came later.
        for message in sorted(kept, key=lambda message: message.ticket):
            if handler is not None:
                work = handler.mqtt_publish(message.topic, message.data, message.qos, retain=False)
                self._tasks_queue.append(asyncio.ensure_future(work))

    def _note(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.logger.warning("A client was not served: %r", task.exception())
