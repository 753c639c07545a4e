"""The plant's MQTT topics, and who may use them.

| topic                                   | who publishes | what                                             |
|-----------------------------------------|---------------|--------------------------------------------------|
| `reactor/R101/sensor/temperature`       | plant         | a sample; retained                               |
| `reactor/R101/setpoint/temperature`     | plant         | set value, output, mode and units; retained      |
| `reactor/R101/command/temperature`      | operator      | `{"value": 352.0, "unit": "K"}`                  |
| `reactor/R101/ack/temperature`          | plant         | a command was taken                              |
| `reactor/R101/error/temperature`        | plant         | a command was refused: reason, remedy            |
| `twin/…`, `lab/…`                       | operator      | a reader's own                                   |

Everybody who may connect may subscribe to everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from harness.plant.tags import Instrument
from harness.services.users import Role

COMMAND = "command"
WRITABLE: dict[Role, tuple[str, ...]] = {
    Role.PLANT: ("#",),
    Role.OPERATOR: (f"+/+/{COMMAND}/+", "twin/#", "lab/#"),
    Role.VIEWER: (),
}
"""Topic filters that each role may publish to; a filter left out is forbidden."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quantity stands, taken from a topic.

    Attributes:
        head: Area and equipment, such as "reactor/R101".
        quantity: The last part, such as "temperature".
    """

    head: str
    quantity: str

    def topic(self, kind: str) -> str:
        """The topic of another kind for the same quantity."""
        return f"{self.head}/{kind}/{self.quantity}"


def place_of(topic: str) -> Place:
    """What a command's topic is about: its first levels and its last one."""
    head, _, quantity = topic.rpartition("/")
    return Place(head.rpartition("/")[0], quantity)


def command_filters(instruments: Iterable[Instrument]) -> list[str]:
    """Subscriptions that hear every command to this plant's equipment, misspelt quantities included."""
    return sorted({row.address.topic(COMMAND).rpartition("/")[0] + "/+" for row in instruments})


@lru_cache(maxsize=8192)
def may_publish(role: Role, topic: str) -> bool:
    """Whether a role may publish to a topic."""
    return any(matches(topic, allowed) for allowed in WRITABLE[role])


def matches(topic: str, allowed: str) -> bool:
    """Whether a topic falls under a filter, with MQTT's wildcards (3.1.1, section 4.7)."""
    levels, wanted = topic.split("/"), allowed.split("/")
    for n, part in enumerate(wanted):
        if part == "#":
            return True
        if n >= len(levels) or part not in ("+", levels[n]):
            return False
    return len(levels) == len(wanted)
