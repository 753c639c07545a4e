"""The instruments and control loops of the plant: one table of ISA-5.1 tags.

Every address that a protocol shows is derived from this table: the OPC UA node id
`Reactor.R101.Temperature.PV` and the MQTT topic `reactor/R101/sensor/temperature` both come
from the row of TT-101. `measures` names the true quantity, a field of `process.measurable`.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from harness.errors import UnknownName


class Scope(enum.StrEnum):
    """How much of the plant is there; each scope contains the one before."""

    REACTOR = "reactor"
    COOLING = "cooling"
    PLANT = "plant"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a quantity stands in the plant, and so under which names protocols show it.

    Attributes:
        area: Process area, such as "Reactor".
        equipment: Equipment number, such as "R101".
        quantity: Measured quantity in CamelCase, such as "FlowRate".
    """

    area: str
    equipment: str
    quantity: str

    @property
    def node(self) -> str:
        """OPC UA string id without its last part, such as `Reactor.R101.FlowRate`."""
        return f"{self.area}.{self.equipment}.{self.quantity}"

    def topic(self, kind: str) -> str:
        """MQTT topic, such as `reactor/R101/sensor/flow_rate` for kind "sensor"."""
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", self.quantity).lower()
        return f"{self.area.lower()}/{self.equipment}/{kind}/{snake}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One transmitter or analyser.

    Attributes:
        tag: ISA-5.1 tag.
        measures: Name of the true quantity.
        unit: Engineering unit of the reading.
        address: Place in the plant.
        low: Lower end of the range, in `unit`; a reading outside the range is Uncertain.
        high: Upper end of the range, in `unit`.
        sigma: Standard deviation of the noise, in `unit`.
        sigma_relative: Standard deviation as a fraction of the reading (flow meters).
        period_s: Sampling period of an analyser, in s; 0: every telemetry sample is fresh.
        dead_time_s: Age of an analyser's sample when its result appears, in s.
        scope: Smallest scope that has this instrument.
        description: What it measures, for people.
    """

    tag: str
    measures: str
    unit: str
    address: Address
    low: float
    high: float
    scope: Scope
    description: str
    sigma: float = 0.0
    sigma_relative: float = 0.0
    period_s: int = 0
    dead_time_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """One controller that a protocol client may reach.

    Its address is that of the instrument it controls; the last part of the node id is SV (set value),
    MV (manipulated value, the controller's output) or MODE (AUTO or MAN).

    Attributes:
        tag: ISA-5.1 tag of the controller, such as "TIC-101".
        instrument: Tag of the transmitter it controls.
        sv_low: Lowest set value that is taken, in the instrument's unit.
        sv_high: Highest set value that is taken.
        sv_step: Largest change in one write.
        sv_rate_per_min: Allowance for changes that returns each plant minute, up to `sv_step`.
        mv_unit: Engineering unit of the output.
        mv_low: Lowest output.
        mv_high: Highest output.
    """

    tag: str
    instrument: str
    sv_low: float
    sv_high: float
    sv_step: float
    sv_rate_per_min: float
    mv_unit: str
    mv_low: float
    mv_high: float


_temperature = partial(Instrument, unit="K", sigma=0.1, low=250.0, high=450.0)
_flow = partial(Instrument, sigma_relative=0.005, low=0.0)
_analysis = partial(Instrument, unit="mol/mol", sigma=0.005, low=0.0, high=1.0, period_s=600, dead_time_s=360)

_REACTOR = (
    _temperature(
        tag="TT-101",
        measures="reactor_K",
        address=Address("Reactor", "R101", "Temperature"),
        scope=Scope.REACTOR,
        description="Reactor temperature",
    ),
    _temperature(
        tag="TT-102",
        measures="jacket_K",
        address=Address("Reactor", "R101", "JacketTemperature"),
        scope=Scope.REACTOR,
        description="Jacket temperature",
    ),
    _temperature(
        tag="TT-103",
        measures="cooling_water_K",
        address=Address("Cooling", "E101", "WaterTemperature"),
        scope=Scope.REACTOR,
        description="Cooling water supply temperature",
    ),
    Instrument(
        tag="PT-101",
        measures="reactor_MPa",
        unit="MPa",
        sigma=0.0005,
        low=0.0,
        high=1.0,
        address=Address("Reactor", "R101", "Pressure"),
        scope=Scope.REACTOR,
        description="Reactor pressure",
    ),
    _flow(
        tag="FT-101",
        measures="feed_m3_per_h",
        unit="m3/h",
        high=12.0,
        address=Address("Reactor", "R101", "FlowRate"),
        scope=Scope.REACTOR,
        description="Fresh feed flow",
    ),
    _flow(
        tag="FT-102",
        measures="coolant_kg_per_min",
        unit="kg/min",
        high=1500.0,
        address=Address("Cooling", "E101", "CoolantFlowRate"),
        scope=Scope.REACTOR,
        description="Coolant circulation flow",
    ),
    _analysis(
        tag="AT-101A",
        measures="z_a",
        address=Address("Reactor", "R101", "FractionA"),
        scope=Scope.REACTOR,
        description="Mole fraction of A in the reactor",
    ),
)

_COLUMN = (
    _analysis(
        tag="AT-101W",
        measures="w",
        address=Address("Reactor", "R101", "ByproductRatio"),
        scope=Scope.PLANT,
        description="Share of C in the heavy product, C/(B+C)",
    ),
    *(
        _temperature(
            tag=f"TT-20{n}",
            measures=f"stage_{stage}_K",
            address=Address("Column", "C101", f"Stage{stage}Temperature"),
            scope=Scope.PLANT,
            description=f"Temperature on stage {stage}, counted from the reboiler",
        )
        for n, stage in enumerate((1, 11, 21, 31, 41), start=1)
    ),
    *(
        _flow(
            tag=tag,
            measures=f"{name}_m3_per_h",
            unit="m3/h",
            high=high,
            address=Address("Column", "C101", quantity),
            scope=Scope.PLANT,
            description=text,
        )
        for tag, name, quantity, high, text in (
            ("FT-201", "reflux", "RefluxFlowRate", 30.0, "Reflux"),
            ("FT-202", "distillate", "DistillateFlowRate", 12.0, "Distillate, recycled to R-101"),
            ("FT-203", "bottoms", "BottomsFlowRate", 12.0, "Bottoms, the product"),
        )
    ),
    _flow(
        tag="FT-204",
        measures="boilup_kmol_per_min",
        unit="kmol/min",
        high=6.0,
        address=Address("Column", "C101", "BoilupFlowRate"),
        scope=Scope.PLANT,
        description="Boil-up, from the steam flow",
    ),
    _analysis(
        tag="AT-201",
        measures="x_d",
        address=Address("Column", "C101", "DistillateFraction"),
        scope=Scope.PLANT,
        description="Mole fraction of A in the distillate",
    ),
    _analysis(
        tag="AT-202",
        measures="x_b",
        address=Address("Column", "C101", "BottomsFraction"),
        scope=Scope.PLANT,
        description="Mole fraction of A in the bottoms",
    ),
)

INSTRUMENTS: tuple[Instrument, ...] = _REACTOR + _COLUMN

LOOPS: tuple[Loop, ...] = (
    Loop(
        tag="TIC-101",
        instrument="TT-101",
        sv_low=330.0,
        sv_high=370.0,
        sv_step=10.0,
        sv_rate_per_min=1.0,
        mv_unit="kg/min",
        mv_low=0.0,
        mv_high=1200.0,
    ),
    Loop(
        tag="FIC-101",
        instrument="FT-101",
        sv_low=1.8,
        sv_high=8.4,
        sv_step=1.2,
        sv_rate_per_min=0.12,
        mv_unit="kmol/min",
        mv_low=0.0,
        mv_high=1.4,
    ),
    Loop(
        tag="AIC-201",
        instrument="AT-201",
        sv_low=0.80,
        sv_high=0.99,
        sv_step=0.02,
        sv_rate_per_min=0.002,
        mv_unit="kmol/min",
        mv_low=0.0,
        mv_high=4.5,
    ),
    Loop(
        tag="AIC-202",
        instrument="AT-202",
        sv_low=0.002,
        sv_high=0.05,
        sv_step=0.01,
        sv_rate_per_min=0.001,
        mv_unit="kmol/min",
        mv_low=0.0,
        mv_high=4.008,
    ),
)

_T = TypeVar("_T")
_RANK = {scope: rank for rank, scope in enumerate(Scope)}


def instruments(scope: str) -> tuple[Instrument, ...]:
    """The instruments of a scope, in the order of the table."""
    rank = _RANK[as_scope(scope)]
    return tuple(row for row in INSTRUMENTS if _RANK[row.scope] <= rank)


def loops(scope: str) -> tuple[Loop, ...]:
    """The control loops of a scope: those whose instrument it has."""
    present = {row.tag for row in instruments(scope)}
    return tuple(loop for loop in LOOPS if loop.instrument in present)


def as_scope(scope: str) -> Scope:
    """Check a scope's name.

    Raises:
        UnknownName: If there is no such scope.
    """
    return _look_up("scope", scope, {str(s): s for s in Scope})


def instrument(tag: str) -> Instrument:
    """The instrument of a tag; an indicator's tag (TI-101) finds its transmitter (TT-101).

    Raises:
        UnknownName: If there is no such tag.
    """
    by_tag = {row.tag: row for row in INSTRUMENTS}
    aliases = {row.tag.replace("T-", "I-", 1): row for row in INSTRUMENTS}
    return _look_up("tag", tag, by_tag, aliases)


def loop(tag: str) -> Loop:
    """The loop of a controller's tag.

    Raises:
        UnknownName: If there is no such loop.
    """
    return _look_up("control loop", tag, {row.tag: row for row in LOOPS})


def _look_up(kind: str, name: str, known: Mapping[str, _T], aliases: Mapping[str, _T] | None = None) -> _T:
    try:
        return {**(aliases or {}), **known}[name]
    except (KeyError, TypeError):
        raise UnknownName(kind, name, known) from None
