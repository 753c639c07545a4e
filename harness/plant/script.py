"""A scenario as a simulation acts it: its faults and events at once, its writes when their time comes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.errors import BadArgument, HarnessError, WriteRefused
from harness.plant import instruments
from harness.plant.surroundings import Surroundings

if TYPE_CHECKING:
    from harness.plant.operator import Operator
    from harness.plant.scenarios import Scenario
    from harness.plant.simulation import Simulation


class Script:
    """The writes of a scenario that are still to come.

    Args:
        scenario: The scenario, if there is one.
        operator: Takes the writes.

    Raises:
        BadArgument: If a write can never be taken; the message names the entry.
    """

    def __init__(self, scenario: Scenario | None, operator: Operator) -> None:
        writes = scenario.writes if scenario else ()
        for index, entry in enumerate(writes):
            with _entry(scenario, f"writes.{index}"):
                operator.check(entry.loop, entry.item, entry.value)
        self._operator = operator
        self._todo = sorted(writes, key=lambda entry: entry.at_min)

    def act(self, now_s: int) -> list[str]:
        """Do what is due; returns what the plant declined, for its list of events."""
        declined = []
        while self._todo and 60 * self._todo[0].at_min <= now_s:
            entry = self._todo.pop(0)
            try:
                self._operator.write(entry.loop, entry.item, entry.value)
            except WriteRefused as refusal:
                declined.append(f"the scenario's write was refused: {refusal}")
        return declined


def take_up(simulation: Simulation, scenario: Scenario | None) -> None:
    """Put a scenario's surroundings, faults and events into a simulation.

    Raises:
        BadArgument: If an entry does not fit this plant; the message names it.
    """
    if scenario is None:
        return
    if not set(instruments.instruments(scenario.scope)) <= set(simulation.telemetry.rows):
        raise BadArgument(
            f"The scenario {scenario.name!r} needs the scope {scenario.scope!r}",
            value=simulation.scope.value,
            remedy=f"Use scope={scenario.scope!r}",
        )
    with _entry(scenario, "disturbances"):
        simulation.surroundings = Surroundings(
            simulation.parameters, simulation.scope, simulation.seed, scenario.disturbances, scenario.age_d
        )
    for index, fault in enumerate(scenario.faults):
        with _entry(scenario, f"faults.{index}"):
            end_s = math.inf if fault.end_min is None else 60 * fault.end_min
            start_s = 60 * fault.start_min
            simulation.put_fault(fault.tag, fault.kind, start_s=start_s, end_s=end_s, **fault.sizes)
    for event in scenario.events:
        start_s, minutes = 60 * event.at_min, event.minutes
        if event.kind == "cleaning":
            simulation.clean(at_s=start_s)
        else:
            end_s = math.inf if minutes is None else start_s + 60 * minutes
            simulation.fail_pump(start_s=start_s, end_s=end_s)


@contextlib.contextmanager
def _entry(scenario: Scenario | None, where: str) -> Iterator[None]:
    try:
        yield
    except (BadArgument, WriteRefused) as error:
        raise _wrong(scenario, where, error) from error


def _wrong(scenario: Scenario | None, where: str, error: HarnessError) -> BadArgument:
    name = scenario.name if scenario else ""
    return BadArgument(
        f"The scenario {name!r} is wrong at {where}: {error.what}", value=error.value, remedy=error.remedy
    )
