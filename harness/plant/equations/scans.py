"""One scan of control and one observation as C callbacks: on all lanes, by addresses.

As `lanes` does for the integrator. Numba's own way to call a compiled function takes 20 µs to find out
the types of arrays of records, as long as half a scan of physics; an address takes 1 µs.

`context` holds the number of lanes and the addresses of state, inputs, controllers, parameters, and
then truth (to observe) or readings and disturbances (to scan).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray

from harness.plant.equations.control import scan_plant, scan_reactor
from harness.plant.equations.observe import observe_plant, observe_reactor
from harness.plant.equations.pointers import as_pointer
from harness.plant.layout import CONTROL, DISTURBANCES, INPUTS, PARAMETERS, PLANT_STATE, REACTOR_STATE, TRUTH


def scan_reactor_lanes(context_pointer: Any) -> None:
    """One scan of the reactor and cooling scopes; writes controllers and inputs."""
    context = carray(context_pointer, (7,), np.int64)
    lanes = context[0]
    s = carray(as_pointer(context[1]), (lanes,), REACTOR_STATE)
    u = carray(as_pointer(context[2]), (lanes,), INPUTS)
    c = carray(as_pointer(context[3]), (lanes,), CONTROL)
    p = carray(as_pointer(context[4]), (lanes,), PARAMETERS)
    temperature_K = carray(as_pointer(context[5]), (lanes,), np.float64)
    x = carray(as_pointer(context[6]), (lanes,), DISTURBANCES)
    scan_reactor(temperature_K, s, x, c, p, u)


def scan_plant_lanes(context_pointer: Any) -> None:
    """One scan of the whole plant; writes controllers and inputs."""
    context = carray(context_pointer, (7,), np.int64)
    lanes = context[0]
    s = carray(as_pointer(context[1]), (lanes,), PLANT_STATE)
    u = carray(as_pointer(context[2]), (lanes,), INPUTS)
    c = carray(as_pointer(context[3]), (lanes,), CONTROL)
    p = carray(as_pointer(context[4]), (lanes,), PARAMETERS)
    temperature_K = carray(as_pointer(context[5]), (lanes,), np.float64)
    x = carray(as_pointer(context[6]), (lanes,), DISTURBANCES)
    scan_plant(temperature_K, s, x, c, p, u)


def observe_reactor_lanes(context_pointer: Any) -> None:
    """True values of the reactor and cooling scopes."""
    context = carray(context_pointer, (6,), np.int64)
    lanes = context[0]
    s = carray(as_pointer(context[1]), (lanes,), REACTOR_STATE)
    u = carray(as_pointer(context[2]), (lanes,), INPUTS)
    c = carray(as_pointer(context[3]), (lanes,), CONTROL)
    p = carray(as_pointer(context[4]), (lanes,), PARAMETERS)
    t = carray(as_pointer(context[5]), (lanes,), TRUTH)
    observe_reactor(s, u, c, p, t)


def observe_plant_lanes(context_pointer: Any) -> None:
    """True values of the whole plant."""
    context = carray(context_pointer, (6,), np.int64)
    lanes = context[0]
    s = carray(as_pointer(context[1]), (lanes,), PLANT_STATE)
    u = carray(as_pointer(context[2]), (lanes,), INPUTS)
    c = carray(as_pointer(context[3]), (lanes,), CONTROL)
    p = carray(as_pointer(context[4]), (lanes,), PARAMETERS)
    t = carray(as_pointer(context[5]), (lanes,), TRUTH)
    observe_plant(s, u, c, p, t)
