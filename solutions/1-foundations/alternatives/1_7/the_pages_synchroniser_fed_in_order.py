"""The synchroniser of the page, fed in kelvin and in order, anew for each question."""

from dataclasses import asdict

import pandas as pd
from twin.readings import STATE_MAP, Reading
from twin.reactor import Reactor
from twin.synchroniser import State, Synchroniser, predict


def in_kelvin(row):
    if row.unit != "degC":
        return row.value, row.unit
    return STATE_MAP["reactor_K"].convert(row.value, row.unit), "K"


def twin_states(arrivals, start, asked, gain=0.15):
    good = arrivals[arrivals["quality"].eq("Good") & arrivals["time"].gt(pd.Timestamp(start["time"]))]
    readings = []
    for row in good.itertuples():
        value, unit = in_kelvin(row)
        stamp = {"timestamp": row.time, "quality": row.quality, "sequence": row.sequence}
        readings.append((row.arrived, Reading(tag=row.tag, value=value, unit=unit, **stamp)))

    def at(moment):
        twin = Synchroniser(Reactor(), State(**start), gain=gain)
        heard = [reading for arrived, reading in readings if arrived <= moment]
        for reading in sorted(heard, key=lambda reading: reading.time):
            twin.take(reading)
        predict(twin.reactor, twin.state, moment)
        return {**asdict(twin.state), "time": moment}

    return [at(moment) for moment in asked]
