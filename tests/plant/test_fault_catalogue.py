"""Each fault of the catalogue does what it says, between its start and its end, and no more."""

import numpy as np
import pandas as pd
import pytest

from harness.errors import BadArgument, UnknownName
from harness.plant.faults import CATALOGUE

START_MIN, END_MIN, RUN_MIN = 20, 50, 80
KINDS = list(CATALOGUE)


def log_of(plant, *faults, tag="TT-103", sample_s=10, **options):
    """Readings of a tag (nothing depends on TT-103) by number, in a run with these faults."""
    entries = [{"tag": tag, "kind": kind, **entry} for kind, entry in faults]
    run = plant({"faults": tuple(entries)}, seed=6, sample_s=sample_s, **options)
    run.run(RUN_MIN * 60)
    return run.log().query("tag == @tag").reset_index(drop=True)


def spell(**sizes):
    return {"start_min": START_MIN, "end_min": END_MIN, "sizes": sizes}


def minutes(log):
    start = pd.Timestamp("2026-01-01", tz="UTC")
    return ((log["time"] - start).dt.total_seconds() / 60).to_numpy()


def moved(log, calm):
    """By how much the readings differ, one by one."""
    return (log["value"] - calm["value"]).to_numpy()


@pytest.fixture
def calm(plant):
    return log_of(plant)


@pytest.fixture
def within(calm):
    """Which readings were taken while the fault was there."""
    return (minutes(calm) >= START_MIN) & (minutes(calm) < END_MIN)


@pytest.mark.parametrize("kind", ["bias", "drift", "stuck", "spikes", "missing", "noise", "clock_skew"])
def test_a_fault_leaves_alone_what_is_before_and_after_it(plant, calm, within, kind):
    log = log_of(plant, (kind, spell()))
    assert log[~within].equals(calm[~within])
    assert not log[within].equals(calm[within])


@pytest.mark.parametrize("kind", ["delayed", "duplicate"])
def test_a_fault_of_delivery_leaves_readings_before_and_after_it_alone(plant, calm, within, kind):
    log = log_of(plant, (kind, spell()))
    unharmed = calm[~within]
    merged = log.drop_duplicates().merge(unharmed, how="inner")
    assert len(merged) == len(unharmed)


def test_a_bias_is_added(plant, calm, within):
    log = log_of(plant, ("bias", spell(bias_K=-2.5)))
    assert moved(log, calm)[within] == pytest.approx(-2.5, abs=1e-9)
    assert (log["quality"] == "Good").all()


def test_a_drift_grows_from_its_start(plant, calm, within):
    log = log_of(plant, ("drift", spell(rate_K_per_h=0.5)))
    hours = (minutes(calm) - START_MIN) / 60
    assert moved(log, calm)[within] == pytest.approx((0.5 * hours)[within], abs=1e-9)


def test_the_default_drift_of_a_thermometer_is_that_of_the_plant_sheet(plant):
    fault = plant().put_fault("TT-101", "drift", start_s=0)
    assert fault.sizes == {"rate_per_h": pytest.approx(0.05)}


def test_a_stuck_instrument_repeats_the_reading_of_its_start_and_admits_doubt(plant, calm, within):
    log = log_of(plant, ("stuck", spell()))
    assert (log["value"][within] == calm["value"][within].iloc[0]).all()
    assert (log["quality"][within] == "Uncertain").all()


def test_spikes_hit_their_share_of_readings_up_and_down(plant, calm, within):
    log = log_of(plant, ("spikes", {"sizes": {"fraction": 0.05, "size_K": 7.0}}), sample_s=2)
    calm = log_of(plant, sample_s=2)
    off = (log["value"] - calm["value"]).to_numpy()
    hit = off != 0
    assert np.abs(off[hit]) == pytest.approx(7.0, abs=1e-9)
    n = len(log)
    assert abs(hit.sum() - 0.05 * n) < 5 * np.sqrt(0.05 * 0.95 * n)
    assert 0.3 < (off[hit] > 0).mean() < 0.7
    assert (log["quality"] == "Good").all()


def test_the_default_spikes_are_five_percent(plant):
    assert plant().put_fault("TT-101", "spikes", start_s=0).sizes["fraction"] == 0.05


