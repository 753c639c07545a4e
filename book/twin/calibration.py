# Generated from book/1-foundations/5-life-cycle.md by `harness tangle`: edit the page, not this file.
"""Calibration of the reactor's model, the gate that it must pass, and the ladder on which it goes live."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace
from enum import IntEnum

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from twin.reactor import Reactor, boiling_K, rates, simulate
from twin.readings import STATE_MAP


@dataclass(frozen=True)
class Requirement:
    """One line of a gate: a measured quantity and its bounds."""

    name: str
    unit: str
    why: str
    low: float = -math.inf
    high: float = math.inf

    def met(self, value: float) -> bool:
        """Whether a value lies within the bounds; NaN does not."""
        return self.low <= value <= self.high


def digest(gate: tuple[Requirement, ...]) -> str:
    """Fingerprint of a gate; another limit gives another one."""
    text = json.dumps([asdict(requirement) for requirement in gate])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


UNITS = {"FT-101": "m3/h", "TT-101": "K", "TT-102": "K", "PT-101": "MPa"}
FEED_KMOL_PER_MIN = STATE_MAP["feed_kmol_per_min"].convert(1.0, "m3/h")
ANALYSER_DEAD_MIN = STATE_MAP["z_a"].lag_s / 60.0


@dataclass(frozen=True)
class Record:
    """A test run in the model's units; it begins at rest."""

    times_min: np.ndarray
    feed_kmol_per_min: np.ndarray
    jacket_K: np.ndarray
    reactor_K: np.ndarray
    pressure_MPa: np.ndarray
    sampled_min: np.ndarray
    z_a: np.ndarray


def as_record(log: pd.DataFrame, *, since_min: float = 0.0) -> Record:
    """A log's Good readings from a moment on, in the model's units."""
    said = dict(zip(log.tag, log.unit, strict=True))
    if wrong := {tag for tag in UNITS if said.get(tag) != UNITS[tag]}:
        raise ValueError(f"missing, or in another unit: {sorted(wrong)}")
    good = log[log.quality == "Good"]
    table = good.pivot_table(index="time", columns="tag", values="value")
    elapsed = table.index - log.time.min()
    table.index = elapsed.total_seconds() / 60.0 - since_min
    analyses = table["AT-101A"].dropna()
    analyses.index -= ANALYSER_DEAD_MIN
    analyses = analyses.loc[0.0:]
    run = table.loc[0.0:, list(UNITS)].dropna()
    return Record(
        times_min=run.index.to_numpy(),
        feed_kmol_per_min=run["FT-101"].to_numpy() * FEED_KMOL_PER_MIN,
        jacket_K=run["TT-102"].to_numpy(),
        reactor_K=run["TT-101"].to_numpy(),
        pressure_MPa=run["PT-101"].to_numpy(),
        sampled_min=analyses.index.to_numpy(),
        z_a=analyses.to_numpy(),
    )


REST_MIN = 20.0


def rest_z_a(reactor: Reactor, T_K: float, feed_kmol_per_min: float) -> float:
    """Fraction of A at which its balance, linear in z_A, rests."""
    inputs = {"feed_kmol_per_min": feed_kmol_per_min, "jacket_K": T_K}
    empty, _ = rates(reactor, 0.0, T_K, **inputs)
    full, _ = rates(reactor, 1.0, T_K, **inputs)
    return empty / (empty - full)


def forecast(reactor: Reactor, run: Record) -> np.ndarray:
    """Path of (z_A, T) from rest, driven by the measured inputs."""
    rest = run.times_min < REST_MIN
    T_K = float(run.reactor_K[rest].mean())
    feed = float(run.feed_kmol_per_min[rest].mean())
    return simulate(
        reactor,
        rest_z_a(reactor, T_K, feed),
        T_K,
        times_min=run.times_min,
        feed_kmol_per_min=run.feed_kmol_per_min,
        jacket_K=run.jacket_K,
    )


SIGMA_K, SIGMA_Z = 0.1, 0.005


def compare(path: np.ndarray, run: Record) -> tuple[np.ndarray, np.ndarray]:
    """Model minus plant: T at each reading, z_A at each analysis."""
    z_a = np.interp(run.sampled_min, run.times_min, path[:, 0])
    return path[:, 1] - run.reactor_K, z_a - run.z_a


def rms(values: np.ndarray) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(values**2)))


@dataclass(frozen=True)
class Calibration:
    """A fitted model, its standard errors, and its errors in T."""

    reactor: Reactor
    standard_error: dict[str, float]
    residuals_K: np.ndarray


