"""What `harness up` shows: where to connect, and what every tag says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from harness.plant.samples import Quality, Sample

if TYPE_CHECKING:
    from harness.live import Plant

_STYLE = {Quality.GOOD: "green", Quality.UNCERTAIN: "yellow", Quality.BAD: "bold red"}


def addresses(plant: Plant) -> Table:
    """Where and how to connect.

    Args:
        plant: A started plant.
    """
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("OPC UA", plant.opcua.url)
    table.add_row("OPC UA, secure", f"{plant.opcua.secure_url}  (Basic256Sha256, sign and encrypt)")
    table.add_row("MQTT", f"{plant.mqtt.host} port {plant.mqtt.port}")
    for service, endpoint in (("OPC UA", plant.opcua), ("MQTT", plant.mqtt)):
        users = ", ".join(f"{user.name} / {user.password}" for user in endpoint.users.values())
        table.add_row(f"{service} users", users or "none: anonymous only")
    return table


def tag_table(plant: Plant, *, title: str) -> Table:
    """What every tag says now.

    Args:
        plant: A started plant.
        title: Heading of the table.
    """
    from harness.plant.instruments import instrument

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("tag", style="bold", no_wrap=True)
    table.add_column("what it measures")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("unit")
    table.add_column("quality")
    table.add_column("plant time, UTC", no_wrap=True)
    for sample in plant.latest().values():
        table.add_row(*_cells(sample, what=instrument(sample.tag).description))
    return table


def _cells(sample: Sample, *, what: str) -> tuple[str, ...]:
    value = (
        "-"
        if sample.value is None
        else f"{sample.value:.4g}"
        if abs(sample.value) < 1
        else f"{sample.value:.2f}"
    )
    quality = f"[{_STYLE[sample.quality]}]{sample.quality}[/]"
    return sample.tag, what, value, sample.unit, quality, f"{sample.time:%Y-%m-%d %H:%M:%S}"
