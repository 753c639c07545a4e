"""What checks say with: comparisons that tell one mistake from another.

A plain `assert condition, "message"` does too. Messages of hidden checks are constants: nothing that a
learner's code has produced, and no hidden input, gets into a feedback page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def number(got: Any, what: str) -> float:
    """A finite real number, as a float.

    Args:
        got: What the learner's code gave.
        what: What it should be, such as "the p95 age in s".

    Raises:
        AssertionError: If it is something else.
    """
    assert not isinstance(got, bool), f"{what} must be a number, and True or False came back."
    assert got is not None, f"{what} must be a number, and None came back: is there a `return`?"
    assert isinstance(got, int | float), f"{what} must be a number, and a {type(got).__name__} came back."
    assert math.isfinite(got), f"{what} must be a finite number, and it is infinite or not a number (NaN)."
    return float(got)


def close(
    got: Any,
    want: float,
    *,
    what: str,
    rel_tol: float = 0.0,
    abs_tol: float = 0.0,
    mistakes: Mapping[str, float] | None = None,
    otherwise: str,
) -> None:
    """Compare a number with the right one, and say which mistake it looks like.

    Args:
        got: What the learner's code gave.
        want: The right value, as the check computes it.
        what: What it should be, such as "the p95 age in s".
        rel_tol: Relative tolerance.
        abs_tol: Absolute tolerance, in the unit of the value.
        mistakes: What to say, with the value that this mistake leads to.
        otherwise: What to say when it is no known mistake.

    Raises:
        AssertionError: If it is wrong.
    """
    value = number(got, what)
    if math.isclose(value, want, rel_tol=rel_tol, abs_tol=abs_tol):
        return
    for message, wrong in (mistakes or {}).items():
        assert not math.isclose(value, wrong, rel_tol=max(rel_tol, 1e-9), abs_tol=abs_tol), message
    raise AssertionError(otherwise)


def array(got: Any, what: str, *, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """An array of finite numbers of a shape.

    Args:
        got: What the learner's code gave: an array, a list or a pandas column.
        what: What it should be.
        shape: Its shape.

    Raises:
        AssertionError: If it is something else.
    """
    assert got is not None, f"{what} must be an array, and None came back: is there a `return`?"
    try:
        values = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        raise AssertionError(f"{what} must be an array of numbers.") from None
    assert values.shape == shape, f"{what} must have the shape {shape}, not {values.shape}."
    assert np.isfinite(values).all(), f"{what} must hold finite numbers only."
    return values
