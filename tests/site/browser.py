"""A real browser, cut off from every other host, that writes down what a page does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as NotInTime

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NO_CHROMIUM = "no Chromium on this machine (Debian: apt-get install chromium), so no page was opened"

_SETTLED_MS = 15_000
_OWN = ("data:", "blob:", "about:")
# Formulas and figures are drawn after the page has loaded; the book's own script says when it is done.
_MATHEMATICS_DONE = """async (limit_ms) => await Promise.race([
    Promise.resolve(window.MathJax?.startup?.promise).then(() => true),
    new Promise((resolve) => setTimeout(() => resolve(false), limit_ms)),
])"""
_FIGURES_DONE = """() => !document.querySelector('script[src*="book.js"]')
    || document.documentElement.dataset.figures === "drawn" """


@dataclass
class Visit:
    """One page, open in the browser, and what happened while it loaded."""

    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def defects(self) -> list[str]:
        """What no page may do."""
        return [
            *(f"asks another host: {url}" for url in self.outside),
            *(f"error on the console: {text}" for text in self.errors),
            *(f"request failed: {url}" for url in self.failed),
        ]


@contextmanager
def chromium() -> Iterator[BrowserContext]:
    """The system's Chromium; every host name but the loopback address leads nowhere."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"],
        )
        try:
            yield browser.new_context()
        finally:
            browser.close()


@contextmanager
def visit(
    browser: BrowserContext, url: str, *, inside: str, theme: str = "light", width_px: int = 1200
) -> Iterator[Visit]:
    """Opens a page and waits until it has drawn itself.

    Args:
        browser: The browser.
        url: The page's address.
        inside: What the address of everything that the page may load begins with.
        theme: The reader's preference, "light" or "dark".
        width_px: Width of the window.

    Yields:
        The open page with its records.
    """
    seen = Visit(browser.new_page())
    seen.page.emulate_media(color_scheme=theme)
    seen.page.set_viewport_size({"width": width_px, "height": 900})
    _record(seen, inside)
    try:
        seen.page.goto(url, wait_until="load")
        _settle(seen)
        yield seen
    finally:
        seen.page.close()


def _record(seen: Visit, inside: str) -> None:
    page = seen.page
    page.on("request", lambda r: None if r.url.startswith((inside, *_OWN)) else seen.outside.append(r.url))
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("requestfailed", lambda request: seen.failed.append(request.url))
    page.on("response", lambda r: seen.failed.append(f"{r.url} ({r.status})") if r.status >= 400 else None)


def _settle(seen: Visit) -> None:
    if not seen.page.evaluate(_MATHEMATICS_DONE, _SETTLED_MS):
        seen.errors.append(f"the formulas were not set within {_SETTLED_MS / 1000:g} s")
    try:
        seen.page.wait_for_function(_FIGURES_DONE, timeout=_SETTLED_MS)
    except NotInTime:
        seen.errors.append(f"the figures were not drawn within {_SETTLED_MS / 1000:g} s")
