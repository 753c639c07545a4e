"""The Williams-Otto reactor, the benchmark of real-time optimisation, and its two-reaction model.

The plant has three reactions: A + B → C, C + B → P + E and P + C → G. The model knows nothing of C:
A + 2 B → P + E and A + B + P → G. Fresh A is given; fresh B and the temperature are free. The
model's optimum is not the plant's, which is why the benchmark exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from harness.errors import SolverFailed
from harness.plant.analysis import FloatArray
from harness.plant.presets.preset import ModelPreset

SOURCE = "Forbes, Marlin, Comput. Chem. Eng. 20 (1996) 717; Zhang, Forbes, ibid. 24 (2000) 1017"

WILLIAMS_OTTO = ModelPreset(
    name="williams_otto",
    description="Benchmark of real-time optimisation: a plant and a model of it that lacks one component",
    source=SOURCE,
    module="harness.plant.presets.williams_otto",
)

_ZERO_CELSIUS_K = 273.15
_START = (4.8, 85.0)
_BOUNDS = ((3.0, 6.0), (70.0, 100.0))
# SLSQP works best on numbers near 1, and the profit is near 200.
_SCALE = np.array([1.0, 10.0])
_PROFIT_SCALE = 100.0


@dataclass(frozen=True, kw_only=True)
class Economics:
    """Holdup, given feed and prices.

    Attributes:
        holdup_kg: Liquid in the reactor.
        feed_a_kg_per_s: Fresh A.
        p_per_kg: Price of P.
        e_per_kg: Price of E.
        a_per_kg: Price of A.
        b_per_kg: Price of B.
    """

    holdup_kg: float = 2105.0
    feed_a_kg_per_s: float = 1.8275
    p_per_kg: float = 1143.38
    e_per_kg: float = 25.92
    a_per_kg: float = 76.23
    b_per_kg: float = 114.34


class Kinetics(Protocol):
    """A set of reactions between the mass fractions of A, B, C, P, E and G."""

    @property
    def first_guess(self) -> tuple[float, ...]:
        """Fractions from which a steady state is searched."""

    def produced_per_s(self, fractions: FloatArray, kelvin: float) -> FloatArray:
        """Mass of each component that one kg of liquid produces in a second."""


@dataclass(frozen=True, kw_only=True)
class ThreeReactions:
    """The plant."""

    frequency_per_s: tuple[float, float, float] = (1.6599e6, 7.2117e8, 2.6745e12)
    activation_K: tuple[float, float, float] = (6666.7, 8333.3, 11_111.0)
    first_guess: tuple[float, ...] = (0.1, 0.4, 0.02, 0.1, 0.3, 0.08)

    def produced_per_s(self, fractions: FloatArray, kelvin: float) -> FloatArray:
        """See `Kinetics`."""
        a, b, c, p, _, _ = fractions
        k = _arrhenius(self.frequency_per_s, self.activation_K, kelvin)
        r1, r2, r3 = k * np.array([a * b, b * c, c * p])
        return np.array([-r1, -r1 - r2, 2 * r1 - 2 * r2 - r3, r2 - r3 / 2, 2 * r2, 1.5 * r3])


@dataclass(frozen=True, kw_only=True)
class TwoReactions:
    """The model, which lacks the intermediate C."""

    frequency_per_s: tuple[float, float] = (2.189e8, 4.310e13)
    activation_K: tuple[float, float] = (8077.6, 12_438.5)
    first_guess: tuple[float, ...] = (0.1, 0.4, 0.0, 0.1, 0.3, 0.1)

    def produced_per_s(self, fractions: FloatArray, kelvin: float) -> FloatArray:
        """See `Kinetics`."""
        a, b, _, p, _, _ = fractions
        k = _arrhenius(self.frequency_per_s, self.activation_K, kelvin)
        r1, r2 = k * np.array([a * b**2, a * b * p])
        return np.array([-r1 - r2, -2 * r1 - r2, 0.0, r1 - r2, 2 * r1, 3 * r2])


@dataclass(frozen=True, kw_only=True)
class Optimum:
    """Where a model would run the reactor, and the profit that it expects there, per s."""

    feed_b_kg_per_s: float
    reactor_C: float
    profit_per_s: float


@dataclass(frozen=True, kw_only=True)
class WilliamsOtto:
    """A reactor with either kinetics."""

    kinetics: Kinetics = field(default_factory=ThreeReactions)
    economics: Economics = Economics()

    def balances(self, fractions: FloatArray, feed_b_kg_per_s: float, reactor_C: float) -> FloatArray:
        """What accumulates of each component, in kg/s; 0 at steady state."""
        feed_a = self.economics.feed_a_kg_per_s
        feed = np.array([feed_a, feed_b_kg_per_s, 0.0, 0.0, 0.0, 0.0])
        produced = self.kinetics.produced_per_s(fractions, reactor_C + _ZERO_CELSIUS_K)
        return feed - (feed_a + feed_b_kg_per_s) * fractions + self.economics.holdup_kg * produced

    def steady_fractions(self, feed_b_kg_per_s: float, reactor_C: float) -> FloatArray:
        """Mass fractions of A, B, C, P, E and G at steady state.

        Raises:
            SolverFailed: If none is found, or one with a negative fraction.
        """
        from scipy.optimize import root

        given = (feed_b_kg_per_s, reactor_C)
        found = root(self.balances, self.kinetics.first_guess, args=given, options={"xtol": 1e-13})
        fractions: FloatArray = found.x
        if not np.abs(found.fun).max() < 1e-9 or fractions.min() < -1e-9:
            raise SolverFailed("No steady state of the reactor", value=given, remedy="Choose a milder case")
        return fractions

    def profit_per_s(self, feed_b_kg_per_s: float, reactor_C: float) -> float:
        """Income from P and E less the cost of A and B."""
        e = self.economics
        _, _, _, p, by_product, _ = self.steady_fractions(feed_b_kg_per_s, reactor_C)
        product = (e.feed_a_kg_per_s + feed_b_kg_per_s) * (e.p_per_kg * p + e.e_per_kg * by_product)
        return float(product - e.a_per_kg * e.feed_a_kg_per_s - e.b_per_kg * feed_b_kg_per_s)

    def optimum(self) -> Optimum:
        """Fresh B and temperature of the largest profit.

        Raises:
            SolverFailed: If the optimiser does not converge.
        """
        from scipy.optimize import minimize

        found = minimize(
            lambda scaled: -self.profit_per_s(*(scaled * _SCALE)) / _PROFIT_SCALE,
            np.array(_START) / _SCALE,
            method="SLSQP",
            jac="3-point",
            bounds=[(low / s, high / s) for (low, high), s in zip(_BOUNDS, _SCALE, strict=True)],
            options={"ftol": 1e-14, "maxiter": 200},
        )
        if not found.success:
            raise SolverFailed("The optimum was not found", value=found.message, remedy="Check the prices")
        feed_b, reactor = (float(value) for value in found.x * _SCALE)
        profit = self.profit_per_s(feed_b, reactor)
        return Optimum(feed_b_kg_per_s=feed_b, reactor_C=reactor, profit_per_s=profit)


def _arrhenius(frequency: tuple[float, ...], activation_K: tuple[float, ...], kelvin: float) -> FloatArray:
    constants: FloatArray = np.asarray(frequency) * np.exp(-np.asarray(activation_K) / kelvin)
    return constants
