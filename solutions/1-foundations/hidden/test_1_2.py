"""Hidden checks of exercise 1.2: unseen messages with loss, delay, overtaking and wrong clocks.

The right ages are worked out by brute force, a matrix of all messages and all moments. NumPy's thirteen
definitions of a percentile differ by at most 1.1 % here (40 seeds, each kind of case). The mildest mistakes
that are asked for are off by 3.4 %, age since receipt, and 3.0 %, messages that had not arrived; with TT-101,
whose messages overtake each other, by 4.8 % at least. The tolerance is 2.5 %.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from harness.grading.expect import close, number
from harness.grading.points import points
from harness.grading.submission import Submission

TAGS = ("TT-101", "TT-102", "TT-103", "PT-101", "FT-101", "FT-102")
REL_TOL = 0.025


class Case(NamedTuple):
    """Messages and moments, and what a real plant would not tell: how far each clock is ahead."""

    messages: pd.DataFrame
    used_s: np.ndarray
    ahead_s: dict[str, float]

    def matrices(self, tag: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """True times and arrivals of a tag's messages, and who had arrived at which moment."""
        mine = self.messages[self.messages["tag"] == tag]
        true_s = mine["source_s"].to_numpy() - self.ahead_s[tag]
        arrived_s = mine["arrived_s"].to_numpy()
        return true_s, arrived_s, arrived_s[:, None] <= self.used_s[None, :]

    def ages(self, tag: str, *, overtaken: bool = False) -> np.ndarray:
        """Ages at the moments at which something is known; `overtaken` goes by the last to arrive."""
        true_s, arrived_s, there = self.matrices(tag)
        known = there.any(axis=0)
        order = np.argsort(arrived_s if overtaken else true_s)
        last = len(order) - 1 - there[order][::-1].argmax(axis=0)
        return (self.used_s - true_s[order][last])[known]

    def ages_of_all(self, tag: str) -> np.ndarray:
        """Ages by the newest message of any instrument."""
        source_s, arrived_s = self.messages["source_s"].to_numpy(), self.messages["arrived_s"].to_numpy()
        there = arrived_s[:, None] <= self.used_s[None, :]
        newest_s = np.where(there, source_s[:, None] - self.ahead_s[tag], -np.inf).max(axis=0)
        return (self.used_s - newest_s)[there.any(axis=0)]

    def since_receipt(self, tag: str) -> np.ndarray:
        """Time since the last message arrived."""
        _, arrived_s, there = self.matrices(tag)
        return (self.used_s - np.where(there, arrived_s[:, None], -np.inf).max(axis=0))[there.any(axis=0)]


def case(
    seed: int,
    *,
    ahead_s: dict[str, float] | None = None,
    held_up: float = 0.0,
    alone: float = 0.0,
    first_used_s: float | None = None,
) -> Case:
    """What a twin's data layer might note in some hours.

    Args:
        seed: Of everything.
        ahead_s: Clocks that are wrong, by tag.
        held_up: Share of TT-101's messages that come minutes late.
        alone: Share of the scans from which only TT-101's message came through.
        first_used_s: First moment of use; by default late enough for something to be known.
    """
    rng = np.random.default_rng(seed)
    scans, wrong = 120, ahead_s or {}
    taken_s = rng.uniform(1e3, 1e5) + np.cumsum(rng.uniform(25, 35, scans))
    scan, tag = np.repeat(np.arange(scans), len(TAGS)), np.tile(TAGS, scans)
    delay_s = 2 + rng.exponential(3, scan.size).clip(max=20)
    late = (tag == "TT-101") & (rng.random(scan.size) < held_up)
    delay_s[late] += rng.uniform(100, 400, late.sum())
    table = pd.DataFrame(
        {
            "scan": scan + int(rng.integers(1000)),
            "tag": tag,
            "source_s": taken_s[scan] + pd.Series(tag).map(wrong).fillna(0.0),
            "arrived_s": taken_s[scan] + delay_s,
            "value": 350 + rng.normal(0, 0.1, scan.size),
        }
    )
    lost = rng.random(scan.size) < 0.1
    lost |= (rng.random(scans) < alone)[scan] & (tag != "TT-101")
    kept = table[~lost].sample(frac=1, random_state=seed % 2**32, ignore_index=True)
    begin_s = taken_s[15] if first_used_s is None else taken_s[0] + first_used_s
    moments = round(3000 * (taken_s[-1] - begin_s) / (taken_s[-1] - taken_s[15]))
    used_s = rng.uniform(begin_s, taken_s[-1], moments)
    return Case(kept, used_s, dict.fromkeys(TAGS, 0.0) | wrong)


