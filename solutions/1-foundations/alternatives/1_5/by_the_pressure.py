"""TT-101 is not used for UA: the boiling point is the reactor's temperature; z_B from its own balance."""

import numpy as np
from scipy.optimize import brentq

FLOW = 10.0 / 60.0  # kmol/min for 1 m3/h


def columns(log):
    """Good readings as arrays by tag."""
    said = {}
    for row in log.itertuples():
        if row.quality == "Good":
            said.setdefault(row.tag, []).append(float(row.value))
    return {tag: np.array(values) for tag, values in said.items()}


def boils_at_K(pressure_MPa, z_a):
    def too_high(T_K):
        return 0.221 * np.exp(-3600.0 * (1.0 / T_K - 1.0 / 350.0)) * (1.0 + 0.5 * z_a) - pressure_MPa

    return brentq(too_high, 250.0, 450.0)


def reactor_K(said):
    return boils_at_K(said["PT-101"].mean(), said["AT-101A"].mean())


def thermometer_error_K(log):
    said = columns(log)
    return float(said["TT-101"].mean() - reactor_K(said))


def ua_kJ_per_min_K(log):
    said = columns(log)
    T_K, z_a = reactor_K(said), said["AT-101A"].mean()
    feed, recycle = FLOW * said["FT-101"].mean(), 0.258
    flow = feed + recycle
    k2 = 3e-4 * np.exp(11_000.0 * (1.0 / 350.0 - 1.0 / T_K))
    z_b = (1.0 - z_a) / (1.0 + 60.0 * k2 / flow)
    first = 34_287.9 * (feed + 0.95 * recycle - flow * z_a)
    second = 20_000.0 * 60.0 * k2 * z_b
    return float((first + second - 209.2 * flow * (T_K - 298.0)) / (T_K - said["TT-102"].mean()))
