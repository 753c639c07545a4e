"""The plant on MQTT: brokers, and the gateway that publishes telemetry and answers commands.

A broker (`broker`) is `embedded` (amqtt, made reliable in `amqtt_*`) or `mosquitto`. The `gateway` sends
through its `outbox` what `payloads` and `topics` make of samples, and its `commands` desk answers writes.
"""
