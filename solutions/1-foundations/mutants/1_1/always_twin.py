# says: the same word
def classify(nodes: dict[str, str], flows: list[dict]) -> str:
    """Every drawing is a twin."""
    return "twin"
