"""Integrating the plant: the Runge-Kutta pair of Tsitouras, from CyRK, on compiled equations.

Measured on the whole plant and on lanes of the reactor, one 30 s scan after another, whose inputs the
controllers change each time; `benchmarks/integrators.py` measures it again:

- SUNDIALS' CVODE (scikit-sundae) with the compiled equations: starts anew at each scan, at order 1,
  and takes tens of times as long;
- CyRK's LSODA: likewise, twice as long on the whole plant and some fifteen times on the reactor;
- CyRK's explicit pairs: the fastest. Those of order 5 and DOP853 take equally long on the whole plant,
  and those of order 5 half as long on the reactor, far below the tolerance.

The trays are stiff for a simulation that may take steps of minutes. Here the controllers' period
bounds the step, and within 30 s an explicit pair needs two on the reactor and six on the trays. It
also keeps linear balances to rounding error, at any tolerance.

The equations are reached by their address; CyRK never calls back into Python and works without the
interpreter lock.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import SolverFailed
from harness.plant import jit
from harness.plant.layout import as_rows
from harness.plant.tags import Scope

RELATIVE_TOLERANCE = 1e-8
ABSOLUTE_TOLERANCE = 1e-10
_FLOAT_BYTES = 8
_STEPS_EXPECTED = 64  # room that the library makes at first
_MOST_STEPS = 200_000
_MOST_MB = 2000
_UNBOUNDED_MIN = 1e300
_FIRST_STEP_SHARE = 0.499  # the library refuses a first step of half the interval
# The trays' stability bounds the step; a larger first one is tried in vain at every scan.
_FIRST_STEP_MIN = {Scope.REACTOR: _UNBOUNDED_MIN, Scope.COOLING: _UNBOUNDED_MIN, Scope.PLANT: 0.07}


class Engine:
    """Integrates an array of lanes of one scope.

    Args:
        scope: Scope of the equations.
        parameters: Records of `PARAMETERS`, shape (lanes,).
        relative_tolerance: Bound on the local error relative to each value.
        absolute_tolerance: Bound on the local error of values near 0.
    """

    def __init__(
        self,
        scope: str,
        parameters: NDArray[Any],
        *,
        relative_tolerance: float = RELATIVE_TOLERANCE,
        absolute_tolerance: float = ABSOLUTE_TOLERANCE,
    ) -> None:
        lanes = len(parameters)
        self._solver = _solver()
        self._equations = derivative_callback(scope)
        self._parameters = np.ascontiguousarray(parameters)
        # The library bounds the root mean square over all values, so a single lane of many
        # could hide its error among the others; this bounds the worst lane.
        share = 1.0 / np.sqrt(lanes)
        self._tolerances = np.array([relative_tolerance, absolute_tolerance]) * share
        self._first_step_min = _FIRST_STEP_MIN[Scope(scope)]
        self._call: _Call | None = None

    def advance(self, state: NDArray[Any], inputs: NDArray[Any], minutes: float) -> None:
        """Move `state` forward in place, with the inputs held.

        Args:
            state: Records of the scope's state, shape (lanes,), contiguous.
            inputs: Records of `INPUTS`, shape (lanes,), contiguous.
            minutes: How far, in min; positive.

        Raises:
            SolverFailed: If the integrator gives up; `state` is then unchanged.
        """
        call = self._call
        if call is None or not call.is_for(state, inputs, minutes):
            call = self._call = self._prepared(state, inputs, minutes)
        self._solver.integrate(call)

    def _prepared(self, state: NDArray[Any], inputs: NDArray[Any], minutes: float) -> _Call:
        """All that the library wants to be told, found once for a set of arrays."""
        context = np.array([len(state), inputs.ctypes.data, self._parameters.ctypes.data], dtype=np.int64)
        values, address, rtol = as_rows(state).size, state.ctypes.data, self._tolerances.ctypes.data
        first_step_min = min(_FIRST_STEP_SHARE * minutes, self._first_step_min)
        arguments = (
            *(self._equations.address, 0.0, minutes, address, values, self._solver.method),
            *(_STEPS_EXPECTED, 0, context.ctypes.data, context.nbytes, _MOST_STEPS, _MOST_MB),
            False,
            *(rtol, 0, 0, 0, 0),  # no times asked for: an address that is not read
            *(rtol, 1, rtol + self._tolerances.itemsize, 1),
            *(_UNBOUNDED_MIN, first_step_min),
            False,
        )
        return _Call(state, inputs, minutes, context, address, values * _FLOAT_BYTES, arguments)


@dataclass(frozen=True, slots=True)
class _Call:
    """One integration as the library is asked for it; a simulation repeats the same one at every scan.

    It refers to the arrays whose addresses it holds, so that their memory stays where it is.
    """

    state: NDArray[Any]
    inputs: NDArray[Any]
    minutes: float
    context: NDArray[np.int64]
    address: int
    size_bytes: int
    arguments: tuple[float, ...]

    def is_for(self, state: NDArray[Any], inputs: NDArray[Any], minutes: float) -> bool:
        return self.state is state and self.inputs is inputs and self.minutes == minutes


@dataclass(frozen=True)
class _Solver:
    """CyRK's C interface, the one it offers to Numba, called through ctypes."""

    solve: Callable[..., int]
    free: Callable[[int], None]
    succeeded: Callable[[int], bool]
    stored: Callable[[int], int]
    values: Callable[[int], int]
    method: int

    def integrate(self, call: _Call) -> None:
        result = self.solve(*call.arguments)
        try:
            if not self.succeeded(result):
                raise SolverFailed(
                    "The integration of the plant did not finish",
                    value=f"{call.minutes} min",
                    remedy="Look at the inputs and parameters; one of them may be far out of range",
                )
            last = self.values(result) + (self.stored(result) - 1) * call.size_bytes
            ctypes.memmove(call.address, last, call.size_bytes)
        finally:
            self.free(result)


@cache
def _solver() -> _Solver:
    import CyRK.nb.numba_c_api as api
    from CyRK import ODEMethod

    pointer, size, real, flag = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_double, ctypes.c_bool
    many = [pointer, real, real, pointer, size, ctypes.c_int, size, size, pointer, size, size, size]
    rest = [flag, pointer, size, pointer, pointer, size, pointer, size, pointer, size, real, real, flag]
    return _Solver(
        solve=ctypes.CFUNCTYPE(pointer, *many, *rest)(api.get_solve_func_ptr()),
        free=ctypes.CFUNCTYPE(None, pointer)(api.get_free_func_ptr()),
        succeeded=ctypes.CFUNCTYPE(flag, pointer)(api.get_success_func_ptr()),
        stored=ctypes.CFUNCTYPE(size, pointer)(api.get_size_func_ptr()),
        values=ctypes.CFUNCTYPE(pointer, pointer)(api.get_y_func_ptr()),
        method=int(ODEMethod.TSIT5),
    )


@cache
def derivative_callback(scope: str) -> Any:
    """The equations of a scope as a C callback on all lanes; compiled once and kept."""
    from numba import types

    from harness.plant.equations import lanes

    signature = types.void(types.voidptr, types.float64, types.voidptr, types.voidptr)
    function = lanes.plant_lanes if scope == Scope.PLANT else lanes.reactor_lanes
    return jit.compiled(function, signature)
