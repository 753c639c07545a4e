"""What the integrator gives agrees with tighter tolerances, and with another integrator on other code."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from harness.plant.engine import ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE
from harness.plant.lanes import Lanes
from harness.plant.layout import as_rows
from harness.plant.parameters import PlantParameters

REACTOR_VALUES, PLANT_VALUES = 4, 87
STATES = ("z_a", "z_b", "reactor_K", "jacket_K")


def disturbed(scope, **tolerances):
    lanes = Lanes(scope, PlantParameters(), **tolerances)
    lanes.inputs["feed_kmol_per_min"] *= 1.05
    lanes.inputs["coolant_kg_per_min"] *= 0.9
    lanes.inputs["feed_fraction_a"] = 0.98
    return lanes


def values(lanes, scope):
    return as_rows(lanes.state)[0, : PLANT_VALUES if scope == "plant" else REACTOR_VALUES].copy()


@pytest.mark.parametrize("scope", ["reactor", "plant"])
def test_halving_the_tolerances_moves_nothing_beyond_them(plant, scope):
    """Over 8 h under control the error that the tolerance allows does not grow: control is stable.

    Each of 2880 scans may add a local error of the tolerance; the loop forgets it within some 100 scans.
    """
    story = {"writes": ({"at_min": 30, "loop": "TIC-101", "value": 354.0},)}
    ends = []
    for share in (1.0, 0.5):
        run = plant(
            story,
            scope=scope,
            seed=3,
            sample_s=60,
            relative_tolerance=RELATIVE_TOLERANCE * share,
            absolute_tolerance=ABSOLUTE_TOLERANCE * share,
        )
        run.run(8 * 3600)
        ends.append(run.truth())
    for name in ("reactor_K", "jacket_K", "z_a", "z_b"):
        moved = np.abs(ends[0][name] - ends[1][name]).max()
        assert moved <= 100 * RELATIVE_TOLERANCE * np.abs(ends[0][name]).max(), (name, moved)


def test_a_rough_tolerance_does_move_something():
    """Or the test above could not fail."""
    ends = []
    for relative_tolerance in (1e-2, 1e-8):
        lanes = disturbed("reactor", relative_tolerance=relative_tolerance, absolute_tolerance=1e-10)
        lanes.advance(120.0)
        ends.append(lanes.state["reactor_K"][0])
    assert abs(ends[0] - ends[1]) > 1e-4


@pytest.mark.parametrize("scope", ["reactor", "plant"])
@pytest.mark.parametrize("method", ["Radau", "LSODA"])
def test_scipy_on_plain_numpy_equations_agrees(numpy_plant, scope, method):
    lanes = disturbed(scope)
    base = numpy_plant.Baseline(PlantParameters())
    base.inputs.feed *= 1.05
    base.inputs.coolant *= 0.9
    base.inputs.feed_a = 0.98
    start = base.plant_start() if scope == "plant" else base.reactor_start()
    rates = base.plant_rates if scope == "plant" else base.reactor_rates
    assert values(lanes, scope) == pytest.approx(start, rel=1e-13)
    lanes.advance(60.0)
    found = solve_ivp(rates, (0.0, 60.0), start, method=method, rtol=1e-9, atol=1e-11)
    assert values(lanes, scope) == pytest.approx(found.y[:, -1], rel=1e-6)


def test_the_operating_case_is_at_rest_in_the_independent_equations(numpy_plant):
    base = numpy_plant.Baseline(PlantParameters())
    assert np.abs(base.plant_rates(0.0, base.plant_start())).max() < 1e-12


def test_a_lane_left_alone_at_rest_stays_at_rest():
    lanes = Lanes("plant", PlantParameters())
    start = values(lanes, "plant")
    lanes.advance(10.0)
    assert values(lanes, "plant") == pytest.approx(start, rel=1e-7)


def test_an_integration_that_gives_up_says_so_and_leaves_the_state():
    from harness.errors import SolverFailed

    lanes = Lanes("reactor", PlantParameters())
    lanes.inputs["feed_kmol_per_min"] = np.nan
    before = lanes.state.copy()
    with pytest.raises(SolverFailed, match=r"0\.5 min"):
        lanes.advance(0.5)
    assert lanes.state == before