@functools.lru_cache(maxsize=4)  # some checks look at the same messages
def overtaking(seed: int) -> Case:
    """Right clocks, and messages that overtake each other."""
    return case(seed, held_up=0.3)


@functools.lru_cache(maxsize=4)
def troubled(seed: int) -> Case:
    """A slow clock and a fast one, messages that overtake, and scans from which one came through alone."""
    slow_s, fast_s = np.random.default_rng(seed + 9).uniform((30, 10), (90, 25))
    return case(seed + 1, ahead_s={"TT-101": -slow_s, "TT-103": fast_s}, held_up=0.25, alone=0.2)


def p95(ages: np.ndarray) -> float:
    """By NumPy's own definition, which is linear between two ages."""
    return float(np.percentile(ages, 95))


def right_age(submission: Submission, of: Case, tag: str, otherwise: str) -> None:
    """Whether the p95 age is right; if not, which mistake it is."""
    got = number(submission.call("p95_age_s", of.messages, of.used_s, tag), "p95_age_s")
    want = p95(of.ages(tag))
    if not math.isclose(got, want, rel_tol=REL_TOL):
        wrong_age(got, want, of, tag, otherwise)


def wrong_age(got: float, want: float, of: Case, tag: str, otherwise: str) -> None:
    """Say which mistake a p95 age is."""
    # Sharper than the right age is taken, so that no answer looks like a mistake by accident.
    close(got, want, what="p95_age_s", rel_tol=0.004, mistakes=mistakes(of, tag), otherwise=otherwise)


def mistakes(of: Case, tag: str) -> dict[str, float]:
    """What known mistakes make of the p95 age."""
    ages, ahead_s = of.ages(tag), of.ahead_s[tag]
    true_s, arrived_s, _ = of.matrices(tag)
    rows = np.argsort(true_s)
    taken = true_s[rows][np.searchsorted(true_s[rows], of.used_s, side="right") - 1]
    return {
        "This is the age since receipt, not since the source stamp.": p95(of.since_receipt(tag)),
        "The clock of the instrument is wrong, and has not been put right.": p95(ages) - ahead_s,
        "The clock was put right the wrong way: it is now twice as wrong.": p95(ages) - 2 * ahead_s,
        "This is the mean of the ages, not their p95.": float(ages.mean()),
        "This is the median of the ages, not their p95.": float(np.median(ages)),
        "np.percentile wants 95, and 0.95 is for np.quantile.": float(np.percentile(ages, 0.95)),
        "This is the age at arrival, and not at the moment of use.": p95(arrived_s - true_s),
        "This is the largest age, not the p95.": float(ages.max()),
        "A late message replaces a newer reading here: newest goes by source stamp.": p95(
            of.ages(tag, overtaken=True)
        ),
        "You count messages that had not arrived yet at the moment of use.": p95(of.used_s - taken),
        "Messages of other instruments are counted: only those of the tag tell its age.": p95(
            of.ages_of_all(tag)
        ),
    }


@points(2, hint="Median of a scan, then median over the scans; try it by hand on three scans.")
def test_clocks_of_unseen_instruments(submission: Submission, seeds: list[int]) -> None:
    """Two wrong clocks out of six, messages lost, and scans from which one message came through alone."""
    for seed in seeds:
        of = troubled(seed)
        got = number(submission.call("clock_ahead_s", of.messages, "TT-101"), "clock_ahead_s")
        if abs(got - of.ahead_s["TT-101"]) > 1e-6:
            wrong_clock(got, of)
    got = number(submission.call("clock_ahead_s", of.messages, "PT-101"), "clock_ahead_s")
    assert abs(got) < 1e-6, "The clock of this instrument is right; others in its scans are wrong."


