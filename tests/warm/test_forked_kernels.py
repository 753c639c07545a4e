"""A forked kernel is like a new one: same surroundings, same results, nothing of its siblings."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from kernels import is_running, kernel, within

from harness.warm import client, warm_kernels
from harness.warm.client import WarmKernel

SURROUNDINGS = """{
    "argv": [part for part in sys.argv if not part.endswith(".json")],
    "path": sys.path, "folder": os.getcwd(), "name": __name__, "main": sys.modules["__main__"] is not None,
    "group": os.getpgid(0) == os.getpid(), "session": os.getsid(0) == os.getpid(),
    "client": os.environ["JPY_PARENT_PID"], "backend": os.environ["MPLBACKEND"],
    "variables": dict(os.environ), "flags": list(sys.flags), "root handlers": len(logging.root.handlers),
    "interrupt": str(signal.getsignal(signal.SIGINT)), "terminate": str(signal.getsignal(signal.SIGTERM)),
    "blocked": list(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "stdin": sys.stdin.read(),
    "collects": gc.isenabled(), "names": [name for name in dir() if not name.startswith("_")],
    "renderer": plotly.io.renderers.default, "matplotlib": matplotlib.get_backend(),
}"""
IMPORTS = "import gc, logging, os, signal, sys; import matplotlib, plotly.io, matplotlib.pyplot"

PAGE = [
    "import numpy as np, pandas as pd, matplotlib.pyplot as plt, plotly.graph_objects as go",
    "a = np.random.default_rng(7).normal(size=(200, 200)); float(np.linalg.slogdet(a @ a.T)[1])",
    "pd.DataFrame({'t_s': [0, 1], 'T_K': [350.0, 350.5]}).describe()",
    "fig, ax = plt.subplots(); ax.plot([0, 1], [0, 2], label='$z_A$'); ax.legend();",
    "go.Figure(go.Scatter(x=[0, 1], y=[0, 2]))",
    "import sys; print('out'); print('err', file=sys.stderr)",
    "1 / 0",
    "from scipy.integrate import solve_ivp; solve_ivp(lambda t, y: -y, (0, 1), [1.0]).y[0, -1]",
    "import asyncio; await asyncio.sleep(0.01); 'slept'",
]


def test_kernel_is_a_fork_of_a_process_that_has_imported_the_libraries(warm):
    with kernel() as one, kernel() as two:
        assert isinstance(one.manager.provisioner.process, WarmKernel)
        parents = {k.value("__import__('os').getppid()") for k in (one, two)}
        assert parents == {one.manager.provisioner.process._server.pid}
        wanted = "{'numpy', 'pandas', 'plotly.graph_objects', 'asyncua', 'harness.live'}"
        assert one.value(f"{wanted} - set(__import__('sys').modules)") == set()
        assert one.value("'twin' in __import__('sys').modules") is False


def test_surroundings_are_those_of_a_new_process(tmp_path):
    options = {"cwd": str(tmp_path), "env": {**os.environ, "COURSE_VARIABLE": "here"}}
    with kernel(**options) as cold:
        cold.outputs(IMPORTS)
        expected = cold.value(SURROUNDINGS)
    with warm_kernels(), kernel(**options) as forked:
        assert isinstance(forked.manager.provisioner.process, WarmKernel)
        forked.outputs(IMPORTS)
        found = forked.value(SURROUNDINGS)
    # A library that sets a variable when it is imported has done so earlier here, scikit-learn this one.
    variables = set(found.pop("variables").items()) ^ set(expected.pop("variables").items())
    assert {name for name, _ in variables} <= {"KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"}
    assert found == expected


def test_results_are_those_of_a_new_process():
    with kernel() as cold:
        expected = [cold.outputs(cell) for cell in PAGE]
    with warm_kernels(), kernel() as forked:
        for cell, outputs in zip(PAGE, expected, strict=True):
            assert _comparable(forked.outputs(cell)) == _comparable(outputs), cell


def _comparable(outputs: list) -> str:
    return re.sub(r"ipykernel_\d+/\d+|0x[0-9a-f]+", "…", str(outputs))


def test_kernels_do_not_see_each_other(warm):
    with kernel() as one, kernel() as two:
        one.outputs("import os, numpy, matplotlib as mpl; numpy.mark = 1; x = 1; os.environ['MARK'] = '1'")
        one.outputs("mpl.rcParams['font.size'] = 40; numpy.set_printoptions(precision=2)")
        two.outputs("import os, numpy, matplotlib as mpl")
        assert two.value("hasattr(numpy, 'mark'), 'x' in globals(), 'MARK' in os.environ") == (False,) * 3
        assert two.value("mpl.rcParams['font.size'], numpy.get_printoptions()['precision']") == (10.0, 8)
        with kernel() as three:
            assert three.value("hasattr(__import__('numpy'), 'mark')") is False


def test_global_random_numbers_differ_from_kernel_to_kernel(warm):
    draw = "__import__('numpy').random.rand(), __import__('random').random(), __import__('uuid').uuid4().hex"
    with kernel() as one, kernel() as two:
        pairs = zip(one.value(draw), two.value(draw), strict=True)
        assert all(mine != theirs for mine, theirs in pairs)


def test_linear_algebra_uses_threads_after_the_fork(warm):
    with kernel() as one:
        one.outputs("import numpy as np; a = np.random.default_rng(1).normal(size=(600, 600))")
        assert one.value("float(np.abs(np.linalg.inv(a) @ a - np.eye(600)).max()) < 1e-6") is True


def test_interrupt_stops_a_cell_and_the_kernel_lives_on(warm):
    with kernel() as one:
        message = one.client.execute(
            "import time\nprint('on its way', flush=True)\ntime.sleep(60)", stop_on_error=False
        )
        while one.client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        one.manager.interrupt_kernel()
        reply = one.client.get_shell_msg(timeout=30)
        assert reply["parent_header"]["msg_id"] == message
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert one.value("1 + 1") == 2


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("import os; os._exit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
def test_exit_code_is_told(warm, ending, code):
    with kernel() as one:
        process = one.manager.provisioner.process
        assert process.poll() is None
        one.client.execute(ending)
        assert process.wait(timeout=10) == process.poll() == process.returncode == code
        assert not one.manager.is_alive()


def test_shutdown_runs_what_was_registered_for_the_exit(warm, tmp_path):
    note = tmp_path / "note"
    with kernel() as one:
        process = one.manager.provisioner.process
        one.outputs(f"import atexit, pathlib; atexit.register(pathlib.Path({str(note)!r}).write_text, 'bye')")
        one.manager.shutdown_kernel()
        assert process.wait(timeout=10) == 0
    assert note.read_text() == "bye"


def test_kernel_can_be_restarted(warm):
    with kernel() as one:
        one.outputs("x = 1")
        before = one.pid
        one.manager.restart_kernel(now=True)
        one.client.wait_for_ready(timeout=30)
        assert one.pid != before
        assert one.value("'x' in globals()") is False


def test_kill_takes_what_the_kernel_has_started_along(warm):
    with kernel() as one:
        one.outputs("import subprocess; child = subprocess.Popen(['sleep', '60'])")
        child = one.value("child.pid")
        assert is_running(child)
    assert within(5, lambda: not is_running(child))


def test_output_of_the_process_goes_where_the_launch_says(warm, tmp_path):
    with (tmp_path / "log").open("w") as log, kernel(stdout=log, stderr=log) as one:
        one.outputs("import sys; print('to the log', file=sys.__stdout__, flush=True)")
        assert within(5, lambda: "to the log" in (tmp_path / "log").read_text())


def test_launch_that_wants_pipes_gets_an_ordinary_kernel(warm):
    with kernel(stderr=subprocess.PIPE) as one:
        assert isinstance(one.manager.provisioner.process, subprocess.Popen)


def test_variables_that_libraries_read_at_import_are_honoured(warm):
    with kernel() as usual, kernel(env={**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "svg"}) as other:
        servers = [k.manager.provisioner.process._server.pid for k in (usual, other)]
        assert servers[0] != servers[1]
        assert other.value("__import__('matplotlib').get_backend()") == "svg"
    before = len(client._servers)
    with kernel(env={**os.environ, "PYTEST_CURRENT_TEST": "another"}) as same:
        assert same.manager.provisioner.process._server.pid == servers[0]
    assert len(client._servers) == before


def test_library_that_cannot_be_imported_costs_a_warning_and_the_speed(warm, tmp_path, caplog):
    (tmp_path / "pint.py").write_text("raise ImportError('this one is broken')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    for _ in range(2):
        with kernel(env={**os.environ, "PYTHONPATH": path}) as one:
            assert isinstance(one.manager.provisioner.process, subprocess.Popen)
            assert one.value("1 + 1") == 2
    (record,) = caplog.records
    assert "this one is broken" in record.getMessage()
    assert "\n" not in record.getMessage()


def test_forked_kernel_starts_faster_than_the_libraries_are_imported(warm):
    with kernel():  # the server is there then
        pass
    start = time.perf_counter()
    with kernel() as one:
        one.outputs("import numpy, scipy.stats, pandas, plotly.express, asyncua, sklearn.ensemble")
    forked_s = time.perf_counter() - start
    code = "import numpy, scipy.stats, pandas, plotly.express, asyncua, sklearn.ensemble"
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    assert forked_s < time.perf_counter() - start
