"""Checks of numbers that come from outside."""

from __future__ import annotations

import math
import numbers
from typing import Any

from harness.errors import BadArgument


def is_number(value: Any) -> bool:
    """Whether this is a real number; a bool is none, though Python counts it as one."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def as_float(value: Any) -> float:
    """A real number as float; infinite when it is a whole number too large for one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def number(name: str, value: Any, *, low: float = -math.inf, high: float = math.inf) -> float:
    """Check a finite number, or one that may be infinite where the bounds say so.

    Raises:
        BadArgument: If it is not a number, or out of range.
    """
    checked = as_float(value) if is_number(value) else math.nan
    if math.isnan(checked):
        raise BadArgument(f"{name} must be a number", value=value, remedy="Give a number")
    if not low <= checked <= high:
        raise BadArgument(f"{name} is out of range", value=value, remedy=f"Give one from {low:g} to {high:g}")
    return checked


def positive(name: str, value: Any, *, infinite: bool = False) -> float:
    """Check a number above 0; infinity only where it makes sense.

    Raises:
        BadArgument: If it is not one.
    """
    checked = as_float(value) if is_number(value) else math.nan
    if not checked > 0 or (math.isinf(checked) and not infinite):
        raise BadArgument(f"{name} must be a positive number", value=value, remedy="Give one above 0")
    return checked


def whole_number(name: str, value: Any, *, low: int, high: int = 2**53) -> int:
    """Check a whole number.

    Raises:
        BadArgument: If it is not one, or out of range.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise BadArgument(f"{name} must be a whole number", value=value, remedy=f"Give one from {low}")
    checked = int(value)
    if not low <= checked <= high:
        raise BadArgument(f"{name} is out of range", value=value, remedy=f"Give one from {low} to {high}")
    return checked
