"""How long a plant's services take to start, beside asyncua's server as it comes.

Cold is a new Python process, imports included; warm is a process that has started one before. "As it
comes" is `Server().init()` and `start()` with an empty namespace; ours has the whole plant's nodes, both
endpoints, users and certificate, and is ready for a client.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys

from _common import console, table

PLAIN = """
import asyncio, json, time
begin = time.perf_counter()
from asyncua import Server
async def once():
    server = Server()
    await server.init()
    server.set_endpoint("opc.tcp://127.0.0.1:0/plain")
    await server.start()
    return server
async def main():
    times, start = [], begin
    for _ in range(2):
        server = await once()
        times.append(time.perf_counter() - start)
        await server.stop()
        start = time.perf_counter()
    print(json.dumps(times))
asyncio.run(main())
"""

OURS = """
import json, time
begin = time.perf_counter()
from harness.plant import instruments
from harness.services import MqttGateway, OpcUaService, start_all
class Plant:
    instruments, loops = instruments.instruments("plant"), instruments.loops("plant")
    def write(self, loop, item, value, *, unit=None, source=""): ...
    def loop_states(self): return ()
times, start = [], begin
for _ in range(2):
    services = [make(Plant()) for make in ({makes},)]
    start_all(services)
    times.append(time.perf_counter() - start)
    for service in services:
        service.stop()
    start = time.perf_counter()
print(json.dumps(times))
"""

CASES = {
    "asyncua as it comes": PLAIN,
    "our OPC UA server": OURS.replace("{makes}", "OpcUaService"),
    "our MQTT broker and gateway": OURS.replace("{makes}", "MqttGateway"),
    "both, side by side": OURS.replace("{makes}", "OpcUaService, MqttGateway"),
}
BUDGETS_S = (1.0, 0.3)


def measured(program: str) -> tuple[float, float]:
    """Cold and warm start, in s, of one process."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    cold, warm = json.loads(done.stdout)
    return cold, warm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="processes a case; the median counts")
    runs = parser.parse_args().runs
    measured(OURS.replace("{makes}", "OpcUaService"))  # Makes what is made once on a machine.
    # In turns, so that a busy machine slows all cases alike.
    times = {name: [] for name in CASES}
    for _ in range(runs):
        for name, program in CASES.items():
            times[name].append(measured(program))
    cold, warm = (
        {name: statistics.median(pair[n] for pair in pairs) for name, pairs in times.items()} for n in (0, 1)
    )
    shown = table("Start to ready (median)", "", "cold, s", "× faster", "warm, s", "× faster")
    plain = "asyncua as it comes"
    for name in CASES:
        ratios = (f"{cold[plain] / cold[name]:.1f}", f"{warm[plain] / warm[name]:.0f}")
        shown.add_row(name, f"{cold[name]:.2f}", ratios[0], f"{warm[name]:.3f}", ratios[1])
    shown.add_row("budget for both", f"{BUDGETS_S[0]:.2f}", "", f"{BUDGETS_S[1]:.3f}", "")
    console.print(shown)


if __name__ == "__main__":
    main()
