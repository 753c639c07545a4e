"""amqtt's broker, mended where it loses messages, and with an end that waits for no client.

amqtt 0.12 loses messages that it has acknowledged, and says more than it should:

- what a publisher sent just before it disconnected: of 5000 messages of `mosquitto_pub -l`, half;
- what was on its way to a subscriber with a persistent session when that subscriber went;
- a client that connects gets the retained messages of everybody's subscriptions, not of its own;
- what was kept for an absent subscriber arrives marked as retained.

Each is one method here or in `amqtt_routes`. They also make it faster, because amqtt starts five tasks for
each message.
"""

# amqtt has no annotations that mypy can see, so its classes count as Any.
# mypy: disable-error-code="misc"

from __future__ import annotations

import asyncio
from typing import Any

from amqtt.adapters import StreamReaderAdapter
from amqtt.contexts import BrokerConfig, ListenerConfig
from amqtt.errors import BrokerError
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session

from harness.services.mqtt.amqtt_parts import AccessPlugin, BatchingWriter
from harness.services.mqtt.amqtt_routes import RoutingBroker
from harness.services.users import Access


class PlantBroker(RoutingBroker):
    """The broker; it runs on one event loop.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        access: Its users.
        loop: The loop it runs on.
    """

    def __init__(self, host: str, port: int, access: Access, loop: asyncio.AbstractEventLoop) -> None:
        plugin = f"{AccessPlugin.__module__}.{AccessPlugin.__name__}"
        config = BrokerConfig(
            listeners={"default": ListenerConfig(bind=f"{host}:{port}")}, plugins={plugin: {"access": access}}
        )
        super().__init__(config, access, loop)
        self._connections: set[asyncio.StreamWriter] = set()
        self._subscribing: set[str | None] = set()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._servers["default"].instance.sockets[0].getsockname()[1])

    async def begin(self) -> None:
        """Listen.

        Raises:
            OSError: If the port cannot be had.
        """
        try:
            await self.start()
        except BrokerError as error:
            # amqtt wraps the OSError that says why.
            raise error.__cause__ if isinstance(error.__cause__, OSError) else error from error

    async def end(self) -> None:
        """Cut every client off and close."""
        # amqtt waits for each client to take what is written to it; a stalled one never does.
        for writer in list(self._connections):
            writer.transport.abort()
        if self._broadcast_task is not None:
            self._broadcast_task.cancel()
        if self.transitions.state == "started":
            await self.shutdown()

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        """Serve one connection, and remember it for the end."""
        self._connections.add(writer)
        try:
            await self._client_connected(listener_name, StreamReaderAdapter(reader), BatchingWriter(writer))
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _handle_client_session(
        self, reader: Any, writer: Any, client_session: Session, handler: BrokerProtocolHandler, *more: Any
    ) -> None:
        """Serve a client that has said who it is."""
        # From here amqtt counts the session as connected. Until what was kept for it is on its way, new
        # messages must queue up behind.
        self._arriving.add(client_session.client_id)
        try:
            await super()._handle_client_session(reader, writer, client_session, handler, *more)
        finally:
            self._arriving.discard(client_session.client_id)

    async def _client_message_loop(self, client_session: Session, handler: BrokerProtocolHandler) -> None:
        """Serve a client until it has gone and all it sent is passed on."""
        gone = asyncio.ensure_future(handler.wait_disconnect())
        helpers = [
            asyncio.create_task(self._serve_subscriptions(client_session, handler)),
            asyncio.create_task(self._serve_unsubscriptions(client_session, handler)),
        ]
        for helper in helpers:
            helper.add_done_callback(self._note)
        try:
            await self._pass_on(client_session, handler, gone)
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
        await self._part(client_session, handler, gone)

    async def _pass_on(
        self, session: Session, handler: BrokerProtocolHandler, gone: asyncio.Future[Any]
    ) -> None:
        """Pass a client's messages on, the last ones too; returns early when it breaks the protocol."""
        sent = session.delivered_message_queue
        while not (gone.done() and sent.empty()):
            if sent.empty():
                message = asyncio.ensure_future(sent.get())
                await asyncio.wait((gone, message), return_when=asyncio.FIRST_COMPLETED)
                if not message.done():
                    message.cancel()  # A cancelled get leaves what has just arrived in the queue.
                    await asyncio.wait((message,))
                    continue
            else:
                message = asyncio.get_running_loop().create_future()
                message.set_result(sent.get_nowait())
            if not await self._handle_message_delivery(session, handler, message):
                return

    async def _part(
        self, session: Session, handler: BrokerProtocolHandler, gone: asyncio.Future[Any]
    ) -> None:
        """Close a client's side, unless a newer connection has taken its session over."""
        if not gone.done():
            await handler.handle_connection_closed()
        if self._sessions.get(session.client_id, (None, None))[1] is handler:
            await self._handle_disconnect(session, handler, gone)
        else:
            await self._stop_handler(handler)

    async def _serve_subscriptions(self, session: Session, handler: BrokerProtocolHandler) -> None:
        while True:
            asked = asyncio.get_running_loop().create_future()
            asked.set_result(await handler.get_next_pending_subscription())
            self._subscribing.add(session.client_id)
            try:
                await self._handle_subscription(session, handler, asked)
            finally:
                self._subscribing.discard(session.client_id)

    async def _serve_unsubscriptions(self, session: Session, handler: BrokerProtocolHandler) -> None:
        while True:
            asked = asyncio.get_running_loop().create_future()
            asked.set_result(await handler.get_next_pending_unsubscription())
            await self._handle_unsubscription(session, handler, asked)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        if session.client_id in self._subscribing:
            await super()._publish_retained_messages_for_subscription(subscription, session)
