"""Readings keep all they say, as JSON, table or file; a state is never older than it may be."""

import io
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from twin.readings import COLUMNS, STATE_MAP, Known, Reading, as_table, state_at

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ZONES = st.integers(-720, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1), timezones=ZONES)
READINGS = st.builds(
    Reading,
    tag=st.sampled_from(["TT-101", "FT-101", "AT-101A"]),
    timestamp=TIMES,
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    unit=st.sampled_from(["K", "m³/h", ""]),
    quality=st.sampled_from(["Good", "Uncertain", "Bad"]),
    sequence=st.integers(0, 2**62),
)


def reading(tag="TT-101", *, before_s=0.0, value=350.0, unit="K", quality="Good"):
    time = NOON - timedelta(seconds=before_s)
    return Reading(tag=tag, timestamp=time, value=value, unit=unit, quality=quality, sequence=0)


@given(READINGS)
def test_json_brings_back_the_same_reading(said):
    assert Reading.model_validate_json(said.model_dump_json(by_alias=True)) == said


@given(st.lists(READINGS, max_size=8))
def test_a_table_and_its_parquet_file_keep_every_field(said):
    table = as_table(said)
    assert table.dtypes.astype(str).to_dict() == COLUMNS
    assert [time.to_pydatetime() for time in table["time"]] == [one.time for one in said]
    values = [None if value is pd.NA else value for value in table["value"]]
    assert values == [one.value for one in said]
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    pd.testing.assert_frame_equal(pd.read_parquet(file), table, check_exact=True)


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": "2026-01-01T12:00:00"},
        {"value": float("nan")},
        {"value": float("inf")},
        {"quality": "good"},
        {"unit": None},
    ],
)
def test_a_reading_that_leaves_something_open_is_refused(change):
    fields = {
        "tag": "TT-101",
        "timestamp": NOON,
        "value": 350.0,
        "unit": "K",
        "quality": "Good",
        "sequence": 0,
    }
    assert Reading(**fields).value == 350.0
    with pytest.raises(ValidationError):
        Reading(**fields | change)


def test_the_newest_good_reading_counts_whatever_the_order_of_arrival():
    said = [
        reading(before_s=20, value=351.0),
        reading(before_s=30, value=352.0),
        reading(before_s=10, value=None, quality="Bad"),
        reading(before_s=5, value=353.0, quality="Uncertain"),
        reading(before_s=-10, value=354.0),
    ]
    assert state_at(as_table(said), NOON)["reactor_K"] == Known(351.0, 20.0)


@pytest.mark.parametrize(("before_s", "value"), [(60.0, 350.0), (60.000001, None)])
def test_a_reading_older_than_its_limit_is_no_value(before_s, value):
    fact = state_at(as_table([reading(before_s=before_s)]), NOON)["reactor_K"]
    assert fact == Known(value, before_s)


def test_what_was_never_read_has_neither_value_nor_age():
    assert set(state_at(as_table([]), NOON).values()) == {Known(None, None)}


def test_the_age_of_an_analysis_counts_from_its_sample():
    said = as_table([reading("AT-101A", before_s=60, value=0.26, unit="mol/mol")])
    assert state_at(said, NOON)["z_a"] == Known(0.26, 420.0)
    early = state_at(said, NOON - timedelta(seconds=61))["z_a"]
    assert early == Known(None, None), "a result is not there before its time stamp"


@pytest.mark.parametrize(
    ("name", "value", "unit", "expected"),
    [
        ("feed_kmol_per_min", 4.2, "m3/h", 0.7),
        ("feed_kmol_per_min", 70.0, "L/min", 0.7),
        ("reactor_K", 76.85, "degC", 350.0),
        ("reactor_K", 170.33, "degF", 350.0),
        ("pressure_MPa", 2.5, "bar", 0.25),
    ],
)
def test_any_unit_of_the_right_kind_is_converted(name, value, unit, expected):
    assert STATE_MAP[name].convert(value, unit) == pytest.approx(expected)


def test_a_unit_of_another_kind_is_an_error():
    with pytest.raises(pint.DimensionalityError):
        state_at(as_table([reading(unit="MPa")]), NOON)
