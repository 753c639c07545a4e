"""What an instrument and a control loop are, and how their addresses are formed.

Every address that a protocol shows is derived from the tag's place in the plant: the OPC UA node id
`Reactor.R101.Temperature.PV` and the MQTT topic `reactor/R101/sensor/temperature` both come from
`Address("Reactor", "R101", "Temperature")`.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass


class Scope(enum.StrEnum):
    """How much of the plant is there; each scope contains the one before."""

    REACTOR = "reactor"
    COOLING = "cooling"
    PLANT = "plant"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a quantity stands in the plant, and so under which names protocols show it.

    Attributes:
        area: Process area, such as "Reactor".
        equipment: Equipment number, such as "R101".
        quantity: Measured quantity in CamelCase, such as "FlowRate".
    """

    area: str
    equipment: str
    quantity: str

    @property
    def node(self) -> str:
        """OPC UA string id without its last part, such as `Reactor.R101.FlowRate`."""
        return f"{self.area}.{self.equipment}.{self.quantity}"

    def topic(self, kind: str) -> str:
        """MQTT topic, such as `reactor/R101/sensor/flow_rate` for kind "sensor"."""
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", self.quantity).lower()
        return f"{self.area.lower()}/{self.equipment}/{kind}/{snake}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One transmitter or analyser.

    Attributes:
        tag: ISA-5.1 tag.
        measures: Name of the true quantity.
        unit: Engineering unit of the reading.
        address: Place in the plant.
        low: Lower end of the range, in `unit`; a reading outside the range is Uncertain.
        high: Upper end of the range, in `unit`.
        sigma: Standard deviation of the noise, in `unit`.
        sigma_relative: Standard deviation as a fraction of the reading (flow meters).
        period_s: Sampling period of an analyser, in s; 0: every telemetry sample is fresh.
        dead_time_s: Age of an analyser's sample when its result appears, in s.
        scope: Smallest scope that has this instrument.
        description: What it measures, for people.
    """

    tag: str
    measures: str
    unit: str
    address: Address
    low: float
    high: float
    scope: Scope
    description: str
    sigma: float = 0.0
    sigma_relative: float = 0.0
    period_s: int = 0
    dead_time_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """One controller that a protocol client may reach.

    Its address is that of the instrument it controls; the last part of the node id is SV (set value),
    MV (manipulated value, the controller's output) or MODE (AUTO or MAN).

    Attributes:
        tag: ISA-5.1 tag of the controller, such as "TIC-101".
        instrument: Tag of the transmitter it controls.
        sv_low: Lowest set value that is taken, in the instrument's unit.
        sv_high: Highest set value that is taken.
        sv_step: Largest change in one write.
        sv_rate_per_min: Allowance for changes that returns each plant minute, up to `sv_step`.
        mv_unit: Engineering unit of the output.
        mv_low: Lowest output.
        mv_high: Highest output.
    """

    tag: str
    instrument: str
    sv_low: float
    sv_high: float
    sv_step: float
    sv_rate_per_min: float
    mv_unit: str
    mv_low: float
    mv_high: float
