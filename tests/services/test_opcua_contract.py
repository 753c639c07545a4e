"""The plant's OPC UA server as asyncua's own client sees it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncua import ua
from asyncua.sync import Client
from fake_plant import START, FakePlant

from harness.plant.instruments import INSTRUMENTS
from harness.plant.samples import Quality
from harness.services import OpcUaService
from harness.services.opcua.codes import UNECE, units

BASE = "ns=2;s=Reactor.R101.Temperature"


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[OpcUaService, FakePlant]]:
    plant = FakePlant("plant")
    with OpcUaService(plant) as service:
        yield service, plant


@pytest.fixture
def opcua(service: tuple[OpcUaService, FakePlant]) -> Iterator[tuple[Client, OpcUaService, FakePlant]]:
    with Client(service[0].endpoint.url) as client:
        yield client, *service


Opcua = tuple[Client, OpcUaService, FakePlant]


def refusal(client: Client, node: str, value: object, type_: ua.VariantType | None = None) -> str:
    """Name of the status code that a write is refused with, or "Good"."""
    try:
        client.get_node(node).write_value(ua.Variant(value, type_))
    except ua.UaStatusCodeError as error:
        return type(error).__name__
    return "Good"


def test_the_plants_namespace_has_index_2(opcua: Opcua) -> None:
    assert opcua[0].get_namespace_array()[2] == "urn:digital-twin-course:instruments"


@pytest.mark.parametrize("row", INSTRUMENTS, ids=lambda row: row.tag)
def test_each_instrument_has_its_node_unit_range_and_description(opcua: Opcua, row: Any) -> None:
    client, service, plant = opcua
    service.publish(*plant.scan())
    node = client.get_node(f"ns=2;s={row.address.node}.PV")
    assert node.read_data_type_as_variant_type() == ua.VariantType.Double
    assert node.get_child("0:EngineeringUnits").read_value() == units(row.unit)
    span = node.get_child("0:EURange").read_value()
    assert (span.Low, span.High) == (row.low, row.high)
    assert row.description in node.read_description().Text
    assert node.get_parent().get_child("2:Tag").read_value() == row.tag


def test_units_are_those_of_unece() -> None:
    kelvin = units("K")
    assert (kelvin.NamespaceUri, kelvin.UnitId) == (UNECE, 4932940)


def test_browsing_goes_from_area_to_equipment_to_quantity(opcua: Opcua) -> None:
    objects = opcua[0].nodes.objects
    path = ["2:Reactor", "2:R101", "2:Temperature"]
    names = [child.read_browse_name().Name for child in objects.get_child(path).get_children()]
    assert names == ["Tag", "Loop", "PV", "SV", "MV", "MODE"]


def test_time_stamps_are_plant_time_and_wall_clock(opcua: Opcua) -> None:
    client, service, plant = opcua
    samples, states = plant.scan(TT_101=350.5)
    service.publish(samples, states)
    value = client.get_node(f"{BASE}.PV").read_data_value()
    assert (value.Value.Value, value.SourceTimestamp) == (350.5, samples[0].time)
    assert abs(value.ServerTimestamp - datetime.now(UTC)) < timedelta(seconds=5)
    assert client.get_node(f"{BASE}.SV").read_data_value().SourceTimestamp == states[0].time


@pytest.mark.parametrize(
    ("value", "quality", "code"),
    [
        (350.0, Quality.GOOD, "Good"),
        (350.0, Quality.UNCERTAIN, "UncertainSensorNotAccurate"),
        (700.0, Quality.UNCERTAIN, "UncertainEngineeringUnitsExceeded"),
        (350.0, Quality.BAD, "BadSensorFailure"),
        (None, Quality.BAD, "BadNoCommunication"),
        (None, Quality.GOOD, "BadNoCommunication"),
        (math.nan, Quality.GOOD, "BadSensorFailure"),
        (math.inf, Quality.UNCERTAIN, "BadSensorFailure"),
    ],
)
def test_the_status_code_follows_the_quality_and_nothing_bad_has_a_value(
    opcua: Opcua, value: float | None, quality: Quality, code: str
) -> None:
    client, service, plant = opcua
    sample = plant.scan()[0][0]
    service.publish([replace(sample, value=value, quality=quality)], ())
    shown = client.get_node(f"{BASE}.PV").read_data_value(raise_on_bad_status=False)
    assert shown.StatusCode.name == code
    assert shown.Value.Value == (None if code.startswith("Bad") else value)


def test_a_reading_says_that_it_waits_before_the_first_sample() -> None:
    with OpcUaService(FakePlant()) as service, Client(service.endpoint.url) as client:
        shown = client.get_node("ns=2;s=Reactor.R101.FractionA.PV").read_data_value(raise_on_bad_status=False)
        assert shown.StatusCode.name == "BadWaitingForInitialData"
        assert client.get_node(f"{BASE}.SV").read_data_value().SourceTimestamp == START


def test_a_write_reaches_the_plant_and_can_be_read_back(opcua: Opcua) -> None:
    client, service, plant = opcua
    wanted = plant.loop_states()[0].sv + 1.5
    assert refusal(client, f"{BASE}.SV", wanted) == "Good"
    assert plant.writes[-1] == ("TIC-101", "SV", wanted, None, "opcua:anonymous")
    assert client.get_node(f"{BASE}.SV").read_value() == wanted
    service.publish(*plant.scan())
    assert client.get_node(f"{BASE}.SV").read_value() == wanted


def test_mode_and_output_can_be_written(opcua: Opcua) -> None:
    client, _, plant = opcua
    assert refusal(client, f"{BASE}.MV", 100.0) == "BadInvalidState"
    assert refusal(client, f"{BASE}.MODE", "MAN") == "Good"
    assert refusal(client, f"{BASE}.MV", 100.0) == "Good"
    assert refusal(client, f"{BASE}.MODE", "AUTO") == "Good"
    assert [write[1] for write in plant.writes[-3:]] == ["MODE", "MV", "MODE"]


@pytest.mark.parametrize(
    ("node", "value", "type_", "code"),
    [
        (f"{BASE}.SV", 500.0, None, "BadOutOfRange"),
        (f"{BASE}.SV", math.nan, None, "BadOutOfRange"),
        (f"{BASE}.SV", -math.inf, None, "BadOutOfRange"),
        (f"{BASE}.SV", 330.0, None, "BadRequestNotAllowed"),
        (f"{BASE}.SV", 352, ua.VariantType.Int64, "BadTypeMismatch"),
        (f"{BASE}.SV", 352.0, ua.VariantType.Float, "BadTypeMismatch"),
        (f"{BASE}.SV", True, None, "BadTypeMismatch"),
        (f"{BASE}.SV", "352", None, "BadTypeMismatch"),
        (f"{BASE}.SV", [352.0, 353.0], ua.VariantType.Double, "BadTypeMismatch"),
        (f"{BASE}.SV", None, ua.VariantType.Null, "BadTypeMismatch"),
        (f"{BASE}.MODE", "CASCADE", None, "BadOutOfRange"),
        (f"{BASE}.PV", 350.0, None, "BadNotWritable"),
        (f"{BASE}.PV.EURange", 350.0, None, "BadNotWritable"),
        ("i=2256", 1.0, None, "BadNotWritable"),
        ("ns=2;s=Reactor.R101.Colour.SV", 1.0, None, "BadNodeIdUnknown"),
    ],
)
def test_a_refused_write_is_a_status_code_and_changes_nothing(
    opcua: Opcua, node: str, value: object, type_: ua.VariantType | None, code: str
) -> None:
    client, _, plant = opcua
    before, states = len(plant.writes), plant.loop_states()
    assert refusal(client, node, value, type_) == code
    assert (len(plant.writes), plant.loop_states()) == (before, states)


def test_one_refused_value_does_not_refuse_the_others_of_a_request(opcua: Opcua) -> None:
    client, _, plant = opcua
    sv = plant.loop_states()[0].sv
    names = (f"{BASE}.PV", f"{BASE}.SV", f"{BASE}.MV")
    request = ua.WriteParameters()
    for name, value in zip(names, (1.0, sv, 5000.0), strict=True):
        request.NodesToWrite.append(
            ua.WriteValue(
                ua.NodeId.from_string(name), ua.AttributeIds.Value, None, ua.DataValue(ua.Variant(value))
            )
        )
    codes = client.tloop.post(client.aio_obj.uaclient.write(request))
    assert [code.name for code in codes] == ["BadNotWritable", "Good", "BadOutOfRange"]


def test_only_values_can_be_written(opcua: Opcua) -> None:
    node = opcua[0].get_node(f"{BASE}.SV")
    with pytest.raises(ua.uaerrors.BadNotWritable):
        node.write_attribute(ua.AttributeIds.DisplayName, ua.DataValue(ua.LocalizedText("mine")))
    with pytest.raises(ua.uaerrors.BadUserAccessDenied):
        opcua[0].nodes.objects.add_variable(2, "mine", 1.0)


def test_a_bad_status_cannot_be_written(opcua: Opcua) -> None:
    value = ua.DataValue(ua.Variant(351.0), ua.StatusCode(ua.StatusCodes.BadSensorFailure))
    with pytest.raises(ua.uaerrors.BadWriteNotSupported):
        opcua[0].get_node(f"{BASE}.SV").write_value(value)


def test_a_tripped_plant_refuses_every_write(opcua: Opcua) -> None:
    client, _, plant = opcua
    plant.tripped = True
    try:
        assert refusal(client, f"{BASE}.SV", 350.0) == "BadOutOfService"
        assert refusal(client, f"{BASE}.MODE", "MAN") == "BadOutOfService"
    finally:
        plant.tripped = False


def test_a_fault_of_the_plant_itself_is_a_status_code_too(
    opcua: Opcua, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, service, plant = opcua

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(plant, "write", broken)
    assert refusal(client, f"{BASE}.SV", 350.0) == "BadInternalError"
    assert any("the plant failed" in line.lower() for line in service.logs)


class Notes:
    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    def datachange_notification(self, node: Any, value: object, data: Any) -> None:
        self.heard.append((node.nodeid.Identifier, data.monitored_item.Value))


def test_a_subscriber_hears_every_sample_of_a_burst_in_order(opcua: Opcua, wait_until: Any) -> None:
    client, service, plant = opcua
    notes = Notes()
    subscription = client.create_subscription(20, notes)
    subscription.subscribe_data_change(
        [client.get_node(f"ns=2;s={row.address.node}.PV") for row in plant.instruments], queuesize=1000
    )
    wait_until(lambda: len(notes.heard) == len(plant.instruments))
    notes.heard.clear()
    sent: dict[str, list[datetime]] = {f"{row.address.node}.PV": [] for row in plant.instruments}
    for _ in range(100):
        samples, states = plant.scan()
        for row, sample in zip(plant.instruments, samples, strict=True):
            sent[f"{row.address.node}.PV"].append(sample.time)
        service.publish(samples, states)
    wait_until(lambda: len(notes.heard) == 100 * len(plant.instruments))
    for name, times in sent.items():
        assert [value.SourceTimestamp for node, value in notes.heard if node == name] == times
    subscription.delete()


def test_a_subscriber_hears_a_reading_turn_bad_and_good_again(opcua: Opcua, wait_until: Any) -> None:
    client, service, plant = opcua
    service.publish(*plant.scan(TT_101=340.0))
    notes = Notes()
    subscription = client.create_subscription(20, notes)
    subscription.subscribe_data_change(client.get_node(f"{BASE}.PV"), queuesize=100)
    wait_until(lambda: len(notes.heard) == 1)
    for value in (None, 341.0):
        service.publish(*plant.scan(TT_101=value))
    wait_until(lambda: len(notes.heard) == 3)
    assert [value.StatusCode.name for _, value in notes.heard] == ["Good", "BadNoCommunication", "Good"]
    subscription.delete()
