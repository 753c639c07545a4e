"""C-101: a 41-stage binary column with linear tray hydraulics, and its two levels under control.

Source: Skogestad, Dynamics and control of distillation columns, Trans IChemE 75 A (1997); his
Column A. The light inventory of a stage, not its composition, is the state: what one stage loses
the next one gains to the last bit, so component balances close whatever the integrator's error.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from harness.plant.layout import FEED_STAGE, STAGES

_TOP = STAGES - 1
_FEED = FEED_STAGE - 1


@njit
def vapour_fraction(x: float, p: Any) -> float:
    """Light fraction of the vapour above a liquid, at constant relative volatility."""
    a = p.column.relative_volatility
    return a * x / (1.0 + (a - 1.0) * x)


@njit
def share_given(kmol: float, p: Any) -> float:
    """Share of the flow asked for that a vessel gives: less when it is nearly empty, none at its heel."""
    return min(1.0, max(0.0, kmol / p.column.heel_kmol - 1.0))


@njit
def boilup_kmol_per_min(s: Any, u: Any, p: Any) -> float:
    """Vapour that leaves the reboiler: what is asked for, as long as there is liquid to boil."""
    return u.boilup_kmol_per_min * share_given(s.stage_kmol[0], p)


@njit
def reflux_kmol_per_min(s: Any, u: Any, p: Any) -> float:
    """Liquid that the condenser returns: what is asked for, as long as there is liquid to return."""
    return u.reflux_kmol_per_min * share_given(s.stage_kmol[_TOP], p)


@njit
def distillate_kmol_per_min(s: Any, u: Any, p: Any) -> float:
    """Distillate that the condenser's level controller lets out; nothing while the recycle is shut."""
    excess = s.stage_kmol[_TOP] - p.column.stage_kmol
    return u.recycle_open * max(0.0, u.distillate_kmol_per_min + p.column.level_gain_per_min * excess)


@njit
def bottoms_kmol_per_min(s: Any, u: Any, p: Any) -> float:
    """Bottoms that the reboiler's level controller lets out."""
    excess = s.stage_kmol[0] - p.column.stage_kmol
    return max(0.0, u.bottoms_kmol_per_min + p.column.level_gain_per_min * excess)


@njit
def byproduct_ratio(s: Any) -> float:
    """Share of C in the heavy component of the whole column."""
    heavy = 0.0
    for i in range(STAGES):
        heavy += s.stage_kmol[i] - s.light_kmol[i]
    return s.c_kmol / heavy


@njit
def tray_liquid_kmol_per_min(i: int, s: Any, u: Any, p: Any) -> float:
    """Liquid that leaves stage `i`, counted from 0 at the reboiler; the top stage returns the reflux."""
    if i == _TOP:
        return reflux_kmol_per_min(s, u, p)
    c = p.column
    nominal = c.reflux_reference_kmol_per_min
    if i <= _FEED:
        nominal += c.feed_reference_kmol_per_min
    return max(0.0, nominal + (s.stage_kmol[i] - c.stage_kmol) / c.hydraulic_min)


@njit
def distil(s: Any, u: Any, p: Any, feed: float, distillate: float, bottoms: float, d: Any) -> None:
    """Balances of all stages; writes `stage_kmol` and `light_kmol` of the derivative `d`.

    Args:
        s: State.
        u: Inputs: reflux and boil-up.
        p: Parameters.
        feed: What comes from the reactor, in kmol/min, saturated liquid.
        distillate: Drawn from the condenser, in kmol/min.
        bottoms: Drawn from the reboiler, in kmol/min.
        d: Derivative, per minute.
    """
    boilup = boilup_kmol_per_min(s, u, p)
    vapour_light = 0.0
    for i in range(STAGES):
        x = s.light_kmol[i] / s.stage_kmol[i]
        liquid = bottoms if i == 0 else tray_liquid_kmol_per_min(i, s, u, p)
        drawn = liquid + distillate if i == _TOP else liquid
        rising = 0.0 if i == _TOP else boilup
        risen = 0.0 if i == 0 else boilup
        rising_light = rising * vapour_fraction(x, p)
        d.stage_kmol[i] = risen - rising - drawn
        d.light_kmol[i] = vapour_light - rising_light - drawn * x
        vapour_light = rising_light
        if i > 0:
            d.stage_kmol[i - 1] += liquid
            d.light_kmol[i - 1] += liquid * x
    d.stage_kmol[_FEED] += feed
    d.light_kmol[_FEED] += feed * s.z_a
