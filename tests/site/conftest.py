"""A browser for all tests of the site."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser import CHROMIUM, NO_CHROMIUM, chromium
from playwright.sync_api import BrowserContext

from harness.authoring.serve import site_server, url_of


# Not for the whole session: Playwright's event loop runs as long as the browser, and a test of another
# folder in the same process could not start its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with chromium() as running:
        yield running


@contextmanager
def served(html: Path) -> Iterator[str]:
    """The address of a folder, served while the context lasts."""
    with site_server(html) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield url_of(server)
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def serve_folder():
    """A function that serves a folder."""
    return served
