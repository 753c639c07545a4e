"""The companion of the course: a simulated plant on real protocols, and the tools around the book.

`Plant` is the learner's whole door to it:

    from harness import Plant

    with Plant(seed=7).start() as plant:
        plant.run(minutes=30)
        print(plant.opcua.url, plant.log().tail())

Importing this package is cheap: what a name needs is imported when the name is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.live import Plant as Plant

__all__ = ["Plant"]


def __getattr__(name: str) -> Any:
    if name == "Plant":
        from harness.live import Plant

        return Plant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
