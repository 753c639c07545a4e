"""Jacobian, eigenvalues, labels, turning points and roots, against what is known in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import BadArgument, SolverFailed, UnknownName
from harness.plant import analysis
from harness.plant.analysis import Stability
from harness.plant.engine import derivative_callback
from harness.plant.presets import plant_preset
from harness.plant.system import REACTOR, System


def rosenbrock_gradient(x):
    return np.stack([-400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)])


def test_the_jacobian_is_that_of_calculus():
    x, y = 1.3, -0.7
    exact = [[1200 * x**2 - 400 * y + 2, -400 * x], [-400 * x, 200]]
    assert analysis.jacobian(rosenbrock_gradient, [x, y]) == pytest.approx(np.array(exact), rel=1e-10)


def test_the_jacobian_keeps_its_digits_when_values_differ_by_many_orders():
    matrix = np.array([[50.0, 2e-3, 0.0], [0.0, 3e-2, 1e-5], [4e4, 0.0, -2e-5]])
    point = [1e-4, 350.0, 1e5]
    found = analysis.jacobian(lambda x: np.tensordot(matrix, x, axes=1), point)
    assert found == pytest.approx(matrix, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize(
    "function",
    [np.cbrt, lambda x: np.sign(x), lambda x: np.where(x > 0, np.nan, x)],
    ids=["pole", "jump", "nan"],
)
def test_a_jacobian_that_cannot_be_trusted_is_refused(function):
    with pytest.raises(SolverFailed, match="Jacobian"):
        analysis.jacobian(function, [0.0])


def test_the_rightmost_eigenvalue_comes_first_and_the_upper_of_a_pair():
    matrix = np.diag([-5.0, 1.0, 0.0, 0.0])
    matrix[2:, 2:] = [[-2.0, 3.0], [-3.0, -2.0]]
    assert analysis.eigenvalues(matrix) == pytest.approx(np.array([1.0, -2 + 3j, -2 - 3j, -5.0]))


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ([-1.0, -2.0], Stability.STABLE_NODE),
        ([-1 + 2j, -1 - 2j], Stability.STABLE_FOCUS),
        ([1.0, -2.0], Stability.SADDLE),
        ([1.0, 2.0], Stability.UNSTABLE_NODE),
        ([1 + 2j, 1 - 2j], Stability.UNSTABLE_FOCUS),
        ([1 + 2j, 1 - 2j, -30.0], Stability.UNSTABLE_FOCUS),
        ([2.0, -1 + 2j, -1 - 2j], Stability.SADDLE),
        ([1e-15, -2.0], Stability.MARGINAL),
        ([2j, -2j], Stability.MARGINAL),
        ([-0.1, -5 + 2j, -5 - 2j], Stability.STABLE_NODE),
    ],
)
def test_eigenvalues_get_the_label_of_the_textbook(values, label):
    assert analysis.stability_label(values) is label


@pytest.mark.parametrize("values", [[], [np.nan, 1.0]])
def test_a_label_of_no_eigenvalues_is_refused(values):
    with pytest.raises(BadArgument, match="finite eigenvalues"):
        analysis.stability_label(values)


def test_growth_and_decay_are_told_in_minutes():
    assert analysis.doubling_min([0.01 + 1j, -3]) == pytest.approx(69.3147, abs=1e-4)
    assert analysis.doubling_min([-1.0]) == float("inf")
    assert analysis.slowest_min([-0.5, -3]) == pytest.approx(2.0)
    with pytest.raises(BadArgument, match="unstable"):
        analysis.slowest_min([0.5, -3])


def test_relative_gains_add_up_to_one_along_rows_and_columns():
    gains = analysis.relative_gains([[2.0, -1.0, 0.5], [0.3, 4.0, 1.0], [1.0, 1.0, -3.0]])
    assert gains.sum(axis=0) == pytest.approx(np.ones(3))
    assert gains.sum(axis=1) == pytest.approx(np.ones(3))


# No deadline: the first example imports SciPy.
@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(-40, 40), min_size=1, max_size=6, unique=True))
def test_every_root_of_a_polynomial_is_found(places):
    expected = sorted(float(place) for place in places)
    polynomial = np.polynomial.Polynomial.fromroots(expected)
    assert analysis.roots(polynomial, -45.5, 45.5) == pytest.approx(expected, abs=1e-6)


def test_both_roots_of_a_pair_narrower_than_the_grid_are_found():
    found = analysis.roots(lambda x: (x - 1.0) ** 2 - 1e-10, -10.0, 10.0)
    assert found == pytest.approx([1 - 1e-5, 1 + 1e-5], abs=1e-9)


def test_a_turn_exactly_between_two_grid_points_is_seen():
    assert analysis.turning_points(lambda x: x**2, -1.0, 1.0, points=10) == pytest.approx([0.0], abs=1e-6)


def test_turning_points_of_a_cubic_are_its_minimum_and_maximum():
    turns = analysis.turning_points(lambda x: x**3 - 3 * x, -5.0, 5.0)
    assert turns == pytest.approx([-1.0, 1.0], abs=1e-6)


@pytest.fixture
def reactor():
    preset = plant_preset("bequette2")
    records = preset.state_record(), preset.input_record(), preset.parameter_record()
    return System(derivative_callback("reactor"), *records, free=("z_a", "reactor_K"))


def test_many_points_at_once_give_the_same_rates_as_one_by_one(reactor):
    points = np.array([[0.2, 0.5, 0.9], [300.0, 340.0, 370.0]])
    assert reactor.rates(points) == pytest.approx(
        np.stack([reactor.rates(points[:, i]) for i in range(3)], axis=1), rel=1e-14
    )


def test_a_system_leaves_the_records_it_was_given_alone():
    preset = plant_preset("bequette2")
    state, inputs = preset.state_record(), preset.input_record()
    before = state.tobytes(), inputs.tobytes()
    system = System(derivative_callback("reactor"), state, inputs, preset.parameter_record(), free=REACTOR)
    system.rates(system.values + 1.0)
    assert (state.tobytes(), inputs.tobytes()) == before


def test_a_field_that_does_not_exist_is_named():
    preset = plant_preset("bequette2")
    records = preset.state_record(), preset.input_record(), preset.parameter_record()
    with pytest.raises(UnknownName, match="reactor_K"):
        System(derivative_callback("reactor"), *records, free=("reactor_C",))


def test_gains_follow_from_a_lasting_change_of_an_input(reactor):
    values = reactor.steady([0.8564, 311.17])
    gain = reactor.steady_gain(values, ("feed_K",), lambda v: v)
    warmer = plant_preset("bequette2").input_record(feed_K=298.0 + 1e-3)
    preset = plant_preset("bequette2")
    moved = System(
        derivative_callback("reactor"),
        preset.state_record(),
        warmer,
        preset.parameter_record(),
        free=("z_a", "reactor_K"),
    ).steady(values)
    assert gain[:, 0] == pytest.approx((moved - values) / 1e-3, rel=1e-3)


def test_a_search_that_finds_no_steady_state_says_so():
    preset = plant_preset("bequette2")
    nowhere = preset.input_record(feed_K=np.nan)
    system = System(
        derivative_callback("reactor"),
        preset.state_record(),
        nowhere,
        preset.parameter_record(),
        free=("z_a", "reactor_K"),
    )
    with pytest.raises(SolverFailed, match="No steady state"):
        system.steady(system.values)
