"""Many scenarios at once: the same physics, control and noise, on an array of lanes.

Groups of lanes, small enough for a processor's own memory, run in a thread for each processor; the
integrator works without the interpreter lock.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import BadArgument, UnknownName
from harness.plant import instruments, noise
from harness.plant.checks import positive, whole_number
from harness.plant.lanes import Lanes
from harness.plant.layout import REACTOR_TRUTH, TRUTH
from harness.plant.operator import RECORDS
from harness.plant.parameters import PlantParameters
from harness.plant.surroundings import Surroundings
from harness.plant.tags import Scope

_LANES_A_GROUP = 256


@dataclass(frozen=True)
class Batch:
    """What a batch of scenarios gave.

    Attributes:
        minutes: Plant time of each log entry, in min, shape (times,).
        truth: True values by name, each of shape (lanes, times).
        tripped: Whether the safety system of a lane has tripped, shape (lanes,).
    """

    minutes: NDArray[np.float64]
    truth: dict[str, NDArray[np.float64]]
    tripped: NDArray[np.bool_]


def simulate_batch(
    *,
    seeds: Sequence[int],
    hours: float,
    scope: str = "reactor",
    parameters: PlantParameters | Sequence[PlantParameters] | None = None,
    set_values: Mapping[str, ArrayLike] | None = None,
    disturbances: Sequence[str] = (),
    log_s: int = 60,
    record: Sequence[str] = ("reactor_K", "z_a", "coolant_kg_per_min"),
) -> Batch:
    """Run one scenario for each seed, all from the operating case.

    Args:
        seeds: Seed of each lane, shape (lanes,).
        hours: How long, in plant time.
        scope: "reactor", "cooling" or "plant".
        parameters: Parameters of all lanes, or of each.
        set_values: Set values from the start, by controller, of all lanes or of each; a controller's
            range holds, its rate limit does not: a scenario may begin anywhere.
        disturbances: Random disturbances that are on, as in a scenario file.
        log_s: Period of the log, in s; a multiple of the controllers' period.
        record: Names of the true values to keep.

    Returns:
        The log of all lanes.

    Raises:
        BadArgument: If a number is out of range, or a list is not of one entry a lane.
        UnknownName: If there is no such scope, controller, disturbance or true value.
    """
    seeds = [whole_number("a seed", seed, low=0) for seed in seeds]
    if not seeds:
        raise BadArgument("A batch needs at least one seed", value=[], remedy="Give seeds=range(100)")
    lanes = len(seeds)
    each = _parameters(parameters, lanes)
    scan_s = each[0].control.scan_s
    _check(hours, log_s, scope, record, each)
    values = {tag: _set_values(scope, tag, given, lanes) for tag, given in (set_values or {}).items()}
    scans = round(hours * 3600 / log_s) * (log_s // scan_s)

    parts = _parts(lanes)
    work = [Lanes(scope, each[part]) for part in parts]
    for part, chosen in zip(parts, work, strict=True):
        for tag, given in values.items():
            chosen.control[RECORDS[tag]]["sv"] = given[part]

    def run(part: slice, chosen: Lanes) -> dict[str, NDArray[np.float64]]:
        forcing = _forcing(scope, each[part], seeds[part], scans, tuple(disturbances))
        return _run(chosen, forcing, scans_a_log=log_s // scan_s, record=record)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        logs = list(pool.map(run, parts, work))
    return Batch(
        minutes=np.arange(scans * scan_s // log_s + 1) * log_s / 60.0,
        truth={name: np.concatenate([log[name] for log in logs]) for name in record},
        tripped=np.concatenate([chosen.control["tripped"] > 0 for chosen in work]),
    )


def _forcing(
    scope: str, parameters: list[PlantParameters], seeds: list[int], scans: int, wandering: tuple[str, ...]
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """What acts on the lanes at each scan: the error of TT-101 and the disturbances, (scans, lanes)."""
    row, scan_s = instruments.instrument("TT-101"), parameters[0].control.scan_s
    times_s = scan_s * np.arange(scans)
    stream = noise.reading_stream(row.tag)
    errors_K = np.stack([row.sigma * noise.normals(seed, stream, times_s) for seed in seeds], axis=1)
    series = (
        Surroundings(p, scope, seed, wandering).series(times_s.astype(float))
        for p, seed in zip(parameters, seeds, strict=True)
    )
    return errors_K, np.stack(list(series), axis=1)


def _run(
    lanes: Lanes,
    forcing: tuple[NDArray[np.float64], NDArray[Any]],
    *,
    scans_a_log: int,
    record: Sequence[str],
) -> dict[str, NDArray[np.float64]]:
    errors_K, surroundings = forcing
    scans, count = errors_K.shape
    scan_min = float(lanes.parameters["control"]["scan_s"][0]) / 60.0
    log = {name: np.empty((count, scans // scans_a_log + 1)) for name in record}
    for k in range(scans + 1):
        if k % scans_a_log == 0:
            for name in record:
                log[name][:, k // scans_a_log] = lanes.truth[name]
        if k < scans:
            lanes.control_scan(lanes.truth["reactor_K"] + errors_K[k], surroundings[k])
            lanes.advance(scan_min)
    return log


def _parts(lanes: int) -> list[slice]:
    groups = max(-(-lanes // _LANES_A_GROUP), min(os.cpu_count() or 1, lanes))
    edges = np.linspace(0, lanes, groups + 1).astype(int)
    return [slice(int(a), int(b)) for a, b in itertools.pairwise(edges)]


def _parameters(
    given: PlantParameters | Sequence[PlantParameters] | None, lanes: int
) -> list[PlantParameters]:
    if given is None or isinstance(given, PlantParameters):
        return [given or PlantParameters()] * lanes
    each = list(given)
    if len(each) != lanes:
        raise BadArgument("Give parameters once or once a lane", value=len(each), remedy=f"Give {lanes}")
    if len({one.control.scan_s for one in each}) != 1:
        raise BadArgument(
            "All lanes are scanned together",
            value=sorted({one.control.scan_s for one in each}),
            remedy="Give all lanes the same control.scan_s",
        )
    return each


def _check(
    hours: float,
    log_s: int,
    scope: str,
    record: Sequence[str],
    parameters: list[PlantParameters],
) -> None:
    scan_s = whole_number("control.scan_s", parameters[0].control.scan_s, low=1, high=86_400)
    positive("hours", hours)
    if whole_number("log_s", log_s, low=1) % scan_s:
        raise BadArgument(
            "The log must fit the controllers' scans", value=log_s, remedy=f"Give a multiple of {scan_s} s"
        )
    known = TRUTH.names if instruments.as_scope(scope) == Scope.PLANT else REACTOR_TRUTH
    for name in record:
        if name not in (known or ()):
            raise UnknownName(f"true value of the scope {scope!r}", name, known or ())


def _set_values(scope: str, tag: str, given: ArrayLike, lanes: int) -> NDArray[np.float64]:
    by_tag = {loop.tag: loop for loop in instruments.loops(scope)}
    if tag not in by_tag:
        raise UnknownName("control loop of this scope", tag, by_tag)
    values = _one_a_lane(tag, given, lanes)
    low, high = by_tag[tag].sv_low, by_tag[tag].sv_high
    if not np.all((values >= low) & (values <= high)):
        raise BadArgument(
            f"A set value of {tag} is out of range",
            value=float(values[~((values >= low) & (values <= high))][0]),
            remedy=f"Give values from {low:g} to {high:g}",
        )
    return values


def _one_a_lane(tag: str, given: ArrayLike, lanes: int) -> NDArray[np.float64]:
    try:
        return np.broadcast_to(np.asarray(given, dtype=float), (lanes,))
    except (TypeError, ValueError):
        raise BadArgument(
            f"Set values of {tag} must be one number, or one a lane", value=given, remedy=f"Give {lanes}"
        ) from None
