"""UA and z_A together, as the pair for which both balances rest and that fits the analyses best."""

import math

from scipy.optimize import least_squares
from twin.reactor import boiling_K


def mean_of(log, tag):
    mine = (log["tag"] == tag) & (log["quality"] == "Good")
    return float(log.loc[mine, "value"].astype(float).mean())


def thermometer_error_K(log):
    return mean_of(log, "TT-101") - boiling_K(mean_of(log, "PT-101"), mean_of(log, "AT-101A"))


def ua_kJ_per_min_K(log):
    T_K = mean_of(log, "TT-101") - thermometer_error_K(log)
    jacket_K, analysed = mean_of(log, "TT-102"), mean_of(log, "AT-101A")
    feed, recycle = mean_of(log, "FT-101") / 6.0, 60.0 * SHEET["recycle_kmol_per_s"]
    k1 = 60.0 * SHEET["k1_per_s"] * math.exp(-SHEET["k1_activation_K"] / T_K)
    k2 = 60.0 * SHEET["k2_at_350_K_per_s"]
    k2 *= math.exp(-SHEET["k2_activation_K"] * (1.0 / T_K - 1.0 / 350.0))

    def misfits(unknown):
        ua, z_a = 300.0 * unknown[0], unknown[1]
        came = feed + SHEET["recycle_fraction_a"] * recycle - (feed + recycle) * z_a
        reacted = SHEET["holdup_kmol"] * k1 * z_a
        heat = SHEET["heat1_kJ_per_kmol"] * came
        heat += SHEET["heat2_kJ_per_kmol"] * SHEET["holdup_kmol"] * k2 * (1.0 - z_a)
        cold = (feed + recycle) * SHEET["heat_capacity_kJ_per_kmol_K"] * (T_K - SHEET["feed_K"])
        left = heat - cold - ua * (T_K - jacket_K)
        return [left / 10.0, (z_a - analysed) / 7e-4, (came - reacted) / 0.02]

    return float(300.0 * least_squares(misfits, [1.0, analysed]).x[0])
