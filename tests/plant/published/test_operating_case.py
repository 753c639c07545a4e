"""The operating case N of the whole plant: its figures and its stability."""

import numpy as np
import pytest

from harness.plant import analysis, steady
from harness.plant.analysis import Stability
from harness.plant.engine import derivative_callback
from harness.plant.lanes import Lanes
from harness.plant.layout import pack
from harness.plant.parameters import PlantParameters
from harness.plant.system import REACTOR, WHOLE_PLANT, System


def printed(text):
    """A figure with the tolerance of its print: half a unit of its last digit."""
    decimals = len(text.partition(".")[2])
    return pytest.approx(float(text), rel=0, abs=0.5 * 10.0**-decimals)


def system(scope, free):
    parameters = PlantParameters()
    state, inputs, *_ = steady.operating_case(parameters, scope)
    return System(derivative_callback(scope), state, inputs, pack(parameters), free=free)


def eigenvalues(scope, free):
    case = system(scope, free)
    return analysis.eigenvalues(case.jacobian(case.values))


def test_the_operating_case_has_its_published_figures():
    case = steady.solve(PlantParameters())
    feed = PlantParameters().case.feed_kmol_per_min
    assert (case.z_a, case.z_b, case.w) == (printed("0.2632"), printed("0.7230"), printed("0.0188"))
    assert (feed + case.distillate, case.distillate) == (printed("0.958"), printed("0.258"))
    assert (case.reflux, case.boilup) == (printed("2.233"), printed("2.491"))
    assert case.jacket_K == printed("306.66")
    assert case.coolant_kg_per_min == printed("186.2")


def test_the_operating_case_closes_its_heat_balance_as_published():
    case = steady.solve(PlantParameters())
    assert case.generated_kW == printed("400.4")
    assert (case.jacketed_kW, case.sensible_kW) == (printed("226.7"), printed("173.7"))
    assert case.generated_kW == pytest.approx(case.jacketed_kW + case.sensible_kW, rel=1e-12)


def test_the_operating_case_earns_its_published_profit():
    assert Lanes("plant", PlantParameters()).truth["profit_eur_per_min"][0] == printed("20.03")


def test_the_operating_case_is_at_rest_in_all_87_equations():
    case = system("plant", WHOLE_PLANT)
    assert len(case.values) == 87
    assert np.abs(case.rates(case.values)).max() < 1e-12


def test_the_whole_plant_is_open_loop_unstable():
    values = eigenvalues("plant", WHOLE_PLANT)
    assert (values[0].real, values[0].imag) == (printed("0.0058"), printed("0.0211"))
    assert (values.real > 0).sum() == 2
    assert analysis.doubling_min(values) == printed("120")
    assert analysis.stability_label(values) is Stability.UNSTABLE_FOCUS


def test_the_reactor_alone_is_stable():
    values = eigenvalues("reactor", REACTOR)
    assert (values[0].real, values[0].imag) == (printed("-0.001"), printed("0.020"))
    assert analysis.stability_label(values) is Stability.STABLE_FOCUS


def test_the_fast_trays_make_the_plant_stiff():
    values = eigenvalues("plant", WHOLE_PLANT)
    assert -40.0 < values[-1].real < -25.0
