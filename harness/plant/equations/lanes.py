"""The right-hand sides as an integrator calls them: on all lanes, by addresses.

`context` holds the number of lanes and the addresses of their inputs and parameters. Numba compiles
these functions to C callbacks; they stand at the top level of a module so that it can keep the code.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray

from harness.plant.equations import column
from harness.plant.equations.pointers import as_pointer
from harness.plant.equations.process import plant_derivative, reactor_derivative
from harness.plant.layout import INPUTS, PARAMETERS, PLANT_STATE, REACTOR_STATE


def reactor_lanes(d_pointer: Any, _minutes: float, s_pointer: Any, context_pointer: Any) -> None:
    """Derivatives of all lanes of the reactor and cooling scopes."""
    context = carray(context_pointer, (3,), np.int64)
    lanes = context[0]
    d = carray(d_pointer, (lanes,), REACTOR_STATE)
    s = carray(s_pointer, (lanes,), REACTOR_STATE)
    u = carray(as_pointer(context[1]), (lanes,), INPUTS)
    p = carray(as_pointer(context[2]), (lanes,), PARAMETERS)
    for i in range(lanes):
        reactor_derivative(s[i], u[i], p[i], d[i])


def plant_lanes(d_pointer: Any, _minutes: float, s_pointer: Any, context_pointer: Any) -> None:
    """Derivatives of all lanes of the whole plant."""
    context = carray(context_pointer, (3,), np.int64)
    lanes = context[0]
    d = carray(d_pointer, (lanes,), PLANT_STATE)
    s = carray(s_pointer, (lanes,), PLANT_STATE)
    u = carray(as_pointer(context[1]), (lanes,), INPUTS)
    p = carray(as_pointer(context[2]), (lanes,), PARAMETERS)
    for i in range(lanes):
        plant_derivative(s[i], u[i], p[i], d[i])


def column_lanes(d_pointer: Any, _minutes: float, s_pointer: Any, context_pointer: Any) -> None:
    """Derivatives of the trays of all lanes, for the column alone: the feed and its `z_a` are given."""
    context = carray(context_pointer, (3,), np.int64)
    lanes = context[0]
    d = carray(d_pointer, (lanes,), PLANT_STATE)
    s = carray(s_pointer, (lanes,), PLANT_STATE)
    u = carray(as_pointer(context[1]), (lanes,), INPUTS)
    p = carray(as_pointer(context[2]), (lanes,), PARAMETERS)
    for i in range(lanes):
        distillate = column.distillate_kmol_per_min(s[i], u[i], p[i])
        bottoms = column.bottoms_kmol_per_min(s[i], u[i], p[i])
        column.distil(s[i], u[i], p[i], u[i].feed_kmol_per_min, distillate, bottoms, d[i])
