"""A plant without physics, for tests of its services: it answers writes as the real one does."""

from __future__ import annotations

import itertools
import math
import threading
from datetime import UTC, datetime, timedelta

from harness.errors import RefusalReason, UnknownName, WriteRefused
from harness.plant import instruments as table
from harness.plant.samples import LoopState, Quality, Sample

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakePlant:
    def __init__(self, scope: str = "reactor") -> None:
        self.instruments = table.instruments(scope)
        self.loops = table.loops(scope)
        self.time = START
        self.writes: list[tuple[str, str, object, str | None, str]] = []
        self.tripped = False
        self._sequence = itertools.count()
        self._lock = threading.Lock()
        self._states = {
            loop.tag: LoopState(loop.tag, START, "AUTO", (loop.sv_low + loop.sv_high) / 2, loop.mv_low)
            for loop in self.loops
        }

    def loop_states(self) -> tuple[LoopState, ...]:
        with self._lock:
            return tuple(self._states.values())

    def write(
        self, loop: str, item: str, value: object, *, unit: str | None = None, source: str = ""
    ) -> None:
        with self._lock:
            self._check(loop, item, value, unit)
            self.writes.append((loop, item, value, unit, source))
            old = self._states[loop]
            new = {"SV": old.sv, "MV": old.mv, "MODE": old.mode} | {item: value}
            self._states[loop] = LoopState(
                loop, old.time, str(new["MODE"]), float(new["SV"]), float(new["MV"])
            )

    def _check(self, loop: str, item: str, value: object, unit: str | None) -> None:  # noqa: C901
        row = next((row for row in self.loops if row.tag == loop), None)
        if row is None:
            raise UnknownName("control loop", loop, [row.tag for row in self.loops])

        def refuse(reason: RefusalReason) -> None:
            raise WriteRefused(reason, f"{item} of {loop}: {reason.value}", value=value, remedy="Try another")

        if self.tripped:
            refuse(RefusalReason.TRIPPED)
        if item == "MODE":
            if value not in ("AUTO", "MAN"):
                refuse(RefusalReason.OUT_OF_RANGE)
            return
        if isinstance(value, bool) or not isinstance(value, int | float):
            refuse(RefusalReason.WRONG_TYPE)
        if not math.isfinite(value):
            refuse(RefusalReason.NOT_A_NUMBER)
        state = self._states[loop]
        own = {"SV": table.instrument(row.instrument).unit, "MV": row.mv_unit}
        if unit not in (None, own[item]):
            refuse(RefusalReason.WRONG_UNIT)
        low, high = (row.sv_low, row.sv_high) if item == "SV" else (row.mv_low, row.mv_high)
        if not low <= value <= high:
            refuse(RefusalReason.OUT_OF_RANGE)
        if item == "MV" and state.mode != "MAN":
            refuse(RefusalReason.WRONG_MODE)
        if item == "SV" and abs(value - state.sv) > row.sv_step:
            refuse(RefusalReason.TOO_FAST)

    def scan(self, **values: float | None) -> tuple[list[Sample], tuple[LoopState, ...]]:
        """One scan's samples: a saw tooth over each range, or what `values` says by tag (TT_101=350.0)."""
        self.time += timedelta(seconds=1)
        number = next(self._sequence)
        samples = []
        for row in self.instruments:
            value = values.get(row.tag.replace("-", "_"), row.low + number % 100 / 100 * (row.high - row.low))
            quality = Quality.BAD if value is None else Quality.GOOD
            samples.append(Sample(row.tag, self.time, value, row.unit, quality, number))
        with self._lock:
            self._states = {
                tag: LoopState(tag, self.time, old.mode, old.sv, old.mv) for tag, old in self._states.items()
            }
        return samples, self.loop_states()
