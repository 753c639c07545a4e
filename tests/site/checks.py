"""What must be true of a page of the site, as lists of defects in words; empty means whole."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from browser import Visit
from bs4 import BeautifulSoup
from playwright.sync_api import Page

_MATHEMATICS = r"""() => {
    const found = [];
    for (const box of document.querySelectorAll(".math"))
        if (!box.querySelector("mjx-container")) found.push(`unrendered formula: ${box.textContent.trim()}`);
    for (const node of document.querySelectorAll("mjx-merror, [data-mjx-error]"))
        found.push(`formula with an error: ${node.getAttribute("data-mjx-error") ?? node.textContent}`);
    // MathJax shows a macro that it does not know as its name in red.
    for (const node of document.querySelectorAll("mjx-container [style*='color: red']"))
        found.push(`formula with an unknown macro: ${node.textContent || node.outerHTML}`);
    const meantAsCode = "code, pre, script, style, textarea, mjx-container, .math";
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode;
        if (text.parentElement.closest(meantAsCode)) continue;
        if (/\\\(|\\\[|\$\$|\\begin\{/.test(text.data))
            found.push(`raw formula in the text: ${text.data.trim()}`);
    }
    return found;
}"""

_DIAGRAMS = """() => [...document.querySelectorAll(".mermaid-diagram, .mermaid")]
    .filter((box) => !box.querySelector("svg") || box.querySelector(".error-icon, .error-text"))
    .map((box) => `diagram not drawn: ${box.textContent.trim().slice(0, 80)}`)"""

_PLOTS = """() => [...document.querySelectorAll(".plotly-figure")]
    .filter((box) => {
        const drawn = box.querySelector(".plotly-canvas .main-svg");
        return !drawn || drawn.getBoundingClientRect().height < 50
            || !box.querySelector(".trace, .gl-canvas, .slice, .table, .surface");
    })
    .map((box) => `plot not drawn: ${box.getAttribute("aria-label")}`)"""

_WITHOUT_WORDS = """() => {
    const named = (node) => (node.getAttribute("aria-label") ?? "").trim()
        || (node.getAttribute("aria-labelledby") ?? "").split(" ")
            .map((id) => document.getElementById(id)?.textContent.trim() ?? "").join("");
    const images = [...document.querySelectorAll("img")]
        .filter((img) => !(img.getAttribute("alt") ?? "").trim());
    const partOfAnother = "[role=img], [role=figure], [aria-hidden=true], mjx-container, button, a";
    const figures = "[role=img], .mermaid-diagram, .plotly-figure, article svg";
    const drawings = [...document.querySelectorAll(figures)]
        .filter((node) => !node.parentElement.closest(partOfAnother))
        .filter((node) => node.getAttribute("aria-hidden") !== "true" && !named(node));
    return [...images, ...drawings].map((node) => `no alternative text: ${node.outerHTML.slice(0, 120)}`);
}"""

_BROKEN_IMAGES = """() => [...document.images]
    .filter((img) => img.complete && img.naturalWidth === 0)
    .map((img) => `picture does not show: ${img.src}`)"""

_LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => link.href)"


def defects(seen: Visit, *, site: Path, base: str) -> list[str]:
    """Everything that is wrong with an open page.

    Args:
        seen: The open page.
        site: Folder of the built site.
        base: Address of that folder.
    """
    page = seen.page
    scripts = (_MATHEMATICS, _DIAGRAMS, _PLOTS, _WITHOUT_WORDS, _BROKEN_IMAGES)
    found = [defect for script in scripts for defect in page.evaluate(script)]
    return [*seen.defects(), *found, *broken_links(page, site=site, base=base)]


def broken_links(page: Page, *, site: Path, base: str) -> list[str]:
    """Links into the site that lead to no page, or to no place on it."""
    links = sorted(set(page.evaluate(_LINKS)))
    inside = [link for link in links if link.startswith(base)]
    return [f"broken link: {link}" for link in inside if not _leads_somewhere(link.removeprefix(base), site)]


def _leads_somewhere(link: str, site: Path) -> bool:
    parts = urlsplit(link)
    target = site / unquote(parts.path).lstrip("/")
    if target.is_dir():
        target = target / "index.html"
    if not target.is_file():
        return False
    return not parts.fragment or target.suffix != ".html" or unquote(parts.fragment) in _anchors(target)


@lru_cache(maxsize=500)
def _anchors(page: Path) -> frozenset[str]:
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return frozenset(str(node["id"]) for node in soup.find_all(id=True)) | {"top"}


def contrast(page: Page, selector: str) -> list[float]:
    """Contrast ratio (WCAG 2) of each text that a selector finds against what lies behind it."""
    ratios: list[float] = page.evaluate(_CONTRAST, selector)
    return ratios


_CONTRAST = """(selector) => {
    const rgba = (text) => {
        const canvas = new OffscreenCanvas(1, 1).getContext("2d");
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const linearised = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => {
        const linear = [r, g, b].map((v) => linearised(v / 255));
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const shapes = ":scope > rect, :scope > path, :scope > circle";
            const shape = at.matches?.("g") ? at.querySelector(shapes) : null;
            const fill = shape && getComputedStyle(shape).fill;
            if (fill && fill !== "none" && rgba(fill)[3] > 200) return fill;
            const paint = getComputedStyle(at).backgroundColor;
            if (rgba(paint)[3] > 200) return paint;
        }
        return "white";
    };
    return [...document.querySelectorAll(selector)].map((node) => {
        const style = getComputedStyle(node);
        const ink = node instanceof SVGElement ? style.fill : style.color;
        const [light, dark] = [luminance(rgba(ink)), luminance(rgba(behind(node)))].sort((a, b) => b - a);
        return (light + 0.05) / (dark + 0.05);
    });
}"""
