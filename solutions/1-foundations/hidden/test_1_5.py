"""Hidden checks of exercise 1.5: other jackets, thermometers that lie, changes that must change nothing."""

from __future__ import annotations

import contextlib
import functools
from typing import NamedTuple

import numpy as np
import pandas as pd

from harness import Plant
from harness.grading.expect import close, number
from harness.grading.points import points
from harness.grading.submission import StudentFault, Submission
from harness.plant.parameters import PlantParameters

# See the visible checks for the spread of a right answer.
# An error of 2.7 to 3.2 K puts UA 9 to 12 % off, and 3.5 to 5 % if only the cold feed believes it.
THERMOMETER_K, UA_SHARE = 0.15, 0.03
BOOK_UA = (300.0, 313.8)  # as handed over, and as on the data sheet


class Hot(NamedTuple):
    """A hot run: its log, the UA that it was made with, and the means of its truth."""

    log: pd.DataFrame
    ua: float
    mean: pd.Series

    def without_side_reaction(self) -> float:
        """What a balance gives that lacks the heat of B → C."""
        r, mean = PlantParameters().reactor, self.mean
        k2_per_min = r.k2_per_min * np.exp(-r.k2_activation_K * (1 / mean.reactor_K - 1 / r.k2_reference_K))
        side_kJ_per_min = r.holdup_kmol * k2_per_min * mean.z_b * r.heat2_kJ_per_kmol
        return float(self.ua - side_kJ_per_min / (mean.reactor_K - mean.jacket_K))

    def believing(self, error_K: float) -> float:
        """What balances give with a temperature that is too high by an error."""
        r, mean = PlantParameters().reactor, self.mean
        cp_flow = (mean.feed_m3_per_h / 6.0 + 0.258) * r.heat_capacity_kJ_per_kmol_K
        ahead_K = mean.reactor_K - mean.jacket_K
        return float((self.ua * ahead_K - cp_flow * error_K) / (ahead_K + error_K))

    def half_believing(self, error_K: float) -> float:
        """The same, if only the heat that warms the feed is found with that temperature."""
        ahead_K = self.mean.reactor_K - self.mean.jacket_K
        return self.believing(error_K) * float((ahead_K + error_K) / ahead_K)


@functools.lru_cache(maxsize=4)  # two of the checks look at the same run
def hot_run(*key: int, bias_K: float = 0.0) -> Hot:
    """Eight hours at rest above 360 K, of a plant whose jacket is in any state but the book's."""
    rng = np.random.default_rng(key)
    ua = float(rng.choice([rng.uniform(284.0, 291.0), rng.uniform(324.0, 370.0)]))
    # At rest the means tell it all, and few samples and scans will do for them.
    parameters = PlantParameters().changed("cooling", ua_kJ_per_min_K=ua).changed("control", scan_s=120)
    plant = Plant(seed=int(rng.integers(2**31)), sample_s=600, parameters=parameters).offline()
    if bias_K:
        plant.fault("TT-101", "bias", bias_K=bias_K)
    plant.write("TIC-101", "SV", 356.0)
    plant.run(minutes=30)
    plant.write("TIC-101", "SV", float(rng.uniform(361.0, 365.0)))
    plant.run(minutes=210)
    rest = plant.now
    plant.run(minutes=480)
    log, truth = plant.log(), plant.truth()
    return Hot(log[log.time > rest].reset_index(drop=True), ua, truth[truth.index > rest].mean())


def slips(hot: Hot) -> dict[str, float]:
    """The slips that any log may show."""
    return {
        "This is UA in kW/K, and kJ/(min K) is asked for.": hot.ua / 60.0,
        "This is UA per hour, and kJ/(min K) is asked for.": hot.ua * 60.0,
        "UA makes up for a missing side reaction, on a log of its own.": hot.without_side_reaction(),
    }


def misjudges(submission: Submission, log: pd.DataFrame, error_K: float) -> bool:
    """Whether the learner's own function finds some error in TT-101, and another than it has."""
    with contextlib.suppress(StudentFault):
        found_K = submission.call("thermometer_error_K", log)
        if isinstance(found_K, int | float):
            return abs(found_K) > THERMOMETER_K and abs(found_K - error_K) > THERMOMETER_K
    return False


@points(3, hint="The check that you see uses another reactor and the same three steps.")
def test_ua_of_another_reactor(submission, seeds):
    """UA comes within 3 % for another jacket, at another temperature."""
    hot = hot_run(seeds[1], 51, 1)
    got = number(submission.call("ua_kJ_per_min_K", hot.log), "UA in kJ/(min K)")
    assert all(abs(got / ua - 1.0) > 1e-3 for ua in BOOK_UA), (
        "This is a value of the book or the data sheet, and this jacket is in another state: use the log."
    )
    if abs(got / hot.ua - 1.0) > UA_SHARE and misjudges(submission, hot.log, 0.0):
        raise AssertionError("UA is off, and an error is found in a TT-101 that is sound: that comes first.")
    close(
        got,
        hot.ua,
        what="UA in kJ/(min K)",
        rel_tol=UA_SHARE,
        mistakes=slips(hot),
        otherwise="UA is more than 3 % off for a jacket in another state.",
    )


