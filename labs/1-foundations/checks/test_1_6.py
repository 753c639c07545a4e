"""Visible checks of exercise 1.6: five metrics on one run, and what they say of a run without an answer."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from harness import Plant
from harness.grading.expect import close, number
from harness.grading.points import points
from harness.grading.submission import Raised

START = pd.Timestamp("2026-01-01", tz="UTC")
EVERY_5_S = pd.date_range(START + pd.Timedelta("2min"), periods=118, freq="5s")


@pytest.fixture(scope="session")
def plant_run():
    """Twelve minutes of R-101 on the move, in a plant that has run; TT-102 is silent from minute 4 to 8."""
    plant = Plant(seed=5, sample_s=20).offline()
    plant.fault("TT-102", "missing", start_min=4, end_min=8)
    plant.write("TIC-101", "SV", 355.0)
    plant.run(minutes=12)
    return plant


@pytest.fixture(scope="session")
def inbox(plant_run):
    """Readings of three of its instruments; they arrive late and out of order."""
    log = plant_run.log().drop(columns="unit")
    table = log[log["tag"].isin(["TT-101", "TT-102", "PT-101"])]
    delay_s = np.random.default_rng(5).exponential(25.0, len(table)).round(3)
    return table.assign(arrived=table["time"] + pd.to_timedelta(delay_s, unit="s"))


@pytest.fixture(scope="session")
def temperatures(plant_run):
    """Its true temperature in K, and an estimate that is off by an offset and a scale."""
    truth = plant_run.truth()["reactor_K"].to_numpy()
    noise = np.random.default_rng(3).normal(0.0, 0.2, len(truth))
    return truth, 1.2 * (truth - truth[0]) + truth[0] + 0.7 + noise


def _ages_s(table, tag, *, stamp="time", newest="time", good=True, on_arrival=True):
    """Ages at the moments, infinite where nothing is known; the options are ways to get it wrong."""
    mine = ((table["tag"] == tag) & ((table["quality"] == "Good") | (not good))).to_numpy()
    times_s = {name: _seconds(table[name])[mine] for name in ("time", "arrived")}
    order, moments_s = np.argsort(times_s[newest], kind="stable"), _seconds(EVERY_5_S)
    came = times_s["arrived" if on_arrival else "time"][order] <= moments_s[:, None]
    last = came.shape[1] - 1 - came[:, ::-1].argmax(axis=1)
    return np.where(came.any(axis=1), moments_s - times_s[stamp][order][last], math.inf)


def _seconds(times):
    return (pd.DatetimeIndex(times) - START).total_seconds().to_numpy()


def _p95(values):
    """The least value that at least 95 % do not exceed."""
    return float(np.sort(values)[-(-95 * len(values) // 100) - 1])


def _nothing(submission, name, *args, why):
    """Fail unless the answer is None."""
    try:
        got = submission.call(name, *args)
    except Raised as fault:
        raise AssertionError(f"`{name}` raised {fault.kind} {why}; the card wants None there.") from None
    assert got is None, f"`{name}` must be None {why}."


@points(
    1,
    hint="Page 1.6 has the definition. What is it for an estimate that is always 5 K off?",
)
def test_r2(submission, temperatures):
    """R² of a temperature that moves."""
    truth, estimate = temperatures
    correlation = float(np.corrcoef(truth, estimate)[0, 1])
    close(
        submission.call("r2", truth, estimate),
        float(metrics.r2_score(truth, estimate)),
        what="R²",
        rel_tol=1e-6,
        mistakes={
            "This is the square of the correlation, which does not see an offset or a scale.": correlation**2,
            "This is the correlation.": correlation,
            "Truth and estimate have changed places.": float(metrics.r2_score(estimate, truth)),
        },
        otherwise="R² is not 1 - SSE/SST.",
    )


@points(1, hint="What is a tenth of a kelvin as a share of 20 degC, of 293.15 K, of 0 degC?")
def test_percentage(submission, temperatures):
    """The error in percent is the same, whether the run is told in K or in degC."""
    truth, estimate = temperatures
    relative = np.abs(estimate - truth) / truth
    celsius = 100 * float(np.mean(np.abs(estimate - truth) / (truth - 273.15)))
    mistakes = {
        "This is a fraction; percent is a hundred times that.": float(relative.mean()),
        "This is the percentage on the Celsius scale, whose zero is just a cold day.": celsius,
    }
    for unit, zero in (("K", 0.0), ("degC", 273.15)):
        got = submission.call("error_percent", truth - zero, estimate - zero, unit)
        assert got is not None or unit == "K", (
            "None came back for degC. It is no ratio scale, but it is to be taken to kelvin here."
        )
        close(
            got,
            100 * float(relative.mean()),
            what="The error in percent",
            rel_tol=1e-6,
            mistakes=mistakes,
            otherwise="It is not the mean of the absolute errors, each in percent of its own true value.",
        )


@points(1, hint="Take one moment, list what has arrived by then, and find the newest of it by hand.")
def test_age(submission, inbox):
    """The 95th percentile of the age of TT-102, which is silent for a while."""
    right = _p95(_ages_s(inbox, "TT-102"))
    got = number(submission.call("age_p95_s", inbox, "TT-102", EVERY_5_S), "The p95 age in s")
    close(
        got,
        right,
        what="The p95 age in s",
        rel_tol=1e-6,
        # To work the mistakes out takes longer than all the rest.
        mistakes={} if math.isclose(got, right, rel_tol=1e-6) else _age_mistakes(inbox, "TT-102"),
        otherwise="It is not the 95th percentile of the moment minus the newest stamp known by then.",
    )


def _age_mistakes(table, tag):
    """What the known mistakes give for the 95th percentile of the age."""
    ages_s = _ages_s(table, tag)
    mine = table[(table["tag"] == tag) & (table["quality"] == "Good")]
    return {
        "This is the latency of what came; a silent instrument has a perfect one.": _p95(
            (mine["arrived"] - mine["time"]).dt.total_seconds()
        ),
        "This is the age since the reading was received, not since the stamp of its source.": _p95(
            _ages_s(table, tag, stamp="arrived", newest="arrived")
        ),
        "Here a late reading has replaced a newer one.": _p95(_ages_s(table, tag, newest="arrived")),
        "Bad readings count here, but they say nothing.": _p95(_ages_s(table, tag, good=False)),
        "Readings count here before they have arrived.": _p95(_ages_s(table, tag, on_arrival=False)),
        "This is the mean age, not the 95th percentile.": float(ages_s.mean()),
        "This percentile lies between two ages; the text asks for one of the ages.": float(
            np.percentile(ages_s, 95)
        ),
    }


@points(1, hint="For each tag alone: at how many of the moments is its age within its limit?")
def test_live_share(submission, inbox):
    """Share of live tags, each with a limit of its own."""
    limits_s = {"PT-101": 30.0, "TT-102": 90.0}
    ages_s = {tag: _ages_s(inbox, tag) for tag in limits_s}
    live = np.array([ages_s[tag] <= limit for tag, limit in limits_s.items()])
    everywhere = float(np.mean([ages_s[tag] <= 90.0 for tag in limits_s]))
    ever = float(np.mean([ages_s[tag] < math.inf for tag in limits_s]))
    close(
        submission.call("live_share", inbox, limits_s, EVERY_5_S),
        float(live.mean()),
        what="The share of live tags",
        rel_tol=1e-6,
        mistakes={
            "Stale readings count as live here: a value on the screen is not yet a live one.": ever,
            "One limit was used for all tags; each has its own.": everywhere,
            "This is the share of moments at which all tags are live together.": float(live.all(0).mean()),
            "This is in percent; the text asks for a share from 0 to 1.": 100 * float(live.mean()),
        },
        otherwise="It is not the mean over the tags of the share of moments at which each is live.",
    )


@points(1, hint="The savings are paired. What is known exactly adds nothing to an error.")
def test_value(submission):
    """Worth in a year, and its standard error, from five failures."""
    without, with_it = np.array([900.0, 0.0, 1300.0, 420.0, 770.0]), np.array([100.0, 0.0, 1250.0, 0.0, 90.0])
    saved = without - with_it
    got = _two(submission.call("yearly_value", without, with_it, 4.0, 600.0))
    close(
        got[0],
        4.0 * float(saved.mean()) - 600.0,
        what="The worth in EUR",
        rel_tol=1e-6,
        mistakes={
            "The yearly cost was not taken off.": 4.0 * float(saved.mean()),
            "The sign is wrong: a twin that saves money has a positive worth.": -4.0 * float(saved.mean())
            - 600.0,
        },
        otherwise="The worth is the mean saving times the failures in a year, less the cost.",
    )
    _standard_error(got[1], saved, without, with_it, per_year=4.0)


def _two(got):
    """What came back as a list of two."""
    two = got.tolist() if isinstance(got, np.ndarray) else got
    right = isinstance(two, tuple | list) and len(two) == 2
    assert right, "Two numbers must come back: the worth and its standard error."
    return list(two)


def _standard_error(got, saved, without, with_it, *, per_year):
    n = len(saved)
    spread = float(saved.std(ddof=1))
    apart = math.sqrt((without.var(ddof=1) + with_it.var(ddof=1)) / n)
    close(
        got,
        per_year * spread / math.sqrt(n),
        what="The standard error in EUR",
        rel_tol=1e-6,
        mistakes={
            "This is the spread of single failures; the mean of several is known better.": per_year * spread,
            "This takes the failures for all that there can be; they are a sample.": per_year
            * float(saved.std(ddof=0))
            / math.sqrt(n),
            "This forgets that the losses are paired: the luck that both share cancels.": per_year * apart,
            "This is numpy's plain std(): the spread of single failures, not the error of their mean,"
            " and with n for n - 1.": per_year * float(saved.std(ddof=0)),
            "This is the error of one failure, not that of a year.": spread / math.sqrt(n),
        },
        otherwise="It is not the standard error of the mean saving, for a year.",
    )


@points(1, hint="Each sentence with the word None, in the text, is a case to try.")
def test_no_value_is_said(submission, inbox):
    """Where a metric has no value, it says None; where nothing is known, the age is infinite."""
    rest = np.full(5, 350.0)
    _nothing(submission, "r2", rest, rest + 0.1, why="when the truth does not move")
    _nothing(submission, "error_percent", rest / 100, rest / 99, "barg", why="for a gauge pressure in barg")
    _nothing(submission, "live_share", inbox, {}, EVERY_5_S, why="without any tag")
    got = submission.call("age_p95_s", inbox, "XX-999", EVERY_5_S)
    assert (type(got), got) == (float, math.inf), "What never came is infinitely old: `math.inf`."
