# Generated from book/1-foundations/1-what-a-twin-is.md by `harness tangle`: edit the page, not this file.
"""The two balances of R-101 and its boiling pressure; a model that any level of twin can use."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.integrate import odeint


@dataclass(frozen=True)
class Reactor:
    """What the model knows of R-101; in kmol, min, K and kJ."""

    holdup_kmol: float = 60.0
    recycle_kmol_per_min: float = 0.258
    recycle_fraction_a: float = 0.95
    k0_per_min: float = 1_091_640.0
    activation_K: float = 5960.24  # E/R
    heat_kJ_per_kmol: float = 34_287.9
    heat_capacity_kJ_per_kmol_K: float = 209.2
    ua_kJ_per_min_K: float = 300.0
    feed_K: float = 298.0


def reaction_per_min(r: Reactor, z_a: float, T_K: float) -> float:
    """Share of the tank's moles that turns from A into B, per minute."""
    return r.k0_per_min * math.exp(-r.activation_K / T_K) * z_a


def rates(
    r: Reactor,
    z_a: float,
    T_K: float,
    *,
    feed_kmol_per_min: float,
    jacket_K: float,
) -> tuple[float, float]:
    """Rates of z_A and T, per min, by the balances of A and of heat."""
    flow = feed_kmol_per_min + r.recycle_kmol_per_min
    recycled_a = r.recycle_kmol_per_min * r.recycle_fraction_a
    fed_a = feed_kmol_per_min + recycled_a
    reaction = reaction_per_min(r, z_a, T_K)
    dz_a = (fed_a - flow * z_a) / r.holdup_kmol - reaction
    jacket = r.ua_kJ_per_min_K * (T_K - jacket_K) / r.holdup_kmol
    heat = r.heat_kJ_per_kmol * reaction - jacket
    cold_feed = flow * (T_K - r.feed_K) / r.holdup_kmol
    return dz_a, heat / r.heat_capacity_kJ_per_kmol_K - cold_feed


def simulate(
    r: Reactor,
    z_a: float,
    T_K: float,
    *,
    times_min: np.ndarray,
    feed_kmol_per_min: np.ndarray,
    jacket_K: np.ndarray,
) -> np.ndarray:
    """Integrate the balances from a state, with inputs over time.

    Args:
        r: The reactor.
        z_a: Mole fraction of A at the first time.
        T_K: Temperature at the first time.
        times_min: Times, shape (n,).
        feed_kmol_per_min: Fresh feed, shape (n,); linear between times.
        jacket_K: Jacket temperature, shape (n,); linear between times.

    Returns:
        z_A and T in K, shape (n, 2).
    """

    def slope(x: np.ndarray, t: float) -> tuple[float, float]:
        feed = np.interp(t, times_min, feed_kmol_per_min)
        jacket = np.interp(t, times_min, jacket_K)
        return rates(r, *x, feed_kmol_per_min=feed, jacket_K=jacket)

    # A minute at most, so that no step jumps over a change of the inputs;
    # the tolerance leaves some mK, far below a thermometer's noise.
    accuracy = {"hmax": 1.0, "rtol": 1e-6, "atol": 1e-6}
    return odeint(slope, (z_a, T_K), times_min, **accuracy)


def boiling_MPa(T_K: float, z_a: float) -> float:
    """Bubble-point pressure of the reactor, by Raoult's law.

    Vapour pressure of B by Clausius and Clapeyron; A is 1.5 times as
    volatile.
    """
    pure_b_MPa = 0.221 * math.exp(-3600.0 * (1.0 / T_K - 1.0 / 350.0))
    return pure_b_MPa * (1.0 + 0.5 * z_a)


def boiling_K(pressure_MPa: float, z_a: float) -> float:
    """Temperature at which the reactor has this bubble-point pressure."""
    pure_b_MPa = pressure_MPa / (1.0 + 0.5 * z_a)
    return 1.0 / (1.0 / 350.0 - math.log(pure_b_MPa / 0.221) / 3600.0)
