"""What the services need of a plant, and nothing more."""

from __future__ import annotations

from typing import Protocol

from harness.plant.samples import LoopState
from harness.plant.tags import Instrument, Loop

ITEMS = ("SV", "MV", "MODE")
"""What a protocol client may write of a loop: set value, output, mode."""


class PlantPort(Protocol):
    """A plant as its protocol services see it."""

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The transmitters and analysers of the plant's scope."""

    @property
    def loops(self) -> tuple[Loop, ...]:
        """The controllers that a client may reach."""

    def write(
        self, loop: str, item: str, value: object, *, unit: str | None = None, source: str = ""
    ) -> None:
        """Ask for a new set value, output or mode; it takes effect at the next control scan.

        It may be called from any thread and returns within milliseconds.

        Args:
            loop: Tag of the controller, such as "TIC-101".
            item: "SV", "MV" or "MODE".
            value: A number, or "AUTO" or "MAN" for the mode.
            unit: Unit of `value`; the unit of the item when left out.
            source: Who asks, such as "opcua:operator"; for the plant's journal.

        Raises:
            WriteRefused: If the plant declines it; `reason` says why.
            UnknownName: If there is no such loop or item.
        """

    def loop_states(self) -> tuple[LoopState, ...]:
        """What each controller shows now."""
