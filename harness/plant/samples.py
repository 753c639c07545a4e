"""What an instrument says: a value, its unit, its quality, and when it was true."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Quality(enum.StrEnum):
    """Quality of a sample, in the three classes of OPC UA status codes."""

    GOOD = "Good"
    UNCERTAIN = "Uncertain"
    BAD = "Bad"


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading of one tag.

    Attributes:
        tag: ISA-5.1 tag, such as "TT-101".
        time: Source time stamp, plant time in UTC (a skewed clock shows here).
        value: Reading in `unit`; None when the instrument has none to give (quality Bad).
        unit: Engineering unit of `value`.
        quality: Whether the value can be trusted.
        sequence: Number of this reading of this tag, from 0; a duplicate repeats it.
    """

    tag: str
    time: datetime
    value: float | None
    unit: str
    quality: Quality
    sequence: int


@dataclass(frozen=True, slots=True)
class LoopState:
    """What a controller shows at one scan.

    Attributes:
        tag: ISA-5.1 tag of the controller, such as "TIC-101".
        time: Plant time in UTC.
        mode: "AUTO" or "MAN".
        sv: Set value, in the unit of its instrument.
        mv: Output, in the loop's `mv_unit`.
    """

    tag: str
    time: datetime
    mode: str
    sv: float
    mv: float
