"""Visible checks of exercise 1.2: scans so regular that the right age follows from a drawing of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from harness.grading.expect import close, number
from harness.grading.points import points
from harness.grading.submission import Submission

TAGS = ("TT-101", "TT-102", "TT-103", "PT-101", "FT-101", "FT-102")


def regular(period_s: float, *, late_s: float, ahead_s: float = 0.0) -> pd.DataFrame:
    """80 scans; TT-101 arrives `late_s` after each, with a clock that is ahead, the others sooner."""
    scan = np.repeat(np.arange(80), len(TAGS))
    tag = np.array(TAGS * 80)
    mine = tag == "TT-101"
    taken_s = period_s * scan
    return pd.DataFrame(
        {
            "scan": scan,
            "tag": tag,
            "source_s": taken_s + ahead_s * mine,
            "arrived_s": taken_s + np.where(mine, late_s, 0.1 * period_s),
            "value": 350.0 + 0.01 * scan,
        }
    )


def moments_s(period_s: float, seed: int) -> np.ndarray:
    """Spread evenly over sixty whole periods, well after the first arrivals; in no order."""
    moments = period_s * np.linspace(5, 65, 2003, endpoint=False)  # a prime: no two at the same phase
    return np.random.default_rng(seed).permutation(moments)


@points(2, hint="Page 1.2, 'A clock may lie': the instruments of one scan are read together.")
def test_clock_against_its_company(submission: Submission, seed: int) -> None:
    """A clock that is slow or fast is found by comparing the stamps of a scan."""
    for ahead_s in (-20.0 - seed % 20, 35.0):
        table = regular(30.0, late_s=12.0, ahead_s=ahead_s)
        close(
            submission.call("clock_ahead_s", table, "TT-101"),
            ahead_s,
            what="clock_ahead_s",
            abs_tol=1e-6,
            mistakes={
                "The sign is the wrong way round: a clock that is ahead gives a positive number.": -ahead_s,
                "That is by the mean of a scan's stamps: the wrong clock itself pulls it.": ahead_s * 5 / 6,
                "That compares with the arrival, so the delay of the message is in it.": ahead_s - 12.0,
                "A wrong clock was not noticed at all.": 0.0,
            },
            otherwise="The clock of TT-101 is ahead by another number of seconds.",
        )
    close(
        submission.call("clock_ahead_s", table, "TT-102"),
        0.0,
        what="clock_ahead_s",
        abs_tol=1e-6,
        otherwise="The clock of TT-102 is right, and another one in its scans is wrong.",
    )


@points(2, hint="Draw the age over time: it falls when a message arrives, and grows until the next one does.")
def test_age_of_regular_scans(submission: Submission, seed: int) -> None:
    """Scans at one period and one delay: the age is a saw-tooth, from the delay to delay and period."""
    period_s = 20.0 + seed % 11
    late_s = 0.4 * period_s
    since_receipt = (
        "This is the age since receipt, not since the source stamp; or it is used before it arrives."
    )
    close(
        submission.call("p95_age_s", regular(period_s, late_s=late_s), moments_s(period_s, seed), "TT-101"),
        late_s + 0.95 * period_s,
        what="p95_age_s",
        rel_tol=0.005,
        mistakes={
            since_receipt: 0.95 * period_s,
            "This is the delay of the messages: the age at arrival, and not at the moment of use.": late_s,
            "This is the mean of the ages (or their median), not their p95.": late_s + 0.5 * period_s,
            "This is the mean of the age since receipt: wrong stamp, and mean for p95.": 0.5 * period_s,
            "This is the largest age, not the p95.": late_s + period_s,
            "np.percentile wants 95, and 0.95 is for np.quantile.": late_s + 0.0095 * period_s,
            "Messages of other instruments are counted: only those of the tag tell its age.": 1.05 * period_s,
        },
        otherwise="The p95 of this saw-tooth is another one.",
    )


@points(1, needs="test_age_of_regular_scans", hint="A row's place in the table says nothing; times do.")
def test_order_and_time_of_day_do_not_matter(submission: Submission, seed: int) -> None:
    """Rows and moments in another order, or everything an hour later, leave the p95 as it is."""
    table, used_s = regular(30.0, late_s=40.0), moments_s(30.0, seed)
    before = number(submission.call("p95_age_s", table, used_s, "TT-101"), "p95_age_s")
    mixed = table.sample(frac=1, random_state=seed, ignore_index=True)
    later = mixed.assign(source_s=mixed["source_s"] + 3600, arrived_s=mixed["arrived_s"] + 3600)
    after = number(submission.call("p95_age_s", later, used_s[::-1] + 3600, "TT-101"), "p95_age_s")
    if abs(after - before) < 1e-6:
        return
    after = number(submission.call("p95_age_s", mixed, used_s[::-1], "TT-101"), "p95_age_s")
    assert abs(after - before) < 1e-6, "The same rows in another order give another age."
    raise AssertionError("The same an hour later gives another age.")


@points(
    1, needs="test_clock_against_its_company", hint="What does a slow clock do to a stamp, and to an age?"
)
def test_a_wrong_clock_does_not_change_the_age(submission: Submission, seed: int) -> None:
    """The same messages, stamped by a clock that is wrong, are as old as before."""
    used_s, ahead_s = moments_s(30.0, seed), -15.0 - seed % 10
    ages = [
        number(
            submission.call("p95_age_s", regular(30.0, late_s=9.0, ahead_s=a), used_s, "TT-101"), "p95_age_s"
        )
        for a in (0.0, ahead_s)
    ]
    grown_s = ages[1] - ages[0]
    assert abs(grown_s + ahead_s) > 1e-3, "A slow clock makes the age grow: it has not been put right."
    assert abs(grown_s + 2 * ahead_s) > 1e-3, (
        "The clock was put right the wrong way: it is now twice as wrong."
    )
    assert abs(grown_s) < 1e-6, "A wrong clock changes the age, and it should not."
