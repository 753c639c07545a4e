"""Heat and matter are conserved to 1e-9 over any run, at any tolerance of the integrator.

The state counts what flowed and reacted since the start. All balances are linear in it, so that
an explicit Runge-Kutta pair keeps them to rounding error, however roughly it integrates.
"""

import itertools
from functools import cache

import numpy as np
import pytest

from harness.plant.scenarios import Scenario
from harness.plant.simulation import Simulation

CLOSES = 1e-9
ORDINARY = ("cooling_water", "feed_composition", "feed_temperature")
STORIES = {
    "calm": {},
    "disturbed": {"disturbances": ORDINARY},
    "tripped": {"events": ({"at_min": 5, "kind": "pump_failure"},)},
    "pump back after the trip": {"events": ({"at_min": 5, "kind": "pump_failure", "minutes": 60},)},
    "faulty": {
        "faults": (
            {"tag": "TT-101", "kind": "bias", "start_min": 10, "sizes": {"bias_K": 3.0}},
            {"tag": "TT-101", "kind": "missing", "start_min": 40, "end_min": 60},
        )
    },
    "moved": {"writes": ({"at_min": 10, "loop": "TIC-101", "value": 355.0},)},
}


class Counted:
    """What the state counts between two moments, and what is held at each."""

    def __init__(self, plant: Simulation):
        self.p, self.start, self.plant = plant.parameters, plant.lanes.state.copy(), plant

    def __getattr__(self, name):
        return float(np.sum(self.plant.lanes.state[name][0]) - np.sum(self.start[name][0]))

    def closes(self, *terms):
        """Whether the terms add up to 0 in comparison with the largest of them."""
        residual, largest = abs(sum(terms)), max(map(abs, terms))
        assert residual <= CLOSES * largest, f"{residual} of {largest}"


@cache
def ran(scope, story):
    """What a run of four hours counted; shared by the tests, which only look at it."""
    scenario = Scenario(name=story, description="", **STORIES[story])
    run = Simulation(scenario=scenario, scope=scope, seed=5, sample_s=60)
    counted = Counted(run)
    run.run(4 * 3600)
    return counted


@pytest.fixture(params=itertools.product(["reactor", "cooling", "plant"], STORIES), ids=" ".join)
def counted(request):
    return ran(*request.param)


@pytest.fixture(params=STORIES)
def of_the_plant(request):
    return ran("plant", request.param)


def held_c(n):
    return -n.p.reactor.holdup_kmol * (n.z_a + n.z_b)


def left_c(n):
    return n.fed_kmol + n.recycled_kmol - n.left_a_kmol - n.left_b_kmol


def test_heat_generated_is_jacketed_sensible_or_accumulated(counted):
    r = counted.p.reactor
    accumulated = r.holdup_kmol * r.heat_capacity_kJ_per_kmol_K * counted.reactor_K
    counted.closes(counted.generated_kJ, -counted.jacketed_kJ, -counted.sensible_kJ, -accumulated)


def test_heat_into_the_jacket_leaves_by_exchanger_or_quench_or_stays(counted):
    accumulated = counted.p.cooling.jacket_kJ_per_K * counted.jacket_K
    counted.closes(counted.jacketed_kJ, -counted.exchanged_kJ, -counted.quenched_kJ, -accumulated)


def test_heat_generated_is_the_heat_of_what_reacted(counted):
    r = counted.p.reactor
    released = (
        r.heat1_kJ_per_kmol * counted.reacted1_kmol,
        r.heat2_kJ_per_kmol * counted.reacted2_kmol,
    )
    counted.closes(counted.generated_kJ, *(-heat for heat in released))


def test_every_kmol_of_a_in_the_reactor_is_accounted_for(counted):
    n, held = counted, counted.p.reactor.holdup_kmol * counted.z_a
    n.closes(n.fed_a_kmol, n.recycled_a_kmol, -n.left_a_kmol, -n.reacted1_kmol, -held)


def test_every_kmol_of_b_in_the_reactor_is_accounted_for(counted):
    n, held = counted, counted.p.reactor.holdup_kmol * counted.z_b
    recycled_b = n.recycled_kmol - n.recycled_a_kmol - n.recycled_c_kmol
    n.closes(recycled_b, -n.left_b_kmol, n.reacted1_kmol, -n.reacted2_kmol, -held)


