"""Skogestad's Column A: the equations of C-101 with a feed of their own."""

from __future__ import annotations

from harness.plant.parameters import PlantParameters
from harness.plant.presets.preset import PlantPreset

SOURCE = "Skogestad, Dynamics and control of distillation columns, Trans IChemE 75 A (1997)"

COLUMN_A = PlantPreset(
    name="column_a",
    description="Column A in LV configuration: a binary separation of 99 %, ill-conditioned and slow",
    source=SOURCE,
    parameters=PlantParameters(),
    inputs={
        "feed_kmol_per_min": 1.0,
        "reflux_kmol_per_min": 2.70629,
        "boilup_kmol_per_min": 3.20629,
        "distillate_kmol_per_min": 0.5,
        "bottoms_kmol_per_min": 0.5,
    },
    start={"z_a": 0.5},
    scope=None,
)
