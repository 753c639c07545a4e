"""24 h of the whole plant under control, logged every 30 s: the plant against SciPy's `solve_ivp`.

Same equations, same tolerances, same noise, disturbances and control law, inputs held from one scan
to the next. The plant also does what the baseline leaves out: 17 instruments, their noise, the
analysers and the log. SciPy runs the first part of the day and its time is scaled to the whole.
A second table shows the smooth case in which nothing interrupts the integrator: no controller, no
noise, one call over the whole day.
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
)
from _numpy_plant import Baseline, Floats
from scipy.integrate import solve_ivp

from harness.plant.lanes import Lanes
from harness.plant.layout import STAGES, as_rows
from harness.plant.parameters import PlantParameters
from harness.plant.scenarios import Scenario
from harness.plant.simulation import Simulation

SCAN_S, SEED, DAY_H = 30, 1, 24
PARAMETERS = PlantParameters().changed("control", scan_s=SCAN_S)
NAMES = ("reactor_K", "z_a", "x_d", "x_b")


def plant_day(hours: float) -> Simulation:
    """The plant on an ordinary day."""
    scenario = Scenario(name="day", description="", scope="plant", disturbances=DISTURBANCES)
    plant = Simulation(scope="plant", seed=SEED, sample_s=SCAN_S, scenario=scenario, parameters=PARAMETERS)
    plant.run(round(3600 * hours))
    return plant


def scipy_part(method: str, scans: int) -> Floats:
    """The baseline's states at each scan of a part of the day."""
    noise_K, surroundings = forcing(PARAMETERS, "plant", SEED, scans)
    loop = ClosedLoop(PARAMETERS, noise_K=noise_K, surroundings=surroundings, whole=True, method=method)
    return loop.run(scans)


def observed(states: Floats) -> dict[str, Floats]:
    """What both sides are compared in."""
    light, holdup = states[:, 5 : 5 + STAGES], states[:, 5 + STAGES :]
    x = light / holdup
    return {"reactor_K": states[:, 2], "z_a": states[:, 0], "x_d": x[:, -1], "x_b": x[:, 0]}


def closed_loop(quick: bool) -> None:
    """The benchmark's main case."""
    plant_day(0.1)  # compiled or loaded, as it is from the second run on
    before_MiB = peak_MiB()
    runs = [timed(lambda: plant_day(DAY_H)) for _ in range(3)]
    plant, ours_s = min(runs, key=lambda run: run[1])
    memory_MiB = peak_MiB() - before_MiB
    truth = plant.truth()
    hours = {"LSODA": 1.0, "DOP853": 1.0, "RK45": 1.0, "BDF": 0.25, "Radau": 0.25}
    shown = table(
        f"24 h of the whole plant under control, scans of {SCAN_S} s, rtol {RTOL:g}, atol {ATOL:g}",
        "solver",
        "measured over (h)",
        "24 h take (CPU s)",
        "ms a scan",
        "ratio",
        "largest difference in T (K)",
    )
    shown.add_row("the plant", f"{DAY_H}", f"{ours_s:.3f}", f"{ours_s / 2.88:.3f}", "1", "")
    scaled = {}
    for method, part_h in hours.items():
        scans = round(part_h * 3600 / SCAN_S / (4 if quick else 1))
        states, seconds = timed(lambda method=method, scans=scans: scipy_part(method, scans))
        scaled[method] = seconds * DAY_H * 3600 / SCAN_S / scans
        apart = {
            name: float(np.abs(truth[name].to_numpy()[: scans + 1] - values).max())
            for name, values in observed(states).items()
        }
        check_same(method, apart, scans)
        shown.add_row(
            f"SciPy {method}",
            f"{scans * SCAN_S / 3600:g}",
            f"{scaled[method]:.1f}",
            f"{scaled[method] / 2.88:.2f}",
            f"{scaled[method] / ours_s:.0f}",
            f"{apart['reactor_K']:.1e}",
        )
    console.print(shown)
    fastest = min(scaled, key=lambda method: scaled[method])
    console.print(
        f"[bold]{scaled[fastest] / ours_s:.0f} times SciPy's fastest method ({fastest})[/bold]; "
        f"the day adds {memory_MiB:.0f} MiB to the peak of {before_MiB:.0f} MiB. All agree."
    )


def check_same(method: str, apart: dict[str, float], scans: int) -> None:
    """Both sides must have computed the same thing, or the ratio means nothing.

    Each scan may add what the tolerance allows in a step or two, to both sides.
    """
    sizes = {"reactor_K": 350.0, "z_a": 0.3, "x_d": 1.0, "x_b": 1.0}
    for name, size in sizes.items():
        if not apart[name] < 4 * scans * (RTOL * size + ATOL):
            raise SystemExit(f"SciPy {method} and the plant differ in {name} by {apart[name]:g}")


def open_loop(quick: bool) -> None:
    """The smooth case: nothing but the integrator, over a day with a feed one percent higher."""
    minutes = 60.0 * (6 if quick else DAY_H)
    lanes = Lanes("plant", PARAMETERS)
    lanes.inputs["feed_kmol_per_min"] *= 1.01
    start = lanes.state.copy()

    def ours() -> Floats:
        lanes.state[:] = start
        lanes._engine.advance(lanes.state, lanes.inputs, minutes)
        return as_rows(lanes.state)[0, :4].copy()

    end, ours_s = min((timed(ours) for _ in range(3)), key=lambda run: run[1])
    shown = table(
        f"{minutes / 60:g} h of the whole plant in open loop, one call, feed 1 % higher",
        "solver",
        "CPU s",
        "ratio",
        "difference in T at the end (K)",
    )
    shown.add_row("the plant's engine", f"{ours_s:.3f}", "1", "")
    for method in ("LSODA", "BDF", "Radau"):
        base = Baseline(PARAMETERS)
        base.inputs.feed *= 1.01

        def theirs(base: Baseline = base, method: str = method) -> Floats:
            y = base.plant_start()
            return solve_ivp(base.plant_rates, (0, minutes), y, method=method, rtol=RTOL, atol=ATOL).y[:, -1]

        y, seconds = timed(theirs)
        shown.add_row(
            f"SciPy {method}", f"{seconds:.2f}", f"{seconds / ours_s:.1f}", f"{abs(y[2] - end[2]):.1e}"
        )
    console.print(shown)


if __name__ == "__main__":
    quick = is_quick(__doc__)
    closed_loop(quick)
    open_loop(quick)
