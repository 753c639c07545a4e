# says: late readings are thrown away
from twin.reactor import Reactor
from twin.readings import Reading
from twin.synchroniser import State, Synchroniser, predict


def twin_states(arrivals, start, asked, gain=0.15):
    twin = Synchroniser(Reactor(), State(**start), gain=gain)
    rows = arrivals[arrivals["quality"] == "Good"].to_dict("records")
    states = []
    for moment in asked:
        while rows and rows[0]["arrived"] <= moment:
            row = rows.pop(0)
            twin.take(Reading(**{**row, "timestamp": row["time"]}))
        predict(twin.reactor, twin.state, moment)
        states.append(dict(vars(twin.state)))
    return states
