# says: one step of Euler's
from twin.reactor import Reactor, rates
from twin.readings import STATE_MAP
from twin.synchroniser import State, correct


def predict(reactor, state, until):
    minutes = (until - state.time).total_seconds() / 60
    dz_a, dT = rates(
        reactor,
        state.z_a,
        state.T_K,
        feed_kmol_per_min=state.feed_kmol_per_min,
        jacket_K=state.jacket_K,
    )
    state.z_a += minutes * dz_a
    state.T_K += minutes * dT
    state.time = until


def follow(reactor, state, reading):
    predict(reactor, state, reading.time)
    for name in ("feed_kmol_per_min", "jacket_K"):
        if STATE_MAP[name].tag == reading.tag:
            value = STATE_MAP[name].convert(reading.value, reading.unit)
            setattr(state, name, value)


def twin_states(arrivals, start, asked, gain=0.15):
    thermometer = STATE_MAP["reactor_K"]
    tags = [STATE_MAP[name].tag for name in ("feed_kmol_per_min", "jacket_K")]
    usable = (arrivals["quality"] == "Good") & (arrivals["time"] > start["time"])
    usable &= arrivals["tag"].isin([*tags, thermometer.tag])
    readings = arrivals[usable].sort_values("time")
    states = []
    for moment in asked:
        # Always anew from the start: no earlier question can leave a trace.
        state = State(**start)
        heard = readings[readings["arrived"] <= moment]
        for row in heard.drop_duplicates(["tag", "time"]).itertuples():
            follow(Reactor(), state, row)
            if row.tag == thermometer.tag:
                measured_K = thermometer.convert(row.value, row.unit)
                correct(state, measured_K, gain=gain)
        predict(Reactor(), state, moment)
        states.append({**vars(state), "time": moment})
    return states
