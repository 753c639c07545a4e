"""Every write of a client goes to the plant first; only what the plant takes is written.

asyncua has two hooks for writes, and neither fits. A value setter (its pull request 1566) sees one value
and may raise, but then the whole request fails instead of one node, and it does not know the user; the
`PreWrite` callback (pull request 229) knows the user but cannot refuse. So the attribute service is
replaced: `write` is the one place that sees each value of a request, its user, and returns a status code
for each.
"""

# asyncua's annotations do not fit its own use: plain ints for its UInt32, names it does not re-export.
# mypy: disable-error-code="arg-type,attr-defined,no-untyped-call"

from __future__ import annotations

import asyncio
import dataclasses
import logging
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncua import ua
from asyncua.crypto.permission_rules import User as UaUser
from asyncua.crypto.permission_rules import UserRole
from asyncua.server.address_space import AddressSpace, AttributeService
from asyncua.ua.status_codes import StatusCodes

from harness.errors import UnknownName, WriteRefused
from harness.services.opcua.codes import REFUSALS
from harness.services.opcua.nodes import Command
from harness.services.port import PlantPort
from harness.services.users import Role

PATIENCE_S = 5.0

_log = logging.getLogger(__name__)


@dataclass
class PlantUser(UaUser):
    """A logged-in user: to asyncua an ordinary one, to the plant a viewer or an operator."""

    plant_role: Role = Role.VIEWER


class GuardedAttributes(AttributeService):
    """The attribute service of a server whose writes the plant decides.

    Args:
        space: The server's address space.
        plant: Who decides.
        executor: Where the plant is asked: it may have to wait for the plant's lock, and the event loop
            must not, because the plant holds that lock while it publishes.
    """

    def __init__(self, space: AddressSpace, plant: PlantPort, executor: Executor) -> None:
        super().__init__(space)
        self._plant, self._executor = plant, executor
        self.commands: dict[ua.NodeId, Command] = {}
        self.plant_time: datetime | None = None

    async def write(self, params: ua.WriteParameters, user: UaUser | None = None) -> list[ua.StatusCode]:
        """Write for a user; one status code for each value."""
        if user is not None and user.role is UserRole.Admin:
            return await super().write(params, user)
        return [await self._write_one(value, user) for value in params.NodesToWrite]

    async def _write_one(self, wanted: ua.WriteValue, user: UaUser | None) -> ua.StatusCode:
        command = self.commands.get(wanted.NodeId)
        refusal = self._refusal(wanted, command, user)
        if refusal is None and command is not None:
            refusal = await self._ask(command, wanted.Value.Value.Value, user)
        if refusal is not None:
            return ua.StatusCode(refusal)
        return await self._show(wanted)

    def _refusal(self, wanted: ua.WriteValue, command: Command | None, user: UaUser | None) -> int | None:
        """Why the protocol alone already forbids a write."""
        if wanted.NodeId not in self._aspace:
            return StatusCodes.BadNodeIdUnknown
        if wanted.AttributeId != ua.AttributeIds.Value or command is None:
            return StatusCodes.BadNotWritable
        if not isinstance(user, PlantUser) or user.plant_role is Role.VIEWER:
            return StatusCodes.BadUserAccessDenied
        claimed = wanted.Value.StatusCode
        if wanted.IndexRange or (claimed is not None and not claimed.is_good()):
            return StatusCodes.BadWriteNotSupported
        value = wanted.Value.Value
        if value is None or value.VariantType != command.type or value.is_array or value.Value is None:
            return StatusCodes.BadTypeMismatch
        return None

    async def _ask(self, command: Command, value: Any, user: UaUser | None) -> int | None:
        source = f"opcua:{user.name if user else ''}"
        call = asyncio.get_running_loop().run_in_executor(
            self._executor, lambda: self._plant.write(command.loop, command.item, value, source=source)
        )
        try:
            await asyncio.wait_for(call, PATIENCE_S)
        except WriteRefused as refused:
            return REFUSALS[refused.reason]
        except UnknownName:
            return StatusCodes.BadNodeIdUnknown
        except TimeoutError:
            _log.warning("The plant did not decide on %s of %s in time", command.item, command.loop)
            return StatusCodes.BadTimeout
        except Exception:  # noqa: BLE001 — the client gets a status code, the log the trace
            _log.exception("The plant failed on a write of %s to %s", command.item, command.loop)
            return StatusCodes.BadInternalError
        return None

    async def _show(self, wanted: ua.WriteValue) -> ua.StatusCode:
        """Show an accepted value at once, so that a client reads back what it wrote.

        The next scan shows it again, with that scan's time stamp. The client's own time stamps are
        dropped: in this plant there is one clock.
        """
        value = dataclasses.replace(wanted.Value, SourceTimestamp=self.plant_time, StatusCode=ua.StatusCode())
        written = ua.WriteValue(wanted.NodeId, wanted.AttributeId, None, value)
        params = ua.WriteParameters(NodesToWrite=[written])
        return (await super().write(params, UaUser(role=UserRole.Admin)))[0]
