"""The model of section 1.1 against the plant and against itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twin.reactor import Reactor, boiling_K, boiling_MPa, rates, simulate

from harness import Plant
from harness.plant.parameters import PlantParameters
from harness.plant.steady import solve

AT_REST = {"feed_kmol_per_min": 0.7, "jacket_K": 306.66}


def test_the_mole_balance_rests_where_the_plant_rests() -> None:
    steady = solve(PlantParameters())
    dz_a, _ = rates(Reactor(), steady.z_a, 350.0, **AT_REST)
    assert abs(dz_a) < 1e-6


def test_the_data_sheet_of_the_model_is_the_plant_s_but_for_the_heat_transfer() -> None:
    reactor, cooling, model = PlantParameters().reactor, PlantParameters().cooling, Reactor()
    assert model.holdup_kmol == reactor.holdup_kmol
    assert (model.k0_per_min, model.activation_K) == (reactor.k1_per_min, reactor.k1_activation_K)
    assert model.heat_kJ_per_kmol == reactor.heat1_kJ_per_kmol
    assert model.heat_capacity_kJ_per_kmol_K == reactor.heat_capacity_kJ_per_kmol_K
    assert model.ua_kJ_per_min_K == pytest.approx(cooling.ua_kJ_per_min_K, rel=0.05)


@given(T_K=st.floats(320, 400), z_a=st.floats(0, 1))
def test_boiling_temperature_and_pressure_are_inverse(T_K: float, z_a: float) -> None:
    assert boiling_K(boiling_MPa(T_K, z_a), z_a) == pytest.approx(T_K, rel=1e-12)


def test_the_boiling_pressure_is_the_plant_s() -> None:
    truth = Plant(seed=1, scenario="set-point-step").simulate(hours=2).truth
    ours = [boiling_MPa(T, z) for T, z in zip(truth.reactor_K, truth.z_a, strict=True)]
    assert np.allclose(ours, truth.reactor_MPa, rtol=1e-9)


def test_a_simulation_in_two_pieces_is_the_same_as_in_one() -> None:
    times = np.linspace(0.0, 60.0, 61)
    inputs = {"feed_kmol_per_min": np.linspace(0.7, 0.8, 61), "jacket_K": np.linspace(306.0, 309.0, 61)}
    whole = simulate(Reactor(), 0.26, 350.0, times_min=times, **inputs)
    late = {name: values[30:] for name, values in inputs.items()}
    again = simulate(Reactor(), *whole[30], times_min=times[30:], **late)
    assert np.allclose(again, whole[30:], rtol=0, atol=0.005)


def test_a_short_pulse_between_two_minutes_is_not_jumped_over() -> None:
    times = np.linspace(0.0, 600.0, 601)
    jacket = np.full(601, 306.66)
    calm = simulate(
        Reactor(), 0.26, 350.0, times_min=times, feed_kmol_per_min=0.7 + 0 * times, jacket_K=jacket
    )
    jacket[300] -= 40.0
    pulse = simulate(
        Reactor(), 0.26, 350.0, times_min=times, feed_kmol_per_min=0.7 + 0 * times, jacket_K=jacket
    )
    # A triangle of 40 K min times UA/(M c), and a little more, since a cooler reactor makes less heat.
    assert calm[301, 1] - pulse[301, 1] == pytest.approx(300 * 40 / (60 * 209.2), rel=0.1)
