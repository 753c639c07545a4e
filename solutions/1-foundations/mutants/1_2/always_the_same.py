# says: A wrong clock was not noticed at all
def clock_ahead_s(messages: pd.DataFrame, tag: str) -> float:
    """Every clock is right."""
    return 0.0


def p95_age_s(messages: pd.DataFrame, used_s: np.ndarray, tag: str) -> float:
    """What the lab's own data give."""
    return 94.0
