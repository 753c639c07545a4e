"""The column alone at steady state: products, gains from reflux and boil-up, time constants."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from harness.plant import analysis, jit
from harness.plant.analysis import ComplexArray, FloatArray
from harness.plant.layout import STAGES
from harness.plant.presets.preset import PlantPreset
from harness.plant.system import System

_TRAYS = ("light_kmol", "stage_kmol")
_REFLUX_AND_BOILUP = ("reflux_kmol_per_min", "boilup_kmol_per_min")


@dataclass(frozen=True)
class ColumnSteadyState:
    """Steady state of a column whose two levels are controlled.

    Attributes:
        x_d: Light fraction in the distillate.
        x_b: Light fraction in the bottoms.
        gain_min_per_kmol: Change of (x_d, x_b) by (reflux, boil-up), shape (2, 2).
        eigenvalues_per_min: With reflux and boil-up constant, slowest first.
    """

    x_d: float
    x_b: float
    gain_min_per_kmol: FloatArray
    eigenvalues_per_min: ComplexArray


def steady_state(preset: PlantPreset) -> ColumnSteadyState:
    """Steady state of a column preset at its inputs."""
    system = System(
        column_callback(),
        preset.state_record(),
        preset.input_record(),
        preset.parameter_record(),
        free=_TRAYS,
    )
    values = system.steady(_guess(system.values))
    x_d, x_b = product_fractions(values)
    return ColumnSteadyState(
        x_d=float(x_d),
        x_b=float(x_b),
        gain_min_per_kmol=system.steady_gain(values, _REFLUX_AND_BOILUP, product_fractions),
        eigenvalues_per_min=analysis.eigenvalues(system.jacobian(values)),
    )


def product_fractions(trays: FloatArray) -> FloatArray:
    """Light fraction of distillate and bottoms, from the trays' light and total kmol."""
    return np.stack([trays[STAGES - 1] / trays[2 * STAGES - 1], trays[0] / trays[STAGES]])


def _guess(trays: FloatArray) -> FloatArray:
    """A straight profile from almost pure heavy to almost pure light."""
    profile = np.linspace(0.02, 0.98, STAGES)
    return np.concatenate([profile * trays[STAGES:], trays[STAGES:]])


@cache
def column_callback() -> Any:
    """The column's equations as a C callback on lanes; compiled once and kept."""
    from numba import types

    from harness.plant.equations.lanes import column_lanes

    signature = types.void(types.voidptr, types.float64, types.voidptr, types.voidptr)
    return jit.compiled(column_lanes, signature)
