# says: Another asked moment before it changes a state
from twin.reactor import Reactor
from twin.readings import Reading
from twin.synchroniser import State, Synchroniser, predict


def twin_states(arrivals, start, asked, gain=0.15):
    # Sorts what has come in since the last question, but never goes back.
    twin = Synchroniser(Reactor(), State(**start), gain=gain)
    rows = arrivals[arrivals["quality"] == "Good"]
    states, taken = [], start["time"]
    for moment in asked:
        new = rows[(rows["arrived"] > taken) & (rows["arrived"] <= moment)]
        for row in new.sort_values("time").to_dict("records"):
            twin.take(Reading(**{**row, "timestamp": row["time"]}))
        taken = moment
        predict(twin.reactor, twin.state, moment)
        states.append(dict(vars(twin.state)))
    return states
