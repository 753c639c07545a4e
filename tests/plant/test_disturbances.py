"""Random disturbances: their bounds, their statistics over many seeds, and their independence of use."""

import numpy as np
import pytest

from harness.errors import UnknownName
from harness.plant.parameters import PlantParameters
from harness.plant.surroundings import WANDERS, Surroundings, _walk

FIELDS = {
    "cooling_water": ("water_K", 288.0),
    "feed_composition": ("feed_fraction_a", 1.0),
    "feed_temperature": ("feed_K", 298.0),
}
SEEDS = 400


def deviation(name, seed, times_s):
    field, nominal = FIELDS[name]
    rows = Surroundings(PlantParameters(), "reactor", seed, (name,)).series(np.asarray(times_s, float))
    return rows[field] - nominal


@pytest.fixture(scope="module", params=sorted(WANDERS))
def paths(request):
    """Unbounded minute-by-minute paths of many seeds, from the second day on, when they are stationary."""
    wander = WANDERS[request.param]
    return wander, np.array([_walk(wander, seed, 1, 1) for seed in range(SEEDS)])


def test_the_spread_over_seeds_is_that_of_the_process(paths):
    wander, values = paths
    # SEEDS independent values at one moment: the relative error of their deviation is 1/sqrt(2 SEEDS).
    assert values[:, 700].std() == pytest.approx(wander.sigma, rel=4 / np.sqrt(2 * SEEDS))
    assert abs(values[:, 700].mean()) < 4 * wander.sigma / np.sqrt(SEEDS)


@pytest.mark.parametrize("share", [0.5, 1.0, 2.0])
def test_the_memory_fades_with_the_correlation_time(paths, share):
    wander, values = paths
    lag = round(share * wander.time_min)
    starts = [200, 700]  # apart by more than two correlation times
    found = np.mean([np.mean(values[:, s] * values[:, s + lag]) for s in starts]) / wander.sigma**2
    assert found == pytest.approx(np.exp(-share), abs=4 / np.sqrt(len(starts) * SEEDS))


@pytest.mark.parametrize("name", sorted(WANDERS))
def test_a_disturbance_stays_within_its_bounds_and_uses_them(name):
    times_s = np.arange(0, 7 * 86_400, 600)
    wander = WANDERS[name]
    daily = wander.diurnal * np.sin(2 * np.pi * (times_s / 86_400 - 0.375))
    slow = np.array([deviation(name, seed, times_s) - daily for seed in range(20)])
    assert slow.min() >= wander.low - 1e-9
    assert slow.max() <= wander.high + 1e-9
    assert np.ptp(slow) > 0.7 * (wander.high - wander.low)


def test_the_bounds_are_those_of_the_plant_sheet():
    assert (WANDERS["feed_composition"].low, WANDERS["feed_composition"].high) == (-0.03, 0.0)
    assert (WANDERS["feed_temperature"].low, WANDERS["feed_temperature"].high) == (-2.0, 2.0)
    assert WANDERS["cooling_water"].diurnal == 3.0


def test_cooling_water_is_warmest_in_the_afternoon():
    times_s = np.arange(0, 86_400, 600)
    mean = np.mean([deviation("cooling_water", seed, times_s) for seed in range(100)], axis=0)
    assert times_s[mean.argmax()] / 3600 == pytest.approx(15.0, abs=1.5)
    assert np.ptp(mean) == pytest.approx(6.0, abs=0.8)


def test_different_disturbances_and_seeds_are_independent():
    times_s = np.arange(0, 30 * 86_400, 86_400)
    a, b = (
        np.array([deviation("feed_temperature", s, times_s) for s in range(n, n + 20)]).ravel()
        for n in (0, 20)
    )
    c = np.array([deviation("feed_composition", s, times_s) for s in range(20)]).ravel()
    for x, y in ((a, b), (a, c)):
        assert abs(np.corrcoef(x, y)[0, 1]) < 4 / np.sqrt(len(x))


@pytest.mark.parametrize("name", sorted(WANDERS))
def test_a_disturbance_is_the_same_however_it_is_asked_for(name):
    times_s = np.arange(0, 4 * 86_400, 30.0)
    whole = deviation(name, 3, times_s)
    pieces = np.concatenate([deviation(name, 3, part) for part in np.array_split(times_s, 37)])
    assert (whole == pieces).all()
    _walk.cache_clear()
    assert deviation(name, 3, times_s[-1:])[0] == whole[-1]


def test_it_goes_on_without_a_jump_from_day_to_day():
    wander = WANDERS["feed_temperature"]
    around_midnight = deviation("feed_temperature", 5, np.arange(86_400 - 600, 86_400 + 600, 10))
    step = np.abs(np.diff(around_midnight)).max()
    assert step < 6 * wander.sigma * np.sqrt(2 / wander.time_min) / 6


def test_what_is_not_asked_for_does_not_wander():
    rows = Surroundings(PlantParameters(), "reactor", 3, ("cooling_water",)).series(
        np.arange(0, 86_400, 60.0)
    )
    assert (rows["feed_K"] == 298.0).all()
    assert (rows["feed_fraction_a"] == 1.0).all()
    assert np.ptp(rows["water_K"]) > 4


def test_an_unknown_disturbance_is_refused():
    with pytest.raises(UnknownName, match="cooling_water"):
        Surroundings(PlantParameters(), "reactor", 3, ("cooling-water",))


def test_the_plant_feels_them(plant):
    run = plant({"disturbances": tuple(WANDERS)}, scope="reactor", seed=3, sample_s=60)
    run.run(24 * 3600)
    truth = run.truth()
    assert np.ptp(truth["cooling_water_K"]) > 4
    assert np.ptp(truth["coolant_kg_per_min"]) > 30
    assert np.abs(truth["reactor_K"] - 350).max() < 1.5
