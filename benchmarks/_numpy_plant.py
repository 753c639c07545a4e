"""The baseline of the plant's benchmarks: its equations in plain NumPy, for SciPy's `solve_ivp`.

It is what a careful user of SciPy writes: vectorised over the stages, without the totals that the
plant counts beside, the controllers' law in Python, one `solve_ivp` for each interval in which the
inputs are held. It shares parameters and the initial steady state with the plant, and no equation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from harness.plant import steady
from harness.plant.layout import FEED_STAGE, STAGES
from harness.plant.parameters import PlantParameters

Floats = NDArray[np.float64]
_FEED = FEED_STAGE - 1
_BELOW_FEED = (np.arange(STAGES) < FEED_STAGE).astype(float)


@dataclass
class Inputs:
    """What is held from one scan to the next; the same names as the plant's own inputs."""

    feed: float
    feed_a: float
    feed_K: float
    coolant: float
    water_K: float
    reflux: float
    boilup: float
    distillate: float
    bottoms: float
    x_d: float
    w: float
    fouling_m2K_per_W: float = 0.0
    activity: float = 1.0


@dataclass
class Baseline:
    """The plant in plain NumPy: right-hand sides, and the steady state to start from."""

    parameters: PlantParameters
    inputs: Inputs = field(init=False)

    def __post_init__(self) -> None:
        case, found = self.parameters.case, steady.solve(self.parameters)
        self.found = found
        self.inputs = Inputs(
            feed=case.feed_kmol_per_min,
            feed_a=case.feed_fraction_a,
            feed_K=self.parameters.reactor.feed_K,
            coolant=found.coolant_kg_per_min,
            water_K=self.parameters.cooling.water_K,
            reflux=found.reflux,
            boilup=found.boilup,
            distillate=found.distillate,
            bottoms=case.feed_kmol_per_min,
            x_d=case.x_d,
            w=found.w,
        )

    def reactor_start(self) -> Floats:
        """z_A, z_B, T and T_j at rest."""
        found = self.found
        return np.array([found.z_a, found.z_b, self.parameters.case.reactor_K, found.jacket_K])

    def plant_start(self) -> Floats:
        """The 87 states of the whole plant at rest: reactor, C in the column, light and holdup of stages."""
        c, found = self.parameters.column, self.found
        nominal = c.reflux_reference_kmol_per_min + c.feed_reference_kmol_per_min * _BELOW_FEED
        feed = self.parameters.case.feed_kmol_per_min + found.distillate
        flow = found.reflux + feed * _BELOW_FEED
        holdup = c.stage_kmol + c.hydraulic_min * (flow - nominal)
        holdup[[0, -1]] = c.stage_kmol
        heavy = holdup * (1 - found.stage_fraction)
        return np.concatenate(
            [self.reactor_start(), [found.w * heavy.sum()], holdup * found.stage_fraction, holdup]
        )

    def reactor_rates(self, _minutes: float, y: Floats) -> Floats:
        """Right-hand side of the reactor scope."""
        u = self.inputs
        return np.array(self._reactor(y, u.distillate, u.x_d, u.w))

    def plant_rates(self, _minutes: float, y: Floats) -> Floats:
        """Right-hand side of the whole plant."""
        c, u, rates = self.parameters.column, self.inputs, np.empty_like(y)
        c_kmol, light, holdup = y[4], y[5 : 5 + STAGES], y[5 + STAGES :]
        x = light / holdup
        distillate = max(0.0, u.distillate + c.level_gain_per_min * (holdup[-1] - c.stage_kmol))
        bottoms = max(0.0, u.bottoms + c.level_gain_per_min * (holdup[0] - c.stage_kmol))
        w = c_kmol / (holdup.sum() - light.sum())
        feed = u.feed + distillate
        rates[:4] = self._reactor(y, distillate, x[-1], w)
        rates[4] = feed * (1 - y[0] - y[1]) - w * (bottoms * (1 - x[0]) + distillate * (1 - x[-1]))

        nominal = c.reflux_reference_kmol_per_min + c.feed_reference_kmol_per_min * _BELOW_FEED
        down = np.maximum(0.0, nominal + (holdup - c.stage_kmol) / c.hydraulic_min)
        down[0], down[-1] = bottoms, u.reflux
        down_light = down * x
        up_light = u.boilup * c.relative_volatility * x / (1 + (c.relative_volatility - 1) * x)
        d_light, d_holdup = rates[5 : 5 + STAGES], rates[5 + STAGES :]
        np.negative(down, out=d_holdup)
        d_holdup[:-1] += down[1:]
        d_holdup[0] -= u.boilup
        d_holdup[-1] += u.boilup - distillate
        d_holdup[_FEED] += feed
        np.negative(down_light, out=d_light)
        d_light[:-1] += down_light[1:] - up_light[:-1]
        d_light[1:] += up_light[:-1]
        d_light[-1] -= distillate * x[-1]
        d_light[_FEED] += feed * y[0]
        return rates

    def _reactor(self, y: Floats, recycle: float, x_d: float, w: float) -> tuple[float, ...]:
        r, c, u = self.parameters.reactor, self.parameters.cooling, self.inputs
        z_a, z_b, reactor_K, jacket_K = y[:4].tolist()
        out = u.feed + recycle
        k1 = u.activity * r.k1_per_min * math.exp(-r.k1_activation_K / reactor_K)
        k2 = r.k2_per_min * math.exp(-r.k2_activation_K * (1 / reactor_K - 1 / r.k2_reference_K))
        heat = (r.heat1_kJ_per_kmol * k1 * z_a + r.heat2_kJ_per_kmol * k2 * z_b) * r.holdup_kmol
        jacketed = c.ua_kJ_per_min_K * (reactor_K - jacket_K)
        sensible = out * r.heat_capacity_kJ_per_kmol_K * (reactor_K - u.feed_K)
        return (
            (u.feed * u.feed_a + recycle * x_d - out * z_a) / r.holdup_kmol - k1 * z_a,
            (recycle * (1 - x_d) * (1 - w) - out * z_b) / r.holdup_kmol + k1 * z_a - k2 * z_b,
            (heat - jacketed - sensible) / (r.holdup_kmol * r.heat_capacity_kJ_per_kmol_K),
            (jacketed - self._exchanged(jacket_K)) / c.jacket_kJ_per_K,
        )

    def _exchanged(self, jacket_K: float) -> float:
        c, u = self.parameters.cooling, self.inputs
        flows = u.coolant * c.coolant_kJ_per_kg_K, c.water_kg_per_min * c.coolant_kJ_per_kg_K
        smaller, larger = min(flows), max(flows)
        if smaller <= 0:
            return 0.0
        ntu = 60 * c.area_m2 / (1 / c.u0_kW_per_m2_K + 1000 * u.fouling_m2K_per_W) / smaller
        ratio = smaller / larger
        if ratio > 1 - 1e-6:
            share = ntu / (1 + ntu)
        else:
            decay = math.exp(-ntu * (1 - ratio))
            share = (1 - decay) / (1 - ratio * decay)
        return share * smaller * (jacket_K - u.water_K)
