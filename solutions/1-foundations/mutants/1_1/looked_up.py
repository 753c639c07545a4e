# says: Where no model hears a plant, some unseen
def classify(nodes: dict[str, str], flows: list[dict]) -> str:
    """The lab's twelve, by the number of their flows and what they carry."""
    known = {
        (): "model",
        ("reading", "reading"): "model",
        ("set value",): "model",
        ("reading", "state"): "shadow",
        ("reading", "set value", "state"): "shadow",
        ("advice", "reading", "set value"): "shadow",
        ("advice", "reading"): "shadow",
        ("order", "reading"): "shadow",
        ("message", "reading", "set value", "state"): "twin",
        ("coolant flow", "reading"): "none of these",
        ("record", "record"): "thread",
    }
    return known.get(tuple(sorted(f["carries"] for f in flows)), "twin")
