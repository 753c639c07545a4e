"""`import harness` costs little: what is heavy is imported where it is used."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "numpy",
    "scipy",
    "pandas",
    "casadi",
    "numba",
    "CyRK",
    "asyncua",
    "amqtt",
    "matplotlib",
    "plotly",
    "sphinx",
}
LIST_MODULES = "import sys, json, {}; print(json.dumps(sorted(sys.modules)))"


def modules_after(what: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES.format(what)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("module", ["harness", "harness.errors", "harness.cli"])
def test_import_loads_no_heavy_library(module: str) -> None:
    assert modules_after(module) & HEAVY == set()


def test_import_of_harness_loads_few_modules() -> None:
    # A bound on what it adds to a bare interpreter, generous: 12 on the day this was written.
    assert len(modules_after("harness") - modules_after("json")) < 60
