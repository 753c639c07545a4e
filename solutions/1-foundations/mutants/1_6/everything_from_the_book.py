# says: `r2` raised MetricError
from twin.metrics import age_percentile_s, coverage, r2, relative_error, saving

__all__ = ["r2"]


def error_percent(truth, estimate, unit):
    return 100 * relative_error(truth, estimate, unit=unit)


def age_p95_s(readings, tag, moments):
    return age_percentile_s(readings, tag, moments)


def live_share(readings, limits_s, moments):
    return coverage(readings, {tag: [tag] for tag in limits_s}, moments, limit_s=max(limits_s.values()))


def yearly_value(without_EUR, with_EUR, failures_per_year, cost_EUR):
    mean, error = saving(without_EUR, with_EUR)
    return failures_per_year * mean - cost_EUR, failures_per_year * error
