"""The safety system trips at 385 K, latches, and no write from outside hinders it."""

import numpy as np
import pytest

from harness.errors import RefusalReason, WriteRefused, WrongState
from harness.plant.parameters import PlantParameters

SCOPES = ["reactor", "cooling", "plant"]


def without_pump(plant, *, scope="plant", hours=2.0, **options):
    run = plant(scope=scope, seed=1, sample_s=10, **options)
    run.fail_pump(start_s=0)
    run.run(round(3600 * hours))
    return run


def trip_min(run):
    return [event.time_s / 60 for event in run.events if "tripped" in event.text]


def row(run, minutes):
    return run.truth().iloc[round(minutes * 6)]


@pytest.mark.parametrize("scope", SCOPES)
def test_losing_the_pump_trips_the_plant_in_about_half_an_hour(plant, scope):
    run = without_pump(plant, scope=scope)
    assert len(trip_min(run)) == 1
    assert 25 < trip_min(run)[0] < 40


def test_it_trips_at_the_first_scan_at_or_above_385_K_and_not_before(plant):
    run = without_pump(plant)
    trip = trip_min(run)[0]
    assert row(run, trip)["reactor_K"] >= 385.0 > row(run, trip - 1 / 6)["reactor_K"]
    tripped = run.truth()["tripped"]
    assert (tripped[run.truth()["reactor_K"].cummax() < 385.0] == 0).all()
    # The truth at the moment of the scan was taken before it; one scan later the trip is there.
    assert row(run, trip + 1 / 6)["tripped"] == 1


def test_it_cuts_feed_recycle_reflux_and_boilup_and_opens_the_quench(plant):
    run = without_pump(plant)
    after = run.truth()[run.truth()["tripped"] == 1].iloc[1:]
    assert len(after) > 100
    for name in ("feed_m3_per_h", "distillate_m3_per_h", "reflux_m3_per_h", "boilup_kmol_per_min"):
        assert (after[name] == 0).all(), name
    assert run.lanes.inputs["quench_kg_per_min"][0] == run.parameters.safety.quench_kg_per_min
    assert run.lanes.state["quenched_kJ"][0] > 0


@pytest.mark.parametrize("scope", SCOPES)
def test_with_the_quench_the_temperature_turns_within_10_K_and_10_minutes(plant, scope):
    run = without_pump(plant, scope=scope)
    temperature = run.truth()["reactor_K"].to_numpy()
    assert temperature.max() < 395.0
    assert temperature.argmax() / 6 - trip_min(run)[0] < 10
    assert temperature[-1] < 320.0


@pytest.mark.parametrize("scope", SCOPES)
def test_without_the_quench_the_feed_cut_alone_does_not_save_the_reactor(plant, scope):
    unarmed = PlantParameters().changed("safety", quench_armed=0.0)
    run = without_pump(plant, scope=scope, parameters=unarmed)
    assert trip_min(run)
    assert run.truth()["reactor_K"].max() > 440.0


def test_the_trip_stays_when_the_reactor_is_cold_and_the_pump_back(plant):
    run = plant(scope="plant", seed=1)
    run.fail_pump(start_s=0, end_s=2400)
    run.run(4 * 3600)
    assert run.truth()["reactor_K"].iloc[-1] < 320.0
    assert run.lanes.control["tripped"][0] == 1
    assert len(trip_min(run)) == 1


def test_a_reset_is_refused_before_a_trip_and_while_hot(plant):
    run = plant(scope="plant", seed=1)
    with pytest.raises(WrongState, match="not tripped"):
        run.reset_trip()
    run.fail_pump(start_s=0)
    run.run(2400)
    with pytest.raises(WrongState, match="hot") as refused:
        run.reset_trip()
    assert "340" in str(refused.value)
    assert run.lanes.control["tripped"][0] == 1


def test_after_a_reset_of_the_cold_plant_the_flows_come_back(plant):
    run = plant(scope="plant", seed=1)
    run.fail_pump(start_s=0, end_s=3600)
    run.run(2 * 3600)
    run.reset_trip()
    run.run(600)
    now = run.truth().iloc[-1]
    assert now["tripped"] == 0
    assert now["feed_m3_per_h"] == pytest.approx(4.2)
    assert now["boilup_kmol_per_min"] > 0
    assert [event.text for event in run.events] == ["safety system tripped", "safety system reset"]


