"""Nothing outlives its client, a dead server is replaced, changed code is read again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap

import pytest
from kernels import is_running, kernel, within

from harness.warm import client
from harness.warm.preload import ENVIRONMENT

CLIENT = """
import sys, time
from jupyter_client.manager import KernelManager
from harness.warm import warm_kernels

def start():
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    return manager

def told(*managers):
    processes = [manager.provisioner.process for manager in managers]
    print(*[p._server.pid for p in processes], *[p.pid for p in processes], flush=True)

with warm_kernels():
"""


def program(body: str) -> str:
    """A client of its own process."""
    return CLIENT + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"


def started(body: str, **options) -> subprocess.Popen:
    """Starts a client; its standard output is a pipe."""
    return subprocess.Popen(
        [sys.executable, "-c", program(body)], stdout=subprocess.PIPE, text=True, **options
    )


def numbers(line: str) -> list[int]:
    return [int(word) for word in line.split()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_server_and_kernels_end_when_the_client_is_killed(number):
    with started("one, two = start(), start(); told(one, two); time.sleep(60)") as process:
        pids = numbers(process.stdout.readline())
        assert len(set(pids)) == 3
        assert all(map(is_running, pids))
        process.send_signal(number)
    assert within(5, lambda: not any(map(is_running, pids)))


def test_server_and_forgotten_kernels_end_when_the_client_ends():
    with started("one = start(); told(one)") as process:
        pids = numbers(process.stdout.readline())
    assert process.returncode == 0
    assert not any(map(is_running, pids))


def test_server_that_dies_takes_its_kernels_along_and_is_replaced(warm):
    with kernel() as one:
        process = one.manager.provisioner.process
        os.kill(process._server.pid, signal.SIGKILL)
        assert process.wait(timeout=10) == -signal.SIGKILL
        assert within(5, lambda: not is_running(process.pid))
        with kernel() as two:
            assert two.manager.provisioner.process._server.pid != process._server.pid
            assert two.value("1 + 1") == 2


def test_server_dies_between_two_launches_and_nobody_notices(warm):
    with kernel() as one:
        server = one.manager.provisioner.process._server
    os.kill(server.pid, signal.SIGKILL)  # it may still count as alive when the next launch asks it
    with kernel() as two:
        assert isinstance(two.manager.provisioner.process, client.WarmKernel)


def test_closing_ends_servers_and_kernels_and_the_next_launch_starts_anew(warm):
    with kernel() as one:
        process = one.manager.provisioner.process
        client.close_servers()
        assert not is_running(process.pid)
        assert not is_running(process._server.pid)
        with kernel() as two:
            assert two.value("1 + 1") == 2


def test_changed_code_of_the_harness_is_read_by_the_next_kernel(root, tmp_path):
    shutil.copytree(root / "harness", tmp_path / "harness", ignore=shutil.ignore_patterns("node_modules"))
    body = """
    one = start()
    told(one)
    sys.stdin.readline()
    two = start()
    told(one, two)
    one.shutdown_kernel()
    time.sleep(60)
    """
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with started(body, env=env, cwd=tmp_path, stdin=subprocess.PIPE) as process:
        (old, _) = numbers(process.stdout.readline())
        with (tmp_path / "harness" / "live.py").open("a") as module:
            module.write("\n# changed\n")
        process.stdin.write("go on\n")
        process.stdin.flush()
        same, new, _, _ = numbers(process.stdout.readline())
        assert (same, new != old) == (old, True)
        # The old one has no kernel any more and ends, the new one goes on.
        assert within(10, lambda: not is_running(old))
        assert is_running(new)
        process.kill()


THREAD = """
import threading
from harness.warm import preload
threading.Thread(target=threading.Event().wait, daemon=True).start()
try:
    preload.check()
except preload.NotForkable as error:
    print(error)
"""

HASTY = """
import matplotlib_inline.backend_inline
from harness.warm import preload
try:
    preload.check()
except preload.NotForkable as error:
    print(error)
"""


@pytest.mark.parametrize(("code", "said"), [(THREAD, "has threads"), (HASTY, "backend_inline")])
def test_process_that_cannot_be_forked_safely_says_so(code, said):
    env = {**os.environ, **ENVIRONMENT}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert said in done.stdout


def test_process_without_proc_or_pidfd_starts_kernels_as_usual(warm, monkeypatch):
    monkeypatch.setattr(os, "pidfd_open", None)
    monkeypatch.delattr(os, "pidfd_open")
    with kernel() as one:
        assert isinstance(one.manager.provisioner.process, subprocess.Popen)
