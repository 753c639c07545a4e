"""Every published figure that the plant's code must reproduce, to the digits in which it is printed."""

import importlib
import subprocess
import sys

import pytest

from harness.errors import BadArgument, UnknownName
from harness.plant import analysis, presets
from harness.plant.analysis import Stability
from harness.plant.parameters import PlantParameters
from harness.plant.presets import (
    ModelPreset,
    PlantPreset,
    bequette,
    jacketed,
    lone_column,
    plant_preset,
    recycle_optimum,
)
from harness.plant.presets.klatt_engell import KlattEngell
from harness.plant.presets.suwartadi import RecycleProblem
from harness.plant.presets.williams_otto import TwoReactions, WilliamsOtto

NAMES = ["bequette2", "bequette3", "seborg", "klatt_engell", "column_a", "suwartadi2017", "williams_otto"]


def printed(text):
    """A figure with the tolerance of its print: half a unit of its last digit."""
    decimals = len(text.partition(".")[2])
    return pytest.approx(float(text), rel=0, abs=0.5 * 10.0**-decimals)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_found_by_name_and_says_where_it_comes_from(name):
    found = presets.preset(name)
    assert found.name == name
    assert found.description
    assert found.source


def test_the_catalogue_holds_these_presets_and_no_other():
    assert sorted(row.name for row in presets.PRESETS) == sorted(NAMES)


def test_the_module_of_a_preset_with_a_model_of_its_own_exists():
    modules = [row.module for row in presets.PRESETS if isinstance(row, ModelPreset)]
    assert len(modules) == 2
    for module in modules:
        assert importlib.import_module(module).SOURCE


def test_a_preset_that_does_not_exist_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="bequette2"):
        presets.preset("bequete2")


def test_a_preset_with_a_model_of_its_own_is_not_given_out_as_a_plant():
    with pytest.raises(BadArgument, match="suwartadi2017"):
        plant_preset("williams_otto")


def test_an_input_that_does_not_exist_is_refused():
    with pytest.raises(UnknownName, match="feed_K"):
        plant_preset("bequette2").input_record(feed_C=25.0)


