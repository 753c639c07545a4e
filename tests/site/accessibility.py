"""What people with a screen reader, a keyboard or a phone need of a page, as lists of defects in words."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import TimeoutError as NotInTime

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
_AXE = Axe()

_STRUCTURE = """() => {
    const found = [];
    const shown = (node) => node.checkVisibility({ visibilityProperty: true });
    if (!document.documentElement.lang) found.push("no language: <html> has no lang");
    if (!document.title.trim()) found.push("no title");
    const headings = [...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")].filter(shown);
    const firsts = headings.filter((heading) => heading.tagName === "H1");
    if (firsts.length !== 1) found.push(`${firsts.length} first headings`);
    let above = 0;
    for (const heading of headings) {
        const level = Number(heading.tagName[1]);
        if (level > above + 1) found.push(`a heading skips a level: ${heading.outerHTML}`);
        above = level;
    }
    return found;
}"""

_FOCUSED = """(places) => {
    const node = document.activeElement;
    if (!node || node === document.body) return null;
    // A search field is framed by the box around it; an arrow of the contents has no box but its picture's.
    const parts = [node, node.closest("form, label"), node.matches("summary") ? node.firstElementChild : null]
        .filter(Boolean);
    const boxes = parts.map((part) => part.getBoundingClientRect());
    const shadowed = (style) => style.boxShadow !== "none" && !/0px 0px 0px 0px/.test(style.boxShadow);
    const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return {
        what: node.outerHTML.slice(0, 100),
        places: Object.keys(places).filter((name) => node.matches(places[name])),
        framed: parts.map((part) => getComputedStyle(part)).some((look) => shadowed(look) || outlined(look)),
        seen: boxes.some((box) => box.width > 0 && box.height > 0 && box.right > 0 && box.bottom > 0),
    };
}"""

# Where the Tab key must come to.
PLACES = {
    "the link that skips to the text": "#pst-skip-link, #pst-skip-link a, .skip-link",
    "the search": ".search-button-field, .search-button__button, input[type=search]",
    "the contents": ".bd-links a",
    "a link in the text": "article a:not(.headerlink)",
}

_NOT_REACHED = """() => [...document.querySelectorAll("body *")]
    .filter((node) => /auto|scroll/.test(getComputedStyle(node).overflowX))
    .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.checkVisibility())
    .filter((node) => node.tabIndex < 0 && !node.querySelector("a, button, input, [tabindex='0']"))
    .map((node) => `scrolls sideways but not by keyboard: ${node.outerHTML.slice(0, 100)}`)"""


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds against WCAG 2.1, levels A and AA, contrast of colours included.

    Args:
        page: The open page.
        rules: Names of the only rules to try; all of those levels by default.
    """
    options: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": list(rules) or _WCAG}
    found = _AXE.run(page, options=options).response["violations"]
    return [f"{v['id']}: {node['html'][:120]}" for v in found for node in v["nodes"]]


def structure(page: Page) -> list[str]:
    """A language, a title, one first heading, and no level of headings left out."""
    found: list[str] = page.evaluate(_STRUCTURE)
    return found


def wait_until_reachable(page: Page) -> None:
    """Gives the theme the time that it takes to make what scrolls reachable after a change of width."""
    with suppress(NotInTime):
        page.wait_for_function(f"({_NOT_REACHED})().length === 0", timeout=5_000)


def sideways(page: Page, *, width_px: int) -> list[str]:
    """Whether the page as a whole scrolls sideways, and what scrolls inside it but not by keyboard."""
    whole_px = page.evaluate("document.documentElement.scrollWidth")
    too_wide = [f"scrolls sideways: {whole_px} px wide"] if whole_px > width_px else []
    return [*too_wide, *page.evaluate(_NOT_REACHED)]


def keyboard(page: Page, places: dict[str, str] = PLACES, *, presses: int = 400) -> list[str]:
    """Goes through a page with the Tab key: what is not reached, and where the focus does not show."""
    missing, unseen = set(places), []
    for press in range(presses):
        page.keyboard.press("Tab")
        stop = _stop(page, places)
        if stop is None:
            break  # past the last
        missing -= set(stop["places"])
        if not _shows(stop):
            unseen.append(f"the focus does not show on {stop['what']}")
        if press == 0 and "the link that skips to the text" not in stop["places"]:
            unseen.append(f"the first stop is {stop['what']}")
    return [*(f"the keyboard does not reach {name}" for name in sorted(missing)), *unseen]


def _stop(page: Page, places: dict[str, str]) -> dict[str, Any] | None:
    """Where the focus is; a frame that fades in, or a link that slides in, is given its time."""
    stop = page.evaluate(_FOCUSED, places)
    if stop is not None and not _shows(stop):
        page.wait_for_timeout(300)
        stop = page.evaluate(_FOCUSED, places)
    return stop


def _shows(stop: dict[str, Any]) -> bool:
    return bool(stop["framed"] and stop["seen"])


def folded(page: Page) -> list[str]:
    """Opens each folded answer by keyboard; those that stay shut."""
    stuck = []
    for answer in page.query_selector_all("details.sd-dropdown, article .toggle-button, .pretended-dropdown"):
        head = answer.query_selector("summary") or answer
        head.focus()
        before = page.evaluate(_OPEN, answer)
        page.keyboard.press("Enter")
        if page.evaluate(_OPEN, answer) == before:
            stuck.append(f"does not open by keyboard: {answer.inner_text()[:60]!r}")
    return stuck


_OPEN = (
    """(node) => node.open ?? !node.closest(".toggle-hidden, .toggle")?.classList.contains("toggle-hidden")"""
)


def weight_bytes(browser: BrowserContext, url: str) -> int:
    """All bytes that a page makes a browser fetch that has never been here."""
    assert browser.browser is not None
    context, requests = browser.browser.new_context(), []
    page = context.new_page()
    page.on("requestfinished", lambda request: requests.append(request))
    try:
        page.goto(url, wait_until="load")
        page.evaluate("window.MathJax?.startup?.promise")  # its fonts come last
        return sum(request.sizes()["responseBodySize"] for request in requests)
    finally:
        context.close()
