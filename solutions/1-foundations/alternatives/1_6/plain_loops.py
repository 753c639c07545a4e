from fractions import Fraction
from math import inf, isnan, sqrt

ZERO_K = {"K": 0.0, "degC": 273.15, "MPa": 0.0, "mol/mol": 0.0, "kmol/min": 0.0, "m3/h": 0.0, "kg/min": 0.0}


def pairs(truth, estimate):
    both = zip(map(float, truth), map(float, estimate), strict=True)
    return [(y, seen) for y, seen in both if not isnan(y) and not isnan(seen)]


def r2(truth, estimate):
    kept = pairs(truth, estimate)
    if len({y for y, _ in kept}) < 2:
        return None
    mean = sum(y for y, _ in kept) / len(kept)
    return 1 - sum((y - seen) ** 2 for y, seen in kept) / sum((y - mean) ** 2 for y, _ in kept)


def error_percent(truth, estimate, unit):
    kept = pairs(truth, estimate)
    if unit not in ZERO_K or not kept:
        return None
    zero = ZERO_K[unit]
    if min(y for y, _ in kept) + zero <= 0:
        return None
    return sum(100 * abs(seen - y) / (y + zero) for y, seen in kept) / len(kept)


def ages(readings, tag, moments):
    rows = zip(readings["tag"], readings["quality"], readings["time"], readings["arrived"], strict=True)
    good = sorted((came, time) for t, quality, time, came in rows if t == tag and quality == "Good")
    newest, at = None, 0
    for moment in sorted(moments):
        while at < len(good) and good[at][0] <= moment:
            newest = good[at][1] if newest is None else max(newest, good[at][1])
            at += 1
        yield inf if newest is None else (moment - newest).total_seconds()


def age_p95_s(readings, tag, moments):
    seen = sorted(ages(readings, tag, moments))
    return next(age for n, age in enumerate(seen, 1) if Fraction(n, len(seen)) >= Fraction(95, 100))


def live_share(readings, limits_s, moments):
    live = [age <= limit for tag, limit in limits_s.items() for age in ages(readings, tag, moments)]
    return sum(live) / len(live) if live else None


def yearly_value(without_EUR, with_EUR, failures_per_year, cost_EUR):
    saved = [float(a) - float(b) for a, b in zip(without_EUR, with_EUR, strict=True)]
    n = len(saved)
    if n == 0:
        return [None, None]
    mean = sum(saved) / n
    if n == 1:
        return [failures_per_year * mean - cost_EUR, None]
    variance = sum((s - mean) ** 2 for s in saved) / (n - 1)
    return [failures_per_year * mean - cost_EUR, failures_per_year * sqrt(variance / n)]