@points(
    3, hint="Which terms of the heat balance use the reactor's temperature? Each of them wants the true one."
)
def test_ua_in_spite_of_a_thermometer_that_reads_too_low(submission, seeds):
    """UA comes within 3 % although TT-101 reads too low."""
    bias_K = -float(np.random.default_rng([seeds[2], 51, 2]).uniform(2.7, 3.2))
    hot = hot_run(seeds[2], 51, 3, bias_K=bias_K)
    got = number(submission.call("ua_kJ_per_min_K", hot.log), "UA in kJ/(min K)")
    if abs(got / hot.ua - 1.0) > UA_SHARE and misjudges(submission, hot.log, bias_K):
        raise AssertionError("UA is off, and so is the error found in this TT-101: that comes first.")
    close(
        got,
        hot.ua,
        what="UA in kJ/(min K)",
        rel_tol=UA_SHARE,
        mistakes={
            "UA is found with TT-101 believed, and it reads wrong on this log.": hot.believing(bias_K),
            "The heat that warms the feed is found with TT-101 as it reads.": hot.half_believing(bias_K),
            "UA is found with TT-101 corrected the wrong way: its error is doubled.": hot.believing(
                2.0 * bias_K
            ),
            **slips(hot),
        },
        otherwise="UA is more than 3 % off when TT-101 reads too low.",
    )


@points(2, needs="test_the_thermometer_is_judged_by_the_boiling_point", hint="An error may have either sign.")
def test_the_error_of_thermometers_that_are_sound_or_read_too_low(submission, seeds):
    """A TT-101 that reads too low has a negative error, and a sound one none."""
    hot = hot_run(seeds[0], 51, 4)
    bias_K = -float(np.random.default_rng([seeds[0], 51, 5]).uniform(0.8, 3.0))
    low = _with_error(hot.log, bias_K)
    close(
        submission.call("thermometer_error_K", hot.log),
        0.0,
        what="The thermometer's error in K",
        abs_tol=THERMOMETER_K,
        otherwise="An error is found in a thermometer that is sound.",
    )
    close(
        submission.call("thermometer_error_K", low),
        bias_K,
        what="The thermometer's error in K",
        abs_tol=THERMOMETER_K,
        mistakes={
            "The error must be negative for a thermometer that reads too low.": -bias_K,
            "A thermometer that reads too low is found sound.": 0.0,
        },
        otherwise="The error of a thermometer that reads too low is not found.",
    )


@points(
    1,
    needs="test_ua_of_a_reactor_with_a_sound_thermometer",
    hint="What is Good? And what does a row's place say?",
)
def test_what_must_not_change_ua(submission, seeds):
    """Bad readings, the order of the rows and the date do not change UA, and neither does TT-101's error."""
    rng, log = np.random.default_rng([seeds[1], 51, 6]), hot_run(seeds[1], 51, 1).log
    before = number(submission.call("ua_kJ_per_min_K", log), "UA in kJ/(min K)")
    assert before > 0, "UA came out zero or negative."

    def same(changed: pd.DataFrame) -> bool:
        after = number(submission.call("ua_kJ_per_min_K", changed), "UA in kJ/(min K)")
        return bool(abs(after / before - 1.0) < 0.005)

    if same(_with_error(_elsewhen(_with_bad(log), rng), 4.0)):
        return
    assert same(_with_bad(log)), "Readings that are not Good change UA: they do not count."
    assert same(_elsewhen(log, rng)), "UA depends on the order of the rows or on the date of the log."
    assert same(_with_error(log, 4.0)), (
        "UA changes when TT-101 reads 4 K higher and the plant stays the same."
    )
    raise AssertionError("UA changes when Bad readings, another order and an error of TT-101 come together.")


def _elsewhen(log: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The same log a hundred days later, its rows in another order."""
    shuffled = log.iloc[rng.permutation(len(log))].reset_index(drop=True)
    return shuffled.assign(time=shuffled.time + pd.Timedelta(days=100))


def _with_error(log: pd.DataFrame, error_K: float) -> pd.DataFrame:
    """The same hours of the plant, as a TT-101 would tell them that reads off by a constant."""
    return log.assign(value=log["value"].where(log.tag != "TT-101", log["value"] + error_K))


def _with_bad(log: pd.DataFrame) -> pd.DataFrame:
    """A log to which every tenth reading was added once more, Bad, and twice as large."""
    extra = log.iloc[::10]
    bad = extra.assign(value=2.0 * extra["value"], quality="Bad", sequence=extra["sequence"] + 10_000)
    both = pd.concat([log.astype({"quality": "str"}), bad])
    return both.sort_values("time", kind="stable").reset_index(drop=True)
