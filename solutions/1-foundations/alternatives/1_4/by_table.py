"""One table of errors, levels by runs, in a functional style."""

import numpy as np
import pandas as pd


def squared(forecasts, readings):
    """The ten-minute forecasts with the square of their error; NaN where there is no Good reading."""
    good = readings.query("quality == 'Good'").set_index(["run", "time"])["value_K"]
    ten = forecasts.loc[(forecasts.due - forecasts.made_at).dt.total_seconds().eq(600.0)]
    read_K = good.reindex(pd.MultiIndex.from_frame(ten[["run", "due"]])).to_numpy(dtype=float)
    return ten.assign(square=np.square(ten.predicted_K.to_numpy(dtype=float) - read_K))


def ten_minute_rmse_K(forecasts, readings):
    """See the lab."""
    return float(squared(forecasts, readings)["square"].mean() ** 0.5)


def cheapest_level(forecasts, readings, cost_h, limit_K):
    """See the lab."""
    unseen = forecasts[forecasts.role == "unseen"]
    if unseen.empty:
        return None
    table = squared(unseen, readings).pivot_table(values="square", index="level", columns="run") ** 0.5
    table = table.reindex(index=list(cost_h), columns=unseen.run.unique())
    passes = table.le(limit_K).all(axis=1)
    costs = pd.Series(cost_h)[passes]
    return None if costs.empty else str(costs.idxmin())
