"""How state, inputs and parameters lie in memory: NumPy record types that Numba reads by name.

A lane is one plant; everything is an array of lanes, so that one plant and a thousand scenarios
run the same code. A record is a view of a row of float64, which is what an integrator sees.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.plant.parameters import PlantParameters
from harness.plant.tags import Scope

STAGES = 41
FEED_STAGE = 21
MEASURED_STAGES = (1, 11, 21, 31, 41)

_REACTOR_STATE = ("z_a", "z_b", "reactor_K", "jacket_K")
_TOTALS = (
    "generated_kJ",
    "jacketed_kJ",
    "sensible_kJ",
    "exchanged_kJ",
    "quenched_kJ",
    "fed_kmol",
    "fed_a_kmol",
    "recycled_kmol",
    "recycled_a_kmol",
    "recycled_c_kmol",
    "left_a_kmol",
    "left_b_kmol",
    "reacted1_kmol",
    "reacted2_kmol",
)
_COLUMN_TOTALS = ("product_kmol", "product_a_kmol", "product_c_kmol", "boilup_kmol")
_INPUTS = (
    "feed_kmol_per_min",
    "feed_fraction_a",
    "feed_K",
    "coolant_kg_per_min",
    "water_K",
    "quench_kg_per_min",
    "fouling_m2K_per_W",
    "activity",
    "reflux_kmol_per_min",
    "boilup_kmol_per_min",
    "recycle_open",
    "distillate_kmol_per_min",
    "bottoms_kmol_per_min",
    "x_d",
    "w",
)
_DISTURBANCES = (
    "feed_fraction_a",
    "feed_K",
    "water_K",
    "fouling_m2K_per_W",
    "activity",
    "pump_share",
)
_CONTROLLERS = ("temperature", "feed", "distillate", "bottoms")
_REACTOR_TRUTH = (
    "reactor_K",
    "jacket_K",
    "cooling_water_K",
    "reactor_MPa",
    "feed_m3_per_h",
    "coolant_kg_per_min",
    "z_a",
    "z_b",
    "z_c",
    "generated_kW",
    "jacketed_kW",
    "sensible_kW",
    "fouling_m2K_per_W",
    "activity",
    "tripped",
)
_COLUMN_TRUTH = (
    "w",
    "x_d",
    "x_b",
    *(f"stage_{stage}_K" for stage in MEASURED_STAGES),
    "reflux_m3_per_h",
    "distillate_m3_per_h",
    "bottoms_m3_per_h",
    "boilup_kmol_per_min",
    "profit_eur_per_min",
)


def _record(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, "f8") for name in names]


INPUTS = np.dtype(_record(_INPUTS))
DISTURBANCES = np.dtype(_record(_DISTURBANCES))
CONTROLLER = np.dtype(_record(("sv", "mv", "integral", "auto")))
CONTROL = np.dtype([*((name, CONTROLLER) for name in _CONTROLLERS), ("tripped", "f8")])
TRUTH = np.dtype(_record(_REACTOR_TRUTH + _COLUMN_TRUTH))
REACTOR_TRUTH = _REACTOR_TRUTH
REACTOR_STATE = np.dtype(_record(_REACTOR_STATE + _TOTALS))
PLANT_STATE = np.dtype(
    [
        *_record(_REACTOR_STATE),
        ("c_kmol", "f8"),
        ("light_kmol", "f8", (STAGES,)),
        ("stage_kmol", "f8", (STAGES,)),
        *_record(_TOTALS + _COLUMN_TOTALS),
    ]
)


def _parameter_dtype(kind: Any) -> np.dtype[Any]:
    parts = []
    for part in dataclasses.fields(kind):
        default = part.default
        nested = dataclasses.is_dataclass(default)
        parts.append((part.name, _parameter_dtype(default) if nested else "f8"))
    return np.dtype(parts)


PARAMETERS = _parameter_dtype(PlantParameters)


def state_dtype(scope: str) -> np.dtype[Any]:
    """Record type of the state of a scope; the column exists in the whole plant only."""
    return PLANT_STATE if scope == Scope.PLANT else REACTOR_STATE


def pack(parameters: PlantParameters) -> NDArray[Any]:
    """One record of `PARAMETERS`, shape (1,), from the dataclasses."""
    flat = tuple(
        tuple(map(float, dataclasses.astuple(getattr(parameters, f.name))))
        for f in dataclasses.fields(parameters)
    )
    return np.array([flat], dtype=PARAMETERS)


def as_rows(records: NDArray[Any]) -> NDArray[np.float64]:
    """The same memory as float64, shape (lanes, values)."""
    return records.view(np.float64).reshape(len(records), -1)
