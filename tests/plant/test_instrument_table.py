"""The table of instruments: addresses as DESIGN names them, unique, and complete in each scope."""

import re

import pytest

from harness.errors import UnknownName
from harness.plant import instruments
from harness.plant.layout import REACTOR_TRUTH, TRUTH

DESIGNED = {
    "TT-101": ("Reactor.R101.Temperature", "reactor/R101/sensor/temperature"),
    "PT-101": ("Reactor.R101.Pressure", "reactor/R101/sensor/pressure"),
    "FT-101": ("Reactor.R101.FlowRate", "reactor/R101/sensor/flow_rate"),
}
TAGS = {
    "reactor": {"TT-101", "TT-102", "TT-103", "PT-101", "FT-101", "FT-102", "AT-101A"},
    "column": {
        "AT-101W",
        "AT-201",
        "AT-202",
        *(f"TT-20{n}" for n in range(1, 6)),
        *(f"FT-20{n}" for n in range(1, 5)),
    },
}


@pytest.mark.parametrize("tag", DESIGNED)
def test_addresses_are_those_of_the_design(tag):
    address = instruments.instrument(tag).address
    assert (address.node, address.topic("sensor")) == DESIGNED[tag]


def test_column_topics_begin_as_designed():
    columns = [row for row in instruments.INSTRUMENTS if row.address.area == "Column"]
    assert len(columns) == 11
    assert all(row.address.topic("sensor").startswith("column/C101/sensor/") for row in columns)


@pytest.mark.parametrize("name", ["tag", "address", "measures", "description"])
def test_no_two_instruments_share_a(name):
    values = [getattr(row, name) for row in instruments.INSTRUMENTS]
    assert len(set(values)) == len(values)


def test_no_two_topics_are_the_same():
    topics = [row.address.topic("sensor") for row in instruments.INSTRUMENTS]
    assert len(set(topics)) == len(topics)
    assert all(re.fullmatch(r"[a-z]+/[A-Z]\d{3}/sensor/[a-z0-9_]+", topic) for topic in topics)


def test_each_scope_contains_the_one_before():
    reactor, cooling, plant = (
        {row.tag for row in instruments.instruments(scope)} for scope in ("reactor", "cooling", "plant")
    )
    assert reactor == cooling == TAGS["reactor"]
    assert plant == TAGS["reactor"] | TAGS["column"]


def test_every_instrument_measures_a_true_value_of_its_scope():
    for row in instruments.INSTRUMENTS:
        assert row.measures in (TRUTH.names if row.scope == "plant" else REACTOR_TRUTH)


def test_every_instrument_has_a_range_noise_and_unit():
    for row in instruments.INSTRUMENTS:
        assert row.low < row.high
        assert row.sigma > 0 or row.sigma_relative > 0
        assert row.unit in {"K", "MPa", "m3/h", "kg/min", "mol/mol", "kmol/min"}


def test_every_loop_controls_an_instrument_within_its_range():
    for loop in instruments.LOOPS:
        row = instruments.instrument(loop.instrument)
        assert row.low <= loop.sv_low < loop.sv_high <= row.high
        assert 0 < loop.sv_rate_per_min <= loop.sv_step


def test_each_scope_has_the_loops_of_its_instruments():
    assert [loop.tag for loop in instruments.loops("reactor")] == ["TIC-101", "FIC-101"]
    assert [loop.tag for loop in instruments.loops("plant")] == ["TIC-101", "FIC-101", "AIC-201", "AIC-202"]


def test_an_indicators_tag_finds_its_transmitter():
    assert instruments.instrument("TI-101").tag == "TT-101"
    assert instruments.instrument("FI-203").tag == "FT-203"


@pytest.mark.parametrize("tag", ["TT-999", "tt-101", "", None, 5, ["TT-101"], {}])
def test_an_unknown_tag_is_named_and_the_nearest_offered(tag):
    with pytest.raises(UnknownName, match="Unknown tag"):
        instruments.instrument(tag)


def test_a_mistyped_tag_is_offered_the_right_one():
    with pytest.raises(UnknownName, match=r"Did you mean.*TT-101"):
        instruments.instrument("TT101")


@pytest.mark.parametrize("scope", ["Reactor", "column", None, 3, []])
def test_an_unknown_scope_is_refused_with_those_there_are(scope):
    with pytest.raises(UnknownName, match="Unknown scope"):
        instruments.instruments(scope)
