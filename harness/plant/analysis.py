"""Local analysis of any model: Jacobian, eigenvalues, their label, turning points and every root.

Stability is read from eigenvalues, never from a plot, and no steady state is dropped: `roots` first
finds where a curve turns, so that between two turning points it can have one root at most.
It works on plain functions and knows nothing of the plant; `harness.plant.system` joins the two.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import BadArgument, SolverFailed

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
Curve = Callable[[float], float]

_JACOBIAN_ERROR = 1e-7
_RELATIVE_STEP = 1e-3
_SMALLEST_STEP = 1e-5


class Stability(enum.StrEnum):
    """What a steady state is, by its eigenvalues."""

    STABLE_NODE = "stable node"
    STABLE_FOCUS = "stable focus"
    SADDLE = "saddle"
    UNSTABLE_NODE = "unstable node"
    UNSTABLE_FOCUS = "unstable focus"
    MARGINAL = "marginal"


def jacobian(function: Callable[[FloatArray], FloatArray], at: ArrayLike) -> FloatArray:
    """Derivative of a vector function, by central differences of order 8 with a checked error.

    A kink exactly at the point is not seen: its entry is the mean of both slopes.

    Args:
        function: Maps an array of shape (m, ...) to one of shape (n, ...), point by point.
        at: The point, shape (m,).

    Returns:
        Matrix of shape (n, m).

    Raises:
        SolverFailed: If an entry is not finite, or the estimated error is not small beside the
            largest entry of its row.
    """
    from scipy.differentiate import jacobian as differentiate

    point = np.asarray(at, dtype=float)
    step = np.maximum(_RELATIVE_STEP * np.abs(point), _SMALLEST_STEP)
    # Asking for more than this only halves the steps into rounding error.
    found = differentiate(function, point, initial_step=step, tolerances={"atol": 1e-9, "rtol": 1e-9})
    matrix: FloatArray = found.df
    _check_jacobian(matrix, found.error)
    return matrix


def _check_jacobian(matrix: FloatArray, error: FloatArray) -> None:
    allowed = _JACOBIAN_ERROR * np.abs(matrix).max(axis=1, keepdims=True)
    if not np.isfinite(matrix).all() or not (error <= np.maximum(allowed, 1e-10)).all():
        raise SolverFailed(
            "The Jacobian is not accurate",
            value=float(np.max(error)),
            remedy="Look for a jump, a pole or a value that is not finite near this point",
        )


def eigenvalues(matrix: ArrayLike) -> ComplexArray:
    """Eigenvalues, the rightmost (slowest or unstable) first; of a pair the upper one first."""
    values: ComplexArray = np.linalg.eigvals(np.asarray(matrix, dtype=float)).astype(np.complex128)
    return values[np.lexsort((-values.imag, -values.real))]


def stability_label(values: ArrayLike, *, tolerance: float = 1e-9) -> Stability:
    """Name what the eigenvalues say.

    In the plane these are the textbook's names. With more states the rightmost eigenvalues rule: a
    complex pair on the right is an unstable focus, however many directions are stable, and a real
    one a saddle when any other direction is stable.

    Args:
        values: Eigenvalues in any order.
        tolerance: A rightmost real part closer to 0 than this times the largest modulus is marginal.
    """
    ordered = np.sort_complex(np.asarray(values, dtype=complex))
    if not ordered.size or not np.isfinite(ordered).all():
        raise BadArgument("A label needs finite eigenvalues", value=values)
    rightmost = ordered[-1]
    scale = float(np.abs(ordered).max())
    if abs(rightmost.real) <= tolerance * scale:
        return Stability.MARGINAL
    turns = abs(rightmost.imag) > tolerance * scale
    if rightmost.real < 0:
        return Stability.STABLE_FOCUS if turns else Stability.STABLE_NODE
    if turns:
        return Stability.UNSTABLE_FOCUS
    return Stability.SADDLE if ordered[0].real < 0 else Stability.UNSTABLE_NODE


def doubling_min(values: ArrayLike) -> float:
    """Time in which the fastest-growing disturbance doubles, in min; infinite if none grows."""
    growth = float(np.asarray(values, dtype=complex).real.max())
    return float(np.log(2.0)) / growth if growth > 0 else float("inf")


def slowest_min(values: ArrayLike) -> float:
    """Longest time constant of a stable model, in min.

    Raises:
        BadArgument: If the model is not stable.
    """
    rightmost = float(np.asarray(values, dtype=complex).real.max())
    if rightmost >= 0:
        raise BadArgument("An unstable model has no slowest time constant", value=rightmost)
    return -1.0 / rightmost


def relative_gains(gain: ArrayLike) -> FloatArray:
    """Bristol's relative gain array of a square gain matrix."""
    matrix = np.asarray(gain, dtype=float)
    result: FloatArray = matrix * np.linalg.inv(matrix).T
    return result


def turning_points(curve: Curve, low: float, high: float, *, points: int = 400) -> tuple[float, ...]:
    """Where a smooth curve has its local minima and maxima, between `low` and `high`.

    Args:
        curve: The function.
        low: Lower end.
        high: Upper end.
        points: Grid on which the curve's turns are first seen; two turns closer than three grid
            points may be missed.
    """
    x = np.linspace(low, high, points)
    slope = np.sign(np.diff([curve(float(value)) for value in x]))
    # Where a turn lies just between two grid points the slope is 0 and says nothing.
    sloping = pairwise(np.flatnonzero(slope))
    turns = [(i, j) for i, j in sloping if slope[i] != slope[j]]
    return tuple(_turn(curve, x[i], x[j + 1], rising=slope[i] > 0) for i, j in turns)


def _turn(curve: Curve, low: float, high: float, *, rising: bool) -> float:
    from scipy.optimize import minimize_scalar

    sign = -1.0 if rising else 1.0
    found = minimize_scalar(
        lambda x: sign * curve(x), bounds=(low, high), method="bounded", options={"xatol": 1e-9}
    )
    return float(found.x)


def roots(
    curve: Curve, low: float, high: float, *, target: float = 0.0, points: int = 400
) -> tuple[float, ...]:
    """Every place between `low` and `high` where a smooth curve takes a value, in rising order."""
    from scipy.optimize import brentq

    def excess(x: float) -> float:
        return curve(x) - target

    edges = (low, *turning_points(curve, low, high, points=points), high)
    found = [
        float(brentq(excess, a, b, xtol=1e-12, rtol=1e-14))
        for a, b in pairwise(edges)
        if excess(a) * excess(b) <= 0
    ]
    return tuple(dict.fromkeys(found))
