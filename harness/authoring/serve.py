"""Serves the built site on this machine alone."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from harness.errors import BuildError, PortBusy, ServiceError

_LOOPBACK = "127.0.0.1"


class _QuietHandler(SimpleHTTPRequestHandler):
    """A file handler that does not print a line for every request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class names it so)
        """Prints nothing."""


class _Server(ThreadingHTTPServer):
    """A file server; a browser that leaves while a file is sent is no error."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Passes all errors on but a lost connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def site_server(html: Path, *, port: int = 0) -> Iterator[ThreadingHTTPServer]:
    """A server of a folder; `serve_forever()` of what it gives does the work.

    Args:
        html: The built site.
        port: Port to listen on; 0 takes a free one.

    Yields:
        The server, listening.

    Raises:
        BuildError: If the site is not built.
        PortBusy: If another program listens on the port.
        ServiceError: If the system does not grant the port.
    """
    if not (html / "index.html").is_file():
        raise BuildError("The book is not built yet", value=str(html), remedy="Run `make book` first")
    with _listening(html, port) as server:
        yield server


def url_of(server: ThreadingHTTPServer) -> str:
    """The address to open in a browser."""
    return f"http://{_LOOPBACK}:{server.server_address[1]}/"


def _listening(html: Path, port: int) -> ThreadingHTTPServer:
    try:
        return _Server((_LOOPBACK, port), partial(_QuietHandler, directory=str(html)))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(
                "Another program listens on the port",
                value=port,
                remedy="Leave --port out to take a free one",
            ) from error
        raise ServiceError(
            f"The port cannot be used ({error.strerror})",
            value=port,
            remedy="Leave --port out to take a free one",
        ) from error
