"""The economic optimum of the reactor, column and recycle of `suwartadi`, on the plant's equations.

Free are reflux, boil-up and the reactor's level. For each choice the plant's own derivatives are
brought to 0; the optimiser (SLSQP) sees the cost and the distances to the bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from harness.errors import SolverFailed
from harness.plant.analysis import FloatArray
from harness.plant.engine import derivative_callback
from harness.plant.layout import STAGES, pack
from harness.plant.presets.suwartadi import SUWARTADI_2017, RecycleProblem, in_plant_units
from harness.plant.system import System
from harness.plant.tags import Scope

_FREE = ("z_a", "z_b", "light_kmol", "stage_kmol")


@dataclass(frozen=True, kw_only=True)
class RecycleSteadyState:
    """One steady state of the plant.

    Attributes:
        reflux_kmol_per_min: L.
        boilup_kmol_per_min: V.
        holdup_kmol: Liquid in the reactor.
        column_feed_kmol_per_min: F.
        distillate_kmol_per_min: D, the recycle.
        bottoms_kmol_per_min: B, the product.
        x_d: Light fraction in the distillate.
        x_b: Light fraction in the bottoms.
        z_a: Light fraction in the reactor.
    """

    reflux_kmol_per_min: float
    boilup_kmol_per_min: float
    holdup_kmol: float
    column_feed_kmol_per_min: float
    distillate_kmol_per_min: float
    bottoms_kmol_per_min: float
    x_d: float
    x_b: float
    z_a: float


def optimum(problem: RecycleProblem | None = None) -> RecycleSteadyState:
    """The cheapest steady state within the bounds.

    Args:
        problem: Parameters, bounds and prices; the published ones when left out.

    Raises:
        SolverFailed: If the optimiser does not converge.
    """
    from scipy.optimize import minimize

    given = problem or RecycleProblem()
    at = _steady_states(given)
    found = minimize(
        lambda choice: cost(given, at(choice)),
        _start(given),
        method="SLSQP",
        jac="3-point",
        bounds=_bounds(given),
        constraints=[{"type": "ineq", "fun": lambda choice: _margins(given, at(choice))}],
        options={"ftol": 1e-12, "maxiter": 200},
    )
    if not found.success:
        raise SolverFailed("The optimum was not found", value=found.message, remedy="Relax a bound")
    return at(found.x)


def cost(problem: RecycleProblem, point: RecycleSteadyState) -> float:
    """The paper's J, per min: cost less income."""
    return (
        problem.feed_price * problem.feed_kmol_per_min
        + problem.boilup_price * point.boilup_kmol_per_min
        - problem.product_price * point.bottoms_kmol_per_min
    )


def _start(p: RecycleProblem) -> tuple[float, float, float]:
    inputs = SUWARTADI_2017.inputs
    middle = (p.holdup_low_kmol + p.holdup_high_kmol) / 2.0
    return inputs["reflux_kmol_per_min"], inputs["boilup_kmol_per_min"], middle


def _bounds(p: RecycleProblem) -> list[tuple[float, float]]:
    return [
        (p.flow_min_kmol_per_min, p.reflux_max_kmol_per_min),
        (p.flow_min_kmol_per_min, p.boilup_max_kmol_per_min),
        (p.holdup_low_kmol, p.holdup_high_kmol),
    ]


def _margins(p: RecycleProblem, point: RecycleSteadyState) -> FloatArray:
    """Distances to the bounds on purity and distillate; none is negative where it is allowed."""
    distillate = point.distillate_kmol_per_min
    return np.array(
        [
            p.x_b_max - point.x_b,
            p.distillate_max_kmol_per_min - distillate,
            distillate - p.flow_min_kmol_per_min,
        ]
    )


def _steady_states(problem: RecycleProblem) -> Callable[[FloatArray], RecycleSteadyState]:
    """Steady state by choice of (reflux, boil-up, holdup); all are searched from one profile.

    The optimiser asks for cost and margins at the same choices, so they are kept.
    """
    first = _system(problem, _start(problem))
    profile = first.steady(_straight_profile(first))
    kept = cache(lambda *choice: _steady_state(problem, profile, choice))
    return lambda choice: kept(*map(float, choice))


def _steady_state(
    problem: RecycleProblem, guess: FloatArray, choice: tuple[float, ...]
) -> RecycleSteadyState:
    values = _system(problem, choice).steady(guess)
    light, total = values[2 : 2 + STAGES], values[2 + STAGES :]
    column = in_plant_units(problem).column
    inputs = SUWARTADI_2017.inputs
    excess = column.level_gain_per_min * (total - column.stage_kmol)
    distillate = float(inputs["distillate_kmol_per_min"] + excess[-1])
    return RecycleSteadyState(
        reflux_kmol_per_min=choice[0],
        boilup_kmol_per_min=choice[1],
        holdup_kmol=choice[2],
        column_feed_kmol_per_min=problem.feed_kmol_per_min + distillate,
        distillate_kmol_per_min=distillate,
        bottoms_kmol_per_min=float(inputs["bottoms_kmol_per_min"] + excess[0]),
        x_d=float(light[-1] / total[-1]),
        x_b=float(light[0] / total[0]),
        z_a=float(values[0]),
    )


def _system(problem: RecycleProblem, choice: tuple[float, ...]) -> System:
    reflux, boilup, holdup = choice
    inputs = SUWARTADI_2017.input_record(
        feed_kmol_per_min=problem.feed_kmol_per_min, reflux_kmol_per_min=reflux, boilup_kmol_per_min=boilup
    )
    parameters = pack(in_plant_units(problem).changed("reactor", holdup_kmol=holdup))
    callback = derivative_callback(Scope.PLANT)
    return System(callback, SUWARTADI_2017.state_record(), inputs, parameters, free=_FREE)


def _straight_profile(system: System) -> FloatArray:
    """A first guess: compositions that rise evenly from the reboiler to the condenser."""
    values = system.values
    values[2 : 2 + STAGES] = np.linspace(0.1, 0.85, STAGES) * values[2 + STAGES :]
    return values
