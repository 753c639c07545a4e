"""1000 tags at 1 Hz, QoS 1, through the plant's gateway and a broker to a subscriber in another process.

First at that rate, sustained, with every sequence number checked; then as fast as it goes, which tells the
head-room. The embedded broker shares this process with the gateway, as in a real plant. The processor time
of this process for each message does not depend on what else the machine does; Mosquitto's own is not in it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

from _common import console, table

from harness.plant.samples import LoopState, Quality, Sample
from harness.plant.tags import Address, Instrument, Scope
from harness.services import MosquittoBroker, MqttBroker, MqttGateway
from harness.services.mqtt.broker import Broker
from harness.services.mqtt.mosquitto import installed

TAGS = 1000
END = "lab/end"

SUBSCRIBER = """
import json, sys, time
from datetime import datetime
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
seen, ages, last = {}, [], 0.0
def ready(client, *_):
    print("ready", flush=True)
def heard(client, data, message):
    global last
    if message.topic == "lab/end":
        report()
        return
    content = json.loads(message.payload)
    seen.setdefault(content["tag"], []).append(content["sequence"])
    last = time.time()
    ages.append(last - datetime.fromisoformat(content["timestamp"]).timestamp())
def report():
    ages.sort()
    pick = lambda share: ages[int(share * (len(ages) - 1))] if ages else None
    print(json.dumps({
        "heard": len(ages),
        "different": sum(len(set(numbers)) for numbers in seen.values()),
        "ordered": all(numbers == sorted(numbers) for numbers in seen.values()),
        "p50_s": pick(0.5), "p99_s": pick(0.99), "last": last,
    }), flush=True)
    seen.clear(), ages.clear()
client = Client(CallbackAPIVersion.VERSION2)
client.on_connect = lambda client, *_: client.subscribe([("+/+/sensor/+", 1), ("lab/end", 1)])
client.on_subscribe, client.on_message = ready, heard
client.connect("127.0.0.1", int(sys.argv[1]))
client.loop_forever()
"""


class Plant:
    """A plant of 1000 thermometers, 50 on each of 20 reactors, and nothing else."""

    loops = ()
    instruments = tuple(
        Instrument(
            tag=f"TT-{n:04}",
            measures="",
            unit="K",
            address=Address("Bench", f"R{n // 50:02}", f"Temperature{n % 50:02}"),
            low=0.0,
            high=1000.0,
            scope=Scope.REACTOR,
            description="",
        )
        for n in range(TAGS)
    )

    def write(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError

    def loop_states(self) -> tuple[LoopState, ...]:
        return ()


class Bench:
    """One broker with the gateway and its subscriber."""

    def __init__(self, broker: Broker) -> None:
        self.plant = Plant()
        self.gateway = MqttGateway(self.plant, broker)
        port = self.gateway.start().port
        self.subscriber = subprocess.Popen(
            [sys.executable, "-c", SUBSCRIBER, str(port)], stdout=subprocess.PIPE, text=True
        )
        assert self.subscriber.stdout is not None
        self.subscriber.stdout.readline()
        self.sequence = 0

    def scan(self) -> None:
        """Publish one sample of each tag, with the wall clock's time."""
        now = datetime.now(UTC)
        self.gateway.publish(
            [Sample(row.tag, now, 350.0, "K", Quality.GOOD, self.sequence) for row in self.plant.instruments]
        )
        self.sequence += 1

    def report(self) -> dict[str, Any]:
        """What the subscriber heard since the last report."""
        self.gateway._running_outbox().put([(END, b"", False)])
        assert self.subscriber.stdout is not None
        found: dict[str, Any] = json.loads(self.subscriber.stdout.readline())
        return found

    def sustained(self, seconds: int) -> dict[str, Any]:
        begin = time.monotonic()
        for second in range(seconds):
            time.sleep(max(0.0, begin + second - time.monotonic()))
            self.scan()
        found = self.report()
        return found | {"lost": seconds * TAGS - found["different"], "rate": TAGS}

    def fastest(self, scans: int) -> dict[str, Any]:
        begin, cpu_s = time.time(), time.process_time()
        for _ in range(scans):
            self.scan()
        self.gateway.flush()
        cpu_s = time.process_time() - cpu_s
        found = self.report()
        return found | {
            "lost": scans * TAGS - found["different"],
            "rate": found["heard"] / (found["last"] - begin),
            "cpu_us": 1e6 * cpu_s / (scans * TAGS),
        }

    def close(self) -> None:
        self.subscriber.kill()
        self.subscriber.wait()
        self.gateway.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="how long at 1 Hz; 60 for the record")
    parser.add_argument("--scans", type=int, default=15, help="scans of 1000 tags at full speed")
    options = parser.parse_args()
    brokers: dict[str, type[Broker]] = {"embedded (amqtt)": MqttBroker}
    if installed():
        brokers["Mosquitto"] = MosquittoBroker
    shown = table(
        f"1000 tags at 1 Hz for {options.seconds} s, QoS 1; then {options.scans} scans at full speed",
        *(
            "broker",
            "lost",
            "doubled",
            "in order",
            "age p50, ms",
            "p99, ms",
            "fastest, 1/s",
            "head-room",
            "CPU/message, µs",
        ),
    )
    fastest = {}
    for name, kind in brokers.items():
        bench = Bench(kind())
        try:
            even, full = bench.sustained(options.seconds), bench.fastest(options.scans)
        finally:
            bench.close()
        fastest[name] = full["rate"]
        shown.add_row(
            name,
            str(even["lost"] + full["lost"]),
            str(even["heard"] - even["different"] + full["heard"] - full["different"]),
            "yes" if even["ordered"] and full["ordered"] else "no",
            f"{1000 * even['p50_s']:.0f}",
            f"{1000 * even['p99_s']:.0f}",
            f"{full['rate']:.0f}",
            f"{full['rate'] / TAGS:.1f} ×",
            f"{full['cpu_us']:.0f}",
        )
    console.print(shown)
    if len(fastest) > 1:
        ratio = fastest["Mosquitto"] / fastest["embedded (amqtt)"]
        console.print(f"Mosquitto is {ratio:.1f} × as fast as the embedded broker.")


if __name__ == "__main__":
    main()
