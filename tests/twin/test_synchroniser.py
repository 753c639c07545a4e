"""The synchroniser of section 1.7: what it takes, what it skips, and where it ends up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from twin.reactor import Reactor
from twin.readings import Reading
from twin.synchroniser import State, Synchroniser, predict

from harness import Plant

START = datetime(2026, 1, 1, tzinfo=UTC)


def state() -> State:
    return State(time=START, z_a=0.2632, T_K=350.0, feed_kmol_per_min=0.7, jacket_K=306.66)


def reading(tag: str, after_s: float, value: float | None, *, unit: str = "K", **changed: Any) -> Reading:
    fields = {"quality": "Good", "sequence": 0} | changed
    return Reading(tag=tag, timestamp=START + timedelta(seconds=after_s), value=value, unit=unit, **fields)


def twin(**options: Any) -> Synchroniser:
    return Synchroniser(Reactor(), state(), **options)


def test_a_gain_of_one_believes_the_thermometer_and_zero_the_model() -> None:
    alone = state()
    predict(Reactor(), alone, START + timedelta(seconds=10))
    for gain, believed_K in ((1.0, 355.0), (0.0, alone.T_K)):
        judged = twin(gain=gain)
        judged.take(reading("TT-101", 10, 355.0))
        seen_K = judged.state.T_K
        assert seen_K == pytest.approx(believed_K)


@pytest.mark.parametrize(
    "doubtful",
    [
        reading("TT-101", 20, None, quality="Bad"),
        reading("TT-101", 20, 360.0, quality="Uncertain"),
        reading("TT-101", 10, 360.0),  # a duplicate
        reading("TT-101", 5, 360.0),  # it comes too late
        reading("FT-101", 5, 4.8, unit="m3/h"),  # the first of its tag, but older than the state
    ],
)
def test_a_doubtful_or_old_reading_changes_nothing(doubtful: Reading) -> None:
    judged = twin()
    judged.take(reading("TT-101", 10, 350.0))
    before = vars(judged.state).copy()
    judged.take(doubtful)
    assert (vars(judged.state), judged.skipped) == (before, 1)


def test_the_same_step_is_never_taken_twice() -> None:
    once, twice = state(), state()
    predict(Reactor(), once, START + timedelta(minutes=5))
    for _ in range(2):
        predict(Reactor(), twice, START + timedelta(minutes=5))
    predict(Reactor(), twice, START)
    assert twice == once


def test_inputs_are_converted_by_their_unit() -> None:
    judged = twin()
    judged.take(reading("FT-101", 10, 4.8, unit="m3/h"))
    assert judged.state.feed_kmol_per_min == pytest.approx(0.8)
    judged.take(reading("TT-102", 10, 40.0, unit="degC"))
    assert judged.state.jacket_K == pytest.approx(313.15)


@pytest.mark.parametrize("seed", range(200, 205))
def test_it_is_back_in_step_five_minutes_after_a_gap(seed: int) -> None:
    run = Plant(seed=seed, scenario="set-point-step").simulate(hours=1)
    judged, errors_K, minutes = twin(), [], []
    gap = (START + timedelta(minutes=32), START + timedelta(minutes=33))
    for row in run.log.rename(columns={"time": "timestamp"}).to_dict("records"):
        heard = Reading(**row)
        if gap[0] < heard.time <= gap[1]:
            continue
        judged.take(heard)
        if heard.tag == "TT-101":
            minutes.append((heard.time - gap[1]).total_seconds() / 60)
            errors_K.append(abs(judged.state.T_K - run.truth.reactor_K[heard.time]))
    settled = np.array(minutes) >= 5
    assert np.array(errors_K)[settled].max() < 0.3
