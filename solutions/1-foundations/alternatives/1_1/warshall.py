import numpy as np


def classify(nodes, flows):
    """By a matrix of who reaches whom, closed by Warshall's algorithm."""
    kinds = np.array(list(nodes.values()), dtype=object)
    if "model" not in kinds:
        serials = {f["identity"] for f in flows}
        thread = len(serials) == 1 and "" not in serials and {f["carries"] for f in flows} == {"record"}
        return "thread" if thread else "none of these"
    at = {name: i for i, name in enumerate(nodes)}
    reach = np.zeros((len(at), len(at)), dtype=bool)
    for f in flows:
        start, end = nodes[f["source"]], nodes[f["target"]]
        stopped = not f["automatic"] or start == "person"
        stopped |= start == "plant" and f["carries"] != "reading"
        stopped |= end == "plant" and f["carries"] != "set value"
        reach[at[f["source"]], at[f["target"]]] |= not stopped
    for k in range(len(at)):
        reach |= np.outer(reach[:, k], reach[k])
    up = reach[kinds == "plant"][:, kinds == "model"].any()
    down = reach[kinds == "model"][:, kinds == "plant"].any()
    return ("twin" if down else "shadow") if up else "model"
