from statistics import median


def clock_ahead_s(messages, tag):
    """With dicts of lists and the statistics module."""
    stamps, mine = {}, {}
    for row in messages.itertuples():
        stamps.setdefault(row.scan, []).append(row.source_s)
        if row.tag == tag:
            mine[row.scan] = row.source_s
    return median(stamp - median(stamps[scan]) for scan, stamp in mine.items())


def p95_age_s(messages, used_s, tag):
    """One sweep over arrivals and uses; the p95 is the smallest age that 95 % do not exceed."""
    ahead_s = clock_ahead_s(messages, tag)
    events = [(row.arrived_s, 0, row.source_s) for row in messages.itertuples() if row.tag == tag]
    events += [(float(moment), 1, None) for moment in used_s]
    newest_s, ages = None, []
    for moment, use, source_s in sorted(events, key=lambda event: event[:2]):
        if not use:
            newest_s = source_s if newest_s is None else max(newest_s, source_s)
        elif newest_s is not None:
            ages.append(moment - (newest_s - ahead_s))
    ages.sort()
    return ages[-(-95 * len(ages) // 100) - 1]
