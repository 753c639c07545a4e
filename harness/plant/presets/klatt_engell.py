"""Klatt and Engell's reactor: van de Vusse's scheme, cyclopentadiene to cyclopentenol.

A → B → C and 2 A → D, with a jacket from which a heat flow is drawn. A small model of its own; it has
nothing of R-101. The paper counts in hours, litres and degrees Celsius, and so does this module.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.plant import analysis
from harness.plant.analysis import FloatArray
from harness.plant.presets.preset import ModelPreset

SOURCE = "Klatt, Engell, Comput. Chem. Eng. 22 (1998) 491; Chen, Kremling, Allgöwer, ECC (1995)"

KLATT_ENGELL = ModelPreset(
    name="klatt_engell",
    description="Van de Vusse's reactions in a jacketed reactor near its largest yield",
    source=SOURCE,
    module="harness.plant.presets.klatt_engell",
)

_ZERO_CELSIUS_K = 273.15


@dataclass(frozen=True, kw_only=True)
class KlattEngell:
    """Parameters and inputs as published.

    Attributes:
        dilution_per_h: Feed over volume, an input.
        heat_kJ_per_h: Heat given to the jacket, an input; negative when cooling.
        feed_C: Temperature of the feed.
        feed_mol_per_L: Concentration of A in the feed.
        k1_per_h: Frequency factor of A → B and of B → C.
        k3_L_per_mol_h: Frequency factor of 2 A → D.
        activation1_K: Activation temperature of A → B and of B → C.
        activation3_K: Activation temperature of 2 A → D.
        enthalpy1_kJ_per_mol: Reaction enthalpy of A → B, positive: it takes heat.
        enthalpy2_kJ_per_mol: Reaction enthalpy of B → C.
        enthalpy3_kJ_per_mol: Reaction enthalpy of 2 A → D.
        density_kg_per_L: Density.
        heat_capacity_kJ_per_kg_K: Heat capacity of the liquid.
        transfer_kJ_per_h_m2_K: Heat-transfer coefficient of the jacket.
        area_m2: Area of the jacket.
        volume_L: Liquid in the reactor.
        jacket_kJ_per_K: Heat capacity of the coolant in the jacket.
    """

    dilution_per_h: float = 14.19
    heat_kJ_per_h: float = -1113.5
    feed_C: float = 104.9
    feed_mol_per_L: float = 5.10
    k1_per_h: float = 1.287e12
    k3_L_per_mol_h: float = 9.043e9
    activation1_K: float = 9758.3
    activation3_K: float = 8560.0
    enthalpy1_kJ_per_mol: float = 4.2
    enthalpy2_kJ_per_mol: float = -11.0
    enthalpy3_kJ_per_mol: float = -41.85
    density_kg_per_L: float = 0.9342
    heat_capacity_kJ_per_kg_K: float = 3.01
    transfer_kJ_per_h_m2_K: float = 4032.0
    area_m2: float = 0.215
    volume_L: float = 10.0
    jacket_kJ_per_K: float = 5.0 * 2.0

    def rates(self, state: FloatArray) -> FloatArray:
        """Derivatives per hour of (c_A, c_B, T, T_jacket) in mol/L and °C; shape (4, ...)."""
        a, b, liquid_C, jacket_C = state
        k1, k3 = self._constants(liquid_C)
        passed = self.transfer_kJ_per_h_m2_K * self.area_m2 * (jacket_C - liquid_C)
        taken = (
            self.enthalpy1_kJ_per_mol * k1 * a
            + self.enthalpy2_kJ_per_mol * k1 * b
            + self.enthalpy3_kJ_per_mol * k3 * a**2
        )
        capacity = self.density_kg_per_L * self.heat_capacity_kJ_per_kg_K
        return np.stack(
            [
                self.dilution_per_h * (self.feed_mol_per_L - a) - k1 * a - k3 * a**2,
                -self.dilution_per_h * b + k1 * (a - b),
                self.dilution_per_h * (self.feed_C - liquid_C)
                - taken / capacity
                + passed / (capacity * self.volume_L),
                (self.heat_kJ_per_h - passed) / self.jacket_kJ_per_K,
            ]
        )

    def steady_states(self, *, low_C: float = 20.0, high_C: float = 250.0) -> list[FloatArray]:
        """Every steady state in a range of temperatures, coldest first.

        At a given temperature the other three balances have one solution each, so the heat
        balance is a function of the temperature alone.
        """

        def heat_balance(liquid_C: float) -> float:
            return float(self.rates(self._balanced(liquid_C))[2])

        return [self._balanced(root) for root in analysis.roots(heat_balance, low_C, high_C)]

    def _balanced(self, liquid_C: float) -> FloatArray:
        k1, k3 = (float(k) for k in self._constants(np.asarray(liquid_C)))
        linear = self.dilution_per_h + k1
        inflow = self.dilution_per_h * self.feed_mol_per_L
        a = 2.0 * inflow / (linear + np.sqrt(linear**2 + 4.0 * k3 * inflow))
        b = k1 * a / (self.dilution_per_h + k1)
        jacket_C = liquid_C + self.heat_kJ_per_h / (self.transfer_kJ_per_h_m2_K * self.area_m2)
        return np.array([a, b, liquid_C, jacket_C])

    def _constants(self, liquid_C: FloatArray) -> tuple[FloatArray, FloatArray]:
        inverse = 1.0 / (liquid_C + _ZERO_CELSIUS_K)
        return (
            self.k1_per_h * np.exp(-self.activation1_K * inverse),
            self.k3_L_per_mol_h * np.exp(-self.activation3_K * inverse),
        )
