"""Visible checks of exercise 1.5: what the thermometer and the jacket of one more hot reactor tell."""

from __future__ import annotations

import contextlib
import functools
from typing import NamedTuple

import numpy as np
import pandas as pd
from twin.reactor import boiling_K

from harness import Plant
from harness.grading.expect import close, number
from harness.grading.points import points
from harness.grading.submission import StudentFault, Submission
from harness.plant.parameters import PlantParameters

# Over 40 seeds the mean of eight hours misses the thermometer's error by at most 0.06 K, and UA by balances
# by at most 1.0 %; by the rate constant UA scatters by 0.8 % (1 sigma). Without the side reaction it comes
# out 5 to 9 % low.
THERMOMETER_K, UA_SHARE = 0.15, 0.03
RECYCLE_KMOL_PER_MIN, RECYCLE_FRACTION_A = 0.258, 0.95


class Hot(NamedTuple):
    """A hot run: its log, the UA that it was made with, and the means of its truth."""

    log: pd.DataFrame
    ua: float
    mean: pd.Series

    def side_kJ_per_min(self, hotter_K: float = 0.0) -> float:
        """The heat of B → C, at the run's temperature or at one that is so much higher."""
        r, mean = PlantParameters().reactor, self.mean
        T_K = mean.reactor_K + hotter_K
        k2_per_min = r.k2_per_min * np.exp(-r.k2_activation_K * (1 / T_K - 1 / r.k2_reference_K))
        return float(r.holdup_kmol * k2_per_min * mean.z_b * r.heat2_kJ_per_kmol)

    def without_side_reaction(self) -> float:
        """What a balance gives that lacks the heat of B → C."""
        return float(self.ua - self.side_kJ_per_min() / (self.mean.reactor_K - self.mean.jacket_K))

    def recycle_per_second(self) -> float:
        """What a balance gives that takes the recycle's flow per second for one per minute."""
        r, mean = PlantParameters().reactor, self.mean
        left_out = RECYCLE_KMOL_PER_MIN * (1 - 1 / 60)
        reacts_kJ_per_kmol = r.heat1_kJ_per_kmol * (RECYCLE_FRACTION_A - mean.z_a)
        warms_kJ_per_kmol = r.heat_capacity_kJ_per_kmol_K * (mean.reactor_K - r.feed_K)
        lost_kJ_per_min = left_out * (reacts_kJ_per_kmol - warms_kJ_per_kmol)
        return float(self.ua - lost_kJ_per_min / (mean.reactor_K - mean.jacket_K))


@functools.lru_cache(maxsize=1)  # both checks look at the same run
def hot_run(*key: int) -> Hot:
    """Eight hours at rest above 360 K, of a plant whose jacket is in any state but the book's."""
    rng = np.random.default_rng(key)
    # The book's values are 300 and 313.8; neither is within 3 % of these.
    ua = float(rng.choice([rng.uniform(284.0, 291.0), rng.uniform(324.0, 370.0)]))
    # At rest the means tell it all, and few samples and scans will do for them.
    parameters = PlantParameters().changed("cooling", ua_kJ_per_min_K=ua).changed("control", scan_s=120)
    plant = Plant(seed=int(rng.integers(2**31)), sample_s=600, parameters=parameters).offline()
    plant.write("TIC-101", "SV", 356.0)
    plant.run(minutes=30)
    plant.write("TIC-101", "SV", float(rng.uniform(361.0, 365.0)))
    plant.run(minutes=210)
    rest = plant.now
    plant.run(minutes=480)
    log, truth = plant.log(), plant.truth()
    return Hot(log[log.time > rest].reset_index(drop=True), ua, truth[truth.index > rest].mean())


def _with_error(log: pd.DataFrame, error_K: float) -> pd.DataFrame:
    """The same hours of the plant, as a TT-101 would tell them that reads off by a constant."""
    return log.assign(value=log["value"].where(log.tag != "TT-101", log["value"] + error_K))


def finds_it_sound(submission: Submission, log: pd.DataFrame) -> bool:
    """Whether the learner's own function finds nothing wrong with a sound TT-101, if it can be asked."""
    with contextlib.suppress(StudentFault):
        error_K = submission.call("thermometer_error_K", log)
        return isinstance(error_K, int | float) and abs(error_K) < THERMOMETER_K
    return True


HOTTER_K = 100.0  # there the side reaction outweighs all the rest


