# says: It is the start again
def twin_states(arrivals, start, asked, gain=0.15):
    return [{**start, "time": moment} for moment in asked]