def test_a_missing_instrument_has_no_value_and_is_bad(plant, within):
    log = log_of(plant, ("missing", spell()))
    assert log["value"][within].isna().all()
    assert (log["quality"][within] == "Bad").all()
    assert log["value"][~within].notna().all()


def test_an_instrument_may_miss_some_readings_only(plant, calm, within):
    log = log_of(plant, ("missing", spell(fraction=0.3)))
    bad = log["quality"] == "Bad"
    n = within.sum()
    assert abs(bad[within].sum() - 0.3 * n) < 5 * np.sqrt(0.3 * 0.7 * n)
    assert (log["value"].isna() == bad).all()
    assert log[~bad].equals(calm[~bad])


def test_a_noise_burst_is_as_many_times_noisier_as_it_says(plant):
    log = log_of(plant, ("noise", {"sizes": {"factor": 8.0}}), sample_s=2)
    spread = (log["value"] - 288.0).std()
    assert spread == pytest.approx(0.8, rel=0.06)
    assert (log["quality"] == "Uncertain").all()


def test_a_skewed_clock_shifts_the_stamp_and_nothing_else(plant, calm, within):
    log = log_of(plant, ("clock_skew", spell(skew_s=-45.5)))
    shift_s = (log["time"] - calm["time"]).dt.total_seconds()
    assert (shift_s[within] == -45.5).all()
    assert log.drop(columns="time").equals(calm.drop(columns="time"))


def test_delayed_readings_come_out_of_order_and_all_of_them(plant, calm):
    log = log_of(plant, ("delayed", spell(delay_s=120.0)))
    assert not log["sequence"].is_monotonic_increasing
    assert log.sort_values("sequence").reset_index(drop=True).equals(calm)


def test_a_delayed_reading_comes_within_its_delay_and_not_before_its_time(plant):
    run = plant({"faults": ({"tag": "TT-103", "kind": "delayed", "sizes": {"delay_s": 100.0}},)}, seed=6)
    seen = {}
    for _ in range(120):
        rows = run.run(10)
        for row in rows[rows["tag"] == 2]:
            seen[int(row["sequence"])] = run.time_s - row["time_s"]
    assert max(seen.values()) > 60
    assert min(seen.values()) >= 0
    assert max(seen.values()) < 110  # its delay, and up to one step until it is asked for
    assert set(range(100)) <= set(seen)


def test_duplicates_repeat_value_stamp_and_sequence(plant, calm):
    log = log_of(plant, ("duplicate", spell(fraction=0.4)))
    again = log[log.duplicated()]
    n = (END_MIN - START_MIN) * 6
    assert abs(len(again) - 0.4 * n) < 5 * np.sqrt(0.4 * 0.6 * n)
    assert log.drop_duplicates().sort_values("sequence").reset_index(drop=True).equals(calm)


def test_faults_of_different_kinds_add_up(plant, calm, within):
    log = log_of(
        plant,
        ("bias", spell(bias_K=2.0)),
        ("drift", spell(rate_K_per_h=1.0)),
        ("clock_skew", spell(skew_s=9.0)),
    )
    hours = (minutes(calm) - START_MIN) / 60
    assert moved(log, calm)[within] == pytest.approx((2.0 + hours)[within], abs=1e-9)
    assert ((log["time"] - calm["time"]).dt.total_seconds()[within] == 9.0).all()


def test_a_fault_put_on_a_stuck_instrument_moves_what_it_repeats(plant, within):
    stuck = log_of(plant, ("stuck", spell()))
    log = log_of(plant, ("stuck", spell()), ("bias", spell(bias_K=2.0)))
    assert moved(log, stuck)[within] == pytest.approx(2.0, abs=1e-9)


def test_a_stuck_controlled_instrument_shows_control_and_telemetry_the_same(plant):
    """TIC-101 reads every 10 s, telemetry every 7 s: both must hold one reading."""
    run = plant(
        {"faults": ({"tag": "TT-101", "kind": "stuck", "start_min": 1.7, "end_min": 30},)}, seed=6, sample_s=7
    )
    run.run(7 * 200)
    log = run.log().query("tag == 'TT-101'")
    held = log["value"][(minutes(log) >= 2) & (minutes(log) < 23)]
    assert held.nunique() == 1
    error = held.iloc[0] - 350.0
    moves = np.diff(run.truth()["coolant_kg_per_min"].to_numpy())[30:190]
    step = 60.0 * error * (10 / 60) / 60.0
    assert moves[moves != 0] == pytest.approx(step, abs=1e-9)


