# Generated from book/1-foundations/2-architecture.md by `harness tangle`: edit the page, not this file.
"""How old a reading is when it is used, whose clock is wrong, and which stage takes how long."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from statistics import median

import numpy as np


def age_s(source: datetime, used: datetime) -> float:
    """Age of one reading when it is used; negative: a clock is wrong."""
    return (used - source).total_seconds()


def stage_ms(stamps_ns: Mapping[str, int]) -> dict[str, float]:
    """Duration of each stage but the first, in ms, from rising stamps."""
    return {later: (stamps_ns[later] - stamps_ns[earlier]) / 1e6 for earlier, later in pairwise(stamps_ns)}


def latest_at(arrived_s: np.ndarray, used_s: np.ndarray) -> np.ndarray:
    """Index of the last reading that had arrived at each moment of use.

    Args:
        arrived_s: Arrivals, rising, in s, shape (n,).
        used_s: Moments of use, in s on the same clock, none before the
            first arrival.
    """
    return np.searchsorted(arrived_s, used_s, side="right") - 1


def ages_s(source_s: np.ndarray, arrived_s: np.ndarray, used_s: np.ndarray) -> np.ndarray:
    """Age of what is known at each moment of use, in s.

    Arguments as in `latest_at`; source_s are the source time stamps.
    A reading that overtakes a newer one does not replace it.
    """
    freshest_s = np.maximum.accumulate(source_s)
    return used_s - freshest_s[latest_at(arrived_s, used_s)]


def clock_offsets_s(stamps: Mapping[str, datetime]) -> dict[str, float]:
    """How far each tag's stamp is ahead of the middle one, in s.

    Give it tags that one scan reads together. As long as most clocks are
    right, the middle one is; if all are wrong alike, nothing shows.
    """
    seconds = {tag: stamp.timestamp() for tag, stamp in stamps.items()}
    middle_s = median(seconds.values())
    return {tag: s - middle_s for tag, s in seconds.items()}
