"""Every steady state of a reactor whose jacket temperature is an input, and its folds.

At a given reactor temperature the balances are linear in the compositions and in the jacket's
temperature. So the curve of steady states is explicit, jacket temperature against reactor
temperature; its turning points are the folds, and the steady states at one jacket temperature are
all its roots.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.errors import BadArgument
from harness.plant import analysis
from harness.plant.analysis import ComplexArray, Stability
from harness.plant.engine import derivative_callback
from harness.plant.presets.preset import PlantPreset
from harness.plant.system import REACTOR, System
from harness.plant.tags import Scope

LOWEST_K = 250.0
HIGHEST_K = 500.0


@dataclass(frozen=True)
class SteadyState:
    """One steady state.

    Attributes:
        reactor_K: Reactor temperature.
        z_a: Mole fraction of A.
        eigenvalues_per_min: Of the balances of A and heat, rightmost first.
    """

    reactor_K: float
    z_a: float
    eigenvalues_per_min: ComplexArray

    @property
    def label(self) -> Stability:
        """What it is."""
        return analysis.stability_label(self.eigenvalues_per_min)


@dataclass(frozen=True)
class Fold:
    """Where two steady states merge."""

    jacket_K: float
    reactor_K: float


def steady_states(preset: PlantPreset, *, jacket_K: float | None = None) -> tuple[SteadyState, ...]:
    """All steady states at a jacket temperature, coldest first.

    Args:
        preset: The reactor.
        jacket_K: Jacket temperature; the preset's own when left out.
    """
    given = preset.start["jacket_K"] if jacket_K is None else jacket_K
    curve = _jacket_curve(preset)
    hot = analysis.roots(curve, LOWEST_K, HIGHEST_K, target=given)
    return tuple(_steady_state(preset, temperature, given) for temperature in hot)


def folds(preset: PlantPreset) -> tuple[Fold, ...]:
    """Folds of the curve of steady states, coldest reactor first."""
    curve = _jacket_curve(preset)
    turns = analysis.turning_points(curve, LOWEST_K, HIGHEST_K)
    return tuple(Fold(jacket_K=curve(temperature), reactor_K=temperature) for temperature in turns)


def _steady_state(preset: PlantPreset, reactor_K: float, jacket_K: float) -> SteadyState:
    z_a, z_b, _ = _balanced(_system(preset, REACTOR), reactor_K)
    state = {"z_a": z_a, "z_b": z_b, "reactor_K": reactor_K, "jacket_K": jacket_K}
    plane = _system(preset, ("z_a", "reactor_K"), **state)
    values = analysis.eigenvalues(plane.jacobian(plane.values))
    return SteadyState(reactor_K=reactor_K, z_a=z_a, eigenvalues_per_min=values)


def _jacket_curve(preset: PlantPreset) -> Callable[[float], float]:
    if preset.parameters.cooling.jacket_free:
        raise BadArgument(
            "The jacket of this preset has its own balance", value=preset.name, remedy="Set jacket_free to 0"
        )
    system = _system(preset, REACTOR)
    return lambda reactor_K: _balanced(system, reactor_K)[2]


def _balanced(system: System, reactor_K: float) -> tuple[float, float, float]:
    """Fractions of A and B and the jacket temperature at which a reactor temperature is steady."""
    points = np.zeros((4, 4))
    points[2] = reactor_K
    points[[0, 1, 3], [1, 2, 3]] = 1.0
    rates = system.rates(points)[:3]
    slopes = rates[:, 1:] - rates[:, :1]
    z_a, z_b, jacket_K = np.linalg.solve(slopes, -rates[:, 0])
    return float(z_a), float(z_b), float(jacket_K)


def _system(preset: PlantPreset, free: tuple[str, ...], **state: float) -> System:
    return System(
        derivative_callback(Scope.REACTOR),
        preset.state_record(**state),
        preset.input_record(),
        preset.parameter_record(),
        free=free,
    )
