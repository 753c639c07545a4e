"""The regulatory controllers: bumpless transfer, no wind-up, and what they do without a measurement."""

import numpy as np
import pytest


def coolant(run):
    """Output of TIC-101, in kg/min."""
    return float(run.lanes.control["temperature"]["mv"][0])


def scan_and_read(run, scans=1):
    run.run(10 * scans)
    return coolant(run)


def test_a_change_to_manual_and_back_does_not_move_the_output(plant):
    run = plant(scope="reactor", seed=1, sample_s=10)
    run.run(1800)
    before = coolant(run)
    run.write("TIC-101", "MODE", "MAN")
    assert scan_and_read(run, 60) == before
    run.write("TIC-101", "MODE", "AUTO")
    reading_moves_it_by = 60.0 * 5 * 0.1  # gain times five standard deviations of TT-101
    assert scan_and_read(run) == pytest.approx(before, abs=reading_moves_it_by)


def test_the_first_scan_in_auto_moves_the_output_by_its_integral_step_alone(plant):
    """Far from the set value a transfer with a bump would jump by gain times error, some 300 kg/min."""
    run = plant(scope="reactor", seed=1, sample_s=10)
    run.write("TIC-101", "MODE", "MAN")
    run.write("TIC-101", "MV", 400.0)
    run.run(1800)
    error_K = float(run.lanes.truth["reactor_K"][0]) - 350.0
    assert abs(error_K) > 3.0
    run.write("TIC-101", "MODE", "AUTO")
    integral_step = 60.0 * error_K * (10 / 60) / 60.0
    noise = 60.0 * 5 * 0.1 * 1.5
    assert scan_and_read(run) - 400.0 == pytest.approx(integral_step, abs=noise)


def test_a_manual_output_holds_to_the_last_bit(plant):
    run = plant(scope="reactor", seed=1, sample_s=10)
    run.write("TIC-101", "MODE", "MAN")
    run.write("TIC-101", "MV", 201.7)
    run.run(3600)
    assert (run.truth()["coolant_kg_per_min"].iloc[1:] == 201.7).all()


def test_the_output_stays_within_its_limits(plant):
    run = plant(scope="reactor", seed=1, sample_s=10)
    run.write("TIC-101", "SV", 340.0)
    run.run(3600)
    run.write("TIC-101", "SV", 350.0)
    run.run(600)
    run.write("TIC-101", "SV", 360.0)
    run.run(3600)
    output = run.truth()["coolant_kg_per_min"]
    assert output.min() == 0.0
    assert output.between(0.0, 1200.0).all()


def test_after_saturation_the_output_leaves_its_limit_as_soon_as_the_error_turns(plant):
    """A day at the limit, with the coolant called for in vain, leaves nothing in the integral."""
    run = plant(scope="reactor", seed=1, sample_s=10)
    run.put_fault("TT-101", "bias", start_s=0, end_s=3600, bias_K=-60.0)
    run.run(3600)
    assert coolant(run) == 0.0
    integral = float(run.lanes.control["temperature"]["integral"][0])
    # Left to wind up, it would have lost gain/Ti times 60 K for an hour: 3600 kg/min.
    assert integral > -60.0
    run.run(10)
    reading_K = float(run.lanes.truth["reactor_K"][0]) - 350.0
    assert reading_K > 1.0
    assert coolant(run) > 0.0


def test_a_controller_without_a_measurement_holds_its_output(plant):
    run = plant(scope="reactor", seed=1, sample_s=10)
    run.run(600)
    run.put_fault("TT-101", "missing", start_s=600, end_s=1800)
    held = coolant(run)
    run.write("TIC-101", "SV", 355.0)
    for _ in range(120):
        run.run(10)
        assert coolant(run) == held
    assert scan_and_read(run, 2) != held


def test_a_set_value_written_in_manual_counts_from_the_change_to_auto(plant):
    run = plant(scope="reactor", seed=1, sample_s=10)
    run.write("TIC-101", "MODE", "MAN")
    run.write("TIC-101", "SV", 354.0)
    run.run(600)
    run.write("TIC-101", "MODE", "AUTO")
    run.run(10 * 3600)
    assert run.truth()["reactor_K"].iloc[-360:].mean() == pytest.approx(354.0, abs=0.1)


@pytest.mark.parametrize("scan_s", [5, 10, 30, 45])
def test_controllers_act_at_their_own_period_alone(plant, still, scan_s):
    run = plant(scope="reactor", seed=1, sample_s=5, parameters=still.changed("control", scan_s=scan_s))
    run.run(1800)
    output = run.truth()["coolant_kg_per_min"].to_numpy()
    moved_at_s = 5 * np.flatnonzero(np.diff(output))
    # The scan at a moment acts on the samples after it.
    assert set(moved_at_s % scan_s) == {0}
    assert len(moved_at_s) >= 0.95 * 1800 / scan_s


@pytest.mark.parametrize("tolerance", [1e-4, 1e-6, 1e-10])
def test_the_controllers_see_the_same_plant_whatever_the_integrators_steps(plant, tolerance):
    options = {"scope": "plant", "seed": 4, "sample_s": 60}
    ends = []
    for relative_tolerance in (1e-8, tolerance):
        run = plant(relative_tolerance=relative_tolerance, absolute_tolerance=1e-12, **options)
        run.run(3600)
        ends.append(run.truth())
    apart = np.abs(ends[0]["coolant_kg_per_min"] - ends[1]["coolant_kg_per_min"]).max()
    gain = 60.0
    assert apart <= gain * 350.0 * max(tolerance, 1e-8) * 10


def test_the_column_holds_its_products(plant):
    run = plant({"disturbances": ("feed_composition",)}, scope="plant", seed=3, sample_s=60)
    run.run(24 * 3600)
    truth = run.truth()
    assert np.abs(truth["x_d"] - 0.95).max() < 0.005
    assert np.abs(truth["x_b"] - 0.01).max() < 0.002


def test_the_column_loops_follow_their_set_values(plant):
    run = plant(scope="plant", seed=3, sample_s=60)
    run.write("AIC-201", "SV", 0.94)
    run.write("AIC-202", "SV", 0.015)
    run.run(24 * 3600)
    assert run.truth()["x_d"].iloc[-1] == pytest.approx(0.94, abs=1e-3)
    assert run.truth()["x_b"].iloc[-1] == pytest.approx(0.015, abs=5e-4)


def test_the_feed_follows_its_set_value_at_the_next_scan(plant):
    run = plant(scope="reactor", seed=3, sample_s=10)
    run.write("FIC-101", "SV", 4.8)
    run.run(10)
    assert run.truth()["feed_m3_per_h"].iloc[-1] == pytest.approx(4.8, rel=1e-12)
