"""`python -m harness.warm DESCRIPTOR`: the fork server; `client` starts it."""

from __future__ import annotations

import os
import pkgutil
import signal
import socket
import sys
from pathlib import Path


def main() -> None:
    """Serve the client at the other end of the socket; in a fork, become what the launch says."""
    if sys.path[0] == "" or Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # as ipykernel_launcher does; IPython adds it where it belongs
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the client's, who ends the server
    channel = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(channel.fileno(), False)

    from harness.warm.server import ForkServer, get_ready

    variables = get_ready(channel)
    if variables is None:
        sys.exit(1)
    launch = ForkServer(channel, variables).serve()
    if launch is not None:
        pkgutil.resolve_name(launch.become)(launch)
    os._exit(0)  # there is nothing to clean up, and unloading the libraries takes time


if __name__ == "__main__":
    main()
