"""From the true value to what an instrument says: noise, range and faults of one tag."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.plant import noise
from harness.plant.faults import Acts, Fault
from harness.plant.samples import Quality
from harness.plant.tags import Instrument

CODES = (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD)
GOOD, UNCERTAIN, BAD = range(3)


class Channel:
    """One instrument's signal. A reading depends on truth, time, seed and faults, and on nothing else.

    Args:
        row: The instrument.
        seed: Of the noise.
        grid_s: A stuck instrument holds the reading of the first such instant after the fault began.
    """

    def __init__(self, row: Instrument, *, seed: int, grid_s: int) -> None:
        self.row, self.faults = row, list[Fault]()
        self._seed, self._grid_s = seed, grid_s
        self._noise = noise.reading_stream(row.tag)
        self._chance = {
            use: noise.stream_number(f"{row.tag}/{use}") for use in ("spikes", "sign", "missing", "burst")
        }

    def read(self, time_s: int, truth: float) -> tuple[float, int]:
        """One reading: its value (NaN when there is none) and its quality's index in `CODES`."""
        value = truth + self._sigma(truth) * noise.normal(self._seed, self._noise, time_s)
        code = GOOD
        for fault in self.faults:
            if fault.is_active(time_s) and fault.kind.acts is Acts.ON_VALUE:
                value, changed = self._spoil(fault, time_s, truth, value)
                code = max(code, changed)
        return self._judge(value, code)

    def read_many(
        self, times_s: NDArray[np.int64], truth: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
        """Readings at many times, in order; the same as `read` one by one, faster where no fault is on."""
        if any(fault.kind.acts is Acts.ON_VALUE and fault.end_s > times_s[0] for fault in self.faults):
            pairs = [self.read(int(t), float(x)) for t, x in zip(times_s, truth, strict=True)]
            return np.array([v for v, _ in pairs]), np.array([c for _, c in pairs], dtype=np.int8)
        values = truth + self._sigma(truth) * noise.normals(self._seed, self._noise, times_s)
        inside = (values >= self.row.low) & (values <= self.row.high)
        finite = np.isfinite(values)
        codes = np.where(finite, np.where(inside, GOOD, UNCERTAIN), BAD).astype(np.int8)
        return np.where(finite, values, math.nan), codes

    def _sigma(self, truth: Any) -> Any:
        return self.row.sigma + self.row.sigma_relative * abs(truth)

    def _judge(self, value: float, code: int) -> tuple[float, int]:
        if code == BAD or not math.isfinite(value):
            return math.nan, BAD
        inside = self.row.low <= value <= self.row.high
        return value, code if inside else max(code, UNCERTAIN)

    def _spoil(self, fault: Fault, time_s: int, truth: float, value: float) -> tuple[float, int]:
        """The value that a fault makes of a value, and the quality that the instrument admits."""
        code = CODES.index(fault.kind.quality)
        match fault.kind.name:
            case "bias":
                value += fault.sizes["bias"]
            case "drift":
                value += fault.sizes["rate_per_h"] * (time_s - fault.start_s) / 3600.0
            case "stuck":
                value, code = self._hold(fault, time_s, value, code)
            case "spikes" if self._happens("spikes", fault, time_s):
                sign = 1.0 if noise.uniform(self._seed, self._chance["sign"], time_s) < 0.5 else -1.0
                value += sign * fault.sizes["size"]
            case "missing":
                value, code = (math.nan, code) if self._happens("missing", fault, time_s) else (value, GOOD)
            case "noise":
                extra = math.sqrt(fault.sizes["factor"] ** 2 - 1.0) * self._sigma(truth)
                value += extra * noise.normal(self._seed, self._chance["burst"], time_s)
        return value, code

    def _hold(self, fault: Fault, time_s: int, value: float, code: int) -> tuple[float, int]:
        held_from_s = math.ceil(fault.start_s / self._grid_s) * self._grid_s
        if time_s < held_from_s:
            return value, GOOD
        if fault.held is None:
            fault.held = value
        return fault.held, code

    def _happens(self, use: str, fault: Fault, time_s: int) -> bool:
        return noise.uniform(self._seed, self._chance[use], time_s) < fault.sizes["fraction"]
