"""`Plant`: the simulated plant together with its protocol services, on one virtual clock."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from harness.errors import BadArgument, WrongState
from harness.pacing import Pacer
from harness.plant.checks import number, positive
from harness.plant.samples import LoopState, Sample
from harness.plant.tags import Instrument, Loop

if TYPE_CHECKING:
    import pandas as pd

    from harness.plant.faults import Fault
    from harness.plant.parameters import PlantParameters
    from harness.plant.scenarios import Scenario
    from harness.plant.simulation import Event, Simulation
    from harness.services import Endpoint, MqttGateway, OpcUaService


@dataclass(frozen=True)
class Run:
    """What a pure simulation gave.

    Attributes:
        truth: True values at each telemetry sample, indexed by time.
        log: What the instruments delivered: time, tag, value, unit, quality, sequence.
        events: What happened to the equipment.
    """

    truth: pd.DataFrame
    log: pd.DataFrame
    events: list[Event]


class Plant:
    """A plant that protocol clients can reach; it moves when you `run` or `play` it.

    Args:
        seed: Of noise, disturbances and chances. Same seed, same log, to the last bit.
        scope: "reactor", "cooling" (with fouling) or "plant" (with column and recycle); the scenario's
            own scope when left out.
        scenario: Name of a scenario (`harness scenarios` lists them), or a path to a file of your own.
        sample_s: Period of telemetry, in whole seconds of plant time.
        parameters: Other parameters than the data sheet's.

    Raises:
        BadArgument: If an argument has the wrong type or range; its subclass UnknownName, if there is
            no such scope or scenario.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        scope: str | None = None,
        scenario: str | Path | None = None,
        sample_s: int = 10,
        parameters: PlantParameters | None = None,
    ) -> None:
        story = _load(scenario)
        self._make = {
            "seed": seed,
            "scope": scope or (story.scope if story else "reactor"),
            "scenario": story,
            "sample_s": sample_s,
            "parameters": parameters,
        }
        self._simulation = self._new_simulation()
        self._latest: dict[str, Sample] = {}
        self._opcua: OpcUaService | None = None
        self._mqtt: MqttGateway | None = None
        self._started = self._stopped = self._offline = False
        self._pacer: Pacer | None = None
        self._moving = threading.Lock()

    # --- protocols -----------------------------------------------------------------------------

    def start(self, *, opcua_port: int = 0, mqtt_port: int = 0) -> Self:
        """Put the plant on the wire: an OPC UA server and an MQTT broker on loopback, ready on return.

        Args:
            opcua_port: Port of the OPC UA server; 0 takes a free one.
            mqtt_port: Port of the MQTT broker; 0 takes a free one.

        Raises:
            WrongState: If it was started before.
            PortBusy: If another program has the port.
            ServiceError: If a service did not come up; nothing is left running then.
        """
        from harness.services import MqttGateway, OpcUaService, start_all, stop_all

        if self._stopped:
            raise WrongState("The plant was stopped", remedy="Make a new Plant")
        if self._started:
            raise WrongState("The plant was started before", remedy="Use it, or make a new Plant")
        if self._offline:
            raise WrongState("The plant runs without protocols", remedy="Make a new Plant and start that")
        opcua = OpcUaService(self, port=opcua_port)
        mqtt = MqttGateway(self, port=mqtt_port)
        self._started = True
        try:
            start_all([opcua, mqtt])
            self._opcua, self._mqtt = opcua, mqtt
            self._publish(self._simulation.telemetry.deliver(self._simulation.time_s))
            mqtt.flush()  # who subscribes now finds the first reading of each tag retained
        except BaseException:
            self._started = False
            stop_all([opcua, mqtt])
            raise
        return self

    def offline(self) -> Self:
        """Leave the protocols out: `run`, `write`, faults and logs as usual, but nobody can connect.

        For repetition: some hundred times as fast. It stays so; `start` is then refused.

        Raises:
            WrongState: If it is on the wire, or was stopped.
        """
        if self._started or self._stopped:
            raise WrongState("The plant was on the wire", remedy="Make a new Plant")
        self._offline = True
        return self

    def stop(self) -> None:
        """Take the plant off the wire and free its ports; a second call does nothing."""
        if self._stopped:
            return
        try:
            # Before it counts as stopped: a step on its way must still find its services.
            self.pause()
        finally:
            self._stopped = True
            if self._opcua is not None and self._mqtt is not None:
                from harness.services import stop_all

                stop_all([self._opcua, self._mqtt])

    def __enter__(self) -> Self:
        return self if self._started or self._offline else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def opcua(self) -> Endpoint:
        """Where OPC UA clients find the plant: `url`, `secure_url`, `users`, `certificate`."""
        endpoint: Endpoint = self._service(self._opcua).endpoint
        return endpoint

    @property
    def mqtt(self) -> Endpoint:
        """Where MQTT clients find the plant: `host`, `port`, `users`."""
        endpoint: Endpoint = self._service(self._mqtt).endpoint
        return endpoint

    # --- time ------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The plant's time, in UTC."""
        from harness.plant.telemetry import at

        return at(self._simulation.time_s)

    def run(self, *, minutes: float) -> None:
        """Move the plant's time on; every sample has crossed both protocols when this returns.

        Args:
            minutes: How long, in plant time; a whole number of telemetry samples.

        Raises:
            BadArgument: If it is not positive or not a whole number of samples.
            WrongState: If the plant plays, or is neither on the wire nor offline.
        """
        samples = self._samples_in(minutes)
        if self._offline and not self._stopped:
            self._run_offline(samples)
            return
        mqtt = self._service(self._mqtt)
        if self._pacer is not None:
            raise WrongState("The plant plays already", remedy="Call pause() before run()")
        for _ in range(samples):
            self._step()
        mqtt.flush()

    def play(self, *, speed: float = 1.0) -> None:
        """Let the plant move on by itself, `speed` plant seconds a second, until `pause`.

        Raises:
            BadArgument: If the speed is not a positive number.
            WrongState: If it plays already, or is not on the wire.
        """
        self._service(self._mqtt)
        if self._pacer is not None:
            raise WrongState("The plant plays already", remedy="Call pause() first")
        period_s = self._simulation.sample_s / positive("speed", speed)
        self._pacer = Pacer(self._step, period_s=period_s)
        self._pacer.start()

    def pause(self) -> None:
        """Stop playing. An error that stopped the play is raised here."""
        pacer, self._pacer = self._pacer, None
        if pacer is not None:
            pacer.stop()

    @property
    def playing(self) -> bool:
        """Whether it moves by itself; no longer when an error has stopped it, which `pause` raises."""
        return self._pacer is not None and self._pacer.running

    def simulate(self, *, hours: float = 0.0, minutes: float = 0.0) -> Run:
        """A run from the start, without protocols and without touching this plant: pure and fast.

        Args:
            hours: How long, in plant time.
            minutes: How long, on top of the hours.
        """
        length_min = 60.0 * number("hours", hours, low=0.0) + number("minutes", minutes, low=0.0)
        fresh = self._new_simulation()
        fresh.run(self._samples_in(length_min) * fresh.sample_s)
        return Run(fresh.truth(), fresh.log(), fresh.events)

    # --- the plant -------------------------------------------------------------------------------

    def fault(
        self, tag: str, kind: str, *, start_min: float = 0.0, end_min: float = math.inf, **sizes: float
    ) -> Fault:
        """Put a fault on an instrument, such as `fault("TT-101", "drift", rate_K_per_h=0.5)`.

        Args:
            tag: The instrument.
            kind: Name of the fault: bias, drift, stuck, spikes, missing, noise, clock_skew, delayed,
                duplicate.
            start_min: When it begins, in min from now.
            end_min: When it is over, in min from now; until it is removed when left out.
            sizes: Its numbers, with the instrument's unit in their names.

        Returns:
            The fault, for `remove`.

        Raises:
            BadArgument: If a number is out of range or the fault overlaps one of its kind; its subclass
                UnknownName, if there is no such tag, fault or number.
        """
        start_s = 60 * number("start_min", start_min, low=0.0)
        end_s = 60 * number("end_min", end_min, low=0.0)
        with self._simulation.lock:
            now_s = self._simulation.time_s
            return self._simulation.put_fault(
                tag, kind, start_s=now_s + start_s, end_s=now_s + end_s, **sizes
            )

    def remove(self, fault: Fault) -> None:
        """End a fault now."""
        self._simulation.remove_fault(fault)

    def fail_pump(self, *, minutes: float = math.inf) -> None:
        """Stop the coolant pump now, for a while or for good."""
        length_min = positive("minutes", minutes, infinite=True)
        with self._simulation.lock:
            now_s = self._simulation.time_s
            self._simulation.fail_pump(start_s=now_s, end_s=now_s + 60 * length_min)

    def clean(self) -> None:
        """Clean E-101 now: its fouling starts anew."""
        with self._simulation.lock:
            self._simulation.clean(at_s=self._simulation.time_s)

    def reset_trip(self) -> None:
        """Reset the safety system after a trip.

        Raises:
            WrongState: If it has not tripped, or the reactor is still hot.
        """
        self._simulation.reset_trip()

    def write(
        self, loop: str, item: str, value: object, *, unit: str | None = None, source: str = "operator"
    ) -> None:
        """Change a controller's SV, MV or MODE; it takes effect at the next scan.

        Raises:
            UnknownName: If there is no such controller or item.
            WriteRefused: If the plant declines; nothing has changed then.
        """
        self._simulation.write(loop, item, value, unit=unit)

    def log(self) -> pd.DataFrame:
        """What the instruments have delivered: time, tag, value, unit, quality, sequence."""
        return self._simulation.log()

    def truth(self) -> pd.DataFrame:
        """True values, which no real plant gives you: for judging a twin, never for feeding it."""
        return self._simulation.truth()

    def latest(self) -> dict[str, Sample]:
        """The latest sample of each tag."""
        return dict(self._latest)

    @property
    def events(self) -> list[Event]:
        """What has happened to the equipment."""
        return list(self._simulation.events)

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments of this plant's scope."""
        return self._simulation.telemetry.rows

    @property
    def loops(self) -> tuple[Loop, ...]:
        """The controllers of this plant's scope."""
        return self._simulation.operator.loops

    def loop_states(self) -> tuple[LoopState, ...]:
        """What each controller shows now."""
        return self._simulation.operator.states()

    # --- inside ----------------------------------------------------------------------------------

    def _new_simulation(self) -> Simulation:
        from harness.plant.simulation import Simulation

        return Simulation(**self._make)  # type: ignore[arg-type]

    def _service(self, service: Any) -> Any:
        if service is None or self._stopped:
            state = "was stopped" if self._stopped else "is not on the wire"
            remedy = "Make a new Plant" if self._stopped or self._offline else "Call start() first"
            raise WrongState(f"The plant {state}", remedy=remedy)
        return service

    def _run_offline(self, samples: int) -> None:
        from harness.plant.telemetry import last_of_each

        self._note(last_of_each(self._simulation.run(samples * self._simulation.sample_s)))

    def _step(self) -> None:
        with self._moving:
            self._publish(self._simulation.run(self._simulation.sample_s))

    def _note(self, deliveries: Any) -> list[Sample]:
        samples = self._simulation.telemetry.samples(deliveries)
        self._latest.update({sample.tag: sample for sample in samples})
        return samples

    def _publish(self, deliveries: Any) -> None:
        samples = self._note(deliveries)
        states = self.loop_states()
        self._service(self._opcua).publish(samples, states)
        self._service(self._mqtt).publish(samples, states)

    def _samples_in(self, minutes: float) -> int:
        seconds = 60.0 * positive("minutes", minutes)
        samples = round(seconds / self._simulation.sample_s)
        if samples < 1 or abs(samples * self._simulation.sample_s - seconds) > 1e-6:
            raise BadArgument(
                f"The plant is sampled every {self._simulation.sample_s} s",
                value=minutes,
                remedy="Give minutes that hold a whole number of samples",
            )
        return samples


def _load(scenario: str | Path | None) -> Scenario | None:
    if scenario is None:
        return None
    from harness.plant import scenarios

    return scenarios.load(scenario)
