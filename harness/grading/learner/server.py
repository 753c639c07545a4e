"""`python -m harness.grading.learner.server`: JupyterLab that one Ctrl-C ends, without a question.

Jupyter asks whether it may end, where there is a terminal; where there is none, it takes Ctrl-C for an error,
and may go on. What ends it in order is SIGTERM, and here Ctrl-C and a closed terminal do the same.
"""

from __future__ import annotations

import signal

from jupyter_server.serverapp import ServerApp
from jupyterlab.labapp import LabApp


class CourseServer(ServerApp):
    """A Jupyter server that ends in order, kernels included, however it is asked to.

    It starts a kernel and ends it while the browser is still loading. A first kernel waits for the fork
    server's imports, and JupyterLab drops silently what a learner runs before the kernel is there.
    """

    def init_signal(self) -> None:
        """Let Ctrl-C and a closed terminal do what SIGTERM does."""
        super().init_signal()
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signal_stop)

    def start_ioloop(self) -> None:
        """Serve, and warm up meanwhile."""
        self.io_loop.add_callback(self._warm_up)
        super().start_ioloop()

    async def _warm_up(self) -> None:
        kernel: str = await self.kernel_manager.start_kernel()
        await self.kernel_manager.shutdown_kernel(kernel, now=True)  # type: ignore[no-untyped-call]


def main() -> None:
    """Run JupyterLab until it is ended."""
    LabApp.serverapp_class = CourseServer
    LabApp.launch_instance()


if __name__ == "__main__":
    main()
