"""Ages, clocks and stages of section 1.2 on cases done by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from twin.timeliness import age_s, ages_s, clock_offsets_s, latest_at, stage_ms

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_age_is_by_the_source_and_negative_when_a_clock_is_ahead() -> None:
    assert age_s(NOON, NOON + timedelta(seconds=90)) == 90.0
    assert age_s(NOON + timedelta(seconds=30), NOON) == -30.0


def test_stages_are_told_apart_and_add_up() -> None:
    stages = stage_ms({"step": 0, "wire": 2_000_000, "data": 2_500_000})
    assert stages == {"wire": 2.0, "data": 0.5}


def test_a_reading_that_overtakes_a_newer_one_does_not_make_it_older() -> None:
    source, arrived = np.array([0.0, 60.0, 30.0]), np.array([0.0, 60.0, 100.0])
    assert ages_s(source, arrived, np.array([59.0, 60.0, 120.0])).tolist() == [59.0, 0.0, 60.0]


def test_a_reading_counts_from_the_moment_of_its_arrival() -> None:
    assert latest_at(np.array([0.0, 10.0]), np.array([9.99, 10.0, 11.0])).tolist() == [0, 1, 1]


@given(arrays(float, st.integers(1, 30), elements=st.floats(0, 1000)), st.floats(0, 500))
def test_a_later_arrival_never_makes_knowledge_fresher(source: np.ndarray, delay_s: float) -> None:
    source = np.sort(source)
    used = source[-1] + np.array([500.0, 700.0])
    prompt, late = (ages_s(source, source + d, used) for d in (0.0, delay_s))
    assert (late >= prompt).all()


def test_p95_of_evenly_polled_readings_is_near_the_period() -> None:
    polls = np.arange(0.0, 6000.0, 60.0)
    used = np.random.default_rng(1).uniform(0, 5999, 20_000)
    ages = ages_s(polls, polls, used)
    assert np.percentile(ages, 95) == pytest.approx(57.0, abs=0.5)
    assert ages.mean() == pytest.approx(30.0, abs=0.5)


def test_one_wrong_clock_stands_out_and_a_common_error_does_not() -> None:
    right = {"TT-101": NOON, "TT-102": NOON, "FT-101": NOON + timedelta(seconds=30)}
    assert clock_offsets_s(right) == {"TT-101": 0.0, "TT-102": 0.0, "FT-101": 30.0}
    shifted = {tag: stamp + timedelta(hours=1) for tag, stamp in right.items()}
    assert clock_offsets_s(shifted) == clock_offsets_s(right)
