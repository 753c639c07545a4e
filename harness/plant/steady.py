"""The steady state of the whole plant, nearly in closed form.

Given the reactor's temperature, the fresh feed and both product purities, the overall balances
give the reactor's composition and the recycle directly, the by-product ratio by a linear equation
in its own balance, and the boil-up by one root of a stage-to-stage calculation: milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from harness.errors import SolverFailed
from harness.plant.layout import CONTROL, FEED_STAGE, INPUTS, STAGES, state_dtype
from harness.plant.parameters import CoolingParameters, PlantParameters
from harness.plant.tags import Scope


@dataclass(frozen=True)
class SteadyState:
    """A steady state of the plant, flows in kmol/min.

    Attributes:
        z_a: Mole fraction of A in the reactor.
        z_b: Mole fraction of B in the reactor.
        w: Share of C in the heavy product, C/(B+C).
        distillate: Recycle to the reactor.
        reflux: Reflux.
        boilup: Boil-up.
        jacket_K: Jacket temperature.
        coolant_kg_per_min: Coolant flow.
        generated_kW: Heat of both reactions.
        jacketed_kW: Heat through the jacket.
        sensible_kW: Heat that warms feed and recycle.
        stage_fraction: Light fraction of each stage from the reboiler up, shape (41,).
    """

    z_a: float
    z_b: float
    w: float
    distillate: float
    reflux: float
    boilup: float
    jacket_K: float
    coolant_kg_per_min: float
    generated_kW: float
    jacketed_kW: float
    sensible_kW: float
    stage_fraction: NDArray[np.float64]


def solve(
    parameters: PlantParameters, *, fouling_m2K_per_W: float = 0.0, activity: float = 1.0
) -> SteadyState:
    """The steady state of the operating case in `parameters`.

    Raises:
        SolverFailed: If the column cannot make these products, or the coolant cannot take the heat.
    """
    case, r, c = parameters.case, parameters.reactor, parameters.cooling
    feed = bottoms = case.feed_kmol_per_min
    k1 = activity * r.k1_per_min * math.exp(-r.k1_activation_K / case.reactor_K)
    k2 = r.k2_per_min * math.exp(-r.k2_activation_K * (1 / case.reactor_K - 1 / r.k2_reference_K))
    z_a = feed * (case.feed_fraction_a - case.x_b) / (r.holdup_kmol * k1)
    distillate = feed * (z_a - case.x_b) / (case.x_d - z_a)
    w, z_b = _byproduct(parameters, k2, z_a, distillate)
    generated = r.holdup_kmol * (r.heat1_kJ_per_kmol * k1 * z_a + r.heat2_kJ_per_kmol * k2 * z_b)
    sensible = (feed + distillate) * r.heat_capacity_kJ_per_kmol_K * (case.reactor_K - r.feed_K)
    jacket_K = case.reactor_K - (generated - sensible) / c.ua_kJ_per_min_K
    boilup, fractions = _column(parameters, z_a, distillate, bottoms)
    return SteadyState(
        z_a=z_a,
        z_b=z_b,
        w=w,
        distillate=distillate,
        reflux=boilup - distillate,
        boilup=boilup,
        jacket_K=jacket_K,
        coolant_kg_per_min=coolant_flow(c, generated - sensible, jacket_K, fouling_m2K_per_W),
        generated_kW=generated / 60,
        jacketed_kW=(generated - sensible) / 60,
        sensible_kW=sensible / 60,
        stage_fraction=fractions,
    )


def operating_case(parameters: PlantParameters, scope: str) -> tuple[NDArray[Any], ...]:
    """State, inputs and controllers of one lane at rest in the operating case, each of shape (1,)."""
    steady = solve(parameters)
    return (
        _state(parameters, scope, steady),
        _inputs(parameters, steady),
        _controllers(parameters, steady),
    )


def coolant_flow(
    c: CoolingParameters, heat_kJ_per_min: float, jacket_K: float, fouling_m2K_per_W: float
) -> float:
    """Coolant flow, in kg/min, that takes a heat flow out of the jacket.

    Raises:
        SolverFailed: If the largest flow does not take that heat.
    """
    from harness.plant.equations.reactor import effectiveness

    # As plain Python: to compile it for a few calls would take half a second of the start.
    exchange_effectiveness: Callable[[float, float], float] = effectiveness.py_func  # type: ignore[attr-defined]

    water = c.water_kg_per_min * c.coolant_kJ_per_kg_K
    conductance = 60.0 * c.area_m2 / (1.0 / c.u0_kW_per_m2_K + 1000.0 * fouling_m2K_per_W)

    def missing(flow_kg_per_min: float) -> float:
        coolant = flow_kg_per_min * c.coolant_kJ_per_kg_K
        smaller, larger = min(coolant, water), max(coolant, water)
        share = exchange_effectiveness(conductance / smaller, smaller / larger)
        return float(share * smaller * (jacket_K - c.water_K) - heat_kJ_per_min)

    if missing(c.coolant_max_kg_per_min) < 0:
        raise SolverFailed(
            "The coolant cannot take this heat",
            value=f"{heat_kJ_per_min / 60:.1f} kW",
            remedy="Clean E-101, lower the feed or choose another reactor temperature",
        )
    return float(brentq(missing, 1e-6, c.coolant_max_kg_per_min, xtol=1e-12, rtol=1e-14))


def _byproduct(parameters: PlantParameters, k2: float, z_a: float, distillate: float) -> tuple[float, float]:
    """Share of C in the heavy product, and z_B: the balance of C over the plant is linear in w."""
    case, holdup = parameters.case, parameters.reactor.holdup_kmol
    feed = bottoms = case.feed_kmol_per_min
    heavy_out = bottoms * (1 - case.x_b)
    heavy_from_reactor = (heavy_out + distillate * (1 - case.x_d)) / (feed + distillate)
    made = feed * (1 - case.feed_fraction_a) + holdup * k2 * (1 - z_a)
    w = made / (heavy_out + holdup * k2 * heavy_from_reactor)
    return w, 1 - z_a - heavy_from_reactor * w


def _column(
    parameters: PlantParameters, z_f: float, distillate: float, bottoms: float
) -> tuple[float, NDArray[np.float64]]:
    """Boil-up and profile that split the feed into these products.

    Stepping up from the reboiler and down from the condenser keeps both recursions stable; the
    boil-up is right when they meet on the feed stage.
    """
    case, most = parameters.case, parameters.column.boilup_max_kmol_per_min
    a = parameters.column.relative_volatility

    def profiles(boilup: float) -> tuple[list[float], list[float]]:
        low, high = [case.x_b], [case.x_d]
        for _ in range(FEED_STAGE - 1):
            y = a * low[-1] / (1 + (a - 1) * low[-1])
            low.append((boilup * y + bottoms * case.x_b) / (boilup + bottoms))
        y = case.x_d
        for _ in range(STAGES - FEED_STAGE):
            high.append(y / (a - (a - 1) * y))
            y = ((boilup - distillate) * high[-1] + distillate * case.x_d) / boilup
        return low, high

    def gap(boilup: float) -> float:
        low, high = profiles(boilup)
        return low[-1] - high[-1]

    try:
        boilup = float(brentq(gap, 1.05 * distillate, most, xtol=1e-13, rtol=1e-14))
    except ValueError:
        raise SolverFailed(
            "The column cannot make these products",
            value={"x_d": case.x_d, "x_b": case.x_b, "boil-up at most": most},
            remedy="Relax a purity or lower the feed",
        ) from None
    low, high = profiles(boilup)
    return boilup, np.array(low + high[-2::-1])


def _state(parameters: PlantParameters, scope: str, steady: SteadyState) -> NDArray[Any]:
    state = np.zeros(1, dtype=state_dtype(scope))
    state["z_a"], state["z_b"] = steady.z_a, steady.z_b
    state["reactor_K"], state["jacket_K"] = parameters.case.reactor_K, steady.jacket_K
    if scope == Scope.PLANT:
        holdup = _stage_holdup(parameters, steady)
        state["stage_kmol"] = holdup
        state["light_kmol"] = holdup * steady.stage_fraction
        state["c_kmol"] = steady.w * np.sum(holdup * (1 - steady.stage_fraction))
    return state


def _stage_holdup(parameters: PlantParameters, steady: SteadyState) -> NDArray[np.float64]:
    """Liquid on each stage, from the linear hydraulics; the levels stand at their set value."""
    c = parameters.column
    below_feed = np.arange(STAGES) < FEED_STAGE
    feed = parameters.case.feed_kmol_per_min + steady.distillate
    above = steady.reflux - c.reflux_reference_kmol_per_min
    excess = above + below_feed * (feed - c.feed_reference_kmol_per_min)
    holdup = np.asarray(c.stage_kmol + c.hydraulic_min * excess)
    holdup[[0, -1]] = c.stage_kmol
    return holdup


def _inputs(parameters: PlantParameters, steady: SteadyState) -> NDArray[Any]:
    case = parameters.case
    inputs = np.zeros(1, dtype=INPUTS)
    values = {
        "feed_kmol_per_min": case.feed_kmol_per_min,
        "feed_fraction_a": case.feed_fraction_a,
        "feed_K": parameters.reactor.feed_K,
        "coolant_kg_per_min": steady.coolant_kg_per_min,
        "water_K": parameters.cooling.water_K,
        "activity": 1.0,
        "reflux_kmol_per_min": steady.reflux,
        "boilup_kmol_per_min": steady.boilup,
        "recycle_open": 1.0,
        "distillate_kmol_per_min": steady.distillate,
        "bottoms_kmol_per_min": case.feed_kmol_per_min,
        "x_d": case.x_d,
        "w": steady.w,
    }
    for name, value in values.items():
        inputs[name] = value
    return inputs


def _controllers(parameters: PlantParameters, steady: SteadyState) -> NDArray[Any]:
    """All controllers in AUTO, at rest: no error, the integral holds the output."""
    case = parameters.case
    feed_m3_per_h = case.feed_kmol_per_min * 60.0 / parameters.reactor.density_kmol_per_m3
    control = np.zeros(1, dtype=CONTROL)
    at_rest = {
        "temperature": (case.reactor_K, steady.coolant_kg_per_min),
        "feed": (feed_m3_per_h, case.feed_kmol_per_min),
        "distillate": (case.x_d, steady.reflux),
        "bottoms": (case.x_b, steady.boilup),
    }
    for name, (sv, mv) in at_rest.items():
        control[name] = (sv, mv, mv, 1.0)
    return control
