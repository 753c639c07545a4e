"""node-opcua, an OPC UA stack that is not ours, reads, subscribes, writes and is refused."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_plant import FakePlant
from peers import HERE, needs, program

from harness.plant.samples import Quality
from harness.services import OpcUaService

pytestmark = needs("node", "node-opcua")

BASE = "ns=2;s=Reactor.R101.Temperature"


class Probe:
    """The client's process; it does one task at a time."""

    def __init__(self, pki: Path) -> None:
        self._pki = pki
        self.process = subprocess.Popen(
            [program("node"), "probe.cjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def begin(self, service: OpcUaService, *steps: dict[str, Any], **options: Any) -> None:
        """Send a task; its results come by `line`."""
        user = options.get("user")
        if user is not None:
            options = {"password": service.endpoint.users[user].password} | options
        task = {"url": service.endpoint.url, "pki": str(self._pki), "steps": steps, **options}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()

    def line(self) -> Any:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("> "):
                return json.loads(line[2:])
        raise AssertionError(f"the client ended with {self.process.wait(5)}")

    def rest(self) -> list[Any]:
        """The results still to come; the last one is why the task failed, None if it did not."""
        results = []
        while not (isinstance(line := self.line(), dict) and "end" in line):
            results.append(line)
        return [*results, line["end"]]

    def run(self, service: OpcUaService, *steps: dict[str, Any], **options: Any) -> list[Any]:
        self.begin(service, *steps, **options)
        return self.rest()


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    probe = Probe(tmp_path_factory.mktemp("pki"))
    with probe.process:
        yield probe
        probe.process.terminate()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[OpcUaService, FakePlant]]:
    plant = FakePlant()
    with OpcUaService(plant, anonymous="viewer") as service:
        yield service, plant


WAYS = [
    pytest.param({"secure": False, "user": "operator"}, id="open"),
    pytest.param({"secure": True, "user": "operator"}, id="secure"),
]


@pytest.mark.parametrize("way", WAYS)
def test_it_browses_reads_writes_and_is_refused(
    served: tuple[OpcUaService, FakePlant], probe: Probe, way: dict[str, Any]
) -> None:
    service, plant = served
    samples, states = plant.scan(TT_101=350.25)
    service.publish(samples, states)
    wanted = states[0].sv + 0.5

    def write(item: str, value: object, type_: str = "Double") -> dict[str, Any]:
        return {"write": {"node": f"{BASE}.{item}", "type": type_, "value": value}}

    browsed, pv, unit, *statuses, failure = probe.run(
        service,
        {"browse": BASE},
        {"read": f"{BASE}.PV"},
        {"property": {"node": f"{BASE}.PV", "name": "EngineeringUnits"}},
        write("SV", wanted),
        write("SV", 500),
        write("SV", 352, "Int32"),
        write("MV", 100),
        write("PV", 350),
        {"write": {"node": "ns=2;s=Nowhere.SV", "type": "Double", "value": 1}},
        **way,
    )
    assert failure is None
    assert [name.split(":")[-1] for name in browsed][-4:] == ["PV", "SV", "MV", "MODE"]
    assert (pv["value"], pv["type"], pv["status"]) == (350.25, "Double", "Good")
    assert pv["source"] == samples[0].time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert (unit["unitId"], unit["displayName"]["text"]) == (4932940, "K")
    assert [result["status"] for result in statuses] == [
        "Good",
        "BadOutOfRange",
        "BadTypeMismatch",
        "BadInvalidState",
        "BadNotWritable",
        "BadNodeIdUnknown",
    ]
    assert plant.writes[-1] == ("TIC-101", "SV", wanted, None, "opcua:operator")


@pytest.mark.parametrize("way", WAYS)
def test_it_hears_every_sample_of_a_burst_and_its_quality(
    served: tuple[OpcUaService, FakePlant], probe: Probe, way: dict[str, Any]
) -> None:
    service, plant = served
    service.publish(*plant.scan())
    nodes = [f"ns=2;s={row.address.node}.PV" for row in plant.instruments]
    burst, count = 50, 50 * len(nodes) + 1
    probe.begin(service, {"monitor": {"nodes": nodes, "queue": 500, "count": count}}, **way)
    assert probe.line() == {"ready": True}
    sent = []
    for _ in range(burst):
        samples, states = plant.scan()
        sent.append(samples[0].value)
        service.publish(samples, states)
    bad = replace(plant.scan()[0][0], quality=Quality.BAD)
    service.publish([bad], ())
    heard, _ = probe.rest()
    mine = [value for value in heard if value["node"] == nodes[0]]
    assert [value["value"] for value in mine[:-1]] == sent
    assert (mine[-1]["status"], mine[-1]["value"]) == ("BadSensorFailure", None)


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("user", ["viewer", None])
def test_who_may_only_read_is_refused_a_write(
    served: tuple[OpcUaService, FakePlant], probe: Probe, secure: bool, user: str | None
) -> None:
    service, plant = served
    before = len(plant.writes)
    sv = {"node": f"{BASE}.SV", "type": "Double", "value": 350}
    read, write, _ = probe.run(service, {"read": f"{BASE}.SV"}, {"write": sv}, secure=secure, user=user)
    assert (read["status"], write["status"]) == ("Good", "BadUserAccessDenied")
    assert len(plant.writes) == before


@pytest.mark.parametrize("secure", [False, True])
def test_a_wrong_password_is_refused(
    served: tuple[OpcUaService, FakePlant], probe: Probe, secure: bool
) -> None:
    (failure,) = probe.run(
        served[0], {"read": f"{BASE}.SV"}, secure=secure, user="operator", password="guess"
    )
    assert "BadUserAccessDenied" in failure


def test_without_the_open_endpoint_only_the_secure_one_lets_it_in(probe: Probe) -> None:
    with OpcUaService(FakePlant(), anonymous="off") as service:
        steps = ({"read": f"{BASE}.SV"},)
        inside, failure = probe.run(service, *steps, secure=True, user="operator")
        (outside,) = probe.run(service, *steps, secure=False, user="operator")
        (nameless,) = probe.run(service, *steps, secure=True)
    assert (inside["status"], failure) == ("Good", None)
    assert outside
    assert nameless
