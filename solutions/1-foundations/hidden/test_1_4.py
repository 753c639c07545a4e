"""Hidden checks of exercise 1.4: real moves of the plant, other ladders, changes that must change nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from twin import levels

from harness import Plant
from harness.grading.expect import close, number
from harness.grading.points import points
from harness.plant.parameters import PlantParameters

SCANS = PlantParameters().changed("control", scan_s=60)  # a sixth of the work, and as real a move
COLUMNS = ["run", "role", "level", "made_at", "due", "predicted_K"]
STARTS_MIN = np.arange(0, 88, 8)


def rms(values: np.ndarray) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


class Move(NamedTuple):
    """What physics forecast of a real move, what was read, and its errors ten minutes ahead."""

    forecasts: pd.DataFrame
    readings: pd.DataFrame
    error_K: np.ndarray


def move(name: str, seed: int, set_K: float) -> Move:
    """An ordinary day of the plant on which the set value moves after twenty minutes."""
    plant = Plant(seed=seed, scenario="ordinary-day", sample_s=60, parameters=SCANS).offline()
    plant.run(minutes=20)
    plant.write("TIC-101", "SV", set_K)
    plant.run(minutes=30)
    log = plant.log()
    told = log[log.tag.isin(levels.TAGS)].pivot(index="time", columns="tag", values="value").ffill()
    times, read_K = told.index, told["TT-101"].to_numpy()
    told["SV"] = np.where(np.arange(len(told)) > 20, set_K, 350.0)
    run = levels.with_unmeasured(told.to_dict("records"))
    rows, error_K = [], []
    for now in range(10, len(run) - 10, 3):
        planned_K = [minute["SV"] for minute in run[now + 1 : now + 11]]
        path_K = levels.Physics().predict(run[: now + 1], planned_K)
        error_K.append(path_K[9] - read_K[now + 10])
        rows += [(name, "unseen", "physics", times[now], times[now + n], path_K[n - 1]) for n in (1, 2, 10)]
    readings = pd.DataFrame({"run": name, "time": times, "value_K": read_K, "quality": "Good"})
    return Move(pd.DataFrame(rows, columns=COLUMNS), readings, np.array(error_K))


@points(
    2, needs="test_the_error_is_that_of_ten_minutes_ahead", hint="Two runs of one plant have the same clock."
)
def test_two_real_runs_on_one_clock(submission, seeds):
    """The error over two moves of the real plant, whose times coincide."""
    both = [move("up", seeds[1] % 2**31 + 14, 354.0), move("down", seeds[2] % 2**31 + 15, 347.0)]
    forecasts = pd.concat([each.forecasts for each in both]).reset_index(drop=True)
    readings = pd.concat([each.readings for each in both]).reset_index(drop=True)
    ten = forecasts[forecasts.due - forecasts.made_at == pd.Timedelta(minutes=10)]
    mixes = [
        (ten.predicted_K - each.readings.set_index("time").value_K[ten.due].to_numpy()).to_numpy()
        for each in both
    ]
    mixed = "Runs share a clock: a forecast belongs to the reading of its own run."
    close(
        submission.call("ten_minute_rmse_K", forecasts, readings),
        rms(np.concatenate([each.error_K for each in both])),
        what="The ten-minute RMSE in K",
        rel_tol=1e-6,
        mistakes={mixed: rms(np.concatenate(mixes))},
        otherwise="The error over two real runs at once is wrong.",
    )


@points(
    1, needs="test_the_error_is_that_of_ten_minutes_ahead", hint="By what does a forecast find its reading?"
)
def test_what_must_not_change_the_error(submission, seeds):
    """Order, date and the zero of the scale do not change the error; errors twice as large double it."""
    rng = np.random.default_rng([seeds[0], 41, 1])
    real = move("move", seeds[0] % 2**31 + 16, 353.0)

    def ratio(forecasts: pd.DataFrame, readings: pd.DataFrame) -> float:
        got = number(submission.call("ten_minute_rmse_K", forecasts, readings), "The ten-minute RMSE in K")
        return got / rms(real.error_K)

    later = pd.Timedelta(days=300)
    orders = [rng.permutation(len(table)) for table in (real.forecasts, real.readings)]
    mixed = real.forecasts.iloc[orders[0]].reset_index(drop=True)
    said = real.readings.iloc[orders[1]].reset_index(drop=True)
    then = mixed.assign(made_at=mixed.made_at + later, due=mixed.due + later)
    then["predicted_K"] -= 273.15
    elsewhen = said.assign(time=said.time + later, value_K=said.value_K - 273.15)
    if abs(ratio(then, elsewhen) - 1.0) > 1e-6:
        assert abs(ratio(mixed, said) - 1.0) < 1e-6, "The error depends on the order of the rows."
        raise AssertionError("The error depends on the date, or on the zero of the scale.")
    read_K = real.readings.set_index("time").value_K[real.forecasts.due].to_numpy()
    far = real.forecasts.assign(predicted_K=2.0 * real.forecasts.predicted_K - read_K)
    assert abs(ratio(far, real.readings) - 2.0) < 1e-6, (
        "Forecasts that are twice as far off do not double the error."
    )


# By part in the story: cost, ten-minute errors in limits on a training run and two unseen ones, that of one
# minute, and what to say to a learner who chooses it.
LADDER = {
    "first": (95.0, (0.9, 0.9, 0.8), 0.3, "Costs decide, not the order in which levels stand."),
    "best": (80.0, (0.5, 0.3, 0.2), 0.1, "The most accurate level was chosen, and a cheaper one would do."),
    "log": (1.0, (15.0, 15.0, 15.0), 1.5, "Forecasts are compared with the moment at which they were made."),
    "soon": (2.0, (1.35, 1.3, 1.35), 0.2, "Errors of less than ten minutes ahead were counted."),
    "trained": (12.0, (0.3, 1.6, 1.4), 0.2, "A level was chosen for its error in training."),
    "mostly": (18.0, (1.4, 0.15, 1.36), 0.2, "A level was chosen that is too far off on one unseen run."),
    "right": (40.0, (1.8, 0.85, 0.7), 0.2, ""),
    "next": (60.0, (0.5, 0.8, 0.6), 0.2, "The training run was counted with the unseen ones."),
}


class Ladder(NamedTuple):
    """What `cheapest_level` is given, and the names of the levels by their part in the story."""

    forecasts: pd.DataFrame
    readings: pd.DataFrame
    cost_h: dict[str, float]
    limit_K: float
    named: dict[str, str]


def ladder(rng: np.random.Generator) -> Ladder:
    """Another ladder: names, costs, limit, errors, runs and times of its own."""
    limit_K, low_K = float(rng.uniform(0.3, 0.9)), rng.permutation([335.0, 345.0, 355.0])
    named = dict(zip(LADDER, map(str, rng.permutation(list("KLMNPQRSTVWXYZ"))), strict=False))
    start = pd.Timestamp("2026-05-04", tz="UTC") + pd.Timedelta(minutes=int(rng.integers(10_000)))
    climb_K = 1.5 * limit_K * (25.0 - np.abs(np.arange(101) % 50 - 25.0))
    rows = [
        (f"run {run}", "unseen" if run else "training", named[part], made, made + ahead, low_K[run] + value_K)
        for part, (_, shares, soon, _) in LADDER.items()
        for run in range(3)
        for ahead, share in ((1, soon), (10, shares[run]))
        for made, value_K in zip(
            STARTS_MIN, _forecast(rng, climb_K, part, ahead, share * limit_K), strict=True
        )
    ]
    forecasts = pd.DataFrame(rows, columns=COLUMNS)
    for column in ("made_at", "due"):
        forecasts[column] = start + pd.to_timedelta(forecasts[column], unit="min")
    readings = pd.DataFrame(
        {
            "run": np.repeat([f"run {run}" for run in range(3)], len(climb_K)),
            "time": start + pd.to_timedelta(np.tile(np.arange(len(climb_K)), 3), unit="min"),
            "value_K": np.concatenate([low + climb_K for low in low_K]),
            "quality": "Good",
        }
    )
    cost_h = {named[part]: row[0] * float(rng.uniform(0.9, 1.1)) for part, row in LADDER.items()}
    return Ladder(forecasts, readings, cost_h, limit_K, named)


def _forecast(
    rng: np.random.Generator, climb_K: np.ndarray, part: str, ahead_min: int, rmse_K: float
) -> np.ndarray:
    if part == "log":  # what was read when it was asked
        return climb_K[STARTS_MIN]
    error_K = rng.normal(size=len(STARTS_MIN)) + 0.3
    return climb_K[STARTS_MIN + ahead_min] + error_K * rmse_K / rms(error_K)


@points(3, hint="Which runs count, and does each of them?")
def test_the_cheapest_of_another_ladder(submission, seeds):
    """Of other levels, with other names, the cheapest is chosen that is good enough on each unseen run."""
    rungs = ladder(np.random.default_rng([seeds[0], 41, 2]))
    chosen = submission.call("cheapest_level", rungs.forecasts, rungs.readings, rungs.cost_h, rungs.limit_K)
    assert chosen is not None, "No level was chosen, and one is good enough."
    assert isinstance(chosen, str), "Something else than a name of a level came back."
    assert chosen in rungs.cost_h, "A level was chosen that is not among those offered."
    why_not = LADDER[next(part for part, name in rungs.named.items() if name == chosen)][3]
    assert not why_not, why_not


@points(
    1,
    needs="test_the_cheapest_level_that_is_good_enough",
    hint="What has a level shown that was never tried?",
)
def test_a_level_that_has_shown_nothing(submission, seeds):
    """A level is not chosen without forecasts on each unseen run, and none without unseen runs."""
    rungs = ladder(np.random.default_rng([seeds[1], 41, 3]))
    right, other = rungs.named["right"], rungs.named["next"]
    cost_h = {other: rungs.cost_h[other], right: rungs.cost_h[right]}
    absent = (rungs.forecasts.level == right) & (rungs.forecasts.run == "run 2")
    forecasts = rungs.forecasts[~absent].reset_index(drop=True)
    chosen = submission.call("cheapest_level", forecasts, rungs.readings, cost_h, rungs.limit_K)
    assert chosen is None or isinstance(chosen, str), "Something else than a name or None came back."
    assert chosen != right, "A level was chosen that never forecast one of the unseen runs."
    assert chosen == other, "When the cheapest candidate drops out, the next one is to be chosen."
    seen = forecasts[forecasts.role == "training"].reset_index(drop=True)
    chosen = submission.call("cheapest_level", seen, rungs.readings, cost_h, rungs.limit_K)
    assert chosen is None, "A level was chosen although there is no unseen run at all."


@points(1, needs="test_the_cheapest_level_that_is_good_enough", hint="What comes back when no level will do?")
def test_no_level_is_good_enough(submission, seeds):
    """Where no level that is offered is good enough, none is chosen."""
    rungs = ladder(np.random.default_rng([seeds[2], 41, 4]))
    cost_h = {rungs.named[part]: rungs.cost_h[rungs.named[part]] for part in ("mostly", "trained")}
    chosen = submission.call("cheapest_level", rungs.forecasts, rungs.readings, cost_h, rungs.limit_K)
    assert chosen is None, "A level was chosen, and none of those offered is within the limit."
