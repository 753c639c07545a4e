"""Every parameter of the plant, once: frozen dataclasses with units in their names.

Each field carries what it means and where it comes from, so that the plant's data sheet can be
rendered from this module. Amounts are in kmol, times in min, temperatures in K, heat in kJ.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

BEQUETTE = "Bequette, Process Dynamics (1998), CSTR case 3, volume times 6"
SKOGESTAD = "Skogestad, Column A (1997)"
SUWARTADI = "Suwartadi, Kungurtsev, Jäschke, Processes 5 (2017) 8"
DESIGNED = "designed for this course"


def quantity(value: float, meaning: str, source: str = DESIGNED) -> Any:
    """A dataclass field with its default, its meaning and its source."""
    return field(default=value, metadata={"meaning": meaning, "source": source})


@dataclass(frozen=True, kw_only=True)
class ReactorParameters:
    """R-101: A → B → C in a stirred tank of constant holdup."""

    holdup_kmol: float = quantity(60.0, "liquid in the reactor, 6 m³", BEQUETTE)
    density_kmol_per_m3: float = quantity(10.0, "molar density of every process liquid")
    k1_per_min: float = quantity(1_091_640.0, "frequency factor of A → B", BEQUETTE)
    k1_activation_K: float = quantity(5960.24, "activation temperature E/R of A → B", BEQUETTE)
    heat1_kJ_per_kmol: float = quantity(34_287.9, "heat given off by A → B", BEQUETTE)
    k2_per_min: float = quantity(3e-4, "rate constant of B → C at the reference temperature")
    k2_activation_K: float = quantity(11_000.0, "activation temperature E/R of B → C")
    k2_reference_K: float = quantity(350.0, "reference temperature of B → C")
    heat2_kJ_per_kmol: float = quantity(20_000.0, "heat given off by B → C")
    heat_capacity_kJ_per_kmol_K: float = quantity(209.2, "molar heat capacity of the liquid", BEQUETTE)
    feed_K: float = quantity(298.0, "temperature of feed and recycle", BEQUETTE)
    vapour_reference_MPa: float = quantity(0.221, "vapour pressure of B at 350 K")
    vapour_activation_K: float = quantity(3600.0, "heat of vaporisation of B over R")
    vapour_reference_K: float = quantity(350.0, "reference temperature of the vapour pressure")


@dataclass(frozen=True, kw_only=True)
class CoolingParameters:
    """The jacket of R-101, the coolant loop and the exchanger E-101."""

    ua_kJ_per_min_K: float = quantity(313.8, "heat transfer from reactor to jacket", BEQUETTE)
    jacket_kJ_per_K: float = quantity(6270.0, "heat capacity of the jacket")
    jacket_free: float = quantity(1.0, "1: the jacket has its balance; 0: its temperature is an input")
    area_m2: float = quantity(26.0, "area of E-101")
    u0_kW_per_m2_K: float = quantity(1.5, "clean heat-transfer coefficient of E-101")
    water_kg_per_min: float = quantity(1500.0, "cooling water through E-101")
    water_K: float = quantity(288.0, "nominal cooling-water temperature")
    coolant_kJ_per_kg_K: float = quantity(4.18, "heat capacity of coolant and water")
    coolant_max_kg_per_min: float = quantity(1200.0, "largest coolant flow")
    fouling_limit_m2K_per_W: float = quantity(9e-4, "fouling resistance that is reached in the end")
    fouling_time_d: float = quantity(120.0, "time constant of fouling (Kern and Seaton)")
    activity_loss: float = quantity(0.10, "share of activity lost over the activity time")
    activity_time_d: float = quantity(150.0, "time in which that share is lost, linearly")


@dataclass(frozen=True, kw_only=True)
class ColumnParameters:
    """C-101: the binary column of Skogestad, with heavy = B + C lumped."""

    relative_volatility: float = quantity(1.5, "of light to heavy", SKOGESTAD)
    stage_kmol: float = quantity(0.5, "nominal liquid on a stage", SKOGESTAD)
    hydraulic_min: float = quantity(0.063, "time constant of the liquid flow off a tray", SKOGESTAD)
    reflux_reference_kmol_per_min: float = quantity(2.70629, "liquid flow at nominal holdup", SKOGESTAD)
    feed_reference_kmol_per_min: float = quantity(1.0, "feed at nominal holdup", SKOGESTAD)
    level_gain_per_min: float = quantity(10.0, "proportional gain of both level loops", SKOGESTAD)
    pressure_MPa: float = quantity(0.2, "constant column pressure, for stage temperatures")
    boilup_max_kmol_per_min: float = quantity(4.008, "largest boil-up", SUWARTADI)
    reflux_max_kmol_per_min: float = quantity(4.5, "largest reflux")
    heel_kmol: float = quantity(0.1, "liquid that boil-up and reflux leave; they dwindle from twice it")


@dataclass(frozen=True, kw_only=True)
class ControlParameters:
    """The regulatory controllers. Their period has nothing to do with the integrator's steps."""

    scan_s: int = quantity(10, "period of the controllers, in whole seconds")
    temperature_gain_kg_per_min_K: float = quantity(60.0, "TIC-101, coolant per kelvin")
    temperature_integral_min: float = quantity(60.0, "TIC-101, integral time")
    distillate_gain_kmol_per_min: float = quantity(26.1, "AIC-201, reflux per mole fraction", SKOGESTAD)
    distillate_integral_min: float = quantity(3.76, "AIC-201, integral time", SKOGESTAD)
    bottoms_gain_kmol_per_min: float = quantity(37.5, "AIC-202, boil-up per mole fraction", SKOGESTAD)
    bottoms_integral_min: float = quantity(3.31, "AIC-202, integral time", SKOGESTAD)


