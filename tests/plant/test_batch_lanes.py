"""A batch of scenarios is the same plant many times over."""

import numpy as np
import pytest

from harness.errors import BadArgument, UnknownName
from harness.plant.batch import simulate_batch
from harness.plant.parameters import PlantParameters

ORDINARY = ("cooling_water", "feed_composition", "feed_temperature")


def single(plant, scope, seed, *, writes=(), hours=2, **options):
    run = plant({"disturbances": ORDINARY, "writes": writes}, scope=scope, seed=seed, sample_s=60, **options)
    run.run(round(hours * 3600))
    return run.truth()


@pytest.mark.parametrize("scope", ["reactor", "cooling", "plant"])
def test_a_batch_of_one_is_the_single_plant_to_the_last_bit(plant, scope):
    truth = single(plant, scope, 3)
    batch = simulate_batch(
        seeds=[3],
        hours=2,
        scope=scope,
        disturbances=ORDINARY,
        record=("reactor_K", "z_a", "coolant_kg_per_min"),
    )
    for name, values in batch.truth.items():
        assert (values[0] == truth[name].to_numpy()).all(), name
    assert list(batch.minutes) == list(range(121))


@pytest.mark.parametrize("scope", ["reactor", "plant"])
def test_a_lane_amid_others_is_the_single_plant_to_the_tolerance(plant, scope):
    """Lanes share the integrator's steps, so they agree to its tolerance, 1e-8, not to the last bit."""
    seeds = list(range(40, 57))
    batch = simulate_batch(
        seeds=seeds, hours=2, scope=scope, disturbances=ORDINARY, record=("reactor_K", "z_a")
    )
    for lane in (0, 8, 16):
        truth = single(plant, scope, seeds[lane])
        for name, values in batch.truth.items():
            expected = truth[name].to_numpy()
            assert np.abs(values[lane] - expected).max() <= 1e-7 * np.abs(expected).max(), (lane, name)


def test_the_same_batch_twice_is_the_same_to_the_last_bit():
    first, second = (simulate_batch(seeds=range(30), hours=1, disturbances=ORDINARY) for _ in range(2))
    assert all((first.truth[name] == second.truth[name]).all() for name in first.truth)


def test_a_batch_larger_than_a_group_keeps_its_lanes_in_order():
    seeds = list(range(600))
    batch = simulate_batch(seeds=seeds, hours=0.1, record=("coolant_kg_per_min",))
    again = simulate_batch(seeds=seeds[::-1], hours=0.1, record=("coolant_kg_per_min",))
    forth, back = (b.truth["coolant_kg_per_min"][:, 1] for b in (batch, again))
    assert len(np.unique(forth)) == 600
    assert forth == pytest.approx(back[::-1], rel=1e-9)


def test_lanes_may_have_parameters_of_their_own(plant):
    cases = [PlantParameters().changed("case", reactor_K=T_K) for T_K in (345.0, 350.0, 355.0)]
    batch = simulate_batch(seeds=[1, 1, 1], hours=2, parameters=cases)
    assert batch.truth["reactor_K"][:, -1] == pytest.approx([345.0, 350.0, 355.0], abs=0.1)


def test_set_values_hold_from_the_start():
    batch = simulate_batch(
        seeds=range(3), hours=10, set_values={"TIC-101": [348.0, 350.0, 356.0], "FIC-101": 4.2}
    )
    assert batch.truth["reactor_K"][:, -60:].mean(axis=1) == pytest.approx([348.0, 350.0, 356.0], abs=0.1)


def test_each_lane_trips_for_itself():
    usual = PlantParameters()
    batch = simulate_batch(
        seeds=[1, 1],
        hours=8,
        parameters=[usual, usual.changed("safety", trip_K=353.0)],
        set_values={"TIC-101": 356.0},
        record=("reactor_K", "tripped", "feed_m3_per_h"),
    )
    assert list(batch.tripped) == [False, True]
    assert batch.truth["reactor_K"][:, -1] == pytest.approx([356.0, 290.0], abs=3.0)
    assert list(batch.truth["feed_m3_per_h"][:, -1]) == pytest.approx([4.2, 0.0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"seeds": []},
        {"seeds": [1, -1]},
        {"seeds": [1.5]},
        {"seeds": [True]},
        {"hours": 0},
        {"hours": -1},
        {"hours": float("nan")},
        {"hours": float("inf")},
        {"hours": "2"},
        {"log_s": 0},
        {"log_s": 15},
        {"log_s": 60.0},
        {"scope": "column"},
        {"record": ["x_d"]},
        {"record": ["reactor_C"]},
        {"disturbances": ["rain"]},
        {"parameters": [PlantParameters()]},
        {"parameters": [PlantParameters(), PlantParameters().changed("control", scan_s=30)]},
        {"set_values": {"TIC-101": 500.0}},
        {"set_values": {"TIC-101": float("nan")}},
        {"set_values": {"TIC-101": [350.0, 351.0, 352.0]}},
        {"set_values": {"TIC-101": "hot"}},
        {"set_values": {"AIC-201": 0.95}},
    ],
    ids=str,
)
def test_a_wrong_argument_is_refused(wrong):
    with pytest.raises(BadArgument):
        simulate_batch(**{"seeds": [1, 2], "hours": 0.1, **wrong})


def test_an_unknown_true_value_is_refused_with_those_there_are():
    with pytest.raises(UnknownName, match="reactor_K"):
        simulate_batch(seeds=[1], hours=1, record=["reactor_k"])