def test_a_trip_comes_back_if_the_reactor_is_hot_again(plant):
    run = plant(scope="reactor", seed=1)
    run.fail_pump(start_s=0, end_s=3600)
    run.run(2 * 3600)
    run.reset_trip()
    run.lanes.state["reactor_K"] = 390.0
    run.run(20)
    assert run.lanes.control["tripped"][0] == 1


WRITES = [
    ("TIC-101", "MODE", "MAN"),
    ("TIC-101", "MV", 1200.0),
    ("TIC-101", "MV", 0.0),
    ("TIC-101", "SV", 370.0),
    ("FIC-101", "MODE", "MAN"),
    ("FIC-101", "MV", 1.4),
    ("FIC-101", "SV", 5.0),
    ("AIC-201", "MODE", "MAN"),
    ("AIC-201", "MV", 4.5),
    ("AIC-202", "MODE", "MAN"),
    ("AIC-202", "MV", 4.008),
]


def try_to_write(run, *write):
    try:
        run.write(*write)
    except WriteRefused as refused:
        return refused.reason
    return None


def test_no_write_after_a_trip_undoes_it(plant):
    run = without_pump(plant, hours=0.6)
    assert trip_min(run)
    for _ in range(20):
        for write in WRITES:
            reason = try_to_write(run, *write)
            assert reason is RefusalReason.TRIPPED or write[1] == "SV"
        run.run(60)
        assert run.lanes.control["tripped"][0] == 1
        assert run.truth().iloc[-1][["feed_m3_per_h", "boilup_kmol_per_min", "reflux_m3_per_h"]].sum() == 0


def test_no_write_before_it_prevents_a_trip(plant):
    run = plant(scope="plant", seed=1)
    run.fail_pump(start_s=0)
    for _ in range(45):
        for write in WRITES:
            try_to_write(run, *write)
        run.run(60)
    hot = run.truth()["reactor_K"] >= 385.0
    assert hot.any()
    assert run.truth()["tripped"][hot.shift(2, fill_value=False)].all()


def test_a_lying_thermometer_does_not_deceive_it(plant):
    """TIC-101 sees a cold reactor and shuts the coolant; the safety system has its own sensor."""
    run = plant(scope="plant", seed=1)
    run.put_fault("TT-101", "bias", start_s=0, bias_K=-80.0)
    run.run(2 * 3600)
    assert trip_min(run)
    assert run.truth()["reactor_K"].max() < 400.0


EXTREMES = {
    "boil-up on, no reflux": {"AIC-201": 0.0, "AIC-202": 4.008},
    "reflux on, no boil-up": {"AIC-201": 4.5, "AIC-202": 0.0},
    "no feed": {"FIC-101": 0.0},
    "most feed": {"FIC-101": 1.4},
    "no coolant": {"TIC-101": 0.0},
    "all coolant": {"TIC-101": 1200.0},
    "nothing moves": {"TIC-101": 0.0, "FIC-101": 0.0, "AIC-201": 0.0, "AIC-202": 0.0},
    "everything moves": {"TIC-101": 1200.0, "FIC-101": 1.4, "AIC-201": 4.5, "AIC-202": 4.008},
}


@pytest.mark.parametrize("outputs", EXTREMES.values(), ids=EXTREMES)
def test_no_output_empties_a_vessel_or_makes_a_composition_impossible(plant, outputs):
    run = plant(scope="plant", seed=1, sample_s=60)
    for loop, value in outputs.items():
        run.write(loop, "MODE", "MAN")
        run.write(loop, "MV", value)
    for _ in range(24):
        run.run(600)
        light, holdup = run.lanes.state["light_kmol"][0], run.lanes.state["stage_kmol"][0]
        # A vessel keeps its heel but for the integrator's error.
        assert holdup.min() > 0.99 * run.parameters.column.heel_kmol
        assert (light >= 0).all()
        assert (light <= holdup).all()
    truth = run.truth()
    assert np.isfinite(truth.to_numpy()).all()
    for name in ("z_a", "z_b", "w", "x_d", "x_b"):
        assert truth[name].between(-1e-9, 1 + 1e-9).all(), name


def test_a_trip_leaves_liquid_in_reboiler_and_on_trays(plant):
    run = without_pump(plant, hours=8)
    assert run.lanes.state["stage_kmol"].min() > run.parameters.column.heel_kmol
    assert np.isfinite(run.truth().to_numpy()).all()
