"""`harness up`: the plant and its services, until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live

from harness.cli.panels import OUT
from harness.cli.tags import addresses, dashboard

if TYPE_CHECKING:
    from harness.live import Plant

REFRESH_S = 0.5
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SCOPE_HELP = "reactor, cooling or plant, each with the one before; the scenario's own, else reactor."
_PORT_HELP = "Port of the {}; 0 takes a free one. Well known: {}."


def up(
    seed: Annotated[int, typer.Option(help="Seed of all that is random: the same seed, the same plant.")] = 0,
    scope: Annotated[str | None, typer.Option(help=_SCOPE_HELP, show_default=False)] = None,
    scenario: Annotated[str | None, typer.Option(help="A name from `harness scenarios`.")] = None,
    speed: Annotated[float, typer.Option(help="Plant seconds a second.")] = 60.0,
    mqtt_port: Annotated[int, typer.Option(help=_PORT_HELP.format("broker", 1883))] = 0,
    opcua_port: Annotated[int, typer.Option(help=_PORT_HELP.format("OPC UA server", 4840))] = 0,
) -> None:
    """Start the plant, its OPC UA server and its MQTT broker, and show every tag live until Ctrl-C.

    The addresses and user names are printed first; any OPC UA or MQTT client on this machine can use them.

    For example:

        harness up

        harness up --scope plant --seed 7 --speed 600

        harness up --mqtt-port 1883 --opcua-port 4840

        mosquitto_sub -p 1883 -t 'reactor/R101/sensor/#' -v
    """
    with _ended_by_a_signal():
        OUT.print("starting the plant and its services ...", style="dim")
        from harness.live import Plant

        plant = Plant(seed=seed, scope=scope, scenario=scenario)
        try:
            plant.start(mqtt_port=mqtt_port, opcua_port=opcua_port)
            for line in addresses(plant):
                OUT.print(line, soft_wrap=True)
            plant.play(speed=speed)
            _show(plant, title=f"seed {seed}, scenario {scenario or 'none'}, {speed:g} times real time")
        finally:
            plant.stop()
            OUT.print("stopped", style="dim")


@contextmanager
def _ended_by_a_signal() -> Iterator[None]:
    """The first signal raises KeyboardInterrupt, which ends the block; later ones do not disturb its end."""
    seen = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not seen.is_set():
            seen.set()
            raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _ENDING_SIGNALS}
    try:
        yield
    except KeyboardInterrupt:
        # Expected: this is how the command ends. The rest of the way out shall not be disturbed either.
        before = dict.fromkeys(before, signal.SIG_IGN)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show(plant: Plant, *, title: str) -> None:
    """Show the plant while it plays; where nobody watches, only wait."""
    pause = threading.Event()
    if not OUT.is_terminal:
        OUT.print("running until Ctrl-C")
        while plant.playing:
            pause.wait(REFRESH_S)
        return
    with Live(dashboard(plant, title=title), console=OUT, auto_refresh=False, screen=False) as live:
        while plant.playing:
            pause.wait(REFRESH_S)
            live.update(dashboard(plant, title=title), refresh=True)
