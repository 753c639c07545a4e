"""The brokers that every MQTT need is proven against."""

from __future__ import annotations

import pytest

from harness.services import MosquittoBroker, MqttBroker
from harness.services.mqtt.mosquitto import installed

needs_mosquitto = pytest.mark.skipif(installed() is None, reason="Mosquitto is missing (package `mosquitto`)")

BROKERS = [
    pytest.param(MqttBroker, id="amqtt"),
    pytest.param(MosquittoBroker, id="mosquitto", marks=needs_mosquitto),
]
