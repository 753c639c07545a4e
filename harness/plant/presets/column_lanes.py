"""The column's equations with nothing around them: the feed is an input, its composition `z_a`.

As `equations.lanes`, for the column alone; importing this module imports Numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray  # type: ignore[attr-defined]

from harness.plant.equations import column
from harness.plant.equations.pointers import as_pointer
from harness.plant.layout import INPUTS, PARAMETERS, PLANT_STATE


def column_lanes(d_pointer: Any, _minutes: float, s_pointer: Any, context_pointer: Any) -> None:
    """Derivatives of the trays of all lanes."""
    context = carray(context_pointer, (3,), np.int64)
    lanes = context[0]
    d = carray(d_pointer, (lanes,), PLANT_STATE)
    s = carray(s_pointer, (lanes,), PLANT_STATE)
    u = carray(as_pointer(context[1]), (lanes,), INPUTS)  # type: ignore[call-arg]
    p = carray(as_pointer(context[2]), (lanes,), PARAMETERS)
    for i in range(lanes):
        distillate = column.distillate_kmol_per_min(s[i], u[i], p[i])
        bottoms = column.bottoms_kmol_per_min(s[i], u[i], p[i])
        column.distil(s[i], u[i], p[i], u[i].feed_kmol_per_min, distillate, bottoms, d[i])
