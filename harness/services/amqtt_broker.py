"""amqtt's broker with our users, our rules, and an end that does not wait for clients."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


from amqtt.broker import Broker
from amqtt.contexts import Action, BrokerConfig, ListenerConfig
from amqtt.errors import BrokerError
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from harness.services.topics import may_publish
from harness.services.users import Access


class AccessPlugin(BaseAuthPlugin, BaseTopicPlugin):
    """Decides who may connect and publish. Subscribing is free for all who may connect."""

    @dataclass
    class Config:
        """The users, as amqtt hands them over."""

        access: Access

    async def authenticate(self, *, session: Session) -> bool | None:
        """Whether a client may connect.

        amqtt's `session.is_anonymous` stays False: it would keep a nameless client's persistent session
        from queueing.
        """
        access: Access = self.config.access
        return access.role(session.username, session.password) is not None

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool | None:
        """Whether a client may do this with a topic."""
        if action is not Action.PUBLISH:
            return True
        access: Access = self.config.access
        role = access.role(session.username, session.password) if session else None
        return role is not None and topic is not None and may_publish(role, topic)


class PlantBroker(Broker):
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
        super().__init__(config, loop=loop)
        self._connections: set[asyncio.StreamWriter] = set()

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

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        """Serve one connection, and remember it for the end."""
        self._connections.add(writer)
        try:
            await super().stream_connected(reader, writer, listener_name)
        finally:
            self._connections.discard(writer)
            writer.close()

    async def end(self) -> None:
        """Cut every client off and close."""
        # amqtt waits for each client to take what is written to it; a stalled one never does.
        for writer in list(self._connections):
            writer.transport.abort()
        if self.transitions.state == "started":
            await self.shutdown()


