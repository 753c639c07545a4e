# says: Something other than a set value enters the plant
def classify(nodes: dict[str, str], flows: list[dict]) -> str:
    """What a drawing shows, by how its data flow.

    Args:
        nodes: Kind of each node by its name: "plant", "model", "person"
            or "other".
        flows: The flows, in no order; dicts with the keys source, target,
            carries, automatic, identity.

    Returns:
        "twin", "shadow", "model", "thread" or "none of these".
    """
    free = [f for f in flows if f["automatic"] and nodes[f["source"]] != "person"]

    def reaches(start, goal, usable):
        """Whether data get from a node of one kind to one of another."""
        reached = {name for name, kind in nodes.items() if kind == start}
        while new := {f["target"] for f in usable if f["source"] in reached} - reached:
            reached |= new
        return goal in {nodes[name] for name in reached}

    telling = [f for f in free if nodes[f["source"]] != "plant" or f["carries"] == "reading"]
    moving = free
    if reaches("plant", "model", telling):
        return "twin" if reaches("model", "plant", moving) else "shadow"
    if "model" in nodes.values():
        return "model"
    records = all(f["carries"] == "record" and f["identity"] for f in flows)
    one_thing = len({f["identity"] for f in flows}) == 1
    return "thread" if records and one_thing else "none of these"
