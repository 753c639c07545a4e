"""A browser for all tests of the site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import CHROMIUM, NO_CHROMIUM, chromium
from playwright.sync_api import BrowserContext


# Not for the whole session: Playwright's event loop runs as long as the browser, and a test of another
# folder in the same process could not start its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with chromium() as running:
        yield running
