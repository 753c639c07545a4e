"""Exercise 1.7, hidden: against a synchroniser that is written here anew, on plants that no page shows."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from twin.reactor import Reactor, rates

from harness import Plant
from harness.grading.expect import number
from harness.grading.points import points

# Between odeint and the Runge-Kutta steps below lie 1e-6 K; a Euler step each 10 s is off by 0.004 K and 7e-5
# at most, over 12 seeds and gaps of ten minutes. One Euler step over such a gap is off by 0.3 K, and a clock
# that jumps over it by 1.4 K.
TOL = np.array([1e-4, 0.005])
FIELDS = ("time", "z_a", "T_K", "feed_kmol_per_min", "jacket_K")
FORM = "The states are not a list of dicts with the asked moments and the fields of `start`."
FIRST = "test_one_reading_corrects_by_a_share"


def states(submission, arrivals, start, asked, **options):
    """The learner's states, once their form is right."""
    got = submission.call("twin_states", arrivals, start, asked, **options)
    assert isinstance(got, list), FORM
    assert len(got) == len(asked), FORM
    for state, moment in zip(got, asked, strict=True):
        assert isinstance(state, dict), FORM
        assert set(FIELDS) <= set(state), FORM
        assert isinstance(state["time"], datetime), FORM
        assert state["time"] == moment, FORM
    for key in FIELDS[1:]:
        for state in got:
            number(state[key], "Each field of a state but `time`")
    return got


def values(got):
    """z_A and T of states."""
    return np.array([[state["z_a"], state["T_K"]] for state in got])


def same(one, other):
    """Whether states agree within the tolerance."""
    return np.allclose(one, other, rtol=0, atol=TOL)


# --- the rules of the exercise, and what becomes of them by mistake ---


def moved(x, minutes, feed_kmol_per_min, jacket_K, *, steps=None):
    """The state after that time, by Runge-Kutta steps of at most 10 s; by Euler's if `steps` is given."""
    inputs = {"feed_kmol_per_min": feed_kmol_per_min, "jacket_K": jacket_K}

    def slope(y):
        return np.array(rates(Reactor(), *y, **inputs))

    n = steps or max(1, round(minutes * 6))
    h = minutes / n
    for _ in range(n):
        a = slope(x)
        if steps:
            x = x + h * a
            continue
        b = slope(x + h / 2 * a)
        c = slope(x + h / 2 * b)
        x = x + h / 6 * (a + 2 * b + 2 * c + slope(x + h * c))
    return x


def believed(
    arrivals, start, moment, *, gain=0.15, steps=None, jump_min=None, frozen=False, qualities=("Good",)
):
    """z_A and T at a moment by the rules of the exercise."""
    use = arrivals["quality"].isin(qualities) & arrivals["tag"].isin(["TT-101", "TT-102", "FT-101"])
    use &= (arrivals["arrived"] <= moment) & (arrivals["time"] > start["time"]) & arrivals["value"].notna()
    rows = arrivals[use].sort_values("time", kind="stable").drop_duplicates(["tag", "time"])
    clock, x = pd.Timestamp(start["time"]), np.array([start["z_a"], start["T_K"]])
    feed, jacket_K = start["feed_kmol_per_min"], start["jacket_K"]
    end = (pd.Timestamp(moment), "", 0.0)
    for time, tag, value in [*zip(rows["time"], rows["tag"], rows["value"], strict=True), end]:
        minutes = (time - clock).total_seconds() / 60
        if minutes > 0 and not (jump_min and minutes > jump_min and tag):
            x = moved(x, minutes, feed, jacket_K, steps=steps)
        clock = time
        if tag == "TT-101":
            x = x + np.array([0.0, gain * (value - x[1])])
        elif tag == "FT-101" and not frozen:
            feed = value / 6  # 10 kmol/m3 and 60 min/h
        elif tag == "TT-102" and not frozen:
            jacket_K = value
    return x


def all_believed(arrivals, start, asked, **how):
    """z_A and T at each asked moment."""
    return np.array([believed(arrivals, start, moment, **how) for moment in asked])


def compared(got, want, mistakes, otherwise):
    """Fail with the message of the mistake that comes nearest; they are worked out only then."""
    if same(got, want):
        return
    off = {message: np.abs((got - wrong()) / TOL).max() for message, wrong in mistakes.items()}
    nearest = min(off, key=off.__getitem__)
    assert off[nearest] > 1, nearest
    raise AssertionError(otherwise)


# --- plants ---


MOVE = """
description = "The set-point moves."
disturbances = ["cooling_water", "feed_composition", "feed_temperature"]

[[writes]]
at_min = 0.5
loop = "TIC-101"
value = {set_K:.2f}
"""


