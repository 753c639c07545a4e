"""Visible checks of exercise 1.4: the error ten minutes ahead, and the choice of a level."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from harness.grading.expect import close
from harness.grading.points import points

START = pd.Timestamp("2026-03-02 06:00", tz="UTC")
STARTS_MIN = np.arange(0, 100, 5)


class Block(NamedTuple):
    """Forecasts of one level on one run, some minutes ahead of each start."""

    run: str
    role: str
    level: str
    ahead_min: int
    predicted_K: np.ndarray


def forecasts_of(blocks: list[Block]) -> pd.DataFrame:
    """All of them as one table, in the order of their starts."""
    labels = {name: [getattr(block, name) for block in blocks] for name in ("run", "role", "level")}
    made_min = np.tile(STARTS_MIN, len(blocks))
    ahead_min = np.repeat([block.ahead_min for block in blocks], len(STARTS_MIN))
    columns = {
        **{name: np.repeat(values, len(STARTS_MIN)) for name, values in labels.items()},
        "made_at": START + pd.to_timedelta(made_min, unit="min"),
        "due": START + pd.to_timedelta(made_min + ahead_min, unit="min"),
        "predicted_K": np.concatenate([block.predicted_K for block in blocks]),
    }
    return pd.DataFrame(columns).iloc[np.lexsort((ahead_min, made_min))].reset_index(drop=True)


def readings_of(run: str, value_K: np.ndarray) -> pd.DataFrame:
    """A table of Good readings, one a minute."""
    times = START + pd.to_timedelta(np.arange(len(value_K)), unit="min")
    return pd.DataFrame({"run": run, "time": times, "value_K": value_K, "quality": "Good"})


def path_K(steepness_K_per_min: float, *, low_K: float = 350.0) -> np.ndarray:
    """Two hours of a reactor that climbs for half an hour and falls for the next, minute by minute."""
    return low_K + steepness_K_per_min * (30.0 - np.abs(np.arange(121) % 60 - 30.0))


LOW_K = {"up": 350.0, "again": 353.0}


def errors_of(rng: np.random.Generator, rmse_K: float) -> np.ndarray:
    """Errors with exactly this root-mean-square, in part a bias."""
    raw = rng.normal(size=len(STARTS_MIN)) + 0.5
    return raw * rmse_K / rms(raw)


def rms(values: np.ndarray) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


@points(2, hint="Which rows are ten minutes ahead, and with which reading does each of them belong?")
def test_the_error_is_that_of_ten_minutes_ahead(submission, seed):
    """The error of one level on two runs that share a clock is that of ten minutes ahead."""
    rng = np.random.default_rng([seed, 14, 1])
    # Three kelvins between the runs: a forecast that is paired with the other run's reading shows.
    read_K = {run: path_K(0.3, low_K=low) + rng.normal(scale=0.05, size=121) for run, low in LOW_K.items()}
    size_K = {1: 0.1, 5: 0.4, 10: 0.8}
    error_K = {(run, ahead): errors_of(rng, size_K[ahead]) for run in LOW_K for ahead in size_K}
    blocks = [
        Block(run, "unseen", "linear", ahead, read_K[run][STARTS_MIN + ahead] + error)
        for (run, ahead), error in error_K.items()
    ]
    ten = np.concatenate([error_K[run, 10] for run in LOW_K])
    due, made = (
        np.concatenate([path[at] for path in read_K.values()]) for at in (STARTS_MIN + 10, STARTS_MIN)
    )
    late, every = ten + due - made, np.concatenate([*error_K.values()])
    apart_K = due - np.roll(due, len(STARTS_MIN))  # from the other run's reading at that time
    first = np.arange(len(ten)) < len(STARTS_MIN)
    shared_clock = "Runs share a clock, so a time alone names no reading: pair by run and time."
    readings = pd.concat([readings_of(run, path) for run, path in read_K.items()], ignore_index=True)
    close(
        submission.call("ten_minute_rmse_K", forecasts_of(blocks), readings),
        rms(ten),
        what="The ten-minute RMSE in K",
        rel_tol=1e-6,
        mistakes={
            "This counts forecasts for less than ten minutes ahead as well.": rms(every),
            "This is the error one minute ahead, not ten.": rms(
                np.concatenate([error_K[run, 1] for run in LOW_K])
            ),
            "Each forecast is compared with the reading of the moment when it was made.": rms(late),
            "This is the mean of the absolute errors, not the root of their mean square.": float(
                np.abs(ten).mean()
            ),
            "This is the scatter about the mean error: a steady bias is an error too.": float(ten.std()),
            "The scatter about the mean error is not the error: a bias counts.": float(ten.std(ddof=1)),
            "This is the mean square; its root is missing.": rms(ten) ** 2,
            "The signs of the errors cancel: square them first.": float(ten.mean()),
        }
        | {
            f"{shared_clock} {paired}": rms(errors)
            for paired, errors in {
                "Here each forecast meets the readings of both runs.": np.concatenate([ten, ten + apart_K]),
                "Here all meet the readings of the second run.": ten + np.where(first, apart_K, 0.0),
                "Here all meet the readings of the first run.": ten + np.where(first, 0.0, apart_K),
            }.items()
        },
        otherwise="That is not the root-mean-square error ten minutes ahead.",
    )


@points(1, hint="What does a reading need in order to count?")
def test_forecasts_without_a_good_reading_are_left_out(submission, seed):
    """Bad readings and missing minutes are left out, not filled in."""
    rng = np.random.default_rng([seed, 14, 2])
    read_K, ten = path_K(0.3), errors_of(rng, 0.6)
    doubted, lost = [3, 4, 5], [11, 12]
    bad, gone = STARTS_MIN[doubted] + 10, STARTS_MIN[lost] + 10
    readings = readings_of("up", read_K)
    readings.loc[bad, ["value_K", "quality"]] = [320.0, "Bad"]
    readings = readings.drop(index=gone).reset_index(drop=True)
    believed, filled = ten.copy(), ten.copy()
    believed[doubted] += read_K[bad] - 320.0
    filled[doubted + lost] += (read_K - np.roll(read_K, 1))[np.concatenate([bad, gone])]
    close(
        submission.call(
            "ten_minute_rmse_K",
            forecasts_of([Block("up", "unseen", "linear", 10, read_K[STARTS_MIN + 10] + ten)]),
            readings,
        ),
        rms(np.delete(ten, doubted + lost)),
        what="The ten-minute RMSE in K",
        rel_tol=1e-6,
        mistakes={
            "Readings of quality Bad are believed.": rms(np.delete(believed, lost)),
            "Gaps are filled with an older reading; there is nothing to compare.": rms(filled),
            "Missing minutes are filled with an older reading; leave them out.": rms(
                np.delete(filled, doubted)
            ),
        },
        otherwise="The error is wrong where readings are Bad or missing.",
    )


RUNS = {"shift": ("training", 340.0), "to 353 K": ("unseen", 330.0), "to 360 K": ("unseen", 345.0)}
# By level: cost, ten-minute error in limits on each run, that of one minute, and which mistake chooses it.
LADDER = {
    "gold plate": (95.0, (0.9, 0.9, 0.9), 0.3, "The cheapest level is asked for, not the first in a list."),
    "hybrid": (80.0, (0.5, 0.3, 0.25), 0.1, "The best level is not asked for: a cheaper one is good enough."),
    "log": (1.0, (15.0, 15.0, 15.0), 1.5, "Compared at the moment of forecasting, a log is never wrong."),
    "nowcast": (2.0, (1.5, 1.5, 1.6), 0.2, "That level is good enough for a minute or five, not for ten."),
    "forest": (
        12.0,
        (0.3, 1.6, 1.4),
        0.2,
        "That level is good where it was trained, and not on unseen runs.",
    ),
    "linear": (
        18.0,
        (1.4, 0.15, 1.36),
        0.2,
        "That level fails on one of the unseen runs; an average hides it.",
    ),
    "physics": (40.0, (1.8, 0.85, 0.7), 0.2, ""),
    "rich physics": (60.0, (0.5, 0.8, 0.7), 0.2, "Training runs count neither for a level nor against it."),
}


@points(3, hint="Go through the levels from the cheapest upwards: which runs count for each?")
def test_the_cheapest_level_that_is_good_enough(submission, seed):
    """Of eight levels the cheapest is chosen that is good enough on each unseen run."""
    rng, limit_K = np.random.default_rng([seed, 14, 3]), 0.5
    read_K = {run: path_K(1.5 * limit_K, low_K=low_K) for run, (_, low_K) in RUNS.items()}
    blocks = [
        Block(run, role, level, ahead, _predicted_K(rng, read_K[run], level, ahead, size * limit_K))
        for level, (_, shares, soon, _) in LADDER.items()
        for (run, (role, _)), share in zip(RUNS.items(), shares, strict=True)
        for ahead, size in ((1, soon), (5, math.sqrt(soon * share)), (10, share))
    ]
    readings = pd.concat([readings_of(run, value_K) for run, value_K in read_K.items()]).reset_index(
        drop=True
    )
    cost_h = {level: row[0] for level, row in LADDER.items()}
    chosen = submission.call("cheapest_level", forecasts_of(blocks), readings, cost_h, limit_K)
    assert chosen is not None, (
        "None came back, and one level is good enough on each unseen run: "
        "look at the error of each level on each."
    )
    assert isinstance(chosen, str), "The name of a level must come back, a string."
    assert chosen in LADDER, "The name of a level must come back, as `cost_h` spells it."
    why_not = LADDER[chosen][3]
    assert not why_not, why_not


def _predicted_K(
    rng: np.random.Generator, read_K: np.ndarray, level: str, ahead_min: int, rmse_K: float
) -> np.ndarray:
    if level == "log":  # the reading of the moment at which it is asked
        return read_K[STARTS_MIN]
    return read_K[STARTS_MIN + ahead_min] + errors_of(rng, rmse_K)