@dataclass(frozen=True, kw_only=True)
class SafetyParameters:
    """The safety instrumented system: its own sensor, no protocol client reaches it."""

    trip_K: float = quantity(385.0, "reactor temperature that trips the plant")
    reset_K: float = quantity(340.0, "temperature below which a trip may be reset")
    quench_kg_per_min: float = quantity(1500.0, "emergency water, once through the jacket")
    quench_water_K: float = quantity(288.0, "temperature of the emergency water")
    quench_armed: float = quantity(1.0, "1: a trip opens the quench; 0: it only cuts the feeds (for study)")


@dataclass(frozen=True, kw_only=True)
class PriceParameters:
    """Prices of materials and utilities."""

    a_eur_per_kmol: float = quantity(88.0, "fresh A")
    b_eur_per_kmol: float = quantity(121.0, "product B")
    c_eur_per_kmol: float = quantity(22.0, "by-product C")
    boilup_eur_per_kmol: float = quantity(0.315, "steam, per kmol of boil-up")
    chilled_water_eur_per_kWh: float = quantity(0.04, "heat taken out by the jacket")


@dataclass(frozen=True, kw_only=True)
class CaseParameters:
    """An operating case: what fixes the steady state of the whole plant."""

    reactor_K: float = quantity(350.0, "reactor temperature")
    feed_kmol_per_min: float = quantity(0.7, "fresh feed")
    x_d: float = quantity(0.95, "light fraction in the distillate")
    x_b: float = quantity(0.01, "light fraction in the bottoms")
    feed_fraction_a: float = quantity(1.0, "fraction of A in the fresh feed")


@dataclass(frozen=True, kw_only=True)
class PlantParameters:
    """All of them."""

    reactor: ReactorParameters = ReactorParameters()
    cooling: CoolingParameters = CoolingParameters()
    column: ColumnParameters = ColumnParameters()
    control: ControlParameters = ControlParameters()
    safety: SafetyParameters = SafetyParameters()
    prices: PriceParameters = PriceParameters()
    case: CaseParameters = CaseParameters()

    def changed(self, part: str, **values: float) -> PlantParameters:
        """A copy with some values of one part replaced, such as `changed("case", reactor_K=352.0)`."""
        return dataclasses.replace(self, **{part: dataclasses.replace(getattr(self, part), **values)})
