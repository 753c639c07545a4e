"""True values of everything that is measured or judged, from state and inputs."""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from harness.plant.equations import column, reactor
from harness.plant.layout import MEASURED_STAGES, STAGES

_STAGE_1, _STAGE_11, _STAGE_21, _STAGE_31, _STAGE_41 = (stage - 1 for stage in MEASURED_STAGES)


@njit
def stage_K(x: float, p: Any) -> float:
    """Bubble-point temperature of a stage at the column's pressure."""
    r, c = p.reactor, p.column
    heavy_MPa = c.pressure_MPa / (1.0 + (c.relative_volatility - 1.0) * x)
    inverse = (
        1.0 / r.vapour_reference_K - math.log(heavy_MPa / r.vapour_reference_MPa) / r.vapour_activation_K
    )
    return 1.0 / inverse


@njit
def profit_eur_per_min(u: Any, p: Any, bottoms: float, t: Any) -> float:
    """Value of the products less feed, boil-up and chilled water."""
    heavy = bottoms * (1.0 - t.x_b)
    sold = p.prices.b_eur_per_kmol * heavy * (1.0 - t.w) + p.prices.c_eur_per_kmol * heavy * t.w
    bought = p.prices.a_eur_per_kmol * u.feed_kmol_per_min
    bought += p.prices.boilup_eur_per_kmol * t.boilup_kmol_per_min
    return sold - bought - p.prices.chilled_water_eur_per_kWh * t.jacketed_kW / 60.0


@njit
def observe_lane(s: Any, u: Any, c: Any, p: Any, recycle: float, t: Any) -> None:
    """The reactor's part of the truth."""
    m3_per_h = 60.0 / p.reactor.density_kmol_per_m3
    r, out = p.reactor, u.feed_kmol_per_min + recycle
    r1 = u.activity * reactor.rate1_per_min(s.reactor_K, p) * s.z_a
    r2 = reactor.rate2_per_min(s.reactor_K, p) * s.z_b
    t.reactor_K = s.reactor_K
    t.jacket_K = s.jacket_K
    t.cooling_water_K = u.water_K
    t.reactor_MPa = reactor.pressure_MPa(s.reactor_K, s.z_a, p)
    t.feed_m3_per_h = u.feed_kmol_per_min * m3_per_h
    t.coolant_kg_per_min = u.coolant_kg_per_min
    t.z_a = s.z_a
    t.z_b = s.z_b
    t.z_c = 1.0 - s.z_a - s.z_b
    t.generated_kW = r.holdup_kmol * (r.heat1_kJ_per_kmol * r1 + r.heat2_kJ_per_kmol * r2) / 60.0
    t.jacketed_kW = p.cooling.ua_kJ_per_min_K * (s.reactor_K - s.jacket_K) / 60.0
    t.sensible_kW = out * r.heat_capacity_kJ_per_kmol_K * (s.reactor_K - u.feed_K) / 60.0
    t.fouling_m2K_per_W = u.fouling_m2K_per_W
    t.activity = u.activity
    t.tripped = c.tripped


@njit
def _fraction(s: Any, i: int) -> float:
    return s.light_kmol[i] / s.stage_kmol[i]


@njit
def observe_column(s: Any, u: Any, p: Any, t: Any) -> None:
    """The column's part of the truth, and the profit."""
    m3_per_h = 60.0 / p.reactor.density_kmol_per_m3
    bottoms = column.bottoms_kmol_per_min(s, u, p)
    t.w = column.byproduct_ratio(s)
    t.x_d = _fraction(s, STAGES - 1)
    t.x_b = _fraction(s, 0)
    t.stage_1_K = stage_K(_fraction(s, _STAGE_1), p)
    t.stage_11_K = stage_K(_fraction(s, _STAGE_11), p)
    t.stage_21_K = stage_K(_fraction(s, _STAGE_21), p)
    t.stage_31_K = stage_K(_fraction(s, _STAGE_31), p)
    t.stage_41_K = stage_K(_fraction(s, _STAGE_41), p)
    t.reflux_m3_per_h = column.reflux_kmol_per_min(s, u, p) * m3_per_h
    t.distillate_m3_per_h = column.distillate_kmol_per_min(s, u, p) * m3_per_h
    t.bottoms_m3_per_h = bottoms * m3_per_h
    t.boilup_kmol_per_min = column.boilup_kmol_per_min(s, u, p)
    t.profit_eur_per_min = profit_eur_per_min(u, p, bottoms, t)


@njit
def observe_reactor(s: Any, u: Any, c: Any, p: Any, t: Any) -> None:
    """Truth of all lanes of the reactor and cooling scopes; the column's fields stay as they are."""
    for i in range(len(s)):
        recycle = u[i].recycle_open * u[i].distillate_kmol_per_min
        observe_lane(s[i], u[i], c[i], p[i], recycle, t[i])


@njit
def observe_plant(s: Any, u: Any, c: Any, p: Any, t: Any) -> None:
    """Truth of all lanes of the whole plant."""
    for i in range(len(s)):
        distillate = column.distillate_kmol_per_min(s[i], u[i], p[i])
        observe_lane(s[i], u[i], c[i], p[i], distillate, t[i])
        observe_column(s[i], u[i], p[i], t[i])
