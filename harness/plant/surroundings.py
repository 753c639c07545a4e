"""What the plant cannot choose: cooling water, feed quality, fouling, ageing, a failing pump.

Slow random changes are Ornstein-Uhlenbeck processes, exactly discretised on a grid of a minute and
linear in between; a block of them depends on the seed and its number only, so a run is the same in
one go or in pieces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import UnknownName
from harness.plant.layout import DISTURBANCES
from harness.plant.noise import stream_number
from harness.plant.parameters import PlantParameters
from harness.plant.tags import Scope

_GRID_S = 60
_BLOCK_MIN = 1440
_DAY_S = 86_400


@dataclass(frozen=True)
class Wander:
    """One random disturbance: an Ornstein-Uhlenbeck process, kept within bounds.

    Attributes:
        sigma: Stationary standard deviation.
        time_min: Correlation time, in min.
        low: Lowest deviation.
        high: Highest deviation.
        diurnal: Amplitude of the daily wave that comes on top; its peak is at 15:00.
    """

    sigma: float
    time_min: float
    low: float
    high: float
    diurnal: float = 0.0


WANDERS = {
    "cooling_water": Wander(sigma=0.5, time_min=180.0, low=-2.0, high=2.0, diurnal=3.0),
    "feed_composition": Wander(sigma=0.01, time_min=240.0, low=-0.03, high=0.0),
    "feed_temperature": Wander(sigma=0.8, time_min=120.0, low=-2.0, high=2.0),
}
# What of the plant each of them moves.
FIELDS = {"cooling_water": "water_K", "feed_composition": "feed_fraction_a", "feed_temperature": "feed_K"}


@dataclass
class Surroundings:
    """The disturbances of one lane as functions of the plant's time.

    Attributes:
        parameters: Nominal values, fouling and ageing.
        scope: Fouling and ageing exist from the cooling scope on.
        seed: Of the random disturbances.
        wandering: Names of the random disturbances that are on, keys of `WANDERS`.
        age_d: Days since the last cleaning and since the catalyst was fresh, at time 0.
        cleaned_s: When E-101 was cleaned since.
        pump_failures_s: When the coolant pump stops, and when it runs again.
    """

    parameters: PlantParameters
    scope: str
    seed: int
    wandering: tuple[str, ...] = ()
    age_d: float = 0.0
    cleaned_s: list[float] = field(default_factory=list)
    pump_failures_s: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in self.wandering:
            if name not in WANDERS:
                raise UnknownName("disturbance", name, WANDERS)

    def series(self, times_s: NDArray[np.float64]) -> NDArray[Any]:
        """Records of `DISTURBANCES` at these times, shape (len(times_s),)."""
        rows = np.zeros(len(times_s), dtype=DISTURBANCES)
        rows["feed_fraction_a"] = self.parameters.case.feed_fraction_a
        rows["feed_K"] = self.parameters.reactor.feed_K
        rows["water_K"] = self.parameters.cooling.water_K
        for name in self.wandering:
            rows[FIELDS[name]] += self._deviation(name, times_s)
        rows["fouling_m2K_per_W"], rows["activity"] = self._degradation(times_s)
        rows["pump_share"] = 1.0
        for start_s, end_s in self.pump_failures_s:
            rows["pump_share"][(times_s >= start_s) & (times_s < end_s)] = 0.0
        return rows

    def _deviation(self, name: str, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        wander = WANDERS[name]
        minutes = times_s / _GRID_S
        first, last = int(minutes[0]) // _BLOCK_MIN, (int(minutes[-1]) + 1) // _BLOCK_MIN
        blocks = range(first, last + 1)
        path = np.concatenate([_walk(wander, self.seed, stream_number(name), block) for block in blocks])
        grid = first * _BLOCK_MIN + np.arange(len(path))
        slow = np.clip(np.interp(minutes, grid, path), wander.low, wander.high)
        return np.asarray(slow + wander.diurnal * np.sin(2 * math.pi * (times_s / _DAY_S - 0.375)))

    def _degradation(self, times_s: NDArray[np.float64]) -> tuple[Any, Any]:
        if self.scope == Scope.REACTOR:
            return 0.0, 1.0
        c = self.parameters.cooling
        since_d = self.age_d + times_s / _DAY_S
        for cleaned_s in sorted(self.cleaned_s):
            since_d = np.where(times_s >= cleaned_s, (times_s - cleaned_s) / _DAY_S, since_d)
        fouling = c.fouling_limit_m2K_per_W * -np.expm1(-since_d / c.fouling_time_d)
        activity = 1.0 - c.activity_loss * (self.age_d + times_s / _DAY_S) / c.activity_time_d
        return fouling, np.maximum(activity, 0.0)


@lru_cache(maxsize=64)
def _walk(wander: Wander, seed: int, stream: int, block: int) -> NDArray[np.float64]:
    """One block of the process on the minute grid; it goes on from the block before."""
    from scipy.signal import lfilter  # here, for it takes long to import and calm plants do not need it

    keep = math.exp(-1.0 / wander.time_min)
    kicks = np.random.default_rng([seed, stream, block]).standard_normal(_BLOCK_MIN)
    kicks *= wander.sigma * math.sqrt(1.0 - keep**2)
    last = 0.0 if block == 0 else float(_walk(wander, seed, stream, block - 1)[-1])
    return np.asarray(lfilter([1.0], [1.0, -keep], kicks, zi=[keep * last])[0])
