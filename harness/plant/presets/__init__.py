"""Published cases by name: parameter sets on the plant's equations, and two small models beside them.

    >>> preset("bequette2").source
    'Bequette, Process Dynamics: Modeling, Analysis and Simulation (1998), module 8'

Importing this package is light: no Numba, no SciPy. What computes on a preset stands in modules of its
own: `jacketed` (every steady state of a reactor and its folds), `lone_column` (gains and time
constants), `recycle_optimum`, and the two models `klatt_engell` and `williams_otto`.
"""

from __future__ import annotations

from harness.errors import BadArgument, UnknownName
from harness.plant.presets.bequette import BEQUETTE_2, BEQUETTE_3
from harness.plant.presets.column_a import COLUMN_A
from harness.plant.presets.klatt_engell import KLATT_ENGELL
from harness.plant.presets.preset import ModelPreset, PlantPreset, Preset
from harness.plant.presets.seborg import SEBORG
from harness.plant.presets.suwartadi import SUWARTADI_2017
from harness.plant.presets.williams_otto import WILLIAMS_OTTO

__all__ = ["PRESETS", "ModelPreset", "PlantPreset", "Preset", "plant_preset", "preset"]

PRESETS: tuple[Preset, ...] = (
    BEQUETTE_2,
    BEQUETTE_3,
    SEBORG,
    KLATT_ENGELL,
    COLUMN_A,
    SUWARTADI_2017,
    WILLIAMS_OTTO,
)


def preset(name: str) -> Preset:
    """The preset of a name.

    Raises:
        UnknownName: If there is no such preset.
    """
    known = {row.name: row for row in PRESETS}
    if not isinstance(name, str) or name not in known:
        raise UnknownName("preset", name, known)
    return known[name]


def plant_preset(name: str) -> PlantPreset:
    """A preset that runs on the plant's own equations.

    Raises:
        UnknownName: If there is no such preset.
        BadArgument: If the preset has a model of its own.
    """
    found = preset(name)
    if not isinstance(found, PlantPreset):
        own = [row.name for row in PRESETS if isinstance(row, PlantPreset)]
        raise BadArgument(
            "This preset has a model of its own, not the plant's equations",
            value=name,
            remedy=f"Choose one of {', '.join(own)}",
        )
    return found