def is_counted_per_second(submission: Submission, hot: Hot, ua: float) -> bool:
    """Whether the side reaction is there, with a 60th of its heat: too little to see on a real log."""
    reactor, mean = PlantParameters().reactor, hot.mean
    boils_higher = np.exp(
        reactor.vapour_activation_K * (1 / mean.reactor_K - 1 / (mean.reactor_K + HOTTER_K))
    )
    value = hot.log["value"].where(hot.log.tag != "PT-101", hot.log["value"] * boils_higher)
    hotter = _with_error(hot.log.assign(value=value), HOTTER_K)
    ua_hotter = number(submission.call("ua_kJ_per_min_K", hotter), "UA in kJ/(min K)")
    submission.call("ua_kJ_per_min_K", hot.log)  # the verdict shows the last call
    ahead_K = mean.reactor_K - mean.jacket_K
    cp_flow = (mean.feed_m3_per_h / 6.0 + RECYCLE_KMOL_PER_MIN) * reactor.heat_capacity_kJ_per_kmol_K
    more_kJ_per_min = ua_hotter * (ahead_K + HOTTER_K) - ua * ahead_K + cp_flow * HOTTER_K
    share = more_kJ_per_min / (hot.side_kJ_per_min(HOTTER_K) - hot.side_kJ_per_min())
    return bool(0.5 / 60 < share < 2 / 60)


@points(
    2, hint="Page 1.5 has the witness: the temperature at which the reactor boils at the pressure of PT-101."
)
def test_the_thermometer_is_judged_by_the_boiling_point(submission, seed):
    """The error of a TT-101 that reads too high is found."""
    bias_K = float(np.random.default_rng([seed, 15, 1]).uniform(1.8, 2.5))
    log = _with_error(hot_run(seed, 15, 3).log, bias_K)
    good = log[log.quality == "Good"].groupby("tag", observed=True)["value"].mean()
    for_pure_b_K = good["TT-101"] - boiling_K(good["PT-101"], 0.0)
    close(
        submission.call("thermometer_error_K", log),
        bias_K,
        what="The thermometer's error in K",
        abs_tol=THERMOMETER_K,
        mistakes={
            "The sign is turned: TT-101 reads too high here, and that is a positive error.": -bias_K,
            "This is the boiling point of pure B: the A in the reactor raises the pressure.": for_pure_b_K,
            "This thermometer is wrong, and you find it sound: compare it with another instrument.": 0.0,
        },
        otherwise="That is not the error of TT-101, which reads too high here.",
    )


@points(4, hint="Write down each flow of heat with its unit: two reactions, the cold feed, the jacket.")
def test_ua_of_a_reactor_with_a_sound_thermometer(submission, seed):
    """UA comes within 3 % when TT-101 is sound."""
    hot = hot_run(seed, 15, 3)
    sound = finds_it_sound(submission, hot.log)  # asked first: the verdict shows the last call
    got = number(submission.call("ua_kJ_per_min_K", hot.log), "UA in kJ/(min K)")
    off = abs(got / hot.ua - 1.0) > UA_SHARE
    assert sound or not off, (
        "UA is off, and so is the error that you find in this sound TT-101: mend that first."
    )
    assert got > 0, "UA came out negative: heat flows from the reactor, which is hotter, to the jacket."
    if (
        off
        and abs(got / hot.without_side_reaction() - 1.0) < UA_SHARE
        and is_counted_per_second(submission, hot, got)
    ):
        raise AssertionError("The side reaction is in your balance, but 60 times too small: mind its unit.")
    close(
        got,
        hot.ua,
        what="UA in kJ/(min K)",
        rel_tol=UA_SHARE,
        mistakes={
            "This is UA in kW/K, and kJ/(min K) is asked for.": hot.ua / 60.0,
            "This is UA per hour, and kJ/(min K) is asked for.": hot.ua * 60.0,
            "This UA makes up for the heat of the side reaction, which is missing from your balance.": (
                hot.without_side_reaction()
            ),
            "The recycle counts 60 times too little here: its flow is given per second.": (
                hot.recycle_per_second()
            ),
        },
        otherwise="UA is more than 3 % off, by none of the usual slips: check each flow of heat on its own.",
    )


@points(
    1,
    needs="test_ua_of_a_reactor_with_a_sound_thermometer",
    hint="Which terms of the heat balance use the reactor's temperature? Each of them wants the true one.",
)
def test_ua_does_not_hear_of_an_error_of_the_thermometer(submission, seed):
    """UA stays when only TT-101 reads 4 K higher."""
    log = hot_run(seed, 15, 3).log
    before = number(submission.call("ua_kJ_per_min_K", log), "UA in kJ/(min K)")
    after = number(submission.call("ua_kJ_per_min_K", _with_error(log, 4.0)), "UA in kJ/(min K)")
    assert abs(after - before) < 0.005 * abs(before), (
        f"UA was {before:.1f}, and becomes {after:.1f} when TT-101 alone reads 4 K higher on the same plant."
    )
