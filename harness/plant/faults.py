"""The catalogue of instrument faults.

A fault has a kind, a start, an end and a size whose unit is part of its name: `rate_K_per_h` on a
thermometer, `rate_m3_per_h_per_h` on a flow meter. Faults of different kinds on one instrument add
up in the order in which they were put on; two of one kind at the same time are refused.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field
from typing import Any

from harness.errors import BadArgument, UnknownName
from harness.plant.checks import as_float, is_number
from harness.plant.samples import Quality
from harness.plant.tags import Instrument


class Acts(enum.Enum):
    """Where a fault acts: on the reading itself, or on its way out of the plant."""

    ON_VALUE = "value"
    ON_DELIVERY = "delivery"


@dataclass(frozen=True)
class Size:
    """One number that a kind of fault takes.

    Attributes:
        name: Its name; `{unit}` stands for the instrument's unit.
        default: Its value unless given; times the instrument's noise when `in_sigma`.
        low: Smallest value.
        high: Largest value.
        in_sigma: Whether the default is in standard deviations of the instrument's noise.
    """

    name: str
    default: float
    low: float = -math.inf
    high: float = math.inf
    in_sigma: bool = False


@dataclass(frozen=True)
class FaultKind:
    """A kind of fault.

    Attributes:
        name: Its name in the catalogue.
        meaning: What the instrument does, for people.
        acts: Where it acts.
        sizes: The numbers it takes.
        quality: What the instrument says of its readings meanwhile: most faults go unnoticed by it.
    """

    name: str
    meaning: str
    acts: Acts
    sizes: tuple[Size, ...] = ()
    quality: Quality = Quality.GOOD


_DAY_S = 86_400.0


def _fraction(default: float) -> Size:
    return Size("fraction", default, low=0.0, high=1.0)


CATALOGUE: dict[str, FaultKind] = {
    kind.name: kind
    for kind in (
        FaultKind(
            "bias",
            "reads a constant amount too high",
            Acts.ON_VALUE,
            (Size("bias_{unit}", 10.0, in_sigma=True),),
        ),
        FaultKind(
            "drift",
            "reads more and more too high",
            Acts.ON_VALUE,
            (Size("rate_{unit}_per_h", 0.5, in_sigma=True),),
        ),
        FaultKind("stuck", "repeats its last reading", Acts.ON_VALUE, quality=Quality.UNCERTAIN),
        FaultKind(
            "spikes",
            "shows single readings far off, up or down",
            Acts.ON_VALUE,
            (_fraction(0.05), Size("size_{unit}", 50.0, in_sigma=True)),
        ),
        FaultKind(
            "missing",
            "gives no reading",
            Acts.ON_VALUE,
            (_fraction(1.0),),
            quality=Quality.BAD,
        ),
        FaultKind(
            "noise",
            "is noisier than it should be",
            Acts.ON_VALUE,
            (Size("factor", 5.0, low=1.0, high=1000.0),),
            quality=Quality.UNCERTAIN,
        ),
        FaultKind(
            "clock_skew",
            "stamps its readings with a clock that is wrong",
            Acts.ON_DELIVERY,
            (Size("skew_s", 30.0, low=-_DAY_S, high=_DAY_S),),
        ),
        FaultKind(
            "delayed",
            "delivers late, each reading by its own delay, so out of order",
            Acts.ON_DELIVERY,
            (Size("delay_s", 60.0, low=0.0, high=_DAY_S),),
        ),
        FaultKind(
            "duplicate",
            "delivers some readings twice",
            Acts.ON_DELIVERY,
            (_fraction(0.2),),
        ),
    )
}


@dataclass(eq=False)
class Fault:
    """A fault put on an instrument.

    Attributes:
        tag: The instrument.
        kind: What is wrong with it.
        start_s: Plant time at which it begins, in s.
        end_s: Plant time at which it is over, in s; infinite until it is removed.
        sizes: Its numbers, by the names of `kind.sizes` without `{unit}`.
        held: The reading that a stuck instrument repeats.
    """

    tag: str
    kind: FaultKind
    start_s: float
    end_s: float
    sizes: dict[str, float]
    held: float | None = field(default=None, repr=False)

    def is_active(self, time_s: Any) -> Any:
        """Whether the fault is there at this time, or at each of these times."""
        return (self.start_s <= time_s) & (time_s < self.end_s)

    def overlaps(self, other: Fault) -> bool:
        """Whether both are of one kind, on one instrument, at a common time."""
        same = self.tag == other.tag and self.kind is other.kind
        return same and max(self.start_s, other.start_s) < min(self.end_s, other.end_s)


def make(row: Instrument, kind: str, *, start_s: float, end_s: float, **sizes: Any) -> Fault:
    """A fault of the catalogue for an instrument.

    Args:
        row: The instrument.
        kind: Name in the catalogue.
        start_s: When it begins, in plant seconds.
        end_s: When it is over, in plant seconds.
        sizes: The numbers it takes, by their full names, such as `rate_K_per_h=0.5`.

    Raises:
        UnknownName: If there is no such kind, or no such number for it in this unit.
        BadArgument: If a number is not finite or out of its range, or the end is not after the start.
    """
    if not isinstance(kind, str) or kind not in CATALOGUE:
        raise UnknownName("fault", kind, CATALOGUE)
    if not start_s < end_s:
        raise BadArgument(
            "A fault must end after it starts", value=(start_s, end_s), remedy="Give a later end"
        )
    chosen = CATALOGUE[kind]
    names = {size.name.format(unit=unit_token(row.unit)): size for size in chosen.sizes}
    for name in sizes:
        if name not in names:
            raise UnknownName(f"size of the fault {kind!r} on {row.tag}", name, names)
    values = {
        size.name.replace("_{unit}", ""): _checked(name, size, sizes.get(name, _default(size, row)))
        for name, size in names.items()
    }
    return Fault(row.tag, chosen, start_s, end_s, values)


def unit_token(unit: str) -> str:
    """A unit as it stands in names: m3/h becomes m3_per_h."""
    return unit.replace("/", "_per_")


def typical_sigma(row: Instrument) -> float:
    """Standard deviation of an instrument's noise, in its unit; of a flow meter in mid-range."""
    return row.sigma or row.sigma_relative * 0.5 * (row.low + row.high)


def _default(size: Size, row: Instrument) -> float:
    return size.default * typical_sigma(row) if size.in_sigma else size.default


def _checked(name: str, size: Size, value: Any) -> float:
    if not is_number(value) or not math.isfinite(as_float(value)):
        raise BadArgument(f"{name} must be a finite number", value=value, remedy=f"Try {size.default:g}")
    number = float(value)
    if not size.low <= number <= size.high:
        raise BadArgument(
            f"{name} is out of range", value=value, remedy=f"Choose from {size.low:g} to {size.high:g}"
        )
    return number