@pytest.mark.parametrize("pieces", [[4800], [10] * 480, [70, 1130, 600, 3000]])
def test_a_stuck_instrument_holds_one_value_in_one_go_or_in_pieces(plant, pieces):
    run = plant({"faults": ({"tag": "TT-101", "kind": "stuck", "start_min": 20, "end_min": 50},)}, seed=6)
    for seconds in pieces:
        run.run(seconds)
    log = run.log().query("tag == 'TT-101'")
    held = log["value"][(minutes(log) >= 20) & (minutes(log) < 50)]
    assert set(held) == {held.iloc[0]}
    assert log["value"][minutes(log) >= 50].nunique() > 100


@pytest.mark.parametrize("seconds", [7, 70, 1400])
def test_a_stuck_controlled_instrument_is_the_same_in_pieces_when_telemetry_falls_between_scans(
    plant, seconds
):
    """Telemetry at 105 s comes before the first scan in the fault, at 110 s, whose reading is held."""
    entry = {"tag": "TT-101", "kind": "stuck", "start_min": 1.7, "end_min": 20}
    run = plant({"faults": (entry,)}, seed=6, sample_s=7)
    calm = plant(seed=6, sample_s=7)
    calm.run(105)
    for _ in range(1400 // seconds):
        run.run(seconds)
    values = run.log().query("tag == 'TT-101'")["value"].to_numpy()
    assert values[15] == calm.log().query("tag == 'TT-101'")["value"].iloc[15]
    assert len(set(values[16:171])) == 1
    assert values[16] != values[15]


def test_a_reading_beyond_all_numbers_is_bad_and_has_no_value(plant):
    sizes = {"fraction": 1.0, "size_K": 1.7e308}
    log = log_of(plant, ("bias", {"sizes": {"bias_K": 1.7e308}}), ("spikes", {"sizes": sizes}))
    beyond = log["value"].isna()
    assert 0.3 < beyond.mean() < 0.7  # spikes go up or down
    assert (log["quality"][beyond] == "Bad").all()
    assert np.isfinite(log["value"][~beyond]).all()
    assert (log["quality"][~beyond & (log["value"].abs() > 1e300)] == "Uncertain").all()


def test_controllers_believe_the_faulty_instrument(plant):
    run = plant(
        {"faults": ({"tag": "TT-101", "kind": "bias", "sizes": {"bias_K": 4.0}},)}, seed=6, sample_s=60
    )
    run.run(12 * 3600)
    assert run.truth()["reactor_K"].iloc[-1] == pytest.approx(346.0, abs=0.2)


def test_an_analysers_result_is_faulty_when_its_sample_was_taken_in_the_fault(plant):
    entry = {"start_min": 19, "end_min": 21, "sizes": {"bias_mol_per_mol": 0.3}}
    calm = log_of(plant, tag="AT-101A")
    log = log_of(plant, ("bias", entry), tag="AT-101A")
    off = (log["value"] - calm["value"]).to_numpy()
    assert list(minutes(log)[off != 0]) == [26.0]


# --- putting on and taking off ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_two_faults_of_one_kind_at_once_are_refused(plant, kind):
    run = plant()
    run.put_fault("TT-101", kind, start_s=100, end_s=200)
    with pytest.raises(BadArgument, match="fault of this kind"):
        run.put_fault("TT-101", kind, start_s=199, end_s=300)
    run.put_fault("TT-101", kind, start_s=200, end_s=300)
    run.put_fault("TT-102", kind, start_s=100, end_s=200)


def test_a_removed_fault_is_over_at_once(plant, calm):
    run = plant(seed=6)
    fault = run.put_fault("TT-103", "bias", start_s=0, bias_K=5.0)
    run.run(600)
    run.remove_fault(fault)
    run.run(600)
    values = run.log().query("tag == 'TT-103'")["value"].to_numpy()
    off = values - calm["value"].to_numpy()[: len(values)]
    # It was put on after the reading at time 0, and taken off after the one at 600 s.
    assert list(np.flatnonzero(np.abs(off) > 1)) == list(range(1, 61))


def test_a_fault_removed_before_its_start_never_happens_and_makes_room(plant, calm):
    run = plant(seed=6)
    never = run.put_fault("TT-103", "bias", start_s=600, bias_K=5.0)
    run.remove_fault(never)
    run.put_fault("TT-103", "bias", start_s=60, bias_K=0.0)
    run.run(RUN_MIN * 60)
    log = run.log().query("tag == 'TT-103'").reset_index(drop=True)
    assert log.equals(calm)


def test_removing_a_fault_twice_changes_nothing(plant):
    run = plant()
    fault = run.put_fault("TT-103", "bias", start_s=0)
    run.run(60)
    run.remove_fault(fault)
    run.run(60)
    run.remove_fault(fault)
    assert fault.end_s == 60


def test_a_fault_in_the_past_is_refused(plant):
    run = plant()
    run.run(60)
    with pytest.raises(BadArgument, match="past"):
        run.put_fault("TT-101", "bias", start_s=50)


def test_a_fault_must_end_after_it_starts(plant):
    with pytest.raises(BadArgument, match="end after it starts"):
        plant().put_fault("TT-101", "bias", start_s=50, end_s=50)


def test_a_fault_on_an_instrument_of_a_larger_scope_is_refused(plant):
    with pytest.raises(BadArgument, match="scope 'reactor' has no such instrument"):
        plant(scope="reactor").put_fault("TT-201", "bias", start_s=0)


@pytest.mark.parametrize("kind", ["Bias", "offset", "", None, 3, ["bias"]])
def test_an_unknown_fault_is_refused(plant, kind):
    with pytest.raises(UnknownName, match="Unknown fault"):
        plant().put_fault("TT-101", kind, start_s=0)


@pytest.mark.parametrize(
    ("tag", "kind", "given", "offered"),
    [
        ("TT-101", "drift", "rate_C_per_h", "rate_K_per_h"),
        ("TT-101", "bias", "bias_degC", "bias_K"),
        ("FT-101", "bias", "bias_m3ph", "bias_m3_per_h"),
        ("FT-102", "drift", "rate_kg_per_h", "rate_kg_per_min_per_h"),
        ("AT-101A", "bias", "bias_K", "bias_mol_per_mol"),
        ("PT-101", "spikes", "size_bar", "size_MPa"),
    ],
)
def test_a_size_in_another_unit_is_refused_and_the_right_name_offered(plant, tag, kind, given, offered):
    with pytest.raises(UnknownName) as refused:
        plant().put_fault(tag, kind, start_s=0, **{given: 1.0})
    assert offered in str(refused.value)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), "1", None, True, [1.0], 1j, 10**400]
)
def test_a_size_that_is_no_finite_number_is_refused(plant, value):
    with pytest.raises(BadArgument, match="bias_K must be a finite number"):
        plant().put_fault("TT-101", "bias", start_s=0, bias_K=value)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("spikes", "fraction", 1.1),
        ("spikes", "fraction", -0.1),
        ("missing", "fraction", 2),
        ("noise", "factor", 0.5),
        ("delayed", "delay_s", -1.0),
        ("duplicate", "fraction", -1e-9),
        ("clock_skew", "skew_s", 1e6),
    ],
)
def test_a_size_out_of_range_is_refused_with_the_range(plant, kind, name, value):
    with pytest.raises(BadArgument, match=f"{name} is out of range.*Choose from"):
        plant().put_fault("TT-101", kind, start_s=0, **{name: value})


def test_a_refused_fault_leaves_the_instrument_as_it_was(plant, calm):
    run = plant(seed=6)
    with pytest.raises(BadArgument):
        run.put_fault("TT-103", "noise", start_s=0, factor=0.0)
    run.put_fault("TT-103", "noise", start_s=RUN_MIN * 60, factor=2.0)
    run.run(RUN_MIN * 60 - 10)
    assert run.log().query("tag == 'TT-103'").reset_index(drop=True).equals(calm.iloc[:-1])
