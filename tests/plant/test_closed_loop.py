"""Under TIC-101 the plant rests; left alone, the whole plant swings with growing amplitude."""

import math

import numpy as np
import pytest

SPAN_S = 12 * 3600
GROWTH_PER_MIN, FREQUENCY_PER_MIN = 0.0058, 0.0211  # rightmost eigenvalues of the whole plant at N


def peaks(values):
    """Times and sizes of the extremes, up or down."""
    size = np.abs(values)
    here = 1 + np.flatnonzero((size[1:-1] > size[:-2]) & (size[1:-1] > size[2:]))
    return here, size[here]


@pytest.mark.parametrize("scope", ["reactor", "cooling", "plant"])
def test_in_auto_the_temperature_stays_at_its_set_value(plant, scope):
    run = plant(scope=scope, seed=1, sample_s=60)
    run.run(SPAN_S)
    assert np.abs(run.truth()["reactor_K"] - 350.0).max() < 0.1
    assert not run.events


@pytest.mark.parametrize("scope", ["reactor", "plant"])
def test_in_auto_the_temperature_reaches_a_new_set_value(plant, scope):
    run = plant(scope=scope, seed=1, sample_s=60)
    run.write("TIC-101", "SV", 353.0)
    run.run(SPAN_S)
    assert run.truth()["reactor_K"].iloc[-60:].mean() == pytest.approx(353.0, abs=0.05)


def test_in_auto_a_push_dies_out(plant, still):
    run = plant(scope="plant", seed=1, sample_s=60, parameters=still)
    run.lanes.state["reactor_K"] += 2.0
    run.run(SPAN_S)
    assert np.abs(run.truth()["reactor_K"].iloc[-120:] - 350.0).max() < 0.1


def test_in_manual_the_whole_plant_swings_ever_more_and_doubles_in_two_hours(plant, still):
    run = plant(scope="plant", seed=1, sample_s=60, parameters=still)
    for loop in run.operator.loops:
        run.write(loop.tag, "MODE", "MAN")
    run.lanes.state["reactor_K"] += 0.01
    run.run(12 * 3600)
    times_min, sizes_K = peaks(run.truth()["reactor_K"].to_numpy() - 350.0)
    assert (np.diff(sizes_K) > 0).all()
    # Two extremes of the same sign are a period apart; the first swing holds other modes as well.
    period_min = times_min[3] - times_min[1]
    growth_per_min = math.log(sizes_K[3] / sizes_K[1]) / period_min
    assert growth_per_min == pytest.approx(GROWTH_PER_MIN, rel=0.05)
    assert math.log(2) / growth_per_min == pytest.approx(120, rel=0.05)
    assert 2 * math.pi / period_min == pytest.approx(FREQUENCY_PER_MIN, rel=0.05)


def test_in_manual_the_reactor_alone_comes_to_rest(plant):
    run = plant(scope="reactor", seed=1, sample_s=60)
    run.write("TIC-101", "MODE", "MAN")
    run.lanes.state["reactor_K"] += 1.0
    run.run(48 * 3600)
    _, sizes_K = peaks(run.truth()["reactor_K"].to_numpy() - 350.0)
    assert sizes_K[-1] < 0.2 * sizes_K[0]
