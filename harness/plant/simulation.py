"""One plant on its virtual clock: physics, control, instruments and scenario, in step.

A run is a function of parameters, seed, faults, disturbances and writes; nothing depends on the
wall clock, nor on whether it is run in one go or in pieces.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import BadArgument, WrongState
from harness.plant import faults, instruments, script
from harness.plant.analysers import Analysers
from harness.plant.checks import whole_number
from harness.plant.engine import ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE
from harness.plant.lanes import Lanes
from harness.plant.layout import REACTOR_TRUTH, TRUTH
from harness.plant.operator import Operator
from harness.plant.parameters import PlantParameters
from harness.plant.surroundings import Surroundings
from harness.plant.tags import Scope
from harness.plant.telemetry import EPOCH, Telemetry

if TYPE_CHECKING:
    import pandas as pd

    from harness.plant.scenarios import Scenario

_AHEAD_SCANS = 720


@dataclass(frozen=True)
class Event:
    """Something that happened to the equipment, at a plant time in s."""

    time_s: float
    text: str


class Simulation:
    """One plant, stepped by its caller.

    Args:
        scope: "reactor", "cooling" or "plant".
        seed: Of noise, disturbances and chances; a whole number, not negative.
        sample_s: Period of telemetry, in whole seconds.
        scenario: What shall happen.
        parameters: The plant's parameters.
        relative_tolerance: Of the integrator.
        absolute_tolerance: Of the integrator.

    Raises:
        UnknownName: If there is no such scope.
        BadArgument: If the seed or the period is not a fitting whole number, or the scenario needs more
            than the scope has.
    """

    def __init__(
        self,
        *,
        scope: str = "reactor",
        seed: int = 0,
        sample_s: int = 10,
        scenario: Scenario | None = None,
        parameters: PlantParameters | None = None,
        relative_tolerance: float = RELATIVE_TOLERANCE,
        absolute_tolerance: float = ABSOLUTE_TOLERANCE,
    ) -> None:
        self.scope = instruments.as_scope(scope)
        self.seed = whole_number("seed", seed, low=0)
        self.sample_s = whole_number("sample_s", sample_s, low=1, high=86_400)
        self.parameters = _parameters(parameters)
        self._scan_s = whole_number("control.scan_s", self.parameters.control.scan_s, low=1, high=86_400)
        self.lanes = Lanes(
            scope,
            self.parameters,
            relative_tolerance=relative_tolerance,
            absolute_tolerance=absolute_tolerance,
        )
        self.events: list[Event] = []
        self._time_s = 0
        # Held while the plant moves; a caller may hold it to act at a moment that stays.
        self.lock = threading.RLock()
        self._rows = instruments.instruments(scope)
        analysers_s = (time_s for row in self._rows for time_s in (row.period_s, row.dead_time_s))
        self._step_s = math.gcd(self.sample_s, self._scan_s, *analysers_s)
        self.telemetry = Telemetry(
            self._rows, seed=seed, sample_s=self.sample_s, scan_s=self._scan_s, controlled="TT-101"
        )
        self._analysers = Analysers(self._rows, self.telemetry)
        self.operator = Operator(instruments.loops(scope), self.lanes.control, lambda: self._time_s)
        self.surroundings = Surroundings(self.parameters, scope, seed)
        self._ahead: NDArray[Any] = np.empty(0)
        self._ahead_from_s = 0
        self._truth_times: list[NDArray[np.int64]] = []
        self._truth_rows: list[NDArray[Any]] = []
        self._temperature = np.empty(1)
        self._script = script.Script(scenario, self.operator)
        script.take_up(self, scenario)
        self._log_truth(np.array([0]), self.lanes.truth.copy())
        self._analysers.look(0, self.lanes.truth)

    @property
    def time_s(self) -> int:
        """The plant's time since its start, in s."""
        return self._time_s

    def run(self, seconds: int) -> NDArray[Any]:
        """Step the plant; returns what its instruments delivered meanwhile, as `DELIVERY` rows.

        Args:
            seconds: How long; a multiple of the plant's step.
        """
        with self.lock:
            end_s = self._time_s + self._whole_steps(seconds)
            logged = range(self._next_sample_s(), end_s + 1, self.sample_s)
            rows = np.empty(len(logged), dtype=TRUTH)
            count = 0
            try:
                while self._time_s < end_s:
                    self._step()
                    if self._time_s % self.sample_s == 0:
                        rows[count] = self.lanes.truth[0]
                        count += 1
            finally:  # what was reached stays in the log, even when the run is broken off
                if count:
                    self._log_truth(np.array(logged[:count]), rows[:count])
            return self.telemetry.deliver(end_s)

    def write(self, tag: str, item: str, value: object, *, unit: str | None = None) -> None:
        """A write from outside; see `Operator.write`."""
        with self.lock:
            self.operator.write(tag, item, value, unit=unit)

    def put_fault(
        self, tag: str, kind: str, *, start_s: float, end_s: float = math.inf, **sizes: float
    ) -> faults.Fault:
        """Put a fault of the catalogue on an instrument; see `faults.make`.

        Raises:
            BadArgument: If it would begin in the past, or overlap one of its kind.
        """
        with self.lock:
            channel = self.telemetry.channels.get(instruments.instrument(tag).tag)
            if channel is None:
                raise BadArgument(
                    f"The scope {self.scope.value!r} has no such instrument",
                    value=tag,
                    remedy="Choose a larger scope",
                )
            if start_s < self._time_s:
                raise BadArgument(
                    "A fault cannot begin in the past",
                    value=start_s,
                    remedy=f"Begin at {self._time_s} s or later",
                )
            fault = faults.make(channel.row, kind, start_s=start_s, end_s=end_s, **sizes)
            for other in channel.faults:
                if other.overlaps(fault):
                    raise BadArgument(
                        f"{tag} has a fault of this kind at that time",
                        value=kind,
                        remedy="Remove that one, or choose another time",
                    )
            channel.faults.append(fault)
            return fault

    def remove_fault(self, fault: faults.Fault) -> None:
        """End a fault now; before its start, it never happens."""
        with self.lock:
            fault.end_s = min(fault.end_s, max(float(self._time_s), fault.start_s))

    def fail_pump(self, *, start_s: float, end_s: float = math.inf) -> None:
        """Stop the coolant pump between two plant times."""
        with self.lock:
            self.surroundings.pump_failures_s.append((start_s, end_s))
            self._forget_ahead()

    def clean(self, *, at_s: float) -> None:
        """Clean E-101: its fouling starts anew."""
        with self.lock:
            self.surroundings.cleaned_s.append(at_s)
            self._forget_ahead()

    def reset_trip(self) -> None:
        """Reset the safety system.

        Raises:
            WrongState: If it has not tripped, or the reactor is still hot.
        """
        with self.lock:
            safety, now_K = self.parameters.safety, float(self.lanes.truth["reactor_K"][0])
            if not self.lanes.control["tripped"][0]:
                raise WrongState("The safety system has not tripped", remedy="There is nothing to reset")
            if now_K > safety.reset_K:
                raise WrongState(
                    "The reactor is too hot for a reset",
                    value=round(now_K, 1),
                    remedy=f"Wait until it is below {safety.reset_K:g} K",
                )
            self.lanes.control["tripped"] = 0.0
            self.events.append(Event(self._time_s, "safety system reset"))

    def truth(self) -> pd.DataFrame:
        """True values at each telemetry sample, indexed by time."""
        import pandas as pd

        with self.lock:
            rows = np.concatenate(self._truth_rows)
            times = np.concatenate(self._truth_times)
        names = list(TRUTH.names or ()) if self.scope == Scope.PLANT else list(REACTOR_TRUTH)
        index = pd.Timestamp(EPOCH) + pd.to_timedelta(times, unit="s")
        return pd.DataFrame({name: rows[name] for name in names}, index=pd.DatetimeIndex(index, name="time"))

    def log(self) -> pd.DataFrame:
        """What the instruments have delivered: time, tag, value, unit, quality, sequence."""
        with self.lock:
            self.telemetry.deliver(self._time_s)
            return self.telemetry.frame()

    def _step(self) -> None:
        now_s = self._time_s
        if now_s % self._scan_s == 0:
            self._scan(now_s)
        self.lanes.advance(self._step_s / 60.0)
        self._time_s = now_s + self._step_s
        self._analysers.look(self._time_s, self.lanes.truth)

    def _scan(self, now_s: int) -> None:
        self.events += [Event(now_s, text) for text in self._script.act(now_s)]
        reading, _ = self.telemetry.channels["TT-101"].read(now_s, float(self.lanes.truth["reactor_K"][0]))
        self._temperature[0] = reading
        was_tripped = self.lanes.control["tripped"][0]
        self.lanes.control_scan(self._temperature, self._disturbances(now_s))
        if self.lanes.control["tripped"][0] != was_tripped:
            self.events.append(Event(now_s, "safety system tripped"))

    def _disturbances(self, now_s: int) -> NDArray[Any]:
        index = (now_s - self._ahead_from_s) // self._scan_s
        if index >= len(self._ahead):
            times = now_s + self._scan_s * np.arange(_AHEAD_SCANS, dtype=float)
            self._ahead, self._ahead_from_s, index = self.surroundings.series(times), now_s, 0
        return self._ahead[index : index + 1]

    def _forget_ahead(self) -> None:
        self._ahead = np.empty(0)

    def _log_truth(self, times_s: NDArray[np.int64], rows: NDArray[Any]) -> None:
        self._truth_times.append(times_s)
        self._truth_rows.append(rows)
        self.telemetry.record(times_s, rows)

    def _next_sample_s(self) -> int:
        return (self._time_s // self.sample_s + 1) * self.sample_s

    def _whole_steps(self, seconds: int) -> int:
        whole_number("seconds", seconds, low=1)
        if seconds % self._step_s:
            raise BadArgument(
                "The plant runs in whole steps",
                value=seconds,
                remedy=f"Give a multiple of {self._step_s} s, or another sample_s",
            )
        return seconds


def _parameters(given: PlantParameters | None) -> PlantParameters:
    if given is not None and not isinstance(given, PlantParameters):
        raise BadArgument(
            "parameters must be PlantParameters", value=given, remedy="Change some: PlantParameters().changed"
        )
    return given or PlantParameters()
