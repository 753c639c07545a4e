"""Ways to integrate the compiled equations, one 30 s scan after another, as the plant does.

Every way gets the same equations, tolerances and inputs: an hour of the whole plant under control, whose
inputs the controllers changed at each scan, and an hour of 64 lanes of the reactor. The error is the
largest of any scan's end, relative to its own start integrated at tolerances of 1e-13. This is what the
choice in `harness.plant.engine` rests on. CVODE is measured where scikit-sundae is installed.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from _common import ATOL, RTOL, console, forcing, is_quick, table
from _numpy_plant import Floats
from numpy.typing import NDArray

from harness.errors import SolverFailed
from harness.plant import engine
from harness.plant.lanes import Lanes
from harness.plant.layout import as_rows
from harness.plant.parameters import PlantParameters

SCAN_S = 30
MINUTES = SCAN_S / 60.0
PARAMETERS = PlantParameters().changed("control", scan_s=SCAN_S)
METHODS = ("TSIT5", "RK45", "DOP853", "VERN7", "RK23", "LSODA", "BDF", "RADAU")
Way = Callable[[NDArray[np.void], NDArray[np.void]], None]


def recorded(scope: str, lanes: int, scans: int) -> list[tuple[NDArray[np.void], NDArray[np.void]]]:
    """States and inputs at the beginning of each scan of a run under control."""
    plants = Lanes(scope, PARAMETERS, lanes=lanes)
    pairs = [forcing(PARAMETERS, scope, seed, scans) for seed in range(lanes)]
    noise_K = np.stack([errors for errors, _ in pairs], axis=1)
    around = np.stack([rows for _, rows in pairs], axis=1)
    starts = []
    for k in range(scans):
        plants.control_scan(plants.truth["reactor_K"] + noise_K[k], around[k])
        starts.append((plants.state.copy(), plants.inputs.copy()))
        plants.advance(MINUTES)
    return starts


def cyrk(scope: str, lanes: int, method: str, *, rtol: float = RTOL, atol: float = ATOL) -> Way:
    """One of CyRK's methods, through the plant's own engine."""
    from CyRK import ODEMethod

    parameters = Lanes(scope, PARAMETERS, lanes=lanes).parameters
    chosen = engine.Engine(scope, parameters, relative_tolerance=rtol, absolute_tolerance=atol)
    chosen._solver = replace(chosen._solver, method=int(ODEMethod[method]))
    return lambda state, inputs: chosen.advance(state, inputs, MINUTES)


def cvode(scope: str, lanes: int) -> Way:
    """SUNDIALS' CVODE by scikit-sundae, with the compiled equations called by their address."""
    from sksundae.cvode import CVODE

    equations = engine.derivative_callback(scope).ctypes
    parameters = Lanes(scope, PARAMETERS, lanes=lanes).parameters
    context = np.zeros(3, dtype=np.int64)

    def rates(_minutes: float, y: Floats, y_dot: Floats) -> None:
        equations(y_dot.ctypes.data, 0.0, y.ctypes.data, context.ctypes.data)

    solver = CVODE(rates, rtol=RTOL / np.sqrt(lanes), atol=ATOL / np.sqrt(lanes), max_num_steps=100_000)

    def advance(state: NDArray[np.void], inputs: NDArray[np.void]) -> None:
        context[:] = lanes, inputs.ctypes.data, parameters.ctypes.data
        flat = as_rows(state).reshape(-1)
        found = solver.solve(np.array([0.0, MINUTES]), flat)
        if not found.success:
            raise SolverFailed("CVODE gave up", value=found.message)
        flat[:] = found.y[-1]

    return advance


def ways(scope: str, lanes: int) -> Iterator[tuple[str, Way]]:
    """All that is measured, by name."""
    for method in METHODS:
        yield f"CyRK {method}", cyrk(scope, lanes, method)
    if importlib.util.find_spec("sksundae"):
        yield "SUNDIALS CVODE (BDF)", cvode(scope, lanes)


def values(state: NDArray[np.void], scope: str) -> Floats:
    """The physical part of the state, without what it counts."""
    return as_rows(state)[:, : 87 if scope == "plant" else 4]


def measure(
    way: Way, starts: list[tuple[NDArray[np.void], NDArray[np.void]]]
) -> tuple[float, list[NDArray[np.void]]]:
    """Processor time of a scan, in µs, and the states at the end of each."""
    state, inputs = starts[0][0].copy(), starts[0][1].copy()
    ends, spent_s = [], 0.0
    for start, held in starts:
        state[:], inputs[:] = start, held
        begun = time.process_time()
        way(state, inputs)
        spent_s += time.process_time() - begun
        ends.append(state.copy())
    return spent_s / len(starts) * 1e6, ends


def compare(scope: str, lanes: int, scans: int) -> None:
    """One table."""
    starts = recorded(scope, lanes, scans)
    _, exact = measure(cyrk(scope, lanes, "DOP853", rtol=1e-13, atol=1e-13), starts)
    shown = table(
        f"{scope}, {lanes} lane(s), scans of {SCAN_S} s, rtol {RTOL:g}, atol {ATOL:g}",
        "way",
        "µs a scan and lane",
        "times TSIT5",
        "largest relative error",
    )
    least = None
    for name, way in ways(scope, lanes):
        way(*(array.copy() for array in starts[0]))  # whatever is set up at the first call
        try:
            spent_us, ends = min((measure(way, starts) for _ in range(3)), key=lambda run: run[0])
        except SolverFailed as failed:
            shown.add_row(name, "gave up", "", str(failed.value))
            continue
        least = least or spent_us
        error = max(
            float(np.max(np.abs(values(a, scope) - values(b, scope)) / (np.abs(values(b, scope)) + 1e-3)))
            for a, b in zip(ends, exact, strict=True)
        )
        shown.add_row(name, f"{spent_us / lanes:.1f}", f"{spent_us / least:.1f}", f"{error:.0e}")
    console.print(shown)


if __name__ == "__main__":
    quick = is_quick(__doc__)
    scans = 20 if quick else 120
    compare("plant", 1, scans)
    compare("reactor", 64, scans)
