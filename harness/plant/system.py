"""The plant's compiled equations as an ordinary function of a few named values.

A `System` freezes everything but the state values that are named `free`; then its steady state,
its Jacobian and its gains can be asked for. The totals (heat and material counted since the start)
are never free: nothing depends on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import SolverFailed, UnknownName
from harness.plant import analysis
from harness.plant.analysis import FloatArray
from harness.plant.layout import INPUTS, as_rows

WHOLE_PLANT = ("z_a", "z_b", "reactor_K", "jacket_K", "c_kmol", "light_kmol", "stage_kmol")
REACTOR = ("z_a", "z_b", "reactor_K", "jacket_K")

_RESIDUAL = 1e-9


class System:
    """Equations of one scope around one operating point.

    Args:
        equations: C callback on lanes, such as `engine.derivative_callback("plant")`.
        state: One record of the state; holds the values that are not free.
        inputs: One record of `INPUTS`.
        parameters: One record of `PARAMETERS`.
        free: Fields of the state that may vary, in the order of the values.
    """

    def __init__(
        self,
        equations: Any,
        state: NDArray[Any],
        inputs: NDArray[Any],
        parameters: NDArray[Any],
        *,
        free: Iterable[str],
    ) -> None:
        self._call = equations.ctypes
        self._state, self._inputs, self._parameters = state.copy(), inputs.copy(), parameters.copy()
        self._columns = _columns(state.dtype, free)

    @property
    def values(self) -> FloatArray:
        """The free values of the state that was given."""
        return as_rows(self._state)[0, self._columns].copy()

    def state(self, values: ArrayLike) -> NDArray[Any]:
        """A full record of the state with the free values put in."""
        state = self._state.copy()
        as_rows(state)[0, self._columns] = values
        return state

    def rates(self, values: FloatArray) -> FloatArray:
        """Derivatives of the free values, per min; shape (m, ...) for values of shape (m, ...)."""
        points = np.reshape(values, (len(values), -1))
        state = np.repeat(self._state, points.shape[1])
        as_rows(state)[:, self._columns] = points.T
        return self._evaluate(state, np.repeat(self._inputs, len(state))).reshape(values.shape)

    def rates_at_inputs(self, inputs: FloatArray, names: Iterable[str], values: ArrayLike) -> FloatArray:
        """Derivatives of the free values as a function of some inputs, shape (inputs, ...)."""
        points = np.reshape(inputs, (len(inputs), -1))
        records = np.repeat(self._inputs, points.shape[1])
        as_rows(records)[:, _columns(INPUTS, names)] = points.T
        rates = self._evaluate(np.repeat(self.state(values), len(records)), records)
        return rates.reshape(-1, *inputs.shape[1:])

    def jacobian(self, values: ArrayLike) -> FloatArray:
        """Derivative of the rates by the free values, per min."""
        return analysis.jacobian(self.rates, values)

    def steady(self, guess: ArrayLike) -> FloatArray:
        """Free values at which every rate is 0, by Newton's method (MINPACK's hybrid).

        Raises:
            SolverFailed: If no steady state is found from this guess.
        """
        from scipy.optimize import root

        found = root(self.rates, np.asarray(guess, dtype=float), options={"xtol": 1e-13})
        residual = float(np.abs(found.fun).max())
        if not residual < _RESIDUAL:
            raise SolverFailed(
                "No steady state was found", value=residual, remedy="Start from a guess nearer to one"
            )
        values: FloatArray = found.x
        return values

    def steady_gain(
        self, values: ArrayLike, inputs: tuple[str, ...], outputs: Callable[[FloatArray], FloatArray]
    ) -> FloatArray:
        """Change of steady outputs by a lasting unit change of inputs, shape (outputs, inputs).

        Args:
            values: Free values of a steady state.
            inputs: Names of the inputs.
            outputs: Outputs as a function of the free values, shape (m, ...) to (k, ...).
        """
        given = np.array([self._inputs[name][0] for name in inputs])
        by_input = analysis.jacobian(lambda u: self.rates_at_inputs(u, inputs, values), given)
        response = np.linalg.solve(self.jacobian(values), -by_input)
        return analysis.jacobian(outputs, values) @ response

    def _evaluate(self, state: NDArray[Any], inputs: NDArray[Any]) -> FloatArray:
        parameters = np.repeat(self._parameters, len(state))
        rates = np.zeros_like(state)
        context = np.array([len(state), inputs.ctypes.data, parameters.ctypes.data], dtype=np.int64)
        self._call(rates.ctypes.data, 0.0, state.ctypes.data, context.ctypes.data)
        return as_rows(rates)[:, self._columns].T


def _columns(dtype: np.dtype[Any], names: Iterable[str]) -> list[int]:
    fields: Mapping[str, Any] = dtype.fields or {}
    columns: list[int] = []
    for name in names:
        if name not in fields:
            raise UnknownName("field", name, fields)
        field, offset = fields[name][:2]
        columns += range(offset // 8, (offset + field.itemsize) // 8)
    return columns
