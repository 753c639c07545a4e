"""What the plant's benchmarks share: the baseline under control, what acts on it, times, memory, tables."""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from _numpy_plant import Baseline, Floats
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.integrate import solve_ivp

from harness.plant import instruments, noise
from harness.plant.layout import STAGES
from harness.plant.parameters import PlantParameters
from harness.plant.surroundings import Surroundings

T = TypeVar("T")
RTOL, ATOL = 1e-8, 1e-10
DISTURBANCES = ("cooling_water", "feed_composition", "feed_temperature")
# A log file is no terminal: wide enough that no column is cut there.
console = Console(width=None if sys.stdout.isatty() else 110)


class Pi:
    """A PI controller with limits and conditional integration, scan by scan."""

    def __init__(self, *, gain: float, integral_min: float, high: float, output: float) -> None:
        self.gain, self.integral_min, self.high, self.integral = gain, integral_min, high, output

    def scan(self, error: float, scan_min: float) -> float:
        """The output for an error that lasts until the next scan."""
        proportional = self.gain * error
        step = proportional * scan_min / self.integral_min
        wanted = proportional + self.integral + step
        if not ((wanted > self.high and step > 0) or (wanted < 0 and step < 0)):
            self.integral += step
        return min(max(proportional + self.integral, 0.0), self.high)


class ClosedLoop:
    """The baseline under its controllers, one `solve_ivp` a scan.

    Args:
        parameters: The plant's parameters.
        noise_K: Error of TT-101 at each scan.
        surroundings: Records of feed and cooling water at each scan, with the plant's field names.
        whole: The whole plant, or the reactor scope alone.
        method: Of `solve_ivp`.
    """

    def __init__(
        self,
        parameters: PlantParameters,
        *,
        noise_K: Floats,
        surroundings: NDArray[np.void],
        whole: bool,
        method: str,
    ) -> None:
        self.base, self.whole, self.method = Baseline(parameters), whole, method
        self.noise_K, self.surroundings = noise_K, surroundings
        k, case, u = parameters.control, parameters.case, self.base.inputs
        self.scan_min, self.case = k.scan_s / 60.0, case
        self.temperature = Pi(
            gain=k.temperature_gain_kg_per_min_K,
            integral_min=k.temperature_integral_min,
            high=parameters.cooling.coolant_max_kg_per_min,
            output=u.coolant,
        )
        self.distillate = Pi(
            gain=k.distillate_gain_kmol_per_min,
            integral_min=k.distillate_integral_min,
            high=parameters.column.reflux_max_kmol_per_min,
            output=u.reflux,
        )
        self.bottoms = Pi(
            gain=k.bottoms_gain_kmol_per_min,
            integral_min=k.bottoms_integral_min,
            high=parameters.column.boilup_max_kmol_per_min,
            output=u.boilup,
        )

    def run(self, scans: int) -> Floats:
        """States at each scan, shape (scans + 1, values)."""
        y = self.base.plant_start() if self.whole else self.base.reactor_start()
        rates = self.base.plant_rates if self.whole else self.base.reactor_rates
        log = np.empty((scans + 1, len(y)))
        log[0] = y
        for k in range(scans):
            self._scan(k, y)
            found = solve_ivp(rates, (0.0, self.scan_min), y, method=self.method, rtol=RTOL, atol=ATOL)
            y = log[k + 1] = found.y[:, -1]
        return log

    def _scan(self, k: int, y: Floats) -> None:
        u, now = self.base.inputs, self.surroundings[k]
        u.feed_a, u.feed_K, u.water_K = now["feed_fraction_a"], now["feed_K"], now["water_K"]
        u.fouling_m2K_per_W, u.activity = now["fouling_m2K_per_W"], now["activity"]
        error_K = y[2] + self.noise_K[k] - self.case.reactor_K
        u.coolant = self.temperature.scan(error_K, self.scan_min)
        if self.whole:
            x_b, x_d = y[5] / y[5 + STAGES], y[4 + STAGES] / y[4 + 2 * STAGES]
            u.reflux = self.distillate.scan(self.case.x_d - x_d, self.scan_min)
            u.boilup = self.bottoms.scan(x_b - self.case.x_b, self.scan_min)


def forcing(
    parameters: PlantParameters, scope: str, seed: int, scans: int
) -> tuple[Floats, NDArray[np.void]]:
    """What acts on the plant at each scan: the error of TT-101, and an ordinary day's surroundings."""
    times_s = parameters.control.scan_s * np.arange(scans)
    row = instruments.instrument("TT-101")
    stream = noise.reading_stream(row.tag)
    day = Surroundings(parameters, scope, seed, DISTURBANCES)
    return row.sigma * noise.normals(seed, stream, times_s), day.series(times_s.astype(float))


def timed(run: Callable[[], T]) -> tuple[T, float]:
    """A result and the processor time that it took, in s, which other work on the machine hardly changes."""
    start = time.process_time()
    result = run()
    return result, time.process_time() - start


def timed_by_the_clock(run: Callable[[], T]) -> tuple[T, float]:
    """A result and the wall time that it took, in s: for what uses several processors."""
    start = time.perf_counter()
    result = run()
    return result, time.perf_counter() - start


def peak_MiB() -> float:
    """Largest memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def is_quick(purpose: str) -> bool:
    """Read the command line: whether a short run will do."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("--quick", action="store_true", help="a short run, for a first look")
    return bool(parser.parse_args().quick)


def table(title: str, *columns: str) -> Table:
    """A table whose first column is text and whose others are numbers."""
    made = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        made.add_column(column, justify="right" if index else "left")
    return made
