"""Without pandas' joins: readings in a dict, errors in lists, and the cheapest of those that pass."""

import math


def ten_minute_rmse_K(forecasts, readings):
    """See the lab."""
    said = {}
    for run, time, value_K, quality in zip(
        readings["run"], readings["time"], readings["value_K"], readings["quality"], strict=True
    ):
        if quality == "Good":
            said[run, time] = value_K
    squares = []
    for row in forecasts.to_dict("records"):
        minutes = (row["due"] - row["made_at"]).total_seconds() / 60.0
        if minutes == 10.0 and (row["run"], row["due"]) in said:
            squares.append((row["predicted_K"] - said[row["run"], row["due"]]) ** 2)
    return math.sqrt(sum(squares) / len(squares)) if squares else math.nan


def cheapest_level(forecasts, readings, cost_h, limit_K):
    """See the lab."""
    unseen = [row for row in forecasts[["run", "role"]].drop_duplicates().values if row[1] == "unseen"]
    fit = set(cost_h) if unseen else set()
    for run, _ in unseen:
        for level in set(fit):
            mine = forecasts[(forecasts["run"] == run) & (forecasts["level"] == level)]
            if not ten_minute_rmse_K(mine, readings) <= limit_K:
                fit.remove(level)
    return min(fit, key=cost_h.get, default=None)
