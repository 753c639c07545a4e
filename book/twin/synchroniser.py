# Generated from book/1-foundations/7-a-first-twin.md by `harness tangle`: edit the page, not this file.
"""Keeps the model of R-101 in step with the plant, reading by reading."""

from dataclasses import dataclass
from datetime import datetime

from scipy.integrate import odeint

from twin.reactor import Reactor, rates
from twin.readings import STATE_MAP, Reading


@dataclass
class State:
    """Where the model is, and what acts on it until the next reading."""

    time: datetime
    z_a: float
    T_K: float
    feed_kmol_per_min: float
    jacket_K: float


def predict(reactor: Reactor, state: State, until: datetime) -> None:
    """Move the state forward; a moment that has passed leaves it alone."""
    minutes = (until - state.time).total_seconds() / 60.0
    if minutes <= 0.0:
        return
    inputs = {
        "feed_kmol_per_min": state.feed_kmol_per_min,
        "jacket_K": state.jacket_K,
    }
    path = odeint(
        lambda x, _: rates(reactor, *x, **inputs),
        (state.z_a, state.T_K),
        (0.0, minutes),
    )
    state.z_a, state.T_K = (float(value) for value in path[-1])
    state.time = until


INPUTS = ("feed_kmol_per_min", "jacket_K")


def follow(reactor: Reactor, state: State, reading: Reading) -> None:
    """Take an input of the model from the reading's time on."""
    predict(reactor, state, reading.time)
    for name in INPUTS:
        if STATE_MAP[name].tag == reading.tag:
            value = STATE_MAP[name].convert(reading.value, reading.unit)
            setattr(state, name, value)


def correct(state: State, measured_K: float, *, gain: float) -> float:
    """Go a share of the way to a reading; returns the surprise, in K."""
    surprise_K = measured_K - state.T_K
    state.T_K += gain * surprise_K
    return surprise_K


class Synchroniser:
    """Keeps a model in step with a plant, reading by reading."""

    def __init__(self, reactor: Reactor, state: State, *, gain: float = 0.15) -> None:
        self.reactor, self.state, self.gain = reactor, state, gain
        self.latest: dict[str, datetime] = {}
        self.skipped = 0

    def take(self, reading: Reading) -> None:
        """Use one reading, or skip it when it is not Good or not new."""
        tag, time, value = reading.tag, reading.time, reading.value
        last = self.latest.get(tag)
        old = time < self.state.time or (last is not None and time <= last)
        if old or value is None or reading.quality != "Good":
            self.skipped += 1
            return
        self.latest[tag] = time
        follow(self.reactor, self.state, reading)
        if tag == STATE_MAP["reactor_K"].tag:
            correct(self.state, value, gain=self.gain)
