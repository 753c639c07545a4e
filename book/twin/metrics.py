# Generated from book/1-foundations/6-metrics.md by `harness tangle`: edit the page, not this file.
"""How accurate, fresh, complete and valuable a twin is; a metric that has no value for the data says why."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import sem
from sklearn import metrics


class MetricError(ValueError):
    """A metric has no value for these data; the message says why."""


def _good(readings: pd.DataFrame, tag: str) -> pd.DataFrame:
    """The Good readings of a tag, in the order of their arrival."""
    mine = (readings.tag == tag) & (readings.quality == "Good")
    good = readings[mine].sort_values(["arrived", "time"])
    times = ["arrived", "time"]
    good[times] = good[times].astype("datetime64[us, UTC]")
    early = good.time[good.time > good.arrived]
    if len(early):
        raise MetricError(f"{tag}: {early.iloc[0]} is after its arrival")
    return good


def _check(moments: pd.DatetimeIndex) -> None:
    if not len(moments) or moments.tz is None:
        raise MetricError(f"{len(moments)} moments, zone {moments.tz}")
    if not moments.is_monotonic_increasing:
        raise MetricError("The moments are not in order: sort them")


def known_at(readings: pd.DataFrame, tag: str, moments: pd.DatetimeIndex) -> pd.DataFrame:
    """What was known of a tag at each moment: `value` and `age_s`.

    Args:
        readings: In any order; columns tag, time (of the source),
            arrived, value, quality and sequence.
        tag: The instrument; one that never sent is infinitely old.
        moments: Increasing times with a zone, at least one.
    """
    _check(moments)
    good = _good(readings, tag)
    newest = good[good.time >= good.time.cummax()]
    asked = pd.DataFrame({"moment": moments.astype(good.time.dtype)})
    found = pd.merge_asof(asked, newest, left_on="moment", right_on="arrived")
    age_s = (found.moment - found.time).dt.total_seconds()
    value = found["value"].astype(float)
    return pd.DataFrame({"value": value, "age_s": age_s.fillna(np.inf)})


def _pair(truth: ArrayLike, estimate: ArrayLike) -> list[np.ndarray]:
    """Both as finite numbers, paired by position; or an error."""
    pair = [np.asarray(x, dtype=float) for x in (truth, estimate)]
    shapes = [x.shape for x in pair]
    if shapes[0] != shapes[1] or pair[0].ndim != 1 or not pair[0].size:
        raise MetricError(f"Not one estimate for each truth: {shapes}")
    gaps = np.flatnonzero(~np.isfinite(pair).all(axis=0))
    if gaps.size:
        raise MetricError(
            f"No number at {gaps[:5].tolist()}: leave gaps out of accuracy and let coverage count them"
        )
    return pair


def rmse(truth: ArrayLike, estimate: ArrayLike) -> float:
    """Root-mean-square error, in the unit of the truth."""
    return float(metrics.root_mean_squared_error(*_pair(truth, estimate)))


def r2(truth: ArrayLike, estimate: ArrayLike) -> float:
    """1 - SSE/SST: at most 1; below 0 when the mean does better."""
    pair = _pair(truth, estimate)
    if not np.ptp(pair[0]):
        raise MetricError(f"R2 needs a moving truth; it is {pair[0][0]:g} throughout")
    return float(metrics.r2_score(*pair))


def skill(truth: ArrayLike, estimate: ArrayLike, baseline: ArrayLike) -> float:
    """1 - SSE/SSE of the baseline: above 0 when it adds something."""
    rival = rmse(truth, baseline)
    if rival == 0.0:
        raise MetricError("The baseline has no error left to remove")
    return 1.0 - (rmse(truth, estimate) / rival) ** 2


RATIO_UNITS = {"K", "MPa", "mol/mol", "kmol/min", "m3/h", "kg/min"}


def relative_error(truth: ArrayLike, estimate: ArrayLike, *, unit: str) -> float:
    """Mean absolute error as a fraction of the truth.

    Raises:
        MetricError: If the unit's zero is not nothing at all, as in degC
            or barg, or if a true value is not positive.
    """
    pair = _pair(truth, estimate)
    if unit not in RATIO_UNITS:
        raise MetricError(f"{unit!r} has no zero that means nothing")
    if pair[0].min() <= 0.0:
        raise MetricError(f"A true value is {pair[0].min():g}")
    return float(metrics.mean_absolute_percentage_error(*pair))


def latency_s(readings: pd.DataFrame, tag: str, *, percent: float = 95.0) -> float:
    """Percentile of the way from source to twin, duplicates once."""
    once = _good(readings, tag).drop_duplicates("sequence")
    if once.empty:
        raise MetricError(f"No Good reading of {tag} has arrived")
    way_s = (once.arrived - once.time).dt.total_seconds()
    return _percentile(way_s, percent)


def _percentile(values: ArrayLike, percent: float) -> float:
    if not 0.0 <= percent <= 100.0:
        raise MetricError(f"Percentile {percent}: give 0 to 100")
    return float(np.percentile(values, percent, method="inverted_cdf"))


def age_percentile_s(
    readings: pd.DataFrame,
    tag: str,
    moments: pd.DatetimeIndex,
    *,
    percent: float = 95.0,
) -> float:
    """Percentile of the age of what is known, over even moments."""
    return _percentile(known_at(readings, tag, moments).age_s, percent)


def updates_per_min(readings: pd.DataFrame, tag: str, moments: pd.DatetimeIndex) -> float:
    """Different Good readings that came after the first moment."""
    _check(moments)
    minutes = (moments[-1] - moments[0]).total_seconds() / 60.0
    if minutes == 0.0:
        raise MetricError("A rate needs two different moments")
    once = _good(readings, tag).drop_duplicates("sequence")
    came = (once.arrived > moments[0]) & (once.arrived <= moments[-1])
    return float(came.sum() / minutes)


def coverage(
    readings: pd.DataFrame,
    needs: Mapping[str, Sequence[str]],
    moments: pd.DatetimeIndex,
    *,
    limit_s: float,
) -> float:
    """Share of the needs that are live, over evenly spaced moments.

    Args:
        readings: As for `known_at`.
        needs: For each thing the tags it rests on; none: never live.
        moments: Increasing times with a zone.
        limit_s: Greatest age of a tag that still counts as live, in s.
    """
    if not needs or not limit_s > 0.0:
        raise MetricError(f"{len(needs)} needs, live up to {limit_s} s")
    shares = [_live_share(readings, tags, moments, limit_s) for tags in needs.values()]
    return float(np.mean(shares))


def _live_share(
    readings: pd.DataFrame,
    tags: Sequence[str],
    moments: pd.DatetimeIndex,
    limit_s: float,
) -> float:
    if not tags:
        return 0.0
    ages_s = [known_at(readings, tag, moments).age_s for tag in tags]
    return float(np.mean(np.max(ages_s, axis=0) <= limit_s))


def saving(without: ArrayLike, with_it: ArrayLike) -> tuple[float, float]:
    """Mean of paired savings and its standard error, in their unit.

    Args:
        without: A loss in each case without the twin, shape (n,), n > 1.
        with_it: The loss in the same cases with it.
    """
    losses = _pair(without, with_it)
    if losses[0].size < 2:
        raise MetricError("One pair shows no spread: give at least two")
    saved = losses[0] - losses[1]
    return float(saved.mean()), float(sem(saved))


def availability(down_h: float, period_h: float) -> float:
    """Share of a period in which the plant ran."""
    if not 0.0 <= down_h <= period_h or period_h == 0.0:
        raise MetricError(f"{down_h} h down in a period of {period_h} h")
    return 1.0 - down_h / period_h
