"""The analysers: each takes a sample now and then, and its result appears later."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from harness.plant.tags import Instrument
from harness.plant.telemetry import Telemetry


class Analysers:
    """Takes samples and reports results, when the plant's time has come.

    Args:
        rows: All instruments; those with a sampling period are analysers.
        telemetry: Where results are put down.
    """

    def __init__(self, rows: tuple[Instrument, ...], telemetry: Telemetry) -> None:
        self._rows = [row for row in rows if row.period_s]
        self._telemetry = telemetry
        self._taken: dict[str, list[tuple[int, float]]] = {row.tag: [] for row in self._rows}
        self._next_s = 0

    def look(self, time_s: int, truth: NDArray[Any]) -> None:
        """Take the samples and report the results that are due; called at every step."""
        if time_s < self._next_s:
            return
        for row in self._rows:
            self._report(row, time_s)
            if time_s % row.period_s == 0:
                self._taken[row.tag].append((time_s, float(truth[row.measures][0])))
            if time_s == 0:  # what the analyser found before the run began
                self._telemetry.record_analysis(row, 0, 0, float(truth[row.measures][0]))
        self._next_s = min(self._due_s(row, time_s) for row in self._rows)

    def _report(self, row: Instrument, time_s: int) -> None:
        waiting = self._taken[row.tag]
        while waiting and waiting[0][0] + row.dead_time_s <= time_s:
            taken_s, value = waiting.pop(0)
            self._telemetry.record_analysis(row, time_s, taken_s, value)

    def _due_s(self, row: Instrument, time_s: int) -> int:
        next_sample_s = (time_s // row.period_s + 1) * row.period_s
        waiting = self._taken[row.tag]
        return min([next_sample_s, *(taken_s + row.dead_time_s for taken_s, _ in waiting)])
