"""What instruments say of the truth: noise, range, and the analysers' dead time."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from harness.plant import instruments
from harness.plant.channel import GOOD, UNCERTAIN, Channel

HOURS = 12
CONTINUOUS = [row.tag for row in instruments.INSTRUMENTS if not row.period_s]
ANALYSERS = [row.tag for row in instruments.INSTRUMENTS if row.period_s]
# One test in 10^5 may fail by chance for one seed; the seed is fixed.
RARE = 1e-5


@pytest.fixture(scope="module")
def day():
    from harness.plant.simulation import Simulation

    run = Simulation(scope="plant", seed=12, sample_s=10)
    run.run(HOURS * 3600)
    return run.truth(), run.log()


def standardised(day, tag):
    """Errors of a continuous instrument in standard deviations of what its data sheet says."""
    truth, log = day
    row = instruments.instrument(tag)
    readings = log[log["tag"] == tag].set_index("time")["value"].tz_localize(None)
    true = truth[row.measures].tz_localize(None)
    sigma = row.sigma + row.sigma_relative * true.abs()
    return ((readings - true) / sigma).to_numpy()


@pytest.mark.parametrize("tag", CONTINUOUS)
def test_the_noise_of_each_instrument_has_its_size_and_no_bias(day, tag):
    errors = standardised(day, tag)
    n = len(errors)
    assert n == HOURS * 360 + 1
    low, high = stats.chi2.interval(1 - RARE, n)
    assert low < (errors**2).sum() < high
    assert abs(errors.mean()) * np.sqrt(n) < stats.norm.isf(RARE / 2)


@pytest.mark.parametrize("tag", CONTINUOUS)
def test_the_noise_is_normal_and_white(day, tag):
    errors = standardised(day, tag)
    assert stats.kstest(errors, "norm").pvalue > RARE
    neighbours = np.corrcoef(errors[1:], errors[:-1])[0, 1]
    assert abs(neighbours) * np.sqrt(len(errors)) < stats.norm.isf(RARE / 2)


def test_the_noise_of_different_instruments_is_independent(day):
    errors = np.array([standardised(day, tag) for tag in CONTINUOUS])
    correlations = np.corrcoef(errors)[np.triu_indices(len(errors), 1)]
    bound = stats.norm.isf(RARE / 2 / len(correlations))
    assert np.abs(correlations).max() * np.sqrt(errors.shape[1]) < bound


@pytest.mark.parametrize(
    ("tag", "sigma"), [("TT-101", 0.1), ("TT-205", 0.1), ("FT-101", 0.005 * 4.2), ("AT-201", 0.005)]
)
def test_noise_is_what_the_plant_sheet_says(tag, sigma):
    row = instruments.instrument(tag)
    truth = {"TT-101": 350.0, "TT-205": 370.0, "FT-101": 4.2, "AT-201": 0.5}[tag]
    times_s = np.arange(0, 100_000, 10)
    values, _ = Channel(row, seed=1, grid_s=10).read_many(times_s, np.full(len(times_s), truth))
    assert values.std() == pytest.approx(sigma, rel=0.03)


def test_readings_one_by_one_are_readings_together():
    row = instruments.instrument("FT-102")
    times_s, truth = np.arange(0, 500, 3), np.linspace(100.0, 1700.0, 167)
    channel = Channel(row, seed=1, grid_s=10)
    values, codes = channel.read_many(times_s, truth)
    single = [channel.read(int(t), float(x)) for t, x in zip(times_s, truth, strict=True)]
    assert [v for v, _ in single] == list(values)
    assert [c for _, c in single] == list(codes)


@pytest.mark.parametrize(
    ("truth", "code"), [(251.0, GOOD), (449.0, GOOD), (240.0, UNCERTAIN), (460.0, UNCERTAIN)]
)
def test_a_reading_outside_the_range_is_uncertain(truth, code):
    channel = Channel(instruments.instrument("TT-101"), seed=1, grid_s=10)
    assert channel.read(10, truth)[1] == code
    assert channel.read_many(np.array([10]), np.array([truth]))[1][0] == code


def test_a_closed_valve_reads_zero_and_good(plant):
    run = plant(scope="reactor", seed=1)
    run.write("FIC-101", "MODE", "MAN")
    run.write("FIC-101", "MV", 0.0)
    run.run(60)
    last = run.log().query("tag == 'FT-101'").iloc[-1]
    assert (last["value"], last["quality"]) == (0.0, "Good")


@pytest.mark.parametrize("tag", ANALYSERS)
def test_an_analyser_reports_every_ten_minutes_what_was_true_six_minutes_before(day, tag):
    truth, log = day
    row = instruments.instrument(tag)
    results = log[log["tag"] == tag].iloc[1:]  # the first is what it knew before the run
    start = log["time"].iloc[0]
    minutes = (results["time"] - start).dt.total_seconds() / 60
    assert list(minutes) == [6 + 10 * k for k in range(HOURS * 6)]
    sampled = truth[row.measures].reindex(results["time"] - pd.Timedelta(minutes=6))
    errors = (results["value"].to_numpy() - sampled.to_numpy()) / row.sigma
    low, high = stats.chi2.interval(1 - RARE, len(errors))
    assert low < (errors**2).sum() < high


def test_an_analyser_lags_a_moving_truth(plant):
    run = plant(scope="reactor", seed=1, sample_s=60)
    run.write("FIC-101", "SV", 5.4)
    run.run(6 * 3600)
    truth, log = run.truth()["z_a"], run.log()
    results = log[log["tag"] == "AT-101A"].set_index("time")["value"].iloc[1:]
    then = truth.reindex(results.index - pd.Timedelta(minutes=6)).to_numpy()
    assert np.abs(results.to_numpy() - then).max() < 5 * 0.005


@pytest.mark.parametrize(("scan_s", "sample_s"), [(45, 45), (7, 7), (10, 3600), (25, 50)])
def test_analysers_keep_their_period_whatever_scan_and_telemetry(plant, still, scan_s, sample_s):
    run = plant(
        scope="reactor", seed=1, sample_s=sample_s, parameters=still.changed("control", scan_s=scan_s)
    )
    run.run(2 * 3600 // sample_s * sample_s)
    times = run.log().query("tag == 'AT-101A'")["time"].iloc[1:]
    minutes = (times - times.iloc[0].normalize()).dt.total_seconds() / 60
    assert list(minutes) == [6 + 10 * k for k in range(len(minutes))]
    assert len(minutes) >= 11


def test_every_sample_carries_the_unit_of_its_instrument(day):
    _, log = day
    for tag, unit in log.groupby("tag", observed=True)["unit"].agg(lambda units: set(units)).items():
        assert unit == {instruments.instrument(tag).unit}


def test_the_sequence_counts_the_readings_of_each_tag(day):
    _, log = day
    for tag, rows in log.groupby("tag", observed=True):
        assert list(rows["sequence"]) == list(range(len(rows))), tag
