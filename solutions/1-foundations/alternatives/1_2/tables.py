def clock_ahead_s(messages, tag):
    """With a table of scans by instruments."""
    stamps = messages.pivot(index="scan", columns="tag", values="source_s")
    return float(stamps[tag].sub(stamps.median(axis=1)).median())


def p95_age_s(messages, used_s, tag):
    """With merge_asof on arrivals, after a running maximum of the stamps."""
    mine = messages.loc[messages["tag"].eq(tag), ["arrived_s", "source_s"]].sort_values("arrived_s")
    mine["newest_s"] = mine["source_s"].cummax() - clock_ahead_s(messages, tag)
    moments = pd.DataFrame({"arrived_s": np.sort(used_s)})
    known = pd.merge_asof(moments, mine, on="arrived_s")
    return (known["arrived_s"] - known["newest_s"]).quantile(0.95)
