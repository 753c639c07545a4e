"""How long a plant's services take to start, beside asyncua's server as it comes.

Cold is a new Python process, imports included; warm is a process that has started one before. "As it
comes" is `Server().init()` and `start()` with an empty namespace; ours has the whole plant's nodes, both
endpoints, users and certificate, and is ready for a client. Processor time is what the ratios compare: it
does not depend on what else the machine does.
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
    times, start, cpu = [], begin, 0.0
    for _ in range(2):
        server = await once()
        times += [time.perf_counter() - start, time.process_time() - cpu]
        await server.stop()
        start, cpu = time.perf_counter(), time.process_time()
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
times, start, cpu = [], begin, 0.0
for _ in range(2):
    services = [make(Plant()) for make in ({makes},)]
    start_all(services)
    times += [time.perf_counter() - start, time.process_time() - cpu]
    for service in services:
        service.stop()
    start, cpu = time.perf_counter(), time.process_time()
print(json.dumps(times))
"""

CASES = {
    "asyncua as it comes": PLAIN,
    "our OPC UA server": OURS.replace("{makes}", "OpcUaService"),
    "our MQTT broker and gateway": OURS.replace("{makes}", "MqttGateway"),
    "both, side by side": OURS.replace("{makes}", "OpcUaService, MqttGateway"),
}
BUDGETS_S = (1.0, 0.3)


Times = tuple[float, float, float, float]


def measured(program: str) -> Times:
    """Wall and processor time of a cold start, and of a warm one, in s."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    cold, cold_cpu, warm, warm_cpu = json.loads(done.stdout)
    return cold, cold_cpu, warm, warm_cpu


def medians(runs: int) -> dict[str, Times]:
    """Each case's times; the cases take turns, so that a busy machine slows all alike."""
    times: dict[str, list[Times]] = {name: [] for name in CASES}
    for _ in range(runs):
        for name, program in CASES.items():
            times[name].append(measured(program))
    return {
        name: tuple(statistics.median(column) for column in zip(*found, strict=True))  # type: ignore[misc]
        for name, found in times.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="processes a case; the median counts")
    runs = parser.parse_args().runs
    measured(OURS.replace("{makes}", "OpcUaService"))  # Makes what is made once on a machine.
    found = medians(runs)
    shown = table(
        f"Start to ready, median of {runs}",
        *("", "cold: wall, s", "CPU, s", "ratio", "warm: wall, s", "CPU, s", "ratio"),
    )
    _, plain_cold, _, plain_warm = found["asyncua as it comes"]
    for name, (cold, cold_cpu, warm, warm_cpu) in found.items():
        shown.add_row(
            name,
            *(f"{cold:.2f}", f"{cold_cpu:.2f}", f"{plain_cold / cold_cpu:.1f} ×"),
            *(f"{warm:.3f}", f"{warm_cpu:.3f}", f"{plain_warm / warm_cpu:.0f} ×"),
        )
    shown.add_row("budget for both", f"{BUDGETS_S[0]:.2f}", "", "", f"{BUDGETS_S[1]:.3f}", "", "")
    console.print(shown)


if __name__ == "__main__":
    main()
