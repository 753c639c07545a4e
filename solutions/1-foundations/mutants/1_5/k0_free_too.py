# says: makes up for a missing side reaction
"""The model of page 1.5 without the side reaction, with UA and k0 both free; TT-101 is corrected."""

from twin.calibration import as_record, boiling_K, calibrate


def thermometer_error_K(log):
    """See the lab."""
    mean = log[log.quality == "Good"].groupby("tag", observed=True)["value"].mean()
    return float(mean["TT-101"] - boiling_K(mean["PT-101"], mean["AT-101A"]))


def ua_kJ_per_min_K(log):
    """See the lab."""
    sound_K = log["value"] - thermometer_error_K(log)
    corrected = log.assign(value=log["value"].where(log.tag != "TT-101", sound_K))
    fit = calibrate(as_record(corrected), free=("ua_kJ_per_min_K", "k0_per_min"))
    return float(fit.reactor.ua_kJ_per_min_K)
