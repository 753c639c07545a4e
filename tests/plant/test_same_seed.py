"""A run is a function of parameters, seed, faults and writes: not of how it is cut, sampled or started."""

import hashlib
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from harness import Plant
from harness.plant import scenarios

STORIES = ["seven-faults", "ordinary-day", "whole-plant-day", "pump-failure"]
LATE = {
    "scope": "plant",
    "disturbances": ("cooling_water", "feed_composition", "feed_temperature"),
    "faults": (
        {"tag": "TT-101", "kind": "stuck", "start_min": 7.3, "end_min": 21},
        {"tag": "TT-101", "kind": "delayed", "start_min": 3, "sizes": {"delay_s": 400.0}},
        {"tag": "TT-102", "kind": "duplicate", "sizes": {"fraction": 0.3}},
        {"tag": "FT-101", "kind": "missing", "start_min": 5, "sizes": {"fraction": 0.4}},
        {"tag": "AT-101A", "kind": "stuck", "start_min": 12},
        {"tag": "PT-101", "kind": "spikes", "sizes": {"fraction": 0.2}},
        {"tag": "TT-103", "kind": "clock_skew", "start_min": 10},
    ),
    "writes": (
        {"at_min": 20, "loop": "TIC-101", "value": 352.0},
        {"at_min": 20, "loop": "FIC-101", "value": 4.0},
    ),
    "events": ({"at_min": 50, "kind": "pump_failure", "minutes": 15},),
}


def by_reading(log):
    """A log in an order that does not depend on when its rows were asked for."""
    ordered = log.astype({"tag": str}).sort_values(["tag", "sequence", "time"], kind="stable")
    return ordered.reset_index(drop=True)


def simulated(plant, story, scope, pieces, **options):
    run = plant(story, scope=scope, **options)
    for seconds in pieces:
        run.run(seconds)
    return run.truth(), run.log()


def test_pieces_give_the_truth_and_log_of_one_go_to_the_last_bit(plant):
    options = {"scope": "plant", "seed": 11, "sample_s": 10}
    truth, log = simulated(plant, LATE, pieces=[2 * 3600], **options)
    rng, left, pieces = np.random.default_rng(0), 2 * 3600, []
    while left:
        pieces.append(min(left, int(rng.integers(1, 40)) * 10))
        left -= pieces[-1]
    truth_in_pieces, log_in_pieces = simulated(plant, LATE, pieces=pieces, **options)
    pd.testing.assert_frame_equal(truth, truth_in_pieces, check_exact=True)
    pd.testing.assert_frame_equal(by_reading(log), by_reading(log_in_pieces), check_exact=True)


def test_pieces_give_rows_in_the_order_of_one_go(plant):
    options = {"scope": "plant", "seed": 11, "sample_s": 10}
    _, log = simulated(plant, LATE, pieces=[3600], **options)
    _, log_in_pieces = simulated(plant, LATE, pieces=[10] * 360, **options)
    pd.testing.assert_frame_equal(log, log_in_pieces, check_exact=True)


@pytest.mark.parametrize("name", STORIES)
def test_the_same_seed_gives_the_same_run_and_another_seed_another(plant, name):
    story = scenarios.load(name).model_dump(exclude={"name", "description"})
    runs = [simulated(plant, story, story["scope"], [3 * 3600], seed=seed) for seed in (4, 4, 5)]
    pd.testing.assert_frame_equal(runs[0][1], runs[1][1], check_exact=True)
    pd.testing.assert_frame_equal(runs[0][0], runs[1][0], check_exact=True)
    assert not runs[0][1]["value"].equals(runs[2][1]["value"])
    assert not runs[0][0]["reactor_K"].equals(runs[2][0]["reactor_K"])


def test_simulate_gives_what_a_stepped_run_gives(plant):
    run = Plant(seed=9, scenario="whole-plant-day").simulate(hours=2)
    story = scenarios.load("whole-plant-day").model_dump(exclude={"name", "description"})
    truth, log = simulated(plant, story, "plant", [7200], seed=9)
    pd.testing.assert_frame_equal(run.truth, truth, check_exact=True)
    pd.testing.assert_frame_equal(run.log, log, check_exact=True)


def test_simulate_leaves_the_plant_where_it_is():
    plant = Plant(seed=9)
    now = plant.now
    plant.simulate(minutes=10)
    assert plant.now == now
    assert len(plant.truth()) == 1


def test_another_process_gives_the_same_log_to_the_last_bit():
    code = (
        "import hashlib; from harness import Plant\n"
        "run = Plant(seed=3, scenario='whole-plant-day').simulate(minutes=40)\n"
        "text = run.log.to_csv() + run.truth.to_csv(float_format='%.17g')\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    run = Plant(seed=3, scenario="whole-plant-day").simulate(minutes=40)
    text = run.log.to_csv() + run.truth.to_csv(float_format="%.17g")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("sample_s", [5, 7, 30, 60, 90])
def test_the_truth_does_not_depend_on_how_often_it_is_sampled(plant, sample_s):
    truths = []
    for period_s in (10, sample_s):
        run = plant(LATE, scope="plant", seed=2, sample_s=period_s)
        run.run(6300)
        truths.append(run.truth())
    common = truths[0].index.intersection(truths[1].index)
    assert len(common) > 60
    a, b = (truth.loc[common] for truth in truths)
    for name in ("reactor_K", "jacket_K", "z_a", "x_d", "x_b", "coolant_kg_per_min"):
        # A loop of the integrator's tolerance, 1e-8, over 630 scans that feed it back.
        assert np.abs(a[name] - b[name]).max() <= 1e-6 * np.abs(a[name]).max(), name


def test_readings_at_a_moment_do_not_depend_on_how_often_the_plant_is_sampled(plant):
    logs = []
    for sample_s in (10, 30):
        run = plant(scope="reactor", seed=2, sample_s=sample_s)
        run.run(3600)
        logs.append(run.log().query("tag == 'TT-103'").set_index("time")["value"])
    common = logs[0].index.intersection(logs[1].index)
    assert len(common) == 121
    assert (logs[0][common] == logs[1][common]).all()
