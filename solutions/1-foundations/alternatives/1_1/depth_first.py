NONE = "none of these"


def leads(nodes, flows, at, goal, first, last, seen):
    """Depth first, from one node: `first` must go out of the start, `last` into the goal."""
    for f in flows:
        if f["source"] != at or not f["automatic"] or nodes[at] == "person":
            continue
        if first and f["carries"] != first:
            continue
        arrives = nodes[f["target"]] == goal
        if arrives and (not last or f["carries"] == last):
            return True
        onward = not arrives and f["target"] not in seen
        if onward and leads(nodes, flows, f["target"], goal, "", last, seen | {f["target"]}):
            return True
    return False


def classify(nodes: dict[str, str], flows: list[dict]) -> str:
    """By recursion over the nodes, which remembers where it has been."""
    plants = [name for name in nodes if nodes[name] == "plant"]
    models = [name for name in nodes if nodes[name] == "model"]
    if models:
        if not any(leads(nodes, flows, p, "model", "reading", "", {p}) for p in plants):
            return "model"
        acts = any(leads(nodes, flows, m, "plant", "", "set value", {m}) for m in models)
        return "twin" if acts else "shadow"
    if not flows:
        return NONE
    identity = flows[0]["identity"]
    for f in flows:
        if f["carries"] != "record" or not f["identity"] or f["identity"] != identity:
            return NONE
    return "thread"
