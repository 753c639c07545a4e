"""An MQTT 3.1.1 broker in this process: amqtt in a thread of its own.

It differs from amqtt as it comes: users and rules are those of `topics`; acknowledged messages are not
lost (`amqtt_broker`); a client without a name may have a persistent session that queues while it is away,
as with other brokers; and it can always be stopped. What stays is amqtt's: no MQTT 5; nothing survives a
restart; and a client that knows another's client id can end its session, even with a wrong password.
`MosquittoBroker` has none of these limits.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from harness.services.collector import paused_collector
from harness.services.loop_thread import LoopThread
from harness.services.mqtt.broker import Broker
from harness.services.service import LOOPBACK, Endpoint

if TYPE_CHECKING:
    from harness.services.mqtt.amqtt_broker import PlantBroker

START_S = 15.0
STOP_S = 3.0

_numbers = itertools.count(1)


class MqttBroker(Broker):
    """The embedded broker."""

    name = "MQTT broker (amqtt)"
    _thread: LoopThread | None = None
    _broker: PlantBroker | None = None

    def _open(self) -> Endpoint:
        with paused_collector():
            from harness.services.mqtt.amqtt_broker import PlantBroker

        self._thread = LoopThread(
            f"mqtt-broker-{next(_numbers)}", loggers=("amqtt", "transitions"), logs=self.logs
        )
        try:
            self._broker = self._thread.call(self._begin(PlantBroker), timeout_s=START_S)
        except OSError as error:
            raise self._refused_port(error) from error
        except TimeoutError:
            raise self._failure(f"did not start in {START_S:.0f} s") from None
        return self._endpoint_at(self._broker.port)

    async def _begin(self, kind: type[PlantBroker]) -> PlantBroker:
        broker = kind(LOOPBACK, self._port, self._access, asyncio.get_running_loop())
        await broker.begin()
        return broker

    def _close(self) -> None:
        if self._thread is not None:
            self._thread.stop(self._broker.end if self._broker else None, timeout_s=STOP_S)
