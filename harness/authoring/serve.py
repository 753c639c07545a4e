"""Serves the built site on this machine alone."""

from __future__ import annotations

import errno
import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

from harness.errors import BuildError, PortBusy, ServiceError

_LOOPBACK = "127.0.0.1"
_COMPRESSED = {".html", ".js", ".css", ".svg", ".json"}  # pictures and fonts are so already


class _Handler(SimpleHTTPRequestHandler):
    """A file handler that sends text compressed, as any web host does, and prints nothing."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class names it so)
        """Prints nothing."""

    def send_head(self) -> Any:
        """Sends the head of an answer; returns its body."""
        path = Path(self.translate_path(self.path))
        if not self._may_compress(path):
            return super().send_head()
        body = _gzipped(path, path.stat().st_mtime_ns)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", self.date_time_string(int(path.stat().st_mtime)))
        self.end_headers()
        return BytesIO(body)

    def _may_compress(self, path: Path) -> bool:
        # What the browser holds already is for the base class to compare.
        asked = "gzip" in self.headers.get("Accept-Encoding", "") and "If-Modified-Since" not in self.headers
        return asked and path.suffix in _COMPRESSED and path.is_file()


@lru_cache(maxsize=200)
def _gzipped(path: Path, _changed_ns: int) -> bytes:
    """A file compressed; anew when it has changed."""
    return gzip.compress(path.read_bytes(), compresslevel=6)


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
        return _Server((_LOOPBACK, port), partial(_Handler, directory=str(html)))
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
