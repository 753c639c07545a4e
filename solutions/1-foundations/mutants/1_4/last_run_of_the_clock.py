# says: Here all meet the readings of the second run
import numpy as np
import pandas as pd


def ten_minute_rmse_K(forecasts: pd.DataFrame, readings: pd.DataFrame) -> float:
    """Root-mean-square error of the forecasts made ten minutes ahead.

    Args:
        forecasts: Columns run, role, level, made_at, due, predicted_K.
        readings: Columns run, time, value_K, quality.

    Returns:
        In K, over forecasts with a Good reading of their run at `due`; NaN if there is none.
    """
    ahead = forecasts[forecasts.due - forecasts.made_at == pd.Timedelta(minutes=10)]
    good = readings[readings.quality == "Good"]
    at = good.set_index("time").value_K.to_dict()
    error_K = (ahead.predicted_K - ahead.due.map(at)).dropna()
    return float(np.sqrt((error_K**2).mean()))


def cheapest_level(
    forecasts: pd.DataFrame,
    readings: pd.DataFrame,
    cost_h: dict[str, float],
    limit_K: float,
) -> str | None:
    """The cheapest level that is good enough on each run it has not seen.

    Args:
        forecasts: Columns run, role, level, made_at, due, predicted_K.
        readings: Columns run, time, value_K, quality.
        cost_h: What each level costs, in hours of work.
        limit_K: Greatest ten-minute root-mean-square error that is still good enough.

    Returns:
        Its name, or None if no level has shown that it is.
    """
    unseen = forecasts[forecasts.role == "unseen"]
    names = unseen.run.unique()
    for level in sorted(cost_h, key=lambda name: cost_h[name]):
        mine = unseen[unseen.level == level]
        errors_K = [ten_minute_rmse_K(mine[mine.run == name], readings) for name in names]
        if errors_K and all(error_K <= limit_K for error_K in errors_K):
            return level
    return None
