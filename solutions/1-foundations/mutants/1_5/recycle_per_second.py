# says: The recycle counts 60 times too little
import math

import pandas as pd
from twin.reactor import boiling_K


def thermometer_error_K(log: pd.DataFrame) -> float:
    """By how much TT-101 reads too high, by the witness of PT-101.

    Args:
        log: Columns time, tag, value, unit, quality, sequence; the reactor is at rest.

    Returns:
        In K; negative if it reads too low.
    """
    good = log[log.quality == "Good"]
    mean = good.groupby("tag", observed=True)["value"].mean()
    return float(mean["TT-101"] - boiling_K(mean["PT-101"], mean["AT-101A"]))


def ua_kJ_per_min_K(log: pd.DataFrame) -> float:
    """UA from reactor to jacket, by the balances of A and of heat at rest.

    Args:
        log: As above; TT-101 may read wrong by a constant.

    Returns:
        In kJ/(min K).
    """
    good = log[log.quality == "Good"]
    mean = good.groupby("tag", observed=True)["value"].mean()
    T_K = mean["TT-101"] - thermometer_error_K(log)
    feed_per_s = mean["FT-101"] * SHEET["density_kmol_per_m3"] / 3600.0
    recycle_per_s, z_a = SHEET["recycle_kmol_per_s"] / 60.0, mean["AT-101A"]
    out_per_s = feed_per_s + recycle_per_s
    reacted_per_s = feed_per_s + recycle_per_s * SHEET["recycle_fraction_a"] - out_per_s * z_a
    hotter = SHEET["k2_activation_K"] * (1.0 / 350.0 - 1.0 / T_K)
    k2_per_s = SHEET["k2_at_350_K_per_s"] * math.exp(hotter)
    side_per_s = SHEET["holdup_kmol"] * k2_per_s * (1.0 - z_a)
    heat_kW = SHEET["heat1_kJ_per_kmol"] * reacted_per_s + SHEET["heat2_kJ_per_kmol"] * side_per_s
    sensible_kW = out_per_s * SHEET["heat_capacity_kJ_per_kmol_K"] * (T_K - SHEET["feed_K"])
    return float(60.0 * (heat_kW - sensible_kW) / (T_K - mean["TT-102"]))