def plant(seed, *, minutes, sample_s=30):
    """Readings after the start, start and truth of a plant whose set-point moves, from a seed."""
    rng = np.random.default_rng([seed, 17])
    set_K = 350.0 + rng.choice([-1, 1]) * rng.uniform(2, 5)
    with tempfile.TemporaryDirectory() as folder:
        story = Path(folder, "move.toml")
        story.write_text(MOVE.format(set_K=set_K), encoding="utf-8")
        run = Plant(seed=seed, scenario=story, sample_s=sample_s).simulate(hours=minutes / 60)
    begin = run.truth.index[0].to_pydatetime()
    log = run.log[(run.log["time"] > begin) & ~run.log["tag"].isin(["TT-103", "AT-101A"])]
    log = log.astype({"tag": "str", "unit": "str", "quality": "str"}).assign(arrived=log["time"])
    near = rng.normal(0, [0.002, 0.2])
    start = {"time": begin, "z_a": float(0.2632 + near[0]), "T_K": float(350.0 + near[1])}
    start |= {"feed_kmol_per_min": 0.7, "jacket_K": 306.66}
    return log.reset_index(drop=True), start, run.truth


def after(start, *minutes):
    """Moments after the start."""
    return [start["time"] + timedelta(minutes=minute) for minute in minutes]


def arriving(arrivals):
    """Rows in the order of their arrival."""
    return arrivals.sort_values("arrived", kind="stable", ignore_index=True)


def cut(log, begin, end):
    """Which rows were measured while the wire was cut."""
    return (log["time"] >= begin) & (log["time"] < end)


def handed_over(log, begin, end, rng):
    """What the broker kept from begin to end arrives within some seconds after it, in any order."""
    arrivals, late = log.copy(), cut(log, begin, end)
    arrivals.loc[late, "arrived"] = end + pd.to_timedelta(rng.uniform(0, 3, late.sum()).round(3), unit="s")
    return arriving(arrivals)


@points(1, needs=FIRST, hint="Go through the rules one by one with the table of a short gap.")
def test_states_follow_from_the_rules_on_three_plants(submission, seeds):
    """On three plants: after a gap of 60 s whose readings come late, some twice, and 5 min later."""
    for seed in seeds:
        log, start, truth = plant(seed, minutes=8, sample_s=20)
        rng = np.random.default_rng(seed)
        begin, end = after(start, *(np.round(rng.uniform(0.9, 1.5), 1) + np.array([0.0, 1.0])))
        arrivals = handed_over(log, begin, end, rng)
        again = arrivals[rng.random(len(arrivals)) < 0.3]
        again = again.assign(arrived=again["arrived"] + timedelta(seconds=5))
        arrivals = arriving(pd.concat([arrivals, again]))
        asked = [end + timedelta(seconds=5), end + timedelta(minutes=5)]
        got = states(submission, arrivals, start, asked)

        def by(case=(arrivals, start, asked), **how):
            return lambda: all_believed(*case, **how)

        mistakes = {
            "The inputs stay as they were at the start.": by(frozen=True),
            "It believes the thermometer alone, as with a gain of 1.": by(gain=1.0),
        }
        want = all_believed(arrivals, start, asked)
        compared(values(got), want, mistakes, "After a short gap the states are not those of the rules.")
        # Over 40 seeds a right answer is at most 0.15 K off here, 0.06 K on average with a spread of 0.04 K.
        true_K = np.interp(asked[-1].timestamp(), seconds(truth), truth["reactor_K"])
        assert abs(got[-1]["T_K"] - true_K) < 0.3, (
            "Five minutes after a gap it is 0.3 K or more off the plant."
        )


def seconds(truth):
    """The truth's times in s."""
    return np.array([moment.timestamp() for moment in truth.index])


@points(1, needs=FIRST, hint="Rule 4, and question 2 of section 1.7's check of understanding.")
def test_late_readings_count_at_their_own_time(submission, seeds):
    """Three minutes of readings that come late, the newest first, count at their own times."""
    log, start, _ = plant(seeds[1], minutes=6)
    begin, end = after(start, 1.5, 4.5)
    late = cut(log, begin, end)
    log.loc[late & (log["tag"] == "TT-101"), "value"] += 1.0  # so that each mistake with them shows
    newest_first, in_order = log.copy(), log.copy()
    newest_first.loc[late, "arrived"] = end + (end - log["time"][late]) / 100
    in_order.loc[late, "arrived"] = end + (log["time"][late] - begin) / 100
    newest_first, in_order = arriving(newest_first), arriving(in_order)
    asked = after(start, 4.2, 4.6)
    got = values(states(submission, newest_first, start, asked))

    def at_arrival():
        return all_believed(newest_first.assign(time=newest_first["arrived"]), start, asked)

    mistakes = {
        "The late readings are thrown away.": lambda: all_believed(log[~late], start, asked),
        "A late reading counts at its arrival, not at its own time stamp.": at_arrival,
    }
    want = all_believed(newest_first, start, asked)
    compared(got, want, mistakes, "Late readings do not count as if they had come in time.")
    other = values(states(submission, in_order, start, asked))
    assert same(got, other), "The order in which late readings arrive makes a difference."


