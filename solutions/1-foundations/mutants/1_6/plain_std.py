# says: plain std()
import math

import numpy as np
import pandas as pd

RATIO = {"K", "MPa", "mol/mol", "kmol/min", "m3/h", "kg/min"}


def whole(truth, estimate):
    truth, estimate = np.asarray(truth, float), np.asarray(estimate, float)
    keep = ~(np.isnan(truth) | np.isnan(estimate))
    return truth[keep], estimate[keep]


def r2(truth, estimate):
    truth, estimate = whole(truth, estimate)
    if truth.size < 2 or truth.max() == truth.min():
        return None
    sse = ((truth - estimate) ** 2).sum()
    sst = ((truth - truth.mean()) ** 2).sum()
    return float(1 - sse / sst)


def error_percent(truth, estimate, unit):
    truth, estimate = whole(truth, estimate)
    if unit == "degC":
        truth, estimate, unit = truth + 273.15, estimate + 273.15, "K"
    if unit not in RATIO or truth.size == 0 or truth.min() <= 0:
        return None
    return 100 * float(np.mean(np.abs(estimate - truth) / truth))


def ages_s(readings, tag, moments):
    good = readings[(readings.tag == tag) & (readings.quality == "Good")]
    ages = []
    for moment in moments:
        times = good.time[good.arrived <= moment]
        ages.append((moment - times.max()).total_seconds() if len(times) else math.inf)
    return np.array(ages)


def age_p95_s(readings, tag, moments):
    ages = np.sort(ages_s(readings, tag, moments))
    return float(ages[math.ceil(len(ages) * 95 / 100) - 1])


def live_share(readings, limits_s, moments):
    if not limits_s:
        return None
    shares = []
    for tag, limit in limits_s.items():
        shares.append(np.mean(ages_s(readings, tag, moments) <= limit))
    return float(np.mean(shares))


def yearly_value(without_EUR, with_EUR, failures_per_year, cost_EUR):
    saved = pd.Series(np.asarray(without_EUR, float) - np.asarray(with_EUR, float))
    if len(saved) == 0:
        return None, None
    worth = failures_per_year * saved.mean() - cost_EUR
    if len(saved) == 1:
        return float(worth), None
    return float(worth), float(failures_per_year * saved.std(ddof=0))
