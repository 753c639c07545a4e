"""OPC UA's words for what the plant says: status codes and engineering units.

| the plant says                              | status code                       |
|---------------------------------------------|-----------------------------------|
| Good                                        | Good                              |
| Uncertain, outside the instrument's range   | UncertainEngineeringUnitsExceeded |
| Uncertain, within the range                 | UncertainSensorNotAccurate        |
| Bad, NaN or infinite                        | BadSensorFailure, value null      |
| no value at all                             | BadNoCommunication, value null    |
| nothing yet (an analyser's first result)    | BadWaitingForInitialData          |

| a write is refused because           | status code          |
|--------------------------------------|----------------------|
| not a finite number, or out of range | BadOutOfRange        |
| wrong type                           | BadTypeMismatch      |
| wrong unit                           | BadInvalidArgument   |
| changes too fast                     | BadRequestNotAllowed |
| not writable (every PV)              | BadNotWritable       |
| not in a mode that takes it          | BadInvalidState      |
| the safety system has tripped        | BadOutOfService      |
| the user is a viewer                 | BadUserAccessDenied  |
| a bad status code or a part of an array is written | BadWriteNotSupported |
| the plant did not answer in time     | BadTimeout           |
"""

# asyncua's annotations do not fit its own use: plain ints for its UInt32, names it does not re-export.
# mypy: disable-error-code="arg-type,attr-defined,no-untyped-call"

from __future__ import annotations

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from harness.errors import BadArgument, RefusalReason
from harness.plant.samples import Quality
from harness.plant.tags import Instrument
from harness.services.readings import Reading

REFUSALS: dict[RefusalReason, int] = {
    RefusalReason.NOT_A_NUMBER: StatusCodes.BadOutOfRange,
    RefusalReason.WRONG_TYPE: StatusCodes.BadTypeMismatch,
    RefusalReason.WRONG_UNIT: StatusCodes.BadInvalidArgument,
    RefusalReason.OUT_OF_RANGE: StatusCodes.BadOutOfRange,
    RefusalReason.TOO_FAST: StatusCodes.BadRequestNotAllowed,
    RefusalReason.NOT_WRITABLE: StatusCodes.BadNotWritable,
    RefusalReason.WRONG_MODE: StatusCodes.BadInvalidState,
    RefusalReason.TRIPPED: StatusCodes.BadOutOfService,
}

UNECE = "http://www.opcfoundation.org/UA/units/un/cefact"
"""Namespace of the common codes of UN/CEFACT Recommendation 20, which OPC UA Part 8 prescribes."""

_COMMON_CODES = {
    "K": ("KEL", "K", "kelvin"),
    "MPa": ("MPA", "MPa", "megapascal"),
    "m3/h": ("MQH", "m³/h", "cubic metre per hour"),
    "kg/min": ("F31", "kg/min", "kilogram per minute"),
    "kmol/min": ("K61", "kmol/min", "kilomole per minute"),
    "mol/mol": ("C62", "mol/mol", "one: mole per mole"),
}


def status(said: Reading, instrument: Instrument) -> ua.StatusCode:
    """The status code of a reading."""
    if said.quality is Quality.BAD:
        return ua.StatusCode(StatusCodes.BadNoCommunication if said.absent else StatusCodes.BadSensorFailure)
    if said.quality is Quality.GOOD or said.value is None:
        return ua.StatusCode(StatusCodes.Good)
    if instrument.low <= said.value <= instrument.high:
        return ua.StatusCode(StatusCodes.UncertainSensorNotAccurate)
    return ua.StatusCode(StatusCodes.UncertainEngineeringUnitsExceeded)


def units(unit: str) -> ua.EUInformation:
    """OPC UA's description of an engineering unit.

    Raises:
        BadArgument: If the unit has no common code here.
    """
    try:
        code, shown, words = _COMMON_CODES[unit]
    except KeyError:
        raise BadArgument(
            "No UNECE code is known for unit", value=unit, remedy=f"Known: {', '.join(_COMMON_CODES)}"
        ) from None
    # Part 8, 5.6.4.3: the unit's id is its common code read as a big-endian number.
    return ua.EUInformation(
        NamespaceUri=UNECE,
        UnitId=int.from_bytes(code.encode(), "big"),
        DisplayName=ua.LocalizedText(shown),
        Description=ua.LocalizedText(words),
    )
