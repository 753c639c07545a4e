"""Serving the built site on this machine."""

from __future__ import annotations

import gzip
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
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


def answer_of(url: str, **headers: str):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5)


def test_text_is_sent_compressed_to_those_who_ask_for_it(html, serve_folder):
    (html / "big.js").write_text("let x = 1;\n" * 10_000)
    with serve_folder(html) as url:
        plain, packed = answer_of(url + "big.js"), answer_of(url + "big.js", **{"Accept-Encoding": "gzip"})
        assert plain.headers["Content-Encoding"] is None
        assert packed.headers["Content-Encoding"] == "gzip"
        assert int(packed.headers["Content-Length"]) < 1_000
        assert gzip.decompress(packed.read()) == plain.read()


def test_a_file_that_has_changed_is_compressed_anew(html, serve_folder):
    page = html / "index.html"
    with serve_folder(html) as url:
        first = gzip.decompress(answer_of(url + "index.html", **{"Accept-Encoding": "gzip"}).read())
        page.write_text("<h1>another book</h1>")
        os.utime(page, ns=(1, 1))
        second = gzip.decompress(answer_of(url + "index.html", **{"Accept-Encoding": "gzip"}).read())
    assert (first, second) == (b"<h1>the book</h1>", b"<h1>another book</h1>")


def test_what_is_missing_or_a_picture_is_not_compressed(html, serve_folder):
    (html / "x.png").write_bytes(b"not really")
    with serve_folder(html) as url:
        assert answer_of(url + "x.png", **{"Accept-Encoding": "gzip"}).headers["Content-Encoding"] is None
        with pytest.raises(urllib.error.HTTPError, match="404"):
            answer_of(url + "none.js", **{"Accept-Encoding": "gzip"})
