"""The right-hand sides of the three scopes, put together from reactor and column."""

from __future__ import annotations

from typing import Any

from numba import njit

from harness.plant.equations import column, reactor
from harness.plant.layout import STAGES


@njit
def reactor_derivative(s: Any, u: Any, p: Any, d: Any) -> None:
    """Reactor and cooling; the recycle is an input."""
    recycle = u.recycle_open * u.distillate_kmol_per_min
    reactor.react(s, u, p, recycle, u.x_d, u.w, d)


@njit
def plant_derivative(s: Any, u: Any, p: Any, d: Any) -> None:
    """Reactor, cooling, column and recycle."""
    distillate = column.distillate_kmol_per_min(s, u, p)
    bottoms = column.bottoms_kmol_per_min(s, u, p)
    w = column.byproduct_ratio(s)
    x_d = s.light_kmol[STAGES - 1] / s.stage_kmol[STAGES - 1]
    x_b = s.light_kmol[0] / s.stage_kmol[0]
    feed = u.feed_kmol_per_min + distillate
    reactor.react(s, u, p, distillate, x_d, w, d)
    column.distil(s, u, p, feed, distillate, bottoms, d)
    d.product_kmol = bottoms
    d.product_a_kmol = bottoms * x_b
    d.product_c_kmol = bottoms * (1.0 - x_b) * w
    d.boilup_kmol = column.boilup_kmol_per_min(s, u, p)
    c_from_reactor = feed * (1.0 - s.z_a - s.z_b)
    d.c_kmol = c_from_reactor - d.product_c_kmol - d.recycled_c_kmol
