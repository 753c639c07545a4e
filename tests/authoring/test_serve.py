"""Serving the built site on this machine."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from harness.authoring.paths import BookPaths
from harness.authoring.serve import site_server, url_of
from harness.errors import BuildError, PortBusy


@pytest.fixture
def html(make_book):
    paths = make_book()
    paths.html.mkdir(parents=True)
    (paths.html / "index.html").write_text("<h1>the book</h1>")
    return paths.html


def test_a_book_that_is_not_built_is_refused(make_book):
    with pytest.raises(BuildError, match="not built yet"), site_server(make_book().html):
        pass


def test_a_busy_port_is_named(html):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortBusy, match=str(port)), site_server(html, port=port):
            pass


def test_the_port_asked_for_is_taken_and_freed(html):
    with site_server(html) as first:
        port = first.server_address[1]
    with site_server(html, port=port) as second:
        assert url_of(second) == f"http://127.0.0.1:{port}/"


def test_the_command_serves_until_interrupted_and_ends_cleanly(html):
    root = BookPaths(html.parents[1]).root
    command = [sys.executable, "-u", "-m", "harness", "serve", "--folder", str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        line = server.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address is not None, line
        with urllib.request.urlopen(address[0]) as answer:
            assert b"the book" in answer.read()
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=10) == 0
        assert server.stderr.read() == ""
