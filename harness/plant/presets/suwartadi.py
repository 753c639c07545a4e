"""Reactor, Column A and recycle of Suwartadi, Kungurtsev and Jäschke, on the plant's equations.

The reactor is isothermal and its only reaction A → B; the heat balance, the side reaction and the
jacket are switched off. All parameters, bounds and prices are the authors' own, from the program that
they published beside the paper (repository detu/licq-path-following, models/disColA).
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.plant.parameters import SUWARTADI, PlantParameters
from harness.plant.presets.preset import PlantPreset
from harness.plant.tags import Scope


@dataclass(frozen=True, kw_only=True)
class RecycleProblem:
    """The steady-state optimisation: parameters, bounds and prices.

    Attributes:
        k1_per_min: Rate constant of A → B.
        feed_kmol_per_min: Fresh feed F0 of pure A.
        holdup_low_kmol: Least liquid in the reactor, whose level is free.
        holdup_high_kmol: Most liquid in the reactor; the optimum stands here.
        x_b_max: Largest light fraction in the bottoms; the optimum stands here too.
        boilup_max_kmol_per_min: Largest boil-up.
        distillate_max_kmol_per_min: Largest distillate.
        flow_min_kmol_per_min: Smallest of every flow.
        reflux_max_kmol_per_min: Largest reflux.
        feed_price: Price of F0, by kmol.
        boilup_price: Price of V, by kmol.
        product_price: Price of B, by kmol.
    """

    k1_per_min: float = 34.1 / 60.0
    feed_kmol_per_min: float = 0.29
    holdup_low_kmol: float = 0.3
    holdup_high_kmol: float = 0.7
    x_b_max: float = 0.1
    boilup_max_kmol_per_min: float = 4.008
    distillate_max_kmol_per_min: float = 1.0
    flow_min_kmol_per_min: float = 0.1
    reflux_max_kmol_per_min: float = 10.0
    feed_price: float = 1.0
    boilup_price: float = 0.02
    product_price: float = 2.0


def in_plant_units(problem: RecycleProblem) -> PlantParameters:
    """The plant's parameters with everything but the first reaction and the column switched off."""
    return (
        PlantParameters()
        .changed(
            "reactor",
            holdup_kmol=problem.holdup_high_kmol,
            k1_per_min=problem.k1_per_min,
            k1_activation_K=0.0,
            heat1_kJ_per_kmol=0.0,
            k2_per_min=0.0,
            heat2_kJ_per_kmol=0.0,
        )
        .changed("cooling", ua_kJ_per_min_K=0.0, jacket_free=0.0)
        .changed("column", boilup_max_kmol_per_min=problem.boilup_max_kmol_per_min)
    )


SUWARTADI_2017 = PlantPreset(
    name="suwartadi2017",
    description="Isothermal reactor, Column A and recycle; its economic optimum at a fresh feed of 0.29",
    source=SUWARTADI,
    parameters=in_plant_units(RecycleProblem()),
    # A start near the optimum; `recycle_optimum.optimum` finds the optimum itself.
    inputs={
        "feed_kmol_per_min": RecycleProblem().feed_kmol_per_min,
        "reflux_kmol_per_min": 1.5,
        "boilup_kmol_per_min": 2.25,
        "distillate_kmol_per_min": 0.75,
        "bottoms_kmol_per_min": RecycleProblem().feed_kmol_per_min,
    },
    start={"z_a": 0.65, "z_b": 0.35, "reactor_K": 298.0, "jacket_K": 298.0},
    scope=Scope.PLANT,
)