def test_every_kmol_of_c_in_the_reactor_is_accounted_for(counted):
    n, fed_c = counted, counted.fed_kmol - counted.fed_a_kmol
    # C is what is neither A nor B, so its terms are small differences of large ones.
    n.closes(n.fed_kmol, -n.fed_kmol, fed_c, n.recycled_c_kmol, -left_c(n), n.reacted2_kmol, -held_c(n))


def test_the_column_loses_no_amount(of_the_plant):
    n = of_the_plant
    n.closes(n.fed_kmol, n.recycled_kmol, -n.recycled_kmol, -n.product_kmol, -n.stage_kmol)


def test_the_column_loses_no_light(of_the_plant):
    n = of_the_plant
    n.closes(n.left_a_kmol, -n.recycled_a_kmol, -n.product_a_kmol, -n.light_kmol)


def test_the_column_loses_no_byproduct(of_the_plant):
    n = of_the_plant
    n.closes(n.fed_kmol, -n.fed_kmol, left_c(n), -n.recycled_c_kmol, -n.product_c_kmol, -n.c_kmol)


def test_what_is_fed_to_the_plant_is_product_or_still_there(of_the_plant):
    n = of_the_plant
    n.closes(n.fed_kmol, -n.product_kmol, -n.stage_kmol)


def test_a_that_enters_the_plant_reacts_leaves_or_is_still_there(of_the_plant):
    n, held = of_the_plant, of_the_plant.p.reactor.holdup_kmol * of_the_plant.z_a
    n.closes(n.fed_a_kmol, -n.reacted1_kmol, -n.product_a_kmol, -n.light_kmol, -held)


def test_b_that_is_made_in_the_plant_reacts_leaves_or_is_still_there(of_the_plant):
    n, held = of_the_plant, of_the_plant.p.reactor.holdup_kmol * of_the_plant.z_b
    product_b = n.product_kmol - n.product_a_kmol - n.product_c_kmol
    in_column = n.stage_kmol - n.light_kmol - n.c_kmol
    n.closes(n.reacted1_kmol, -n.reacted2_kmol, -product_b, -in_column, -held)


def test_c_that_is_made_in_the_plant_leaves_or_is_still_there(of_the_plant):
    n, fed_c = of_the_plant, of_the_plant.fed_kmol - of_the_plant.fed_a_kmol
    n.closes(n.fed_kmol, -n.fed_kmol, fed_c, n.reacted2_kmol, -n.product_c_kmol, -n.c_kmol, -held_c(n))


@pytest.mark.parametrize("relative_tolerance", [1e-3, 1e-6, 1e-10])
def test_balances_close_at_any_tolerance(plant, relative_tolerance):
    run = plant(
        {"disturbances": ORDINARY, "writes": ({"at_min": 5, "loop": "TIC-101", "value": 356.0},)},
        scope="plant",
        seed=2,
        sample_s=60,
        relative_tolerance=relative_tolerance,
        absolute_tolerance=relative_tolerance,
    )
    n, r = Counted(run), run.parameters.reactor
    run.run(3 * 3600)
    accumulated = r.holdup_kmol * r.heat_capacity_kJ_per_kmol_K * n.reactor_K
    n.closes(n.generated_kJ, -n.jacketed_kJ, -n.sensible_kJ, -accumulated)
    n.closes(n.fed_a_kmol, -n.reacted1_kmol, -n.product_a_kmol, -n.light_kmol, -r.holdup_kmol * n.z_a)
    n.closes(n.fed_kmol, -n.product_kmol, -n.stage_kmol)


def test_the_truth_shows_the_heat_flows_that_the_balance_counts(plant, still):
    run = plant(scope="plant", seed=1, sample_s=10, parameters=still)
    n = Counted(run)
    run.run(3600)
    truth = run.truth()
    for name, counted_kJ in (
        ("generated_kW", n.generated_kJ),
        ("jacketed_kW", n.jacketed_kJ),
        ("sensible_kW", n.sensible_kJ),
    ):
        assert np.trapezoid(truth[name], dx=10.0) == pytest.approx(counted_kJ, rel=1e-5)
