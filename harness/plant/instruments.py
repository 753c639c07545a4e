"""The instruments and control loops of the plant: one table of ISA-5.1 tags.

`measures` names the true quantity, a field of `layout.TRUTH`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TypeVar

from harness.errors import UnknownName
from harness.plant.tags import Address, Instrument, Loop, Scope

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
