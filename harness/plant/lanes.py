"""Lanes of the plant on one clock: state, controllers and inputs, moved scan by scan.

One plant is one lane; a batch of scenarios is many. Both run this code.
"""

from __future__ import annotations

import copy
import ctypes
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.plant import jit, steady
from harness.plant.engine import ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE, Engine
from harness.plant.layout import DISTURBANCES, TRUTH, pack
from harness.plant.parameters import PlantParameters
from harness.plant.tags import Scope


class Lanes:
    """An array of plants of one scope, all at the same time.

    Args:
        scope: Scope of the equations.
        parameters: The parameters of every lane, one each or one for all.
        lanes: How many, when there is one set of parameters for all.
        relative_tolerance: Of the integrator.
        absolute_tolerance: Of the integrator.

    Attributes:
        state: Records of the scope's state, shape (lanes,).
        inputs: Records of `INPUTS`, shape (lanes,).
        control: Records of `CONTROL`, shape (lanes,): set values, outputs and modes.
        truth: Records of `TRUTH`, shape (lanes,), of the present moment.
    """

    def __init__(
        self,
        scope: str,
        parameters: PlantParameters | list[PlantParameters],
        *,
        lanes: int = 1,
        relative_tolerance: float = RELATIVE_TOLERANCE,
        absolute_tolerance: float = ABSOLUTE_TOLERANCE,
    ) -> None:
        self.scope = scope
        each = [parameters] * lanes if isinstance(parameters, PlantParameters) else parameters
        # A steady state takes milliseconds and joining records not much less: equal lanes share one.
        kinds = {one: number for number, one in enumerate(dict.fromkeys(each))}
        rest = zip(*((pack(one), *steady.operating_case(one, scope)) for one in kinds), strict=True)
        order = [kinds[one] for one in each]
        self.parameters, self.state, self.inputs, self.control = (
            np.concatenate(records)[order] for records in rest
        )
        self.truth = np.zeros(len(self.state), dtype=TRUTH)
        self._engine = Engine(
            scope,
            self.parameters,
            relative_tolerance=relative_tolerance,
            absolute_tolerance=absolute_tolerance,
        )
        self._bind()
        self.observe()

    def control_scan(self, temperature_K: NDArray[np.float64], disturbances: NDArray[Any]) -> None:
        """Run the controllers and the safety system once; they write the inputs.

        Args:
            temperature_K: What TIC-101 reads, shape (lanes,); NaN where its transmitter is Bad.
            disturbances: Records of `DISTURBANCES`, shape (lanes,).
        """
        self._temperature_K[:] = temperature_K
        self._disturbances[:] = disturbances
        self._scan()

    def advance(self, minutes: float) -> None:
        """Integrate with the inputs held, then refresh `truth`."""
        self._engine.advance(self.state, self.inputs, minutes)
        self.observe()

    def observe(self) -> None:
        """Refresh `truth` from state and inputs."""
        self._observe()

    def copy(self) -> Lanes:
        """An independent copy at the same moment."""
        twin = copy.copy(self)
        for name in ("state", "inputs", "control", "truth"):
            setattr(twin, name, getattr(self, name).copy())
        twin._bind()
        return twin

    def _bind(self) -> None:
        """Prepare the calls of the compiled functions on the arrays of this object."""
        scan, observe = _callbacks(self.scope)
        self._temperature_K = np.empty(len(self.state))
        self._disturbances = np.empty(len(self.state), dtype=DISTURBANCES)
        lanes = (self.state, self.inputs, self.control, self.parameters)
        self._scan = _ByAddress(scan, *lanes, self._temperature_K, self._disturbances)
        self._observe = _ByAddress(observe, *lanes, self.truth)


class _ByAddress:
    """A compiled callback on arrays that stay where they are; it runs without the interpreter lock."""

    def __init__(self, callback: Any, *arrays: NDArray[Any]) -> None:
        self._arrays = arrays  # their memory must outlive this
        addresses = [array.ctypes.data for array in arrays]
        self._context = np.array([len(arrays[0]), *addresses], dtype=np.int64)
        self._address = self._context.ctypes.data
        self._function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(callback.address)

    def __call__(self) -> None:
        self._function(self._address)


@cache
def _callbacks(scope: str) -> tuple[Any, Any]:
    """The compiled scan of the controllers and the compiled observation, for a scope."""
    from numba import types

    from harness.plant.equations import scans

    whole = scope == Scope.PLANT
    scan = scans.scan_plant_lanes if whole else scans.scan_reactor_lanes
    observe = scans.observe_plant_lanes if whole else scans.observe_reactor_lanes
    signature = types.void(types.voidptr)
    return jit.compiled(scan, signature), jit.compiled(observe, signature)
