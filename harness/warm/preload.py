"""What the fork server imports beforehand, and whether it may fork then.

A module belongs here if pages import it, it costs time, and a fork can use it. Seconds on two cores, one
after another in this order, so that what is shared counts for the first: IPython and ipykernel 0.16,
matplotlib 0.30, scipy 0.56, pandas with pyarrow 0.22, plotly 0.07, pint 0.08, asyncua 0.31, amqtt 0.04,
duckdb 0.09, scikit-learn 0.40, numba and CyRK 0.15, the plant 0.05; glue 0.1.

Three kinds stay out. `twin` is written by the pages themselves, and must be read afresh. What looks at the
running IPython while it is imported (`SEES_IPYTHON`) would see none. And what starts threads at
import cannot be forked, with two exceptions: OpenBLAS ends its threads before a fork and starts
new ones on both sides when it needs them, and the background thread of Arrow's allocator
is switched off by a variable of its own. DuckDB, Arrow and Numba start their threads with the first query or
parallel loop, which is in the fork.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path

from harness.errors import HarnessError

MODULES = (
    "IPython.core.completerlib",
    "IPython.core.magics",
    "IPython.core.pylabtools",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "numpy",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "scipy.integrate",
    "scipy.interpolate",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.signal",
    "scipy.stats",
    "pandas",
    "pyarrow.parquet",
    "duckdb",
    "plotly.graph_objects",
    "plotly.subplots",
    "plotly.express",
    "myst_nb.ext.glue",
    "pint",
    "pydantic",
    "paho.mqtt.client",
    "asyncua.sync",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "sklearn.preprocessing",
    "harness.live",
    "harness.plant.batch",
    "harness.plant.scenarios",
    "harness.plant.simulation",
    "harness.services.mqtt.amqtt_broker",
    "harness.services.mqtt.gateway",
    "harness.services.opcua.server",
    "harness.services.opcua.service",
)

# They choose at import how figures are shown, by the IPython that runs.
SEES_IPYTHON = ("matplotlib_inline.backend_inline", "plotly.io._renderers")

# For the server alone; a kernel has its own environment.
ENVIRONMENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # what ipykernel sets before a page runs
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger prints advice while it is imported
}

_TASKS = Path("/proc/self/task")
_OURS = "harness"


class NotForkable(HarnessError):
    """The process is in a state in which its forks could hang or mislead."""


def preload() -> None:
    """Import all that is installed of `MODULES`.

    Raises:
        ImportError: If a library that is installed cannot be imported.
    """
    for name in MODULES:
        if importlib.util.find_spec(name.partition(".")[0]) is not None:
            importlib.import_module(name)


def check() -> None:
    """Make sure that this process can be forked.

    Raises:
        NotForkable: If it has more than its one thread, or has imported what a fork must import.
    """
    if hasty := [name for name in SEES_IPYTHON if name in sys.modules]:
        raise NotForkable("Modules were imported that look at the running IPython", value=hasty)
    _fork_once()
    threads = [(task / "comm").read_text().strip() for task in _TASKS.iterdir()]
    if len(threads) != 1:
        raise NotForkable("The preloaded process has threads that do not end before a fork", value=threads)


def sources() -> dict[str, tuple[int, int]]:
    """The files of our own that are imported, each with its time of change and its size."""
    files = {module.__file__ for name, module in list(sys.modules.items()) if _is_ours(name)} - {None}
    return {file: _state(file) for file in sorted(map(str, files))}


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] == _OURS


def _state(file: str) -> tuple[int, int]:
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _fork_once() -> None:
    """Forks a child that ends at once: libraries end their threads before it, those which can."""
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)
