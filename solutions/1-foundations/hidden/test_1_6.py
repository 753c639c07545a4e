"""Hidden checks of exercise 1.6: unseen runs, gaps, nothing at all, and what must not change a metric."""

import math
from statistics import fmean, stdev

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from harness import Plant
from harness.grading.expect import close, number
from harness.grading.points import points
from harness.grading.submission import Raised

START = pd.Timestamp("2026-01-01", tz="UTC")


@pytest.fixture
def lines(seeds):
    """For each seed a plant after ten minutes, its set-point moved, instruments silent and stuck."""
    return [_ten_minutes(seed) for seed in seeds]


def _ten_minutes(seed):
    plant = Plant(seed=seed, sample_s=15).offline()
    plant.fault("TT-103", "missing", start_min=5, end_min=7)
    plant.fault("PT-101", "stuck", start_min=4)
    plant.write("TIC-101", "SV", 346.0)
    plant.run(minutes=10)
    return plant


def _inbox(plant, seed):
    """What has come over a bad line: late, some of it twice; the row index means nothing."""
    rng, log = np.random.default_rng(seed), plant.log().drop(columns="unit")
    table = log[log["tag"].isin(["TT-101", "TT-103", "PT-101"])]
    some = rng.choice(len(table), len(table) // 5, replace=False)
    table = table.iloc[rng.permutation(np.append(np.arange(len(table)), some))].reset_index(drop=True)
    delay_s = rng.exponential(25.0, len(table)).round(3)
    return table.assign(arrived=table["time"] + pd.to_timedelta(delay_s, unit="s"))


def _moments(seed, *, start_s=90, count=83):
    """Evenly spaced moments that are not on the beat of the plant."""
    step_s = 5.0 + (seed % 997) / 1000
    return START + pd.to_timedelta(start_s + step_s * np.arange(count), unit="s").round("ms")


def _seconds(times):
    return (pd.DatetimeIndex(times) - START).total_seconds().to_numpy()


def _ages_s(table, tag, moments, *, stamp="time", newest="time", words=("Good",), on_arrival=True):
    """Ages at the moments, infinite where nothing is known; the options are ways to get it wrong."""
    mine = ((table["tag"] == tag) & table["quality"].isin(words)).to_numpy()
    if not mine.any():
        return np.full(len(moments), math.inf)
    times_s = {name: _seconds(table[name])[mine] for name in ("time", "arrived")}
    order, moments_s = np.argsort(times_s[newest], kind="stable"), _seconds(moments)
    came = times_s["arrived" if on_arrival else "time"][order] <= moments_s[:, None]
    last = came.shape[1] - 1 - came[:, ::-1].argmax(axis=1)
    return np.where(came.any(axis=1), moments_s - times_s[stamp][order][last], math.inf)


def _p95(values):
    """The least value that at least 95 % do not exceed."""
    return float(np.sort(values)[-(-95 * len(values) // 100) - 1])


def _run(plant, seed, name):
    """A true course of a plant after a move of its set-point, an estimate of it, and a random generator."""
    rng = np.random.default_rng(seed)
    truth = plant.truth()[name].to_numpy(copy=True)
    spread = float(truth.std()) + 0.01 * float(truth.mean())
    return truth, truth + spread * (0.1 + rng.normal(0.0, 0.2, len(truth))), rng


def _answer(submission, name, *args, raised):
    """What a function gives; a message of this check if it raises an exception."""
    try:
        return submission.call(name, *args)
    except Raised:
        raise AssertionError(raised) from None


def _nothing(submission, name, *args, message):
    """Fail with a message unless the answer is None."""
    assert _answer(submission, name, *args, raised=message) is None, message


@points(1, hint="At most 1; there is no least.")
def test_r2_of_an_unseen_run(submission, seeds, lines):
    """R² of unseen runs, also of one that is worse than the mean, and in another unit."""
    for plant, seed, worse in zip(lines, seeds, (0.0, 40.0, -9.0), strict=True):
        truth, estimate, _ = _run(plant, seed, "reactor_K")
        estimate = estimate + worse
        right = float(metrics.r2_score(truth, estimate))
        mistakes = {
            "This is the square of the correlation, not the coefficient of determination.": float(
                np.corrcoef(truth, estimate)[0, 1] ** 2
            ),
            "An estimate that is worse than the mean of the truth has an R² below 0.": max(right, 0.0),
        }
        for scale, zero in ((1.0, 0.0), (1.8, -459.67)):  # kelvin, and the same in degrees Fahrenheit
            close(
                submission.call("r2", scale * truth + zero, scale * estimate + zero),
                right,
                what="R²",
                rel_tol=1e-6,
                mistakes=mistakes,
                otherwise="R² is wrong for an unseen run, or depends on the unit.",
            )


@points(1, hint="A gap takes its partner with it.")
def test_r2_with_gaps(submission, seeds, lines):
    """R² leaves pairs with a gap out, and is None when too few are left or the truth rests."""
    truth, estimate, rng = _run(lines[0], seeds[0], "z_a")
    gaps = [rng.choice(len(truth), 4, replace=False) for _ in range(2)]
    truth[gaps[0]], estimate[gaps[1]] = math.nan, math.nan
    whole = ~(np.isnan(truth) | np.isnan(estimate))
    close(
        _answer(submission, "r2", truth, estimate, raised="A gap in the data makes it raise an exception."),
        float(metrics.r2_score(truth[whole], estimate[whole])),
        what="R² of data with gaps",
        rel_tol=1e-6,
        mistakes={
            "Gaps were filled with 0.": float(
                metrics.r2_score(np.nan_to_num(truth), np.nan_to_num(estimate))
            ),
        },
        otherwise="R² of data with gaps must be that of the pairs without one.",
    )
    first, last = np.where(np.arange(3) == 0, truth[whole][:3], math.nan), truth[whole][:3]
    _nothing(submission, "r2", first, last, message="R² of a single pair must be None.")
    _nothing(submission, "r2", np.array([]), np.array([]), message="R² of no pair at all must be None.")
    resting = np.array([350.0, 350.0, 351.0, 350.0])
    seen = np.array([350.1, 350.2, math.nan, 349.9])
    _nothing(
        submission, "r2", resting, seen, message="R² must be None if the truth rests over the pairs left."
    )


@points(1, hint="Each error is a share of its own true value.")
def test_percentage_of_an_unseen_run(submission, seeds, lines):
    """The error in percent of a flow and of a temperature in degC, both with gaps."""
    for i, name, unit, zero in (
        (0, "coolant_kg_per_min", "kg/min", 0.0),
        (1, "cooling_water_K", "degC", 273.15),
    ):
        truth, estimate, rng = _run(lines[i], seeds[i], name)
        estimate[rng.choice(len(truth), 3, replace=False)] = math.nan
        error = np.abs(estimate - truth)
        whole = ~np.isnan(error)
        error, kept, said = error[whole], truth[whole], estimate[whole]
        right = 100 * float(np.mean(error / kept))
        close(
            _answer(
                submission,
                "error_percent",
                truth - zero,
                estimate - zero,
                unit,
                raised="A gap in the data makes it raise an exception.",
            ),
            right,
            what="The error in percent",
            rel_tol=1e-6,
            mistakes={
                "This is the percentage on the Celsius scale.": 100 * float(np.mean(error / (kept - zero))),
                "This is a fraction, not percent.": right / 100,
                "This is the mean error over the mean truth.": 100 * float(error.mean() / kept.mean()),
                "This takes the error as a share of the estimate.": 100 * float(np.mean(error / said)),
            },
            otherwise="It is not the mean percentage error of the pairs without a gap.",
        )


@points(1, hint="Which zeros mean nothing at all? And what is a share of nothing?")
def test_percentage_without_a_value(submission, seeds, lines):
    """The error in percent is None off a ratio scale, and where a true value is not positive."""
    truth, estimate, rng = _run(lines[2], seeds[2], "coolant_kg_per_min")
    at = rng.integers(len(truth))
    stopped = np.where(np.arange(len(truth)) == at, 0.0, truth)
    backwards = np.where(np.arange(len(truth)) == at, -1.0, truth)
    gone = np.full(len(truth), math.nan)
    tell = {
        "A percentage in barg, or in a unit that nobody has heard of, must be None.": [
            (truth, estimate, "barg"),
            (truth, estimate, "smoots"),
        ],
        "With a true value of 0 the percentage must be None.": [(stopped, estimate, "kg/min")],
        "With a negative true value the percentage must be None.": [(backwards, estimate, "kg/min")],
        "Without any pair the percentage must be None.": [(truth, gone, "kg/min"), (gone[:0], gone[:0], "K")],
    }
    for message, cases in tell.items():
        for case in cases:
            _nothing(submission, "error_percent", *case, message=message)
    frost = np.array([-3.0, 0.0, 4.0])
    ordinary = "0 degC and frost are ordinary temperatures: take them to kelvin first, then look at the sign."
    got = _answer(submission, "error_percent", frost, frost + 1.0, "degC", raised=ordinary)
    assert got is not None, ordinary
    right = 100 * float(np.mean(1.0 / (frost + 273.15)))
    close(got, right, what="The error in percent at 0 degC", rel_tol=1e-6, otherwise=ordinary)


def _age_mistakes(table, tag, moments):
    """What the known mistakes give for the 95th percentile of the age."""
    ages_s = _ages_s(table, tag, moments)
    good = table[(table["tag"] == tag) & (table["quality"] == "Good")]
    way_s = _seconds(good["arrived"]) - _seconds(good["time"])
    variants = {
        "This is the age since the reading was received.": {"stamp": "arrived", "newest": "arrived"},
        "Here a late reading has replaced a newer one.": {"newest": "arrived"},
        "Uncertain readings count here.": {"words": ("Good", "Uncertain")},
        "Readings that are not Good count here.": {"words": ("Good", "Uncertain", "Bad")},
        "Readings count here before they have arrived.": {"on_arrival": False},
    }
    known = ages_s[np.isfinite(ages_s)]
    return {
        "This is the latency, which does not see silence.": _p95(way_s),
        "Moments at which nothing was known were left out.": _p95(known),
        "This is the mean, not the 95th percentile.": float(ages_s.mean()),
        "This percentile lies between two ages; the text asks for one of them.": float(
            np.percentile(ages_s, 95)
        ),
    } | {message: _p95(_ages_s(table, tag, moments, **how)) for message, how in variants.items()}


@points(1, hint="Duplicates and late arrivals change nothing; silence does.")
def test_age_on_a_bad_line(submission, seeds, lines):
    """The 95th percentile of the age on a line that delivers late, twice, or not at all."""
    for i, tag in enumerate(("TT-103", "PT-101")):
        table, moments = _inbox(lines[i], seeds[i]), _moments(seeds[i])
        right = _p95(_ages_s(table, tag, moments))
        got = number(submission.call("age_p95_s", table, tag, moments), "The p95 age in s")
        # To work the mistakes out takes longer than all the rest.
        mistakes = {} if math.isclose(got, right, rel_tol=1e-6) else _age_mistakes(table, tag, moments)
        close(
            got,
            right,
            what="The p95 age in s",
            rel_tol=1e-6,
            mistakes=mistakes,
            otherwise="The p95 age of an unseen run is wrong.",
        )


@points(1, hint="An infinite age is an age like another, only greater.")
def test_age_when_nothing_is_known(submission, seeds, lines):
    """The age is infinite where nothing is known; a day later, with the rows turned round, it is the same."""
    table, moments = _inbox(lines[2], seeds[2]), _moments(seeds[2], start_s=-30)
    got = submission.call("age_p95_s", table, "TT-101", moments)
    message = "Where more than 5 % of the moments know nothing, the percentile is infinite."
    assert (type(got), got) == (float, math.inf), message
    day, known = pd.Timedelta("1D"), moments[20:]
    later = table.assign(time=table["time"] + day, arrived=table["arrived"] + day).iloc[::-1]
    right = _p95(_ages_s(table, "TT-101", known))
    got = submission.call("age_p95_s", later, "TT-101", known + day)
    close(
        got, right, what="The p95 age in s", rel_tol=1e-6, otherwise="The p95 age of an unseen run is wrong."
    )


NEVER_RAISES = "A tag that never spoke makes it raise an exception."


def _beat():
    """Readings on a beat of 30 s, there at once; one tag Good, one Uncertain after a minute."""
    times = pd.date_range(START, periods=11, freq="30s").repeat(2)
    stuck = (times > times[4]) & (np.arange(22) % 2 == 1)
    table = {"tag": ["TT-101", "PT-101"] * 11, "time": times, "arrived": times, "value": [350.0, 0.25] * 11}
    quality = np.where(stuck, "Uncertain", "Good")
    return pd.DataFrame({**table, "quality": quality, "sequence": np.arange(11).repeat(2)})


@points(1, hint="What never came is not live. What is exactly as old as its limit is.")
def test_live_share_on_the_limit(submission, seeds):
    """The share of live tags, at the very limit, with a stuck tag and with one that never spoke."""
    table, moments = _beat(), pd.date_range(START, periods=60, freq="5s")
    limits_s = {"PT-101": 20.0 - 5.0 * (seeds[0] % 2), "TT-109": 1e9}
    ages_s = [_ages_s(table, tag, moments) for tag in limits_s]
    trusting = [_ages_s(table, tag, moments, words=("Good", "Uncertain")) for tag in limits_s]
    limits = np.array(list(limits_s.values()))[:, None]
    live = np.array(ages_s) <= limits
    mistakes = {
        "A tag that never spoke was left out; it counts, and is not live.": float(live[0].mean()),
        "An age that is just the limit still counts as live.": float(np.mean(np.array(ages_s) < limits)),
        "Uncertain readings count as live here.": float(np.mean(np.array(trusting) <= limits)),
        "Stale readings count as live here.": float(np.mean(np.isfinite(ages_s))),
        "This is the share of moments at which all tags are live together.": float(live.all(0).mean()),
    }
    close(
        _answer(submission, "live_share", table, limits_s, moments, raised=NEVER_RAISES),
        float(live.mean()),
        what="The share of live tags",
        rel_tol=1e-6,
        mistakes=mistakes,
        otherwise="The share of live tags is wrong for unseen tags and limits.",
    )


@points(1, hint="How much does one failure tell of the spread? And none?")
def test_value_of_few_failures(submission, seeds):
    """The worth of unseen failures and its standard error; of one failure; of none."""
    rng = np.random.default_rng(seeds[1])
    without = rng.lognormal(6.0, 0.5, 7)
    with_it = without * rng.uniform(0.2, 1.1, 7)
    saved = (without - with_it).tolist()
    many = _two(submission.call("yearly_value", without, with_it, 2.5, 150.0))
    worth = {
        "otherwise": "The worth is wrong for unseen failures.",
        "what": "The worth in EUR",
        "rel_tol": 1e-6,
    }
    close(many[0], 2.5 * fmean(saved) - 150.0, **worth)
    close(
        many[1],
        2.5 * stdev(saved) / math.sqrt(7),
        what="The standard error in EUR",
        rel_tol=1e-6,
        otherwise="The standard error is wrong for unseen failures.",
    )
    one = "Of one failure the worth is known, and its standard error is None."
    got = _two(_answer(submission, "yearly_value", without[:1], with_it[:1], 2.5, 150.0, raised=one))
    close(got[0], 2.5 * saved[0] - 150.0, **worth)
    assert got[1] is None, one
    none = "Of no failure neither the worth nor its standard error is known: None and None."
    got = _two(_answer(submission, "yearly_value", without[:0], with_it[:0], 2.5, 150.0, raised=none))
    assert (got[0] is None, got[1] is None) == (True, True), none


def _two(got):
    """What came back as a list of two."""
    two = got.tolist() if isinstance(got, np.ndarray) else got
    right = isinstance(two, tuple | list) and len(two) == 2
    assert right, "Two numbers must come back: the worth and its standard error."
    return list(two)
