"""The jacketed reactor of Seborg, Edgar and Mellichamp, on the equations of R-101.

The book counts in litres and moles, with a feed of 1 mol/L. A mole fraction of 1 stands for that
feed, so R-101 gets a molar density of 1 kmol/m³ and 0.1 kmol of liquid.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.plant.parameters import PlantParameters
from harness.plant.presets.preset import PlantPreset

SOURCE = "Seborg, Edgar, Mellichamp, Doyle, Process Dynamics and Control, example 2.5"


@dataclass(frozen=True, kw_only=True)
class SeborgReactor:
    """The parameters as the book prints them."""

    volume_L: float = 100.0
    feed_L_per_min: float = 100.0
    feed_mol_per_L: float = 1.0
    feed_K: float = 350.0
    density_g_per_L: float = 1000.0
    heat_capacity_J_per_g_K: float = 0.239
    heat_J_per_mol: float = 5e4
    activation_K: float = 8750.0
    frequency_per_min: float = 7.2e10
    ua_J_per_min_K: float = 5e4
    coolant_K: float = 300.0


def in_plant_units(case: SeborgReactor) -> PlantParameters:
    """The parameters of R-101 that make it the book's reactor."""
    kmol = case.volume_L * case.feed_mol_per_L / 1000.0
    heat_capacity_kJ_per_K = case.volume_L * case.density_g_per_L * case.heat_capacity_J_per_g_K / 1000.0
    return (
        PlantParameters()
        .changed(
            "reactor",
            holdup_kmol=kmol,
            density_kmol_per_m3=case.feed_mol_per_L,
            k1_per_min=case.frequency_per_min,
            k1_activation_K=case.activation_K,
            heat1_kJ_per_kmol=case.heat_J_per_mol,
            heat_capacity_kJ_per_kmol_K=heat_capacity_kJ_per_K / kmol,
            feed_K=case.feed_K,
            k2_per_min=0.0,
        )
        .changed("cooling", ua_kJ_per_min_K=case.ua_J_per_min_K / 1000.0, jacket_free=0.0)
    )


def feed_kmol_per_min(case: SeborgReactor) -> float:
    """The book's feed in the plant's unit."""
    return case.feed_L_per_min * case.feed_mol_per_L / 1000.0


SEBORG = PlantPreset(
    name="seborg",
    description="Seborg's reactor with coolant at 300 K: two of its three steady states are unstable",
    source=SOURCE,
    parameters=in_plant_units(SeborgReactor()),
    inputs={"feed_kmol_per_min": feed_kmol_per_min(SeborgReactor())},
    start={"z_a": 0.878, "z_b": 0.122, "reactor_K": 324.0, "jacket_K": SeborgReactor().coolant_K},
)
