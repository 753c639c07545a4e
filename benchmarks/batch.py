"""1000 reactor-scope scenarios of 8 h, logged every 30 s: a batch against SciPy one by one.

Same equations, same tolerances, same noise, disturbances and control law (a scan every 30 s) on both
sides. SciPy runs some of the scenarios for a part of the time, and its time is scaled to all of them.
"""

from __future__ import annotations

import numpy as np
from _common import (
    ATOL,
    DISTURBANCES,
    RTOL,
    ClosedLoop,
    console,
    forcing,
    is_quick,
    peak_MiB,
    table,
    timed,
    timed_by_the_clock,
)
from _numpy_plant import Floats

from harness.plant.batch import Batch, simulate_batch
from harness.plant.parameters import PlantParameters

SCAN_S, HOURS = 30, 8.0
PARAMETERS = PlantParameters().changed("control", scan_s=SCAN_S)
RECORD = ("reactor_K", "jacket_K", "z_a", "z_b", "coolant_kg_per_min")


def batch(seeds: range, hours: float) -> Batch:
    """All scenarios at once."""
    return simulate_batch(
        seeds=seeds,
        hours=hours,
        parameters=PARAMETERS,
        disturbances=DISTURBANCES,
        log_s=SCAN_S,
        record=RECORD,
    )


def scipy_one(method: str, seed: int, scans: int) -> Floats:
    """One scenario by SciPy: states at each scan."""
    noise_K, surroundings = forcing(PARAMETERS, "reactor", seed, scans)
    loop = ClosedLoop(PARAMETERS, noise_K=noise_K, surroundings=surroundings, whole=False, method=method)
    return loop.run(scans)


def main(quick: bool) -> None:
    lanes, some, part_h = (200, 1, 0.5) if quick else (1000, 2, 2.0)
    batch(range(4), 0.1)  # compiled or loaded, as it is from the second run on
    before_MiB = peak_MiB()
    (ours, ours_s), ours_cpu_s = timed(lambda: timed_by_the_clock(lambda: batch(range(lanes), HOURS)))
    memory_MiB = peak_MiB() - before_MiB
    shown = table(
        f"{lanes} reactor scenarios of {HOURS:g} h, a scan and a log entry every {SCAN_S} s, "
        f"rtol {RTOL:g}, atol {ATOL:g}",
        "solver",
        "measured on",
        f"all {lanes} take (s)",
        "CPU s",
        "ratio",
        "ratio a processor",
        "largest difference in T (K)",
    )
    shown.add_row(
        "a batch of lanes", f"{lanes} × {HOURS:g} h", f"{ours_s:.2f}", f"{ours_cpu_s:.2f}", "1", "1", ""
    )
    scans = round(part_h * 3600 / SCAN_S)
    scaled = {}

    def some_by(method: str) -> list[Floats]:
        return [scipy_one(method, seed, scans) for seed in range(some)]

    for method in ("LSODA", "DOP853", "RK45", "BDF"):
        (logs, seconds), cpu_s = timed(lambda method=method: timed_by_the_clock(lambda: some_by(method)))
        share = lanes / some * HOURS / part_h
        scaled[method] = seconds * share
        apart_K = max(
            float(np.abs(ours.truth["reactor_K"][seed, : scans + 1] - log[:, 2]).max())
            for seed, log in enumerate(logs)
        )
        if not apart_K < 4 * scans * RTOL * 350:
            raise SystemExit(f"SciPy {method} and the batch differ by {apart_K:g} K")
        shown.add_row(
            f"SciPy {method}",
            f"{some} × {part_h:g} h",
            f"{scaled[method]:.0f}",
            f"{cpu_s * share:.0f}",
            f"{scaled[method] / ours_s:.0f}",
            f"{cpu_s * share / ours_cpu_s:.0f}",
            f"{apart_K:.1e}",
        )
    console.print(shown)
    fastest = min(scaled, key=lambda method: scaled[method])
    size_MiB = sum(values.nbytes for values in ours.truth.values()) / 2**20
    console.print(
        f"[bold]{scaled[fastest] / ours_s:.0f} times SciPy one by one ({fastest}, its fastest)[/bold]; the "
        f"batch adds {memory_MiB:.0f} MiB to the peak of {before_MiB:.0f} MiB; its log is {size_MiB:.0f} MiB."
    )


if __name__ == "__main__":
    main(is_quick(__doc__))
