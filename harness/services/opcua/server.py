"""asyncua's server with the plant's address space, users and rules; it runs on an event loop."""

# asyncua's annotations do not fit its own use: plain ints for its UInt32, names it does not re-export.
# mypy: disable-error-code="arg-type,attr-defined,no-untyped-call"

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asyncua import Server, ua
from asyncua.crypto import security_policies
from asyncua.crypto.permission_rules import SimpleRoleRuleset, UserRole
from asyncua.crypto.validator import CertificateValidator
from asyncua.server.internal_server import InternalServer
from asyncua.server.user_managers import UserManager

from harness.plant.samples import LoopState, Sample
from harness.plant.tags import Instrument
from harness.services.opcua.certificates import APPLICATION_URI, Identity
from harness.services.opcua.codes import status
from harness.services.opcua.nodes import WAITING, PlantNodes, add_plant
from harness.services.opcua.standard_nodes import standard_nodes
from harness.services.opcua.writes import GuardedAttributes, PlantUser
from harness.services.port import PlantPort
from harness.services.readings import reading
from harness.services.users import Access, Anonymous

NAMESPACE_URI = "urn:digital-twin-course:instruments"
_GOOD = ua.StatusCode()


class PlantServer:
    """The OPC UA server of a plant.

    Args:
        plant: The plant it shows.
        access: Its users.
        identity: Its certificate.
        executor: Where the plant is asked for writes.
    """

    def __init__(
        self, plant: PlantPort, access: Access, identity: Identity, executor: ThreadPoolExecutor
    ) -> None:
        self._plant = plant
        self._instruments: Mapping[str, Instrument] = {row.tag: row for row in plant.instruments}
        self._inner = _InnerServer(_Users(access))
        self._guard = GuardedAttributes(self._inner.aspace, plant, executor)
        self._inner.attribute_service = self._guard
        self._server = Server(iserver=self._inner)
        self._inner.certificate, self._inner.private_key = identity.certificate, identity.key
        self._nodes = PlantNodes({}, {}, {})
        self._open = access.anonymous is not Anonymous.OFF

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port.

        Raises:
            OSError: If the port cannot be had.
        """
        server = self._server
        await server.init()
        await server.set_application_uri(APPLICATION_URI)
        await server.register_namespace(NAMESPACE_URI)
        server.set_server_name("Digital twin course: plant")
        self._nodes = add_plant(self._inner.node_mgt_service, self._plant)
        self._guard.commands = self._nodes.commands
        await self._show_waiting()
        await self.publish((), self._plant.loop_states())
        self._secure()
        server.set_endpoint(f"opc.tcp://{host}:{port}/plant")
        await server.start()
        return self._bound_port()

    def _secure(self) -> None:
        """Offer what the users may do: an open endpoint and an encrypted one, or the encrypted one alone."""
        offered = [ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt]
        tokens: list[type] = [ua.UserNameIdentityToken]
        if self._open:
            offered.insert(0, ua.SecurityPolicyType.NoSecurity)
            tokens.insert(0, ua.AnonymousIdentityToken)
        else:
            # An unencrypted channel must still carry the question which endpoints there are, and asyncua
            # accepts one whether offered or not. Nothing else may pass through it.
            self._server._policies.append(
                security_policies.SecurityPolicyFactory(
                    security_policies.SecurityPolicyNone,
                    ua.MessageSecurityMode.None_,
                    permission_ruleset=_Nothing(),
                )
            )
        self._server.set_security_policy(offered)
        self._server.set_identity_tokens(tokens)
        self._server.set_certificate_validator(CertificateValidator().validate)

    def _bound_port(self) -> int:
        if self._server.bserver is None:
            raise OSError("the server is not listening")
        return int(self._server.bserver.port)

    async def _show_waiting(self) -> None:
        now = datetime.now(UTC)
        for node in self._nodes.readings.values():
            await self._write(node, ua.DataValue(ua.Variant(), WAITING, ServerTimestamp=now))

    async def publish(self, samples: Sequence[Sample], states: Sequence[LoopState]) -> None:
        """Put samples and loop states into the address space; monitored items are notified on the way."""
        now = datetime.now(UTC)
        for sample in samples:
            said = reading(sample)
            value = ua.Variant() if said.value is None else ua.Variant(said.value, ua.VariantType.Double)
            code = status(said, self._instruments[sample.tag])
            await self._write(self._nodes.readings[sample.tag], ua.DataValue(value, code, sample.time, now))
        for state in states:
            await self._publish_loop(state, now)

    async def _publish_loop(self, state: LoopState, now: datetime) -> None:
        self._guard.plant_time = state.time
        values = (
            ua.Variant(float(state.sv), ua.VariantType.Double),
            ua.Variant(float(state.mv), ua.VariantType.Double),
            ua.Variant(str(state.mode), ua.VariantType.String),
        )
        for node, value in zip(self._nodes.loops[state.tag], values, strict=True):
            await self._write(node, ua.DataValue(value, _GOOD, state.time, now))

    async def _write(self, node: ua.NodeId, value: ua.DataValue) -> None:
        await self._inner.aspace.write_attribute_value(node, ua.AttributeIds.Value, value)

    async def stop(self) -> None:
        """Cut every client off and close."""
        # Closing a connection waits until its client has read everything; a stalled one never does.
        for transport in list(self._inner.asyncio_transports):
            transport.abort()
        await self._stop_clock()
        await self._server.stop()

    async def _stop_clock(self) -> None:
        """End the task that ticks the server's time; asyncua would wait out its last second."""
        clock, self._inner.time_task = self._inner.time_task, None
        if clock is not None:
            clock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await clock


class _InnerServer(InternalServer):
    """asyncua's server with the standard nodes from the cache."""

    def __init__(self, users: UserManager) -> None:
        super().__init__(user_manager=users)
        self.allow_remote_admin = False

    async def load_standard_address_space(self, shelf_file: Path | None = None) -> None:
        self.aspace._nodes = standard_nodes()


class _Users(UserManager):
    """Logs users in; asyncua's default would make anyone called "admin" an administrator."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def get_user(
        self,
        iserver: InternalServer,
        username: str | None = None,
        password: str | None = None,
        certificate: Any = None,
    ) -> PlantUser | None:
        role = self._access.role(username, password)
        if role is None:
            return None
        return PlantUser(UserRole.User, username or "anonymous", role)


class _Nothing(SimpleRoleRuleset):
    """Permits no request of any session."""

    def check_validity(self, user: Any, action_type_id: Any, body: Any) -> bool:
        return False
