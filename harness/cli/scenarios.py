"""`harness scenarios`: what can happen to the plant, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from harness.cli.panels import OUT

if TYPE_CHECKING:
    from harness.plant.scenarios import EventEntry, FaultEntry, Scenario, WriteEntry

_AGAIN_HELP = "A name from the list, or a file of your own that ends in .toml; all when left out."


def scenarios(
    name: Annotated[str | None, typer.Argument(help=_AGAIN_HELP, show_default=False)] = None,
) -> None:
    """List the scenarios, or show what happens in one.

    A scenario is a named list of faults, disturbances, events and writes, in a small file.
    The same scenario and the same seed give the same log, to the last bit.

    For example:

        harness scenarios

        harness scenarios pump-failure

        harness up --scenario pump-failure
    """
    from harness.plant.scenarios import list_scenarios, load

    if name is None:
        OUT.print(_overview(list_scenarios()))
        OUT.print(Text("\nOne in detail: harness scenarios NAME. Run it: harness up --scenario NAME", "dim"))
    else:
        OUT.print(_detail(load(name)))


def _overview(all_scenarios: list[Scenario]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("scenario", style="bold", no_wrap=True)
    table.add_column("scope", no_wrap=True)
    table.add_column("what happens")
    for scenario in all_scenarios:
        table.add_row(Text(scenario.name), scenario.scope, Text(scenario.description))
    return table


def _detail(scenario: Scenario) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("scenario", Text(scenario.name))
    table.add_row("what happens", Text(scenario.description))
    table.add_row("smallest scope", scenario.scope)
    table.add_row("disturbances", ", ".join(scenario.disturbances) or "none")
    table.add_row("since cleaning", f"{scenario.age_d:g} days")
    for at_min, what in sorted(_happenings(scenario), key=lambda happening: happening[0]):
        table.add_row(f"{at_min:g} min", Text(what))
    return table


def _happenings(scenario: Scenario) -> Iterator[tuple[float, str]]:
    """What happens when, in words."""
    yield from ((fault.start_min, _fault(fault)) for fault in scenario.faults)
    yield from ((write.at_min, _write(write)) for write in scenario.writes)
    yield from ((event.at_min, _event(event)) for event in scenario.events)


def _fault(fault: FaultEntry) -> str:
    sizes = ", ".join(f"{name} = {size:g}" for name, size in fault.sizes.items())
    until = "for good" if fault.end_min is None else f"until {fault.end_min:g} min"
    return f"{fault.tag}: {fault.kind}" + (f" ({sizes})" if sizes else "") + f", {until}"


def _write(write: WriteEntry) -> str:
    return f"{write.loop}.{write.item} is written: {write.value}"


def _event(event: EventEntry) -> str:
    lasting = "" if event.minutes is None else f", for {event.minutes:g} min"
    return event.kind.replace("_", " ") + lasting
