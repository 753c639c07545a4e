"""The data sheet shows every parameter once, with the unit that its name carries."""

import dataclasses

import pytest

from harness.plant import data_sheet
from harness.plant.faults import CATALOGUE
from harness.plant.instruments import INSTRUMENTS, LOOPS
from harness.plant.parameters import PlantParameters

PARTS = [field.name for field in dataclasses.fields(PlantParameters)]
WITHOUT_UNIT = {
    "relative_volatility",
    "jacket_free",
    "quench_armed",
    "activity_loss",
    "x_d",
    "x_b",
    "feed_fraction_a",
}


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("ua_kJ_per_min_K", "kJ/(min K)"),
        ("k1_per_min", "1/min"),
        ("fouling_limit_m2K_per_W", "m² K/W"),
        ("u0_kW_per_m2_K", "kW/(m² K)"),
        ("area_m2", "m²"),
        ("a_eur_per_kmol", "€/kmol"),
        ("scan_s", "s"),
        ("fouling_time_d", "d"),
        ("x_d", "–"),
        ("relative_volatility", "–"),
    ],
)
def test_a_unit_is_read_from_the_name(name, unit):
    assert data_sheet.unit_of(name) == unit


@pytest.mark.parametrize("part", PARTS)
def test_every_parameter_is_shown_with_its_value_meaning_and_source(part):
    values, rows = getattr(PlantParameters(), part), data_sheet.parameter_rows(part)
    shown = {row["in the code"].strip("`"): row for row in rows}
    assert list(shown) == [field.name for field in dataclasses.fields(values)]
    for name, row in shown.items():
        assert float(row["value"].replace(",", "")) == getattr(values, name)
        assert row["parameter"]
        assert row["source"] in {"Bequette", "Skogestad", "Suwartadi", "designed"}


def test_only_what_has_no_unit_is_shown_without_one():
    rows = [row for part in PARTS for row in data_sheet.parameter_rows(part)]
    assert {row["in the code"].strip("`") for row in rows if row["unit"] == "–"} == WITHOUT_UNIT


def test_every_instrument_loop_and_fault_has_a_row():
    assert [row["tag"].strip("`") for row in data_sheet.instrument_rows()] == [row.tag for row in INSTRUMENTS]
    assert [row["tag"].strip("`") for row in data_sheet.address_rows()] == [row.tag for row in INSTRUMENTS]
    assert [row["tag"].strip("`") for row in data_sheet.loop_rows()] == [loop.tag for loop in LOOPS]
    assert [row["fault"].strip("`") for row in data_sheet.fault_rows()] == list(CATALOGUE)


def test_a_loop_takes_set_values_in_its_instruments_unit():
    by_tag = {row["tag"].strip("`"): row for row in data_sheet.loop_rows()}
    assert by_tag["TIC-101"]["set value"] == "330 to 370 K"
    assert by_tag["FIC-101"]["set value"].endswith("m3/h")


def test_rows_become_a_table_with_as_many_cells_in_each_line():
    rows = data_sheet.disturbance_rows()
    lines = data_sheet.markdown(rows).splitlines()
    assert len(lines) == len(rows) + 2
    assert {line.count("|") for line in lines} == {len(rows[0]) + 1}
