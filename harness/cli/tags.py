"""What `harness up` shows: where to connect, and what the plant says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from harness.live import Plant
    from harness.plant.samples import LoopState, Sample
    from harness.plant.tags import Loop

EVENTS_SHOWN = 3
_QUALITY_STYLE = {"Good": "green", "Uncertain": "yellow", "Bad": "bold red"}


def addresses(plant: Plant) -> list[str]:
    """Where and how to connect, in lines.

    Args:
        plant: A started plant.
    """
    lines = [
        f"OPC UA          {plant.opcua.url}",
        f"OPC UA, secure  {plant.opcua.secure_url}  (Basic256Sha256, SignAndEncrypt, with a user name)",
        f"MQTT            {plant.mqtt.host} port {plant.mqtt.port}",
    ]
    for service, endpoint in (("OPC UA", plant.opcua), ("MQTT", plant.mqtt)):
        users = ", ".join(f"{user.name} / {user.password}" for user in endpoint.users.values())
        lines.append(f"{service} users".ljust(16) + (users or "none: anonymous only"))
    return lines


def dashboard(plant: Plant, *, title: str) -> Group:
    """All that the plant says now.

    Args:
        plant: A started plant.
        title: Heading.
    """
    heading = Text.assemble(
        ("plant time ", "dim"), f"{plant.now:%Y-%m-%d %H:%M:%S} UTC", (f"  {title}", "dim")
    )
    return Group(heading, _tags(plant), Text(), _loops(plant), *_events(plant))


def _tags(plant: Plant) -> Table:
    table = _table("tag", "what it measures", "value", "unit", "quality", "source time")
    latest = plant.latest()
    for row in plant.instruments:
        table.add_row(row.tag, row.description, *_reading(latest.get(row.tag)))
    return table


def _reading(sample: Sample | None) -> tuple[str | Text, ...]:
    if sample is None:
        return ("", "", Text("no sample yet", "dim"), "")
    quality = Text(sample.quality, _QUALITY_STYLE[sample.quality])
    return _number(sample.value), sample.unit, quality, f"{sample.time:%H:%M:%S}"


def _loops(plant: Plant) -> Table:
    table = _table("controller", "mode", "set value", "output", "unit", "")
    known = {loop.tag: loop for loop in plant.loops}
    for state in plant.loop_states():
        table.add_row(*_state(state, known[state.tag]))
    return table


def _state(state: LoopState, loop: Loop) -> tuple[str, ...]:
    return (
        state.tag,
        state.mode,
        _number(state.sv),
        _number(state.mv),
        loop.mv_unit,
        f"controls {loop.instrument}",
    )


def _events(plant: Plant) -> list[Text]:
    from harness.plant.telemetry import at

    latest = plant.events[-EVENTS_SHOWN:]
    return [Text(f"{at(event.time_s):%Y-%m-%d %H:%M:%S}  {event.text}", "bold red") for event in latest]


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        table.add_column(
            name, no_wrap=True, justify="right" if name in ("value", "set value", "output") else "left"
        )
    return table


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if abs(value) < 1 else f"{value:.2f}"