def wrong_clock(got: float, of: Case) -> None:
    """Say which mistake made this of TT-101's clock."""
    both = of.messages.merge(of.messages.groupby("scan")["source_s"].agg(["mean", "median"]), on="scan")
    mine = both[both["tag"] == "TT-101"]
    mistakes_s = {
        "The sign is the wrong way round: a clock that is slow gives a negative number.": -of.ahead_s[
            "TT-101"
        ],
        "You compare with the arrival, so the delays of the messages are in it.": float(
            (mine["source_s"] - mine["arrived_s"]).median()
        ),
        "You take the mean over the scans, and one odd scan pulls a mean.": float(
            (mine["source_s"] - mine["median"]).mean()
        ),
        "You take the mean within a scan, and wrong clocks pull a mean.": float(
            (mine["source_s"] - mine["mean"]).median()
        ),
    }
    otherwise = "A wrong clock among unseen instruments is not found, or not its size."
    close(
        got,
        of.ahead_s["TT-101"],
        what="clock_ahead_s",
        abs_tol=1e-6,
        mistakes=mistakes_s,
        otherwise=otherwise,
    )


@points(2, hint="Newest means the latest source stamp among those that have arrived by then.")
def test_messages_that_overtake(submission: Submission, seeds: list[int]) -> None:
    """Right clocks, but a message may come minutes late: a reading that is overtaken replaces nothing."""
    of = overtaking(seeds[1])  # the two others are tried below, together with wrong clocks
    right_age(submission, of, "TT-101", "With messages that overtake each other, the age is another one.")


@points(1, hint="What was known before the first message arrived?")
def test_moments_before_the_first_arrival(submission: Submission, seeds: list[int]) -> None:
    """Moments at which nothing is known are left out."""
    of = case(seeds[1] + 3, first_used_s=-2000.0)
    message = "Moments before the first arrival are counted; nothing is known then, so leave them out."
    got = submission.call("p95_age_s", of.messages, of.used_s, "TT-101")
    assert not isinstance(got, float) or math.isfinite(got), message
    want = p95(of.ages("TT-101"))
    if not math.isclose(number(got, "p95_age_s"), want, rel_tol=REL_TOL):
        wrong = early_counted(of, "TT-101")
        assert not any(math.isclose(got, age_s, rel_tol=REL_TOL) for age_s in wrong), message
        wrong_age(got, want, of, "TT-101", "With moments before the first arrival, the age is another one.")


def early_counted(of: Case, tag: str) -> list[float]:
    """The p95 if, before the first arrival, the last row is taken for known, the first, or an age of zero."""
    true_s, arrived_s, there = of.matrices(tag)
    early, by_arrival = ~there.any(axis=0), true_s[np.argsort(arrived_s)]
    ages = np.zeros(early.size)
    ages[~early] = of.ages(tag)
    instead = (of.used_s - by_arrival[-1], of.used_s - by_arrival[0], 0.0)
    return [p95(np.where(early, age_s, ages)) for age_s in instead]


@points(2, hint="First the clock, then what had arrived, then the ages, then the percentile.")
def test_everything_at_once(submission: Submission, seeds: list[int]) -> None:
    """Wrong clocks, loss, and messages that overtake, over three seeds."""
    otherwise = "With wrong clocks and late messages together, the age is another one."
    for seed, tag in zip(seeds, ("TT-101", "TT-103", "TT-101"), strict=True):
        right_age(submission, troubled(seed), tag, otherwise)


@points(1, hint="Which of the two times in a row tells when the reading was taken?")
def test_later_news_is_older(submission: Submission, seeds: list[int]) -> None:
    """If everything arrives, and is used, some seconds later, all ages grow by that."""
    of, more_s = overtaking(seeds[1]), 17.0
    later = of.messages.assign(arrived_s=of.messages["arrived_s"] + more_s)
    before = number(submission.call("p95_age_s", of.messages, of.used_s, "TT-101"), "p95_age_s")
    after = number(submission.call("p95_age_s", later, of.used_s + more_s, "TT-101"), "p95_age_s")
    assert abs(after - before) > 1e-6, "Later arrival does not make it older: that is the age since receipt."
    assert abs(after - before - more_s) < 1e-6, "If everything comes later, the age grows by another amount."