def test_presets_import_without_a_compiler_or_a_solver():
    code = (
        "import sys, harness.plant.presets, harness.plant.analysis, harness.plant.system; "
        "print([name for name in ('numba', 'scipy', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_bequette_2_has_its_three_steady_states():
    states = jacketed.steady_states(plant_preset("bequette2"))
    concentrations = [bequette.kmol_per_m3(state.z_a, bequette.CASE_2) for state in states]
    assert [state.reactor_K for state in states] == [printed(t) for t in ("311.171", "339.097", "368.063")]
    assert concentrations == [printed(c) for c in ("8.5636", "5.5179", "2.3589")]


def test_bequette_2_is_unstable_only_between_its_stable_states():
    labels = [state.label for state in jacketed.steady_states(plant_preset("bequette2"))]
    assert labels == [Stability.STABLE_NODE, Stability.SADDLE, Stability.STABLE_FOCUS]


def test_bequette_2_folds_where_two_steady_states_merge():
    preset = plant_preset("bequette2")
    ignition, extinction = jacketed.folds(preset)
    assert ignition.jacket_K == printed("305.91")
    assert extinction.jacket_K == printed("290.33")
    for jacket_K, count in [(290.32, 1), (290.34, 3), (305.90, 3), (305.92, 1)]:
        assert len(jacketed.steady_states(preset, jacket_K=jacket_K)) == count


def test_bequette_3_has_one_steady_state_a_stable_focus():
    (state,) = jacketed.steady_states(plant_preset("bequette3"))
    upper, lower = (bequette.per_h(value) for value in state.eigenvalues_per_min)
    assert state.reactor_K == printed("327.355")
    assert bequette.kmol_per_m3(state.z_a, bequette.CASE_3) == printed("5.5225")
    assert (upper.real, upper.imag) == (printed("-0.1145"), printed("0.6574"))
    assert lower == upper.conjugate()


def test_r_101_is_bequettes_third_case_rounded_to_six_digits():
    ours, book = PlantParameters(), bequette.in_plant_units(bequette.CASE_3)
    for name in ("holdup_kmol", "k1_per_min", "k1_activation_K", "heat1_kJ_per_kmol", "feed_K"):
        assert getattr(ours.reactor, name) == pytest.approx(getattr(book.reactor, name), rel=1e-6)
    assert ours.reactor.heat_capacity_kJ_per_kmol_K == pytest.approx(book.reactor.heat_capacity_kJ_per_kmol_K)
    assert ours.cooling.ua_kJ_per_min_K == pytest.approx(book.cooling.ua_kJ_per_min_K)


def test_seborgs_reactor_has_one_stable_state_of_three():
    states = jacketed.steady_states(plant_preset("seborg"))
    assert [state.reactor_K for state in states] == [printed(t) for t in ("324.475", "350.006", "369.705")]
    labels = [state.label for state in states]
    assert labels == [Stability.STABLE_FOCUS, Stability.SADDLE, Stability.UNSTABLE_FOCUS]


def test_a_reactor_whose_jacket_is_free_has_no_curve_of_jacket_temperatures():
    r_101 = PlantPreset(name="R-101", description="", source="", parameters=PlantParameters())
    with pytest.raises(BadArgument, match="jacket_free"):
        jacketed.folds(r_101)


def test_klatt_and_engells_reactor_stands_where_it_was_published():
    model = KlattEngell()
    (state,) = model.steady_states()
    assert list(state) == [printed(v) for v in ("2.1402", "1.0903", "114.191", "112.907")]
    assert model.rates(state) == pytest.approx(0.0, abs=1e-8)
    values = analysis.eigenvalues(analysis.jacobian(model.rates, state))
    assert analysis.stability_label(values) is Stability.STABLE_NODE


def test_column_a_has_skogestads_products_gains_and_slow_mode():
    column = lone_column.steady_state(plant_preset("column_a"))
    assert (column.x_d, column.x_b) == (printed("0.9900"), printed("0.0100"))
    gain = [["0.8754", "-0.8618"], ["1.0846", "-1.0982"]]
    assert column.gain_min_per_kmol.tolist() == [[printed(g) for g in row] for row in gain]
    assert analysis.relative_gains(column.gain_min_per_kmol)[0, 0] == printed("35.94")
    assert analysis.slowest_min(column.eigenvalues_per_min) == printed("193.97")
    assert len(column.eigenvalues_per_min) == 82


@pytest.fixture(scope="module")
def recycle():
    return recycle_optimum.optimum()


def test_the_recycle_plant_of_suwartadi_has_its_published_optimum(recycle):
    assert recycle.reflux_kmol_per_min == printed("1.1812")
    assert recycle.boilup_kmol_per_min == printed("1.9180")
    assert recycle.column_feed_kmol_per_min == printed("1.0268")
    assert recycle.distillate_kmol_per_min == printed("0.7368")
    assert recycle_optimum.cost(RecycleProblem(), recycle) == printed("-0.25164")


def test_the_recycle_plants_optimum_stands_on_its_bounds_and_balances(recycle):
    problem = RecycleProblem()
    assert recycle.x_b == pytest.approx(problem.x_b_max, abs=1e-8)
    assert recycle.holdup_kmol == pytest.approx(problem.holdup_high_kmol, abs=1e-8)
    assert recycle.bottoms_kmol_per_min == pytest.approx(problem.feed_kmol_per_min, abs=1e-9)
    assert recycle.boilup_kmol_per_min == pytest.approx(
        recycle.reflux_kmol_per_min + recycle.distillate_kmol_per_min, abs=1e-9
    )


def test_the_williams_otto_plant_has_the_benchmarks_optimum():
    best = WilliamsOtto().optimum()
    assert best.reactor_C == printed("89.704")
    assert best.feed_b_kg_per_s == printed("4.7874")
    assert best.profit_per_s == printed("190.980")


def test_the_two_reaction_models_optimum_loses_a_fifth_of_the_plants_profit():
    misled = WilliamsOtto(kinetics=TwoReactions()).optimum()
    got = WilliamsOtto().profit_per_s(misled.feed_b_kg_per_s, misled.reactor_C)
    assert got == printed("150.46")
    assert misled.profit_per_s > got


def test_both_williams_otto_models_conserve_mass():
    for model in (WilliamsOtto(), WilliamsOtto(kinetics=TwoReactions())):
        assert model.steady_fractions(4.8, 88.0).sum() == pytest.approx(1.0, abs=1e-9)
