"""What a preset is: a published case that the code must reproduce, with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import UnknownName
from harness.plant.layout import INPUTS, PLANT_STATE, REACTOR_STATE, pack
from harness.plant.parameters import PlantParameters
from harness.plant.tags import Scope


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A published case.

    Attributes:
        name: Short name, such as "bequette2".
        description: One sentence for people.
        source: Where its parameters and results were published.
    """

    name: str
    description: str
    source: str


@dataclass(frozen=True, kw_only=True)
class PlantPreset(Preset):
    """A case on the plant's own equations, with the physics that it does not have switched off.

    Attributes:
        parameters: The plant's parameters.
        inputs: Inputs that differ from the default (see `input_record`).
        start: State values from which to start; a jacket temperature that is an input stands here.
        scope: Scope whose equations it uses; None: the column alone, fed by `start["z_a"]`.
    """

    parameters: PlantParameters
    inputs: Mapping[str, float] = field(default_factory=dict)
    start: Mapping[str, float] = field(default_factory=dict)
    scope: Scope | None = Scope.REACTOR

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", MappingProxyType(dict(self.inputs)))
        object.__setattr__(self, "start", MappingProxyType(dict(self.start)))

    def parameter_record(self) -> NDArray[Any]:
        """The parameters as one record."""
        return pack(self.parameters)

    def input_record(self, **changes: float) -> NDArray[Any]:
        """The inputs as one record; what neither the preset nor `changes` names is off or nominal."""
        nominal = {
            "feed_fraction_a": 1.0,
            "feed_K": self.parameters.reactor.feed_K,
            "water_K": self.parameters.cooling.water_K,
            "activity": 1.0,
            "recycle_open": 1.0,
        }
        return _filled(INPUTS, "input", {**nominal, **self.inputs, **changes})

    def state_record(self, **changes: float) -> NDArray[Any]:
        """The start as one record; the trays hold their nominal liquid, half of it light."""
        dtype = REACTOR_STATE if self.scope in (Scope.REACTOR, Scope.COOLING) else PLANT_STATE
        record = _filled(dtype, "state", {**self.start, **changes})
        if dtype == PLANT_STATE:
            record["stage_kmol"] = self.parameters.column.stage_kmol
            record["light_kmol"] = record["stage_kmol"] / 2.0
        return record


@dataclass(frozen=True, kw_only=True)
class ModelPreset(Preset):
    """A benchmark with a small model of its own.

    Attributes:
        module: Module that holds the model.
    """

    module: str


def _filled(dtype: np.dtype[Any], kind: str, values: Mapping[str, float]) -> NDArray[Any]:
    record = np.zeros(1, dtype)
    for name, value in values.items():
        if name not in (dtype.names or ()):
            raise UnknownName(kind, name, dtype.names or ())
        record[name] = value
    return record
