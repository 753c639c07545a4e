"""The plant on the wire: OPC UA and MQTT on real loopback sockets.

Each service has the same face (`service.Service`): `start()` returns an `Endpoint` once a client can
connect, `stop()` frees the port whatever its clients do, and `with` does both. A service knows the plant
only through `port.PlantPort`.

    OpcUaService    the plant's OPC UA server                       opcua/service.py
    MqttGateway     the plant's MQTT client: telemetry, commands    mqtt/gateway.py
    MqttBroker      a broker in this process (amqtt)                mqtt/embedded.py
    MosquittoBroker a broker in a child process (Mosquitto)         mqtt/mosquitto.py

The names are imported when first used, because asyncua alone takes 0.4 s to import.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.services.mqtt.embedded import MqttBroker as MqttBroker
    from harness.services.mqtt.gateway import MqttGateway as MqttGateway
    from harness.services.mqtt.mosquitto import MosquittoBroker as MosquittoBroker
    from harness.services.opcua.service import OpcUaService as OpcUaService
    from harness.services.port import PlantPort as PlantPort
    from harness.services.service import Endpoint as Endpoint
    from harness.services.service import Service as Service
    from harness.services.service import start_all as start_all
    from harness.services.service import stop_all as stop_all
    from harness.services.users import User as User

_HOME = {
    "Endpoint": "service",
    "MosquittoBroker": "mqtt.mosquitto",
    "MqttBroker": "mqtt.embedded",
    "MqttGateway": "mqtt.gateway",
    "OpcUaService": "opcua.service",
    "PlantPort": "port",
    "Service": "service",
    "User": "users",
    "start_all": "service",
    "stop_all": "service",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
