# says: and None came back
def r2(truth, estimate):
    return None


def error_percent(truth, estimate, unit):
    return None


def age_p95_s(readings, tag, moments):
    return None


def live_share(readings, limits_s, moments):
    return None


def yearly_value(without_EUR, with_EUR, failures_per_year, cost_EUR):
    return None, None
