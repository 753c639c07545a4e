"""The plant's own MQTT client: it publishes telemetry and answers commands.

```python
with MqttGateway(plant) as gateway:          # starts an embedded broker as well
    gateway.publish(samples, states)         # after each scan
    gateway.flush()                          # until the broker has acknowledged everything
```

**What is promised.** Everything published is kept until the broker has acknowledged it (QoS 1), also
while the broker is away: up to `WAITING_MAX` messages wait for it, then `publish` raises. After a broken
connection what was not acknowledged is sent again, so a subscriber may see a sample twice, and knows it
by its sequence number. Messages leave in the order of delivery. A broker that loses what it acknowledged
(the embedded one when it restarts) loses it for its subscribers; the latest value of each tag comes back
with the next scan.

Commands are checked strictly, decided by the plant, and answered on an `ack` or `error` topic. A retained
command is refused, for a broker would deliver it again at every restart.

`HARNESS_MQTT_URL`, such as `mqtt://user:password@host:1883` or `mqtts://…`, makes the gateway use that
broker and start none.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import SplitResult, unquote, urlsplit

from harness.errors import BadArgument
from harness.plant.samples import LoopState, Sample
from harness.services.mqtt.broker import Broker
from harness.services.mqtt.commands import CommandDesk
from harness.services.mqtt.outbox import Outbox
from harness.services.mqtt.payloads import sample_payload, setpoint_payload
from harness.services.mqtt.topics import COMMAND, command_filters
from harness.services.port import PlantPort
from harness.services.service import Endpoint, Service
from harness.services.users import Role, User

URL_VARIABLE = "HARNESS_MQTT_URL"
CONNECT_S = 10.0
FLUSH_S = 30.0
STOP_S = 2.0
KEEPALIVE_S = 30
_PORTS = {"mqtt": 1883, "mqtts": 8883}


class MqttGateway(Service):
    """The plant's MQTT client, with the broker that it speaks to.

    Args:
        plant: The plant it speaks for.
        broker: A broker to use; it is started and stopped with the gateway unless it already runs. When
            left out: the broker of `HARNESS_MQTT_URL`, or else a new embedded one.
        port: Port of the new embedded broker; 0 takes a free one.
        url: A broker's address, in place of `HARNESS_MQTT_URL`.
    """

    name = "MQTT gateway"

    def __init__(
        self, plant: PlantPort, broker: Broker | None = None, *, port: int = 0, url: str | None = None
    ) -> None:
        super().__init__(port=port)
        given = url or (os.environ.get(URL_VARIABLE) if broker is None else None)
        self._url = _checked(given) if given else None
        self.broker = broker if broker or self._url else _embedded(port)
        self._owns_broker = self.broker is not None and not self.broker.running
        self._plant = plant
        self._topics = {row.tag: row.address.topic("sensor") for row in plant.instruments}
        by_tag = {row.tag: row for row in plant.instruments}
        self._loops = {loop.tag: (loop, by_tag[loop.instrument]) for loop in plant.loops}
        self._shown: dict[str, tuple[float, float, str]] = {}
        self._outbox: Outbox | None = None
        self._desk: CommandDesk | None = None

    def publish(self, samples: Sequence[Sample], states: Sequence[LoopState] = ()) -> None:
        """Publish what a scan delivered.

        It returns when all of it is on its way; while the broker is connected at most a window of
        messages is unacknowledged, so a fast simulation waits for a slow broker.

        Args:
            samples: Samples in the order of their delivery.
            states: What the controllers show; published when it differs from the last time.

        Raises:
            WrongState: If the gateway is not running.
            ServiceError: If too much waits for a broker that is away.
        """
        outbox = self._running_outbox()
        outbox.put([(self._topics[sample.tag], sample_payload(sample), True) for sample in samples])
        outbox.put([self._setpoint(state) for state in states if self._changed(state)])
        outbox.pace()

    def flush(self, *, timeout_s: float = FLUSH_S) -> None:
        """Wait until the broker has acknowledged everything.

        Raises:
            ServiceError: If it has not in that time; what is left stays waiting.
        """
        outbox = self._running_outbox()
        left = outbox.drain(timeout_s)
        if left:
            remedy = "The broker is slow: wait longer" if outbox.connected else "Check that the broker runs"
            what = f"still has {left} messages without acknowledgement after {timeout_s:g} s"
            raise self._failure(what, remedy=remedy)

    def _running_outbox(self) -> Outbox:
        _ = self.endpoint
        if self._outbox is None:
            raise self._failure("lost its connection")
        return self._outbox

    def _setpoint(self, state: LoopState) -> tuple[str, bytes, bool]:
        loop, instrument = self._loops[state.tag]
        return instrument.address.topic("setpoint"), setpoint_payload(state, loop, instrument), True

    def _changed(self, state: LoopState) -> bool:
        new = (state.sv, state.mv, state.mode)
        if self._shown.get(state.tag) == new:
            return False
        self._shown[state.tag] = new
        return True

    def _open(self) -> Endpoint:
        endpoint, login = self._reach_broker()
        secure = self._url is not None and self._url.scheme == "mqtts"
        self._outbox = Outbox(
            endpoint.host,
            endpoint.port,
            login,
            secure=secure,
            # On loopback a broken connection shows at once; asking would cost the broker a timer a packet.
            keepalive_s=0 if self.broker is not None else KEEPALIVE_S,
            subscriptions=command_filters(self._plant.instruments),
            hear=self._hear,
            log=self.logs.append,
        )
        loops = {instrument.address.topic(COMMAND): loop.tag for loop, instrument in self._loops.values()}
        known = {row.address.topic(COMMAND) for row in self._plant.instruments}
        self._desk = CommandDesk(self._plant, loops, known, answer=self._outbox.put, log=self.logs.append)
        if not self._outbox.connect(CONNECT_S):
            remedy = f"Check {URL_VARIABLE} and that the broker takes these credentials" if self._url else ""
            raise self._failure(f"cannot connect to {endpoint.host}:{endpoint.port}", remedy=remedy)
        states = self._plant.loop_states()
        self._outbox.put([self._setpoint(state) for state in states if self._changed(state)])
        self._outbox.drain(CONNECT_S)
        return endpoint

    def _hear(self, topic: str, payload: bytes, retained: bool) -> None:
        if self._desk is not None:
            self._desk.take(topic, payload, retained)

    def _reach_broker(self) -> tuple[Endpoint, User | None]:
        if self.broker is not None:
            endpoint = self.broker.start() if self._owns_broker else self.broker.endpoint
            return endpoint, self.broker.plant_login
        if self._url is None or self._url.hostname is None:
            raise self._failure("has no broker")
        url = self._url
        port = url.port or _PORTS[url.scheme]
        login = User(unquote(url.username), unquote(url.password or ""), Role.PLANT) if url.username else None
        shown = f"{url.scheme}://{url.hostname}:{port}"
        secure = shown if url.scheme == "mqtts" else None
        return Endpoint(url=shown, host=str(url.hostname), port=port, secure_url=secure), login

    def _close(self) -> None:
        if self._desk is not None:
            self._desk.stop(STOP_S)
        if self._outbox is not None:
            self._outbox.stop(STOP_S)
        if self._owns_broker and self.broker is not None:
            self.broker.stop()


def _embedded(port: int) -> Broker:
    from harness.services.mqtt.embedded import MqttBroker

    return MqttBroker(port=port)


def _checked(url: str) -> SplitResult:
    parts = urlsplit(url)
    try:
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        shown = url.replace(f":{parts.password}@", ":…@") if parts.password else url
        raise BadArgument(
            "Not an MQTT broker's address", value=shown, remedy="Write it like mqtt://user:password@host:1883"
        )
    return parts
