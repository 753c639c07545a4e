"""The learner's door without services: arguments, states, and pure simulation."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from harness import Plant
from harness.errors import BadArgument, UnknownName, WriteRefused, WrongState
from harness.plant.parameters import PlantParameters


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": -1},
        {"seed": 1.5},
        {"seed": "7"},
        {"seed": True},
        {"seed": None},
        {"sample_s": 0},
        {"sample_s": -10},
        {"sample_s": 2.5},
        {"sample_s": "10"},
        {"sample_s": 10**9},
        {"scope": "Reactor"},
        {"scope": 5},
        {"scenario": "calmer"},
        {"scenario": 5},
        {"parameters": {"seed": 1}},
    ],
    ids=str,
)
def test_a_wrong_argument_is_refused_and_says_what_to_do(wrong):
    with pytest.raises(BadArgument) as refused:
        Plant(**wrong)
    assert refused.value.remedy
    name, value = next(iter(wrong.items()))
    assert name.removesuffix("_s") in str(refused.value)
    assert refused.value.value is None or name == "parameters" or refused.value.value == value


@pytest.mark.parametrize("scan_s", [0, -10, 0.5, None, "10"])
def test_a_scan_of_no_whole_seconds_is_refused(scan_s):
    with pytest.raises(BadArgument, match=r"control\.scan_s"):
        Plant(parameters=PlantParameters().changed("control", scan_s=scan_s))


@pytest.mark.parametrize("minutes", [0, -1, -math.inf, math.nan, math.inf, "5", None, True, [5], 1j, 10**400])
def test_a_time_that_is_no_positive_number_is_refused(minutes):
    with pytest.raises(BadArgument, match="minutes"):
        Plant().simulate(minutes=minutes)


def test_negative_hours_are_not_made_up_for_by_minutes():
    with pytest.raises(BadArgument, match="hours"):
        Plant().simulate(hours=-1, minutes=90)


def test_a_time_that_holds_no_whole_number_of_samples_is_refused():
    with pytest.raises(BadArgument, match="sampled every 60 s"):
        Plant(sample_s=60).simulate(minutes=1.5)


@pytest.mark.parametrize("minutes", [1, 1.0, np.float64(1), np.int64(1)])
def test_any_kind_of_number_is_taken(minutes):
    assert len(Plant().simulate(minutes=minutes).truth) == 7


def test_tenths_of_a_minute_are_whole_samples():
    assert len(Plant(sample_s=6).simulate(minutes=0.7).truth) == 8


CALLS = {
    "run": lambda plant: plant.run(minutes=1),
    "play": lambda plant: plant.play(),
    "opcua": lambda plant: plant.opcua,
    "mqtt": lambda plant: plant.mqtt,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_before_start_what_needs_the_wire_is_refused(call):
    with pytest.raises(WrongState, match=r"start\(\)"):
        call(Plant())


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_after_stop_what_needs_the_wire_is_refused(call):
    plant = Plant()
    plant.stop()
    with pytest.raises(WrongState, match="stopped"):
        call(plant)


def test_a_stopped_plant_is_not_started_again():
    plant = Plant()
    plant.stop()
    with pytest.raises(WrongState, match="new Plant"):
        plant.start()


def test_stop_and_pause_do_no_harm_where_there_is_nothing_to_stop():
    plant = Plant()
    plant.pause()
    plant.stop()
    plant.stop()
    assert not plant.playing


def test_time_begins_at_the_epoch_of_the_plant():
    assert Plant().now == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_min": -1},
        {"start_min": math.nan},
        {"start_min": math.inf},
        {"start_min": "soon"},
        {"start_min": True},
        {"start_min": 5, "end_min": 5},
        {"end_min": -2},
        {"end_min": math.nan},
        {"end_min": "later"},
        {"bias_K": "2"},
    ],
    ids=str,
)
def test_a_fault_at_an_impossible_time_is_refused(wrong):
    with pytest.raises(BadArgument):
        Plant().fault("TT-101", "bias", **wrong)


@pytest.mark.parametrize(
    "name", [("TT-999", "bias"), ("TT-101", "broken"), (None, "bias"), (["TT-101"], "bias")]
)
def test_an_unknown_tag_or_fault_is_refused(name):
    with pytest.raises(UnknownName):
        Plant().fault(*name)


def test_a_size_of_another_kind_of_fault_is_refused_with_its_own():
    with pytest.raises(UnknownName, match="rate_K_per_h"):
        Plant().fault("TI-101", "drift", bias_K=1.0)


@pytest.mark.parametrize("minutes", [0, -5, math.nan, "5", True])
def test_a_pump_failure_of_no_length_is_refused(minutes):
    with pytest.raises(BadArgument, match="minutes"):
        Plant().fail_pump(minutes=minutes)


def test_writes_and_resets_are_refused_as_the_plant_refuses_them():
    plant = Plant()
    with pytest.raises(WriteRefused):
        plant.write("TIC-101", "SV", 400.0)
    with pytest.raises(WrongState, match="not tripped"):
        plant.reset_trip()


def test_what_a_scope_has_is_shown():
    small, large = Plant(), Plant(scope="plant")
    assert len(small.instruments) == 7
    assert len(large.instruments) == 19
    assert [state.tag for state in large.loop_states()] == [loop.tag for loop in large.loops]
    assert {state.mode for state in large.loop_states()} == {"AUTO"}


def test_the_log_and_truth_of_a_new_plant_are_its_first_sample():
    plant = Plant()
    assert len(plant.truth()) == 1
    assert set(plant.log()["tag"].astype(str)) == {row.tag for row in plant.instruments}
    assert list(plant.log().columns) == ["time", "tag", "value", "unit", "quality", "sequence"]