@points(1, needs=FIRST, hint="Rule 2. A doubtful value may look like any other.")
def test_only_good_readings_count(submission, seeds):
    """Readings that are Bad, with or without a value, and Uncertain ones change nothing."""
    doubtful, start, _ = plant(seeds[2], minutes=6)
    rng = np.random.default_rng(seeds[2])
    for rows in doubtful.groupby("tag").indices.values():
        uncertain, bad, none = rng.permutation(rows[2:])[:3]
        doubtful.loc[[bad, none], "quality"] = "Bad"
        doubtful.loc[uncertain, "quality"] = "Uncertain"
        doubtful.loc[[uncertain, bad], "value"] *= 1.02
        doubtful.loc[none, "value"] = np.nan
    asked = after(start, 6.0)

    def with_qualities(*qualities):
        return lambda: all_believed(doubtful, start, asked, qualities=qualities)

    compared(
        values(states(submission, doubtful, start, asked)),
        all_believed(doubtful, start, asked),
        {
            "A reading of quality Uncertain is used.": with_qualities("Good", "Uncertain"),
            "A reading of quality Bad that has a value is used.": with_qualities("Good", "Uncertain", "Bad"),
        },
        "A reading that is not Good makes a difference.",
    )


@points(
    1,
    needs=FIRST,
    hint="How far apart are the two readings on either side of the gap, and what moves between?",
)
def test_model_moves_through_a_long_gap(submission, seeds):
    """Ten minutes whose readings are lost: the model moves through them."""
    log, start, _ = plant(seeds[0], minutes=13)
    begin, end = after(start, 2.0, 12.0)
    arrivals = log[~cut(log, begin, end)]
    asked = after(start, 11.9, 12.05)
    anew = start | {"time": end - timedelta(milliseconds=1)}
    compared(
        values(states(submission, arrivals, start, asked)),
        all_believed(arrivals, start, asked),
        {
            "The gap is crossed in one step of Euler's, which is too long.": lambda: all_believed(
                arrivals, start, asked, steps=1
            ),
            "The clock jumps over the gap, and the state stays as it was before it.": lambda: all_believed(
                arrivals, start, asked, jump_min=1.0
            ),
            "After the gap it begins again with the start's state, which is long stale.": lambda: np.vstack(
                [
                    all_believed(arrivals, start, asked[:1]),
                    all_believed(arrivals, anew, asked[1:]),
                ]
            ),
            "The inputs stay as they were at the start.": lambda: all_believed(
                arrivals, start, asked, frozen=True
            ),
        },
        "Through ten minutes without readings the model does not move by its balances.",
    )


@points(1, needs=FIRST, hint="Rule 2: the start has taken what was measured up to its moment.")
def test_it_goes_on_from_a_state_of_its_own(submission, seeds):
    """From a state that it gave, with all the readings or the later ones only, it comes to the same end."""
    log, start, _ = plant(seeds[1], minutes=4)
    middle, end = after(start, 3.0, 4.0)
    # TT-102 is lost from there on, so that its last value must be in the state; a spike stands on the seam.
    log = log[(log["tag"] != "TT-102") | (log["time"] <= middle)].reset_index(drop=True)
    log.loc[(log["tag"] == "TT-101") & (log["time"] == middle), "value"] += 3.0
    half, whole = states(submission, log, start, [middle, end])
    half = {key: half[key] for key in FIELDS}
    (resumed,) = states(submission, log[log["time"] > middle], half, [end])
    assert same(values([resumed]), values([whole])), (
        "From a state of its own it comes to another end: is everything in the state that must be known?"
    )
    (seam,) = states(submission, log, half, [end])
    assert same(values([seam]), values([whole])), (
        "Readings that the start has taken already are taken again, such as those stamped at its very moment."
    )


IN_UNITS = {
    "TT-102": (
        "degC",
        1.0,
        -273.15,
        "The jacket's temperature is taken for kelvin, though its row says degC.",
    ),
    "FT-101": ("L/min", 1000 / 60, 0.0, "The feed is taken for m3/h, though its row says L/min."),
    "TT-101": (
        "degC",
        1.0,
        -273.15,
        "The thermometer's value is taken for kelvin, though its row says degC.",
    ),
}


def in_other_units(log, tags):
    """The same readings, those of some tags in another unit."""
    other = log.copy()
    for tag in tags:
        unit, times, plus, _ = IN_UNITS[tag]
        of_tag = other["tag"] == tag
        other.loc[of_tag, "value"] = other.loc[of_tag, "value"] * times + plus
        other.loc[of_tag, "unit"] = unit
    return other


@points(1, needs=FIRST, hint="Rule 6, and the map of section 1.3.")
def test_units_and_the_calendar_do_not_matter(submission, seeds):
    """The same readings in other units, and at another date, give the same states."""
    log, start, _ = plant(seeds[2], minutes=3)
    asked = after(start, 2.8)
    want = values(states(submission, log, start, asked))
    away = timedelta(days=200, hours=7.5)
    other = in_other_units(log, IN_UNITS)
    other = other.assign(time=other["time"] + away, arrived=other["arrived"] + away)
    got = states(submission, other, start | {"time": start["time"] + away}, [asked[0] + away])
    if same(values(got), want):
        return
    for tag, (_, _, _, message) in IN_UNITS.items():
        assert same(values(states(submission, in_other_units(log, [tag]), start, asked)), want), message
    raise AssertionError("The same readings at another date give another state.")
