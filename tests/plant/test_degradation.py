"""Fouling, ageing, cleaning and the failing pump, against their closed forms."""

import math

import numpy as np
import pytest

from harness.plant.parameters import PlantParameters
from harness.plant.surroundings import Surroundings

DAY_S = 86_400.0


def series(days, **options):
    return Surroundings(PlantParameters(), "cooling", 1, **options).series(np.asarray(days, float) * DAY_S)


def test_fouling_follows_kern_and_seaton():
    days = np.array([0.0, 1.0, 30.0, 120.0, 365.0])
    expected = 9e-4 * (1 - np.exp(-days / 120))
    assert series(days)["fouling_m2K_per_W"] == pytest.approx(expected, rel=1e-12)


def test_activity_loses_a_tenth_in_150_days_and_is_never_negative():
    activity = series([0.0, 75.0, 150.0, 5000.0])["activity"]
    assert activity == pytest.approx([1.0, 0.95, 0.9, 0.0], rel=1e-12)


def test_cleaning_resets_the_fouling_and_not_the_catalyst():
    rows = series([9.9, 10.0, 11.0], age_d=50.0, cleaned_s=[10 * DAY_S])
    expected = 9e-4 * (1 - np.exp(-np.array([59.9, 0.0, 1.0]) / 120))
    assert rows["fouling_m2K_per_W"] == pytest.approx(expected, rel=1e-12, abs=1e-18)
    assert rows["activity"] == pytest.approx(1 - 0.1 * np.array([59.9, 60.0, 61.0]) / 150, rel=1e-12)


def test_the_last_of_several_cleanings_counts():
    rows = series([30.0], cleaned_s=[20 * DAY_S, 5 * DAY_S])
    assert rows["fouling_m2K_per_W"][0] == pytest.approx(9e-4 * -math.expm1(-10 / 120), rel=1e-12)


def test_the_reactor_scope_neither_fouls_nor_ages():
    rows = Surroundings(PlantParameters(), "reactor", 1, age_d=90.0).series(np.array([0.0, 1e7]))
    assert (rows["fouling_m2K_per_W"] == 0).all()
    assert (rows["activity"] == 1).all()


def test_a_fouled_exchanger_needs_more_coolant_and_a_clean_one_less_again(plant):
    run = plant({"age_d": 90.0, "scope": "cooling"}, scope="cooling", seed=1, sample_s=60)
    run.run(6 * 3600)
    fouled = run.truth()["coolant_kg_per_min"].iloc[-60:].mean()
    run.clean(at_s=run.time_s)
    run.run(6 * 3600)
    clean = run.truth()["coolant_kg_per_min"].iloc[-60:].mean()
    assert run.truth()["fouling_m2K_per_W"].iloc[-1] == pytest.approx(
        9e-4 * -math.expm1(-0.25 / 120), rel=1e-2
    )
    assert fouled > 1.1 * clean


def test_cleaning_at_once_counts_though_disturbances_were_computed_ahead(plant):
    run = plant({"age_d": 90.0, "scope": "cooling"}, scope="cooling", seed=1, sample_s=10)
    run.run(600)
    run.clean(at_s=run.time_s)
    run.run(10)
    assert run.truth()["fouling_m2K_per_W"].iloc[-1] == 0.0


def test_the_pump_stops_for_its_interval_alone(plant):
    run = plant(scope="reactor", seed=1, sample_s=10)
    run.fail_pump(start_s=600, end_s=900)
    run.run(1800)
    coolant = run.truth()["coolant_kg_per_min"].to_numpy()
    stopped = coolant == 0
    assert list(np.flatnonzero(stopped)) == list(range(61, 91))


def test_a_failed_pump_moves_no_coolant_whatever_is_written(plant):
    run = plant(scope="reactor", seed=1, sample_s=10)
    run.fail_pump(start_s=0)
    run.write("TIC-101", "MODE", "MAN")
    run.write("TIC-101", "MV", 1200.0)
    run.run(600)
    assert (run.truth()["coolant_kg_per_min"].iloc[1:] == 0).all()
    assert run.operator.states()[0].mv == 1200.0


def test_two_pump_failures_are_both_kept(plant):
    run = plant(scope="reactor", seed=1, sample_s=10)
    run.fail_pump(start_s=0, end_s=60)
    run.run(30)
    run.fail_pump(start_s=120, end_s=180)
    run.run(270)
    stopped = run.truth()["coolant_kg_per_min"].to_numpy() == 0
    assert list(np.flatnonzero(stopped)) == [*range(1, 7), *range(13, 19)]
