"""Writes from outside: set values, outputs and modes of the controllers, each checked before it counts.

A write is refused with a reason when it has the wrong type, unit or range, when it moves a set
value too fast, or when the safety system has tripped. What is taken takes effect at the next scan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from harness.errors import RefusalReason, UnknownName, WriteRefused
from harness.plant import instruments
from harness.plant.checks import as_float, is_number
from harness.plant.samples import LoopState
from harness.plant.tags import Loop
from harness.plant.telemetry import at

AUTO, MAN = "AUTO", "MAN"
ITEMS = ("SV", "MV", "MODE")
RECORDS = {"TIC-101": "temperature", "FIC-101": "feed", "AIC-201": "distillate", "AIC-202": "bottoms"}


class Operator:
    """The one door through which set values, outputs and modes are changed.

    Args:
        loops: The controllers of the scope.
        control: Record of `CONTROL` of one lane, shape (1,); it is written.
        clock_s: The plant's time, in s.
    """

    def __init__(self, loops: tuple[Loop, ...], control: NDArray[Any], clock_s: Callable[[], float]) -> None:
        self.loops = loops
        self._control, self._clock_s = control, clock_s
        # What a set value may move at once, and when that was so.
        self._allowance = {loop.tag: (loop.sv_step, 0.0) for loop in loops}

    def write(self, tag: str, item: str, value: object, *, unit: str | None = None) -> None:
        """Change one item of one controller.

        Args:
            tag: The controller, such as "TIC-101".
            item: "SV" (in AUTO or MAN), "MV" (in MAN only) or "MODE".
            value: A number, or "AUTO" or "MAN" for the mode.
            unit: Unit of the number, if the writer names it; it must then be the controller's own.

        Raises:
            UnknownName: If there is no such controller in this scope, or no such item.
            WriteRefused: If the plant declines, with a reason; nothing has changed then.
        """
        loop, checked = self._loop(tag), self.check(tag, item, value, unit=unit)
        if self._control["tripped"][0] and item != "SV":
            raise WriteRefused(
                RefusalReason.TRIPPED,
                f"{tag} is held by the safety system",
                value=value,
                remedy="Reset the trip first",
            )
        if item == "MODE":
            self._record(loop)["auto"] = checked
        elif item == "SV":
            self._write_sv(loop, checked)
        else:
            self._write_mv(loop, checked)

    def check(self, tag: str, item: str, value: object, *, unit: str | None = None) -> float:
        """Whether a write could be taken at a fitting moment; returns it as the plant keeps it.

        Raises:
            UnknownName: If there is no such controller in this scope, or no such item.
            WriteRefused: If its type, unit or range is wrong at any moment.
        """
        loop = self._loop(tag)
        if item not in ITEMS:
            raise UnknownName("item of a controller", item, ITEMS)
        if item == "MODE":
            return _mode(loop, value)
        if item == "SV":
            own_unit = instruments.instrument(loop.instrument).unit
            return _within(loop, _number(loop, value, unit, own_unit), loop.sv_low, loop.sv_high)
        return _within(loop, _number(loop, value, unit, loop.mv_unit), loop.mv_low, loop.mv_high)

    def states(self) -> tuple[LoopState, ...]:
        """What each controller shows now."""
        moment = at(self._clock_s())
        return tuple(
            LoopState(
                loop.tag,
                moment,
                AUTO if self._record(loop)["auto"] else MAN,
                float(self._record(loop)["sv"]),
                float(self._record(loop)["mv"]),
            )
            for loop in self.loops
        )

    def _loop(self, tag: str) -> Loop:
        for loop in self.loops:
            if loop.tag == tag:
                return loop
        raise UnknownName("control loop of this scope", tag, [loop.tag for loop in self.loops])

    def _record(self, loop: Loop) -> Any:
        return self._control[RECORDS[loop.tag]][0]

    def _write_sv(self, loop: Loop, value: float) -> None:
        step = abs(value - float(self._record(loop)["sv"]))
        room = self._room(loop)
        if step > room * (1 + 1e-9):
            raise WriteRefused(
                RefusalReason.TOO_FAST,
                f"{loop.tag} may move by {room:g} now, not by {step:g}",
                value=value,
                remedy=f"Write at most {loop.sv_step:g} at once, {loop.sv_rate_per_min:g} a plant minute",
            )
        self._allowance[loop.tag] = max(room - step, 0.0), self._clock_s()
        self._record(loop)["sv"] = value

    def _room(self, loop: Loop) -> float:
        """How far the set value may move now: the allowance comes back as the plant's time passes."""
        room, since_s = self._allowance[loop.tag]
        return min(room + loop.sv_rate_per_min * (self._clock_s() - since_s) / 60.0, loop.sv_step)

    def _write_mv(self, loop: Loop, value: float) -> None:
        if self._record(loop)["auto"]:
            raise WriteRefused(
                RefusalReason.WRONG_MODE,
                f"{loop.tag} is in AUTO, its output is its own",
                value=value,
                remedy="Write MODE = MAN first",
            )
        self._record(loop)["mv"] = value


def _mode(loop: Loop, value: object) -> float:
    if not isinstance(value, str) or value not in (AUTO, MAN):
        raise WriteRefused(
            RefusalReason.WRONG_TYPE,
            f"{loop.tag} has no such mode",
            value=value,
            remedy="Write AUTO or MAN",
        )
    return 1.0 if value == AUTO else 0.0


def _number(loop: Loop, value: object, unit: str | None, own_unit: str) -> float:
    if not is_number(value):
        raise WriteRefused(
            RefusalReason.WRONG_TYPE, f"{loop.tag} takes a number", value=value, remedy="Write a number"
        )
    if unit is not None and unit != own_unit:
        raise WriteRefused(
            RefusalReason.WRONG_UNIT,
            f"{loop.tag} is in {own_unit}",
            value=unit,
            remedy=f"Convert the value to {own_unit}",
        )
    given = as_float(value)
    if not math.isfinite(given):
        raise WriteRefused(
            RefusalReason.NOT_A_NUMBER,
            f"{loop.tag} takes a finite number",
            value=value,
            remedy="Write a number",
        )
    return given


def _within(loop: Loop, value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise WriteRefused(
            RefusalReason.OUT_OF_RANGE,
            f"{loop.tag} is out of its range",
            value=value,
            remedy=f"Write a value from {low:g} to {high:g}",
        )
    return value
