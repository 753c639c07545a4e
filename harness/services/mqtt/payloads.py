"""The JSON of the plant's MQTT messages: what goes out, and what a command must look like.

A sample: `{"tag": "TT-101", "value": 350.02, "unit": "K", "timestamp": "2026-01-01T00:00:01.000000Z",
"quality": "Good", "sequence": 1}`. `value` is null when the quality is Bad; JSON has no NaN.

A command: `{"value": 352.0}`, and optionally `"unit": "K"`, `"item": "SV"` (or `"MV"`, `"MODE"`) and an
`"id"` of the sender's choice that comes back in the answer.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, ValidationError

from harness.errors import HarnessError, RefusalReason, UnknownName, WriteRefused
from harness.plant.samples import LoopState, Sample
from harness.plant.tags import Instrument, Loop
from harness.services.readings import reading

COMMAND_BYTES_MAX = 4096
TEXT_MAX = 64
NUMBER_MAX = 1e15
"""Beyond this a whole number is no plausible value of anything, and may not even fit a float."""

_Text = Annotated[StrictStr, Field(max_length=TEXT_MAX)]
_Number = Annotated[StrictFloat, Field(allow_inf_nan=False, ge=-NUMBER_MAX, le=NUMBER_MAX)]
_Whole = Annotated[StrictInt, Field(ge=-int(NUMBER_MAX), le=int(NUMBER_MAX))]


class Command(BaseModel):
    """A write that a client asks for.

    Attributes:
        value: A number, or "AUTO" or "MAN" for the mode.
        unit: Unit of the value.
        item: What to write.
        id: Returned in the answer.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    value: _Number | _Whole | _Text
    unit: _Text | None = None
    item: Literal["SV", "MV", "MODE"] = "SV"
    id: _Text | _Whole | None = None


def parse_command(payload: bytes) -> Command:
    """Read a command.

    Raises:
        WriteRefused: If the payload is not a command.
    """
    if len(payload) > COMMAND_BYTES_MAX:
        raise _malformed(f"The payload has {len(payload)} bytes, more than {COMMAND_BYTES_MAX}")
    try:
        return Command.model_validate_json(payload)
    except ValidationError as error:
        raise _malformed(_first(error)) from None


def _malformed(what: str) -> WriteRefused:
    remedy = 'Send a JSON object such as {"value": 352.0, "unit": "K"}'
    return WriteRefused(RefusalReason.WRONG_TYPE, what, value=None, remedy=remedy)


def _first(error: ValidationError) -> str:
    detail = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in detail["loc"][:1])
    return f"{where}: {detail['msg']}" if where else str(detail["msg"])


def sample_payload(sample: Sample) -> bytes:
    """A sample as it is published."""
    said = reading(sample)
    return _json(
        tag=sample.tag,
        value=said.value,
        unit=sample.unit,
        timestamp=timestamp(sample.time),
        quality=said.quality.value,
        sequence=sample.sequence,
    )


def setpoint_payload(state: LoopState, loop: Loop, instrument: Instrument) -> bytes:
    """What a controller shows, as it is published."""
    return _json(
        loop=state.tag,
        timestamp=timestamp(state.time),
        SV=state.sv,
        SV_unit=instrument.unit,
        MV=state.mv,
        MV_unit=loop.mv_unit,
        MODE=state.mode,
    )


def ack_payload(command: Command, loop: str) -> bytes:
    """That the plant took a command; it takes effect at the next scan."""
    return _json(id=command.id, loop=loop, item=command.item, value=command.value, unit=command.unit)


def error_payload(error: HarnessError, command: Command | None) -> bytes:
    """Why a command was refused."""
    return _json(
        id=command.id if command else None,
        reason="malformed" if command is None else _reason(error),
        message=error.what,
        value=error.value if isinstance(error.value, int | float | str) else None,
        remedy=error.remedy,
    )


def _reason(error: HarnessError) -> str:
    match error:
        case WriteRefused():
            return error.reason.name.lower()
        case UnknownName():
            return "unknown_name"
    return "failed"


def timestamp(time: datetime) -> str:
    """ISO 8601, UTC."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _json(**fields: Any) -> bytes:
    # allow_nan: a NaN here is a fault of ours, and must not reach a subscriber as invalid JSON.
    return json.dumps(fields, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
