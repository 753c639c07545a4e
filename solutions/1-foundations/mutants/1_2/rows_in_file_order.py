# says: The same rows in another order give another age
def clock_ahead_s(messages: pd.DataFrame, tag: str) -> float:
    """How far the clock of an instrument is ahead of its scan's middle one.

    Args:
        messages: Columns scan, tag, source_s, arrived_s, value; rows in
            no order.
        tag: The instrument.

    Returns:
        Seconds; negative if the clock is slow.
    """
    middle_s = messages.groupby("scan")["source_s"].transform("median")
    ahead_s = messages["source_s"] - middle_s
    return float(ahead_s[messages["tag"] == tag].median())


def p95_age_s(messages: pd.DataFrame, used_s: np.ndarray, tag: str) -> float:
    """95th percentile of the age of what is known, at moments of use.

    Args:
        messages: As for `clock_ahead_s`.
        used_s: Moments of use, in s by the twin's clock, in no order.
        tag: The instrument.

    Returns:
        Seconds.
    """
    mine = messages[messages["tag"] == tag]
    arrived_s = mine["arrived_s"].to_numpy()
    read_s = mine["source_s"].to_numpy() - clock_ahead_s(messages, tag)
    informed_s = used_s[used_s >= arrived_s.min()]
    return float(np.percentile(ages_s(read_s, arrived_s, informed_s), 95))
