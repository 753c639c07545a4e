"""R-101, its jacket and E-101: rates, heat flows and balances.

Every function takes records (`layout`) of one lane; `p` are the parameters, `u` the inputs.
Sources: Bequette, Process Dynamics (1998), chapter 13; Kays and London for effectiveness-NTU.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit


@njit
def rate1_per_min(T_K: float, p: Any) -> float:
    """Rate constant of A → B at activity 1."""
    return p.reactor.k1_per_min * math.exp(-p.reactor.k1_activation_K / T_K)


@njit
def rate2_per_min(T_K: float, p: Any) -> float:
    """Rate constant of B → C."""
    r = p.reactor
    return r.k2_per_min * math.exp(-r.k2_activation_K * (1.0 / T_K - 1.0 / r.k2_reference_K))


@njit
def pressure_MPa(T_K: float, z_a: float, p: Any) -> float:
    """Bubble-point pressure by Raoult's law; B and C are equally volatile."""
    r = p.reactor
    heavy = r.vapour_reference_MPa * math.exp(
        -r.vapour_activation_K * (1.0 / T_K - 1.0 / r.vapour_reference_K)
    )
    return heavy * (1.0 + (p.column.relative_volatility - 1.0) * z_a)


@njit
def effectiveness(ntu: float, capacity_ratio: float) -> float:
    """Effectiveness of a counter-flow exchanger; at equal capacities the limit NTU/(1 + NTU)."""
    if abs(1.0 - capacity_ratio) < 1e-6:
        return ntu / (1.0 + ntu)
    e = math.exp(-ntu * (1.0 - capacity_ratio))
    return (1.0 - e) / (1.0 - capacity_ratio * e)


@njit
def exchanged_kJ_per_min(jacket_K: float, u: Any, p: Any) -> float:
    """Heat that E-101 takes from the coolant."""
    c = p.cooling
    coolant = u.coolant_kg_per_min * c.coolant_kJ_per_kg_K
    water = c.water_kg_per_min * c.coolant_kJ_per_kg_K
    smaller, larger = min(coolant, water), max(coolant, water)
    if smaller <= 0.0:
        return 0.0
    per_kJ_min = 60.0 / (1.0 / c.u0_kW_per_m2_K + 1000.0 * u.fouling_m2K_per_W)
    ntu = per_kJ_min * c.area_m2 / smaller
    return effectiveness(ntu, smaller / larger) * smaller * (jacket_K - u.water_K)


@njit
def quenched_kJ_per_min(jacket_K: float, u: Any, p: Any) -> float:
    """Heat that emergency water, once through the jacket, takes away."""
    flow = u.quench_kg_per_min * p.cooling.coolant_kJ_per_kg_K
    return flow * (jacket_K - p.safety.quench_water_K)


@njit
def react(s: Any, u: Any, p: Any, recycle: float, x_d: float, w: float, d: Any) -> None:
    """Balances of R-101 and its jacket; writes the reactor's part of the derivative `d`.

    Args:
        s: State.
        u: Inputs.
        p: Parameters.
        recycle: Distillate that comes back, in kmol/min.
        x_d: Its light fraction.
        w: Share of C in its heavy part.
        d: Derivative, per minute; every field of the reactor and the totals is written.
    """
    r, c = p.reactor, p.cooling
    out = u.feed_kmol_per_min + recycle
    r1 = r.holdup_kmol * u.activity * rate1_per_min(s.reactor_K, p) * s.z_a
    r2 = r.holdup_kmol * rate2_per_min(s.reactor_K, p) * s.z_b
    d.fed_kmol = u.feed_kmol_per_min
    d.fed_a_kmol = u.feed_kmol_per_min * u.feed_fraction_a
    d.recycled_kmol = recycle
    d.recycled_a_kmol = recycle * x_d
    d.recycled_c_kmol = recycle * (1.0 - x_d) * w
    d.left_a_kmol = out * s.z_a
    d.left_b_kmol = out * s.z_b
    d.reacted1_kmol = r1
    d.reacted2_kmol = r2
    d.z_a = (d.fed_a_kmol + d.recycled_a_kmol - d.left_a_kmol - r1) / r.holdup_kmol
    fresh_b = recycle * (1.0 - x_d) * (1.0 - w)
    d.z_b = (fresh_b - d.left_b_kmol + r1 - r2) / r.holdup_kmol
    d.generated_kJ = r.heat1_kJ_per_kmol * r1 + r.heat2_kJ_per_kmol * r2
    d.jacketed_kJ = c.ua_kJ_per_min_K * (s.reactor_K - s.jacket_K)
    d.sensible_kJ = out * r.heat_capacity_kJ_per_kmol_K * (s.reactor_K - u.feed_K)
    d.exchanged_kJ = exchanged_kJ_per_min(s.jacket_K, u, p)
    d.quenched_kJ = quenched_kJ_per_min(s.jacket_K, u, p)
    heat_capacity = r.holdup_kmol * r.heat_capacity_kJ_per_kmol_K
    d.reactor_K = (d.generated_kJ - d.jacketed_kJ - d.sensible_kJ) / heat_capacity
    left_kJ = d.exchanged_kJ + d.quenched_kJ
    d.jacket_K = c.jacket_free * (d.jacketed_kJ - left_kJ) / c.jacket_kJ_per_K
