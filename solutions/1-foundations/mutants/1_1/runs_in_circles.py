# says: RecursionError
def classify(nodes: dict[str, str], flows: list[dict]) -> str:
    """By recursion that does not know where it has been."""
    free = [f for f in flows if f["automatic"] and nodes[f["source"]] != "person"]

    def reaches(name, goal, first, last):
        ways = [f for f in free if f["source"] == name and first in ("", f["carries"])]
        for f in ways:
            if nodes[f["target"]] == goal:
                if last in ("", f["carries"]):
                    return True
            elif reaches(f["target"], goal, "", last):
                return True
        return False

    places = {kind: name for name, kind in nodes.items()}
    if "plant" in places and "model" in places and reaches(places["plant"], "model", "reading", ""):
        return "twin" if reaches(places["model"], "plant", "", "set value") else "shadow"
    if "model" in places:
        return "model"
    records = all(f["carries"] == "record" and f["identity"] for f in flows)
    one_thing = len({f["identity"] for f in flows}) == 1
    return "thread" if records and one_thing else "none of these"
