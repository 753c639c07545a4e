"""Who may connect to the embedded broker, and how it writes to a client."""

# amqtt has no annotations that mypy can see, so its classes count as Any.
# mypy: disable-error-code="misc"

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from amqtt.adapters import StreamWriterAdapter
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session

from harness.services.users import Access

BEHIND_BYTES = 64 * 1024
STALLED_S = 10.0


class AccessPlugin(BaseAuthPlugin):
    """Decides who may connect. Who may publish what is decided in `amqtt_routes`; subscribing is free."""

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


class BatchingWriter(StreamWriterAdapter):
    """Writes to one client: all packets of a turn of the event loop at once, and not for ever.

    One system call for each packet costs more than handling it, because every call hands Python's lock
    to another thread. And a client that does not read must not let its messages pile up here.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        super().__init__(writer)
        self._packets: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Keep a packet until the end of this turn."""
        if not self._packets:
            asyncio.get_running_loop().call_soon(self._flush)
        self._packets.append(data)

    async def drain(self) -> None:
        """Wait while the client is behind; cut it off when that takes too long."""
        if self._writer.transport.get_write_buffer_size() < BEHIND_BYTES:
            return
        try:
            await asyncio.wait_for(super().drain(), STALLED_S)
        except TimeoutError:
            self.logger.warning("A client did not read for %.0f s and was disconnected", STALLED_S)
            self._writer.transport.abort()

    async def close(self) -> None:
        """Write what is left, then close."""
        self._flush()
        await super().close()

    def _flush(self) -> None:
        packets, self._packets = self._packets, []
        if packets and not self.is_closed:
            self._writer.write(b"".join(packets))
