"""What the tests of the plant share: runs of it, and independent equations in plain NumPy."""

import importlib.util
import sys

import pytest

from harness.plant.parameters import PlantParameters
from harness.plant.scenarios import Scenario
from harness.plant.simulation import Simulation

ORDINARY = ("cooling_water", "feed_composition", "feed_temperature")


@pytest.fixture
def plant():
    """A plant on its clock; takes the same arguments as `Simulation`, and a scenario's as `story`."""

    def make(story=None, **options):
        scenario = None if story is None else Scenario(name="told", description="", **story)
        return Simulation(scenario=scenario, **options)

    return make


@pytest.fixture
def still():
    """Parameters of a plant that neither fouls nor ages: its operating case is a steady state."""
    return PlantParameters().changed("cooling", fouling_limit_m2K_per_W=0.0, activity_loss=0.0)


@pytest.fixture(scope="session")
def numpy_plant(root):
    """The benchmarks' baseline: the plant's equations once more, in plain NumPy."""
    path = root / "benchmarks" / "_numpy_plant.py"
    spec = importlib.util.spec_from_file_location("_numpy_plant", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
