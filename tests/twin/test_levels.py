"""The five levels of section 1.4 behind their one question."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from twin.levels import (
    HORIZON_MIN,
    Economy,
    Hybrid,
    Log,
    Physics,
    Statistical,
    best_K,
    by_minute,
    corrected,
    decide,
    estimate,
    plan_move,
    rmse_K,
    tic,
    with_unmeasured,
)

from harness import Plant
from harness.plant.parameters import PlantParameters
from harness.plant.steady import solve


def day(seed: int, moves: dict[int, float], minutes: int = 240):
    """An ordinary day as the levels see it."""
    plant, written, clock = Plant(seed=seed, scenario="ordinary-day").offline(), {}, 0
    for at, set_K in moves.items():
        plant.run(minutes=at - clock)
        plant.write("TIC-101", "SV", set_K)
        written[plant.now], clock = set_K, at
    plant.run(minutes=minutes - clock)
    return with_unmeasured(by_minute(plant.log(), written, first_K=350.0))


MOVES = {50: 351.5, 120: 349.0, 180: 350.5}


@pytest.fixture(scope="module")
def training():
    return [day(seed, MOVES) for seed in (1, 2)]


@pytest.fixture(scope="module")
def unseen():
    return day(7, {60: 353.0}, minutes=180)


@pytest.fixture(scope="module")
def levels(training):
    physics = estimate(training)
    return {
        "L1": Log(),
        "L2": Statistical(Ridge()).fit(training),
        "L3": physics,
        "L4": Hybrid(physics).fit(training),
    }


@pytest.mark.parametrize("name", ["L1", "L2", "L3", "L4"])
def test_every_level_answers_the_same_question(levels, unseen, name):
    path_K = levels[name].predict(unseen[:60], [350.0] * HORIZON_MIN)
    assert np.shape(path_K) == (HORIZON_MIN,)
    assert np.all(np.abs(path_K - 350.0) < 5.0)


@pytest.mark.parametrize("name", ["L2", "L3", "L4"])
def test_each_level_beats_the_log_on_an_unseen_move(levels, unseen, name):
    assert rmse_K(levels[name], unseen) < 0.5 * rmse_K(levels["L1"], unseen)


def test_the_future_readings_do_not_enter_a_prediction(levels, unseen):
    for level in levels.values():
        again = [dict(minute) for minute in unseen]
        for minute in again[61:]:
            minute.update(dict.fromkeys(("TT-101", "TT-102", "FT-101", "FT-102", "TT-103"), 0.0))
        plan = [353.0] * HORIZON_MIN
        assert np.array_equal(level.predict(unseen[:61], plan), level.predict(again[:61], plan))


def test_a_higher_planned_set_value_never_cools_the_physical_model(levels, unseen):
    low, high = (levels["L3"].predict(unseen[:60], [set_K] * HORIZON_MIN) for set_K in (350.0, 352.0))
    assert (high >= low).all()


def test_the_controller_of_the_model_keeps_its_limits_and_does_not_wind_up():
    flow, integral = tic(300.0, 350.0, 100.0)
    assert (flow, integral) == (0.0, 100.0)
    flow, integral = tic(400.0, 350.0, 100.0)
    assert (flow, integral) == (1200.0, 100.0)


@pytest.mark.parametrize("limit_K", [353.5, 360.0])
def test_a_planned_set_value_keeps_the_plant_s_rule(levels, unseen, limit_K):
    asked = {"set_K": 350.0, "target_K": 353.0, "limit_K": limit_K}
    planned_K = plan_move(levels["L4"], unseen[:60], **asked)
    assert 345.0 <= planned_K <= 355.0


def test_estimated_parameters_do_not_depend_on_the_days_order(training):
    one, other = estimate(training), estimate(training[::-1])
    assert one.reactor.ua_kJ_per_min_K == pytest.approx(other.reactor.ua_kJ_per_min_K, rel=1e-3)
    assert isinstance(one, Physics)


def means(T_K: float) -> dict[str, float]:
    """What the instruments would show of the plant at rest, without noise."""
    s = solve(PlantParameters().changed("case", reactor_K=T_K))
    return {
        "TT-101": T_K,
        "FT-101": 4.2,
        "AT-201": 0.95,
        "AT-202": 0.01,
        "AT-101A": s.z_a,
        "AT-101W": s.w,
        "FT-202": 6 * s.distillate,
        "FT-204": s.boilup,
    }


def test_the_corrected_economy_agrees_with_the_plant_at_rest_there_and_nearby():
    economy = corrected(means(350.0))
    for T_K in (346.0, 350.0, 354.0):
        plant, model = solve(PlantParameters().changed("case", reactor_K=T_K)), economy.at_rest(T_K)
        assert model["z_a"] == pytest.approx(plant.z_a, rel=0.01)
        assert model["w"] == pytest.approx(plant.w, rel=0.02)
        assert model["boilup"] == pytest.approx(plant.boilup, rel=0.05)


def test_a_tighter_limit_never_raises_the_profit_and_the_best_keeps_them():
    economy = corrected(means(350.0))
    best = best_K(economy)
    rest = economy.at_rest(best)
    assert rest["boilup"] <= 3.9
    assert rest["w"] <= 0.06
    assert rest["profit"] >= economy.at_rest(350.0)["profit"]


@pytest.mark.parametrize(
    ("changed", "swing_K", "way"),
    [
        ({}, 0.2, -0.5),
        ({}, 0.8, 0.0),
        ({}, 1.5, 1.0),
        ({"FT-204": 3.95}, 0.2, 1.0),
        ({"FT-101": 0.0}, 0.2, 0.0),
    ],
)
def test_l5_goes_on_waits_or_steps_back_by_what_is_measured(changed, swing_K, way):
    assert decide(means(348.0) | changed, swing_K, 348.0) == pytest.approx(348.0 + way)


def test_l5_never_steps_back_above_where_it_began():
    assert decide(means(350.0), 5.0, 349.8) == 350.0


def test_prices_of_the_economy_are_the_plant_s():
    prices = PlantParameters().prices
    rest = Economy(0.7, 0.95, 0.01).at_rest(350.0)
    heavy = 0.7 * 0.99
    sold = heavy * (prices.b_eur_per_kmol * (1 - rest["w"]) + prices.c_eur_per_kmol * rest["w"])
    bought = prices.a_eur_per_kmol * 0.7 + prices.boilup_eur_per_kmol * rest["boilup"]
    assert rest["profit"] == pytest.approx(sold - bought)
