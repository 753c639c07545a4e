"""`check` in a real kernel, an ordinary one and one forked from the warm interpreter."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from harness.warm import warm_kernels

TIMEOUT_S = 90


class Notebook:
    """A running kernel, and what cells show in it."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def run(self, code: str) -> dict[str, Any]:
        """The messages that a cell brings, by kind; the last of each kind counts."""
        shown: dict[str, Any] = {}

        def keep(message: dict[str, Any]) -> None:
            shown[message["msg_type"]] = message["content"]

        self.client.execute_interactive(code, timeout=TIMEOUT_S, output_hook=keep)
        return shown

    def stopped(self, code: str, *, once: Path) -> dict[str, Any]:
        """What a cell shows that the stop button ends once a file is there."""
        number, shown, end = self.client.execute(code), {}, time.monotonic() + TIMEOUT_S
        while not once.exists():
            assert time.monotonic() < end, "the cell has not come so far"
            time.sleep(0.02)
        self.manager.interrupt_kernel()
        while shown.get("status", {}).get("execution_state") != "idle":
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") == number:
                shown[message["msg_type"]] = message["content"]
        return shown


@pytest.fixture(params=["ordinary", "forked"])
def notebook(request: pytest.FixtureRequest, lab: Path) -> Iterator[Notebook]:
    with warm_kernels() if request.param == "forked" else contextlib.nullcontext():
        manager = KernelManager(kernel_name="python3", transport_encryption="auto")
        manager.start_kernel(cwd=str(lab))
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=TIMEOUT_S)
            yield Notebook(manager, client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def test_verdict_shows_itself_and_the_stop_button_ends_a_check_cleanly(notebook: Notebook, lab: Path) -> None:
    notebook.run("from harness.grading import check")
    notebook.run("def mean_of(values): return sum(values)")
    data = notebook.run("check('1.1')")["execute_result"]["data"]
    assert "This is the sum, not the mean." in data["text/html"]
    assert "This is the sum, not the mean." in data["text/plain"]

    notebook.run("def mean_of(values):\n    open('running', 'w').close()\n    while True: pass")
    error = notebook.stopped("check('1.1')", once=lab / "running")["error"]
    assert error["ename"] == "Stopped"
    assert len(error["traceback"]) == 1
    assert "was still running: does a loop in it end?" in error["traceback"][0]

    notebook.run("def mean_of(values): return sum(values) / len(values)")
    assert "20 of 20 points" in notebook.run("check('1.1')")["execute_result"]["data"]["text/plain"]

    unknown = notebook.run("check('9.9')")["error"]
    assert len(unknown["traceback"]) == 1
    assert "Known: 1.1, 1.2, 1.3" in unknown["traceback"][0]


def test_a_check_answers_within_a_second(notebook: Notebook) -> None:
    notebook.run("from harness.grading import check\ndef mean_of(values): return 4.0")
    notebook.run("check('1.1')")  # the first one imports
    took = notebook.run("import time; t = time.process_time(); check('1.1'); print(time.process_time() - t)")
    assert float(took["stream"]["text"]) < 1.0
