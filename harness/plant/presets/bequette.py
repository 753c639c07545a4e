"""Bequette's jacketed reactor, cases 2 and 3, on the equations of R-101.

The book counts per hour, in kcal and in kmol/m³, of a reactor of 1 m³; `in_plant_units` converts at
this edge, and `kmol_per_m3` and `per_h` convert the results back. Case 3, six times larger, is R-101,
whose parameters are these rounded to six digits.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.plant.parameters import PlantParameters
from harness.plant.presets.preset import PlantPreset

SOURCE = "Bequette, Process Dynamics: Modeling, Analysis and Simulation (1998), module 8"

_KJ_PER_KCAL = 4.184
_MIN_PER_H = 60.0
_VOLUME_M3 = 6.0


@dataclass(frozen=True, kw_only=True)
class BequetteReactor:
    """The parameters as the book prints them.

    Attributes:
        frequency_per_h: Frequency factor k0.
        heat_kcal_per_kmol: Heat given off by A → B.
        ua_kcal_per_h_m3_K: Heat transfer by volume.
        activation_kcal_per_kmol: Activation energy.
        heat_capacity_kcal_per_m3_K: Density times heat capacity.
        feed_kmol_per_m3: Concentration of A in the feed.
        feed_per_h: Feed over volume.
        gas_kcal_per_kmol_K: Gas constant; its fourth digit moves the middle steady state by 0.2 K.
        temperature_K: Of feed and jacket. The book says 25 °C and computes with 298 K exactly.
    """

    frequency_per_h: float
    heat_kcal_per_kmol: float
    ua_kcal_per_h_m3_K: float
    activation_kcal_per_kmol: float = 11_843.0
    heat_capacity_kcal_per_m3_K: float = 500.0
    feed_kmol_per_m3: float = 10.0
    feed_per_h: float = 1.0
    gas_kcal_per_kmol_K: float = 1.987
    temperature_K: float = 298.0


CASE_2 = BequetteReactor(frequency_per_h=9703 * 3600, heat_kcal_per_kmol=5960.0, ua_kcal_per_h_m3_K=150.0)
CASE_3 = BequetteReactor(frequency_per_h=18_194 * 3600, heat_kcal_per_kmol=8195.0, ua_kcal_per_h_m3_K=750.0)


def in_plant_units(case: BequetteReactor, *, volume_m3: float = _VOLUME_M3) -> PlantParameters:
    """The parameters of R-101 that make it the book's reactor: no side reaction, no jacket balance."""
    heat_capacity = case.heat_capacity_kcal_per_m3_K / case.feed_kmol_per_m3
    return (
        PlantParameters()
        .changed(
            "reactor",
            holdup_kmol=volume_m3 * case.feed_kmol_per_m3,
            density_kmol_per_m3=case.feed_kmol_per_m3,
            k1_per_min=case.frequency_per_h / _MIN_PER_H,
            k1_activation_K=case.activation_kcal_per_kmol / case.gas_kcal_per_kmol_K,
            heat1_kJ_per_kmol=case.heat_kcal_per_kmol * _KJ_PER_KCAL,
            heat_capacity_kJ_per_kmol_K=heat_capacity * _KJ_PER_KCAL,
            feed_K=case.temperature_K,
            k2_per_min=0.0,
        )
        .changed(
            "cooling",
            ua_kJ_per_min_K=case.ua_kcal_per_h_m3_K * volume_m3 * _KJ_PER_KCAL / _MIN_PER_H,
            jacket_free=0.0,
        )
    )


def feed_kmol_per_min(case: BequetteReactor, *, volume_m3: float = _VOLUME_M3) -> float:
    """The book's feed in the plant's unit."""
    return case.feed_per_h * volume_m3 * case.feed_kmol_per_m3 / _MIN_PER_H


def kmol_per_m3(fraction: float, case: BequetteReactor) -> float:
    """Concentration of A, as the book states it, from the mole fraction."""
    return fraction * case.feed_kmol_per_m3


def per_h(value_per_min: complex) -> complex:
    """An eigenvalue in the book's unit."""
    return value_per_min * _MIN_PER_H


BEQUETTE_2 = PlantPreset(
    name="bequette2",
    description="Bequette's case 2: three steady states, the middle one a saddle, with both folds",
    source=SOURCE,
    parameters=in_plant_units(CASE_2),
    inputs={"feed_kmol_per_min": feed_kmol_per_min(CASE_2)},
    start={"z_a": 0.856, "z_b": 0.144, "reactor_K": 311.0, "jacket_K": CASE_2.temperature_K},
)

BEQUETTE_3 = PlantPreset(
    name="bequette3",
    description="Bequette's case 3: R-101 alone with F = 1 kmol/min and the jacket's temperature an input",
    source=SOURCE,
    parameters=in_plant_units(CASE_3),
    inputs={"feed_kmol_per_min": feed_kmol_per_min(CASE_3)},
    start={"z_a": 0.552, "z_b": 0.448, "reactor_K": 327.0, "jacket_K": CASE_3.temperature_K},
)