def calibrate(
    run: Record,
    *,
    free: tuple[str, ...] = ("ua_kJ_per_min_K",),
    start: Reactor | None = None,
) -> Calibration:
    """Fit some parameters of the model to a test run."""
    start = start or Reactor()
    first = np.array([getattr(start, name) for name in free])

    def model(share: np.ndarray) -> Reactor:
        values = (first * share).tolist()
        return replace(start, **dict(zip(free, values, strict=True)))

    def in_sigmas(share: np.ndarray) -> np.ndarray:
        T_K, z_a = compare(forecast(model(share), run), run)
        return np.concatenate([T_K / SIGMA_K, z_a / SIGMA_Z])

    one = np.ones(len(free))
    # Steps well above the integrator's own error, or the slopes are noise.
    fit = least_squares(in_sigmas, one, diff_step=1e-3, ftol=1e-3)
    spread = first * np.sqrt(np.diag(np.linalg.inv(fit.jac.T @ fit.jac)))
    fitted = model(fit.x)
    named = dict(zip(free, spread.tolist(), strict=True))
    residuals_K, _ = compare(forecast(fitted, run), run)
    return Calibration(fitted, named, residuals_K)


def evidence(reactor: Reactor, run: Record) -> dict[str, float]:
    """What a validation run says of a model."""
    path = forecast(reactor, run)
    T_K, z_a = compare(path, run)
    pairs = zip(run.pressure_MPa, path[:, 0], strict=True)
    boiling = np.array([boiling_K(p, z) for p, z in pairs])
    return {
        "T error, RMS": rms(T_K),
        "T error, worst": float(np.abs(T_K).max()),
        "z_A error, mean": float(z_a.mean()),
        "T - boiling T, mean": float((path[:, 1] - boiling).mean()),
        "UA": reactor.ua_kJ_per_min_K,
        "span of TT-101": float(np.ptp(run.reactor_K)),
    }


@dataclass(frozen=True)
class Report:
    """The verdict of one gate on one model."""

    gate: str
    reactor: Reactor
    lines: tuple[tuple[Requirement, float], ...]

    @property
    def failed(self) -> list[str]:
        """Names of the requirements that are not met."""
        return [r.name for r, value in self.lines if not r.met(value)]

    def table(self) -> pd.DataFrame:
        """The report for people."""
        words = {True: "met", False: "FAILS"}
        rows = [
            (f"{r.name} ({r.unit})", r.low, float(f"{value:.3g}"), r.high, word)
            for r, value in self.lines
            for word in [words[r.met(value)]]
        ]
        columns = ["requirement", "low", "value", "high", "verdict"]
        table = pd.DataFrame(rows, columns=columns).astype(object)
        return table.set_index("requirement")


def examine(gate: tuple[Requirement, ...], reactor: Reactor, run: Record) -> Report:
    """Examine a model at a gate, on a run that it was not fitted to."""
    found = evidence(reactor, run)
    lines = tuple((r, found[r.name]) for r in gate)
    return Report(digest(gate), reactor, lines)


SLIPS = {60.0: "per hour for per minute?", 1 / 60: "kW for kJ/min?"}


def slip(value: float, *, expected: float) -> str:
    """Which slip of units would explain a value, if one does."""
    for factor, words in SLIPS.items():
        if abs(value / (expected * factor) - 1.0) < 0.2:
            return words
    return ""


class Rung(IntEnum):
    """How near the plant a twin may come."""

    MONITOR = 0
    OFFLINE = 1
    ADVICE = 2
    CLOSED_LOOP = 3


class Ladder:
    """One rung up for each passed gate; all the way down at once.

    Args:
        gate: Digest of the one gate that counts.
        reactor: The model that goes live; another one begins at the foot.
    """

    def __init__(self, *, gate: str, reactor: Reactor) -> None:
        self.gate, self.reactor, self.rung = gate, reactor, Rung.MONITOR
        self.history: list[str] = []
        self.used: list[Report] = []

    def climb(self, report: Report, *, approved_by: str) -> None:
        """Go up one rung, or raise PermissionError."""
        if report.gate != self.gate:
            raise PermissionError(f"another gate: {report.gate}")
        if report.reactor != self.reactor:
            raise PermissionError("a report on another model")
        if report in self.used:
            raise PermissionError("this report has opened a rung already")
        if report.failed or not approved_by:
            raise PermissionError(f"unsigned, or failed {report.failed}")
        self.used.append(report)
        self.rung = Rung(min(self.rung + 1, Rung.CLOSED_LOOP))
        self.history.append(f"{self.rung.name}, by {approved_by}")

    def fall(self, reason: str) -> None:
        """Back to monitoring."""
        self.rung = Rung.MONITOR
        self.history.append(f"{self.rung.name}: {reason}")

    def need(self, rung: Rung) -> None:
        """PermissionError unless the twin has come this far."""
        if self.rung < rung:
            raise PermissionError(f"at {self.rung.name} only")
