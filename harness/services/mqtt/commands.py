"""Commands that arrive by MQTT: read, decided by the plant, answered. Whatever a payload holds."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from harness.errors import HarnessError, RefusalReason, ServiceError, UnknownName, WriteRefused
from harness.services.mqtt.outbox import Message
from harness.services.mqtt.payloads import TEXT_MAX, Command, ack_payload, error_payload, parse_command
from harness.services.mqtt.topics import Place, place_of
from harness.services.port import PlantPort

WAITING_MAX = 1000


class CommandDesk:
    """Takes commands from the network thread and decides them in a thread of its own.

    The network thread must not ask the plant itself: the plant may hold its lock while it waits for the
    network.

    Args:
        plant: Who decides.
        loops: The loop's tag behind each command topic.
        known: Command topics of all instruments, those without a loop included.
        answer: Called with the answers to publish.
        log: Called with a line when something goes wrong.
    """

    def __init__(
        self,
        plant: PlantPort,
        loops: Mapping[str, str],
        known: Collection[str],
        *,
        answer: Callable[[Sequence[Message]], None],
        log: Callable[[str], None],
    ) -> None:
        self._plant, self._loops, self._known = plant, loops, known
        self._answer, self._log = answer, log
        self._queue: queue.Queue[tuple[str, bytes, bool] | None] = queue.Queue(WAITING_MAX)
        self._thread = threading.Thread(target=self._work, name="mqtt-commands", daemon=True)
        self._thread.start()

    def take(self, topic: str, payload: bytes, retained: bool) -> None:
        """Queue a command; when too many wait, it is dropped and logged."""
        try:
            self._queue.put_nowait((topic, payload, retained))
        except queue.Full:
            self._log(f"more than {WAITING_MAX} commands wait; one to {topic[:TEXT_MAX]} was dropped")

    def stop(self, timeout_s: float) -> None:
        """Decide no more commands."""
        while True:
            try:
                self._queue.put_nowait(None)
                break
            except queue.Full:
                self._drop_one()
        self._thread.join(timeout_s)

    def _drop_one(self) -> None:
        try:
            self._queue.get_nowait()
        except queue.Empty:
            return

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            try:
                self._answer([self._decide(*item)])
            except HarnessError as error:
                self._log(f"an answer to {item[0][:TEXT_MAX]} was not sent: {error}")

    def _decide(self, topic: str, payload: bytes, retained: bool) -> Message:
        place = place_of(topic)
        command: Command | None = None
        try:
            command = self._parse(payload, retained)
            return place.topic("ack"), self._ask(topic, place, command), False
        except HarnessError as error:
            return place.topic("error"), error_payload(error, command), False
        except Exception as error:  # noqa: BLE001 — no payload may end the desk; the error is on record
            self._log(f"a command to {topic[:TEXT_MAX]} failed: {error!r}")
            failed = ServiceError("The plant failed on this command", remedy="Look into the gateway's log")
            return place.topic("error"), error_payload(failed, command), False

    def _parse(self, payload: bytes, retained: bool) -> Command:
        if retained:
            raise WriteRefused(
                RefusalReason.NOT_WRITABLE,
                "A retained command would be repeated at every restart",
                value=None,
                remedy="Publish it without the retain flag, and clear the retained one with an empty payload",
            )
        return parse_command(payload)

    def _ask(self, topic: str, place: Place, command: Command) -> bytes:
        loop = self._loops.get(topic)
        if loop is None and topic not in self._known:
            names = [known.rpartition("/")[2] for known in self._known if known.startswith(place.head + "/")]
            raise UnknownName(f"quantity of {place.head}", place.quantity[:TEXT_MAX], names)
        if loop is None:
            raise WriteRefused(
                RefusalReason.NOT_WRITABLE,
                f"No controller acts on {place.quantity}",
                value=command.value,
                remedy=f"Commands go to: {', '.join(sorted(self._loops))}",
            )
        self._plant.write(loop, command.item, command.value, unit=command.unit, source="mqtt")
        return ack_payload(command, loop)
