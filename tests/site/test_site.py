"""Opens every page of the built book in a browser that reaches no other host."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import visit
from checks import contrast, defects

from harness.authoring.build import build_book
from harness.authoring.digest import is_built
from harness.authoring.paths import BookPaths

READABLE = 4.5  # WCAG 2 asks for this contrast of text


@pytest.fixture(scope="module")
def paths(root: Path) -> BookPaths:
    return BookPaths(root)


@pytest.fixture(scope="module")
def site(paths: BookPaths) -> Path:
    if not is_built(paths):
        build_book(paths, report=lambda line: None)
    return paths.html


@pytest.fixture(scope="module")
def base(site: Path, serve_folder):
    with serve_folder(site) as address:
        yield address


def built_pages(site: Path) -> list[str]:
    """All pages but the one at the root, which only leads on to the first."""
    pages = (path.relative_to(site) for path in site.rglob("*.html") if "_static" not in path.parts)
    return sorted(page.as_posix() for page in pages if page != Path("index.html"))


def defects_of_all(browser, site: Path, base: str, **how) -> dict[str, list[str]]:
    found = {}
    for page in built_pages(site):
        with visit(browser, base + page, inside=base, **how) as seen:
            found[page] = defects(seen, site=site, base=base)
    return {page: wrong for page, wrong in found.items() if wrong}


def test_every_page_of_the_contents_is_built(paths, site):
    pages = {paths.name_of(page).removesuffix(".md") + ".html" for page in paths.pages()}
    assert pages | {"search.html", "genindex.html"} == set(built_pages(site))


@pytest.mark.parametrize("opened", ["served", "as a file"])
def test_the_root_leads_to_the_first_page(browser, site, base, opened):
    address = base if opened == "served" else (site / "index.html").as_uri()
    page = browser.new_page()
    page.goto(address)
    page.wait_for_url("**/book/index.html")
    assert page.inner_text("h1").startswith("Building digital twins")
    page.close()


def test_every_page_is_whole_when_served(browser, site, base):
    assert defects_of_all(browser, site, base) == {}


def test_every_page_is_whole_when_opened_as_a_file(browser, site):
    assert defects_of_all(browser, site, site.as_uri() + "/") == {}


def test_every_page_is_whole_in_the_dark_theme(browser, site, base):
    assert defects_of_all(browser, site, base, theme="dark") == {}


def test_no_page_scrolls_sideways_on_a_phone(browser, site, base):
    too_wide = {}
    for page in built_pages(site):
        with visit(browser, base + page, inside=base, width_px=360) as seen:
            width_px = seen.page.evaluate("document.documentElement.scrollWidth")
            if width_px > 360:
                too_wide[page] = width_px
    assert too_wide == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_in_drawings_and_diagrams_is_readable(browser, base, theme):
    with visit(browser, base + "book/index.html", inside=base, theme=theme) as seen:
        drawing = contrast(seen.page, "svg.plant text")
        diagram = contrast(seen.page, ".mermaid-diagram .nodeLabel, .mermaid-diagram .edgeLabel p")
    assert len(drawing) > 20
    assert len(diagram) > 8
    assert min(drawing) > READABLE
    assert min(diagram) > READABLE


def test_a_change_of_theme_draws_the_diagrams_anew(browser, base):
    with visit(browser, base + "book/index.html", inside=base) as seen:
        label = ".mermaid-diagram .nodeLabel"
        before = seen.page.eval_on_selector(label, "node => getComputedStyle(node).color")
        seen.page.evaluate("document.documentElement.dataset.theme = 'dark'")
        seen.page.wait_for_function(
            "([label, before]) => getComputedStyle(document.querySelector(label)).color !== before",
            arg=[label, before],
        )
        assert min(contrast(seen.page, label)) > READABLE
        assert seen.defects() == []


@pytest.mark.parametrize("opened", ["served", "as a file"])
def test_search_finds_a_page(browser, site, base, opened):
    address = base if opened == "served" else site.as_uri() + "/"
    with visit(browser, address + "search.html?q=reactor", inside=address) as seen:
        seen.page.wait_for_selector("#search-results li a")
        assert "Building digital twins" in seen.page.inner_text("#search-results")
        assert defects(seen, site=site, base=address) == []


def test_the_drawing_names_every_instrument_and_loop(root):
    from bs4 import BeautifulSoup

    from harness.plant.instruments import INSTRUMENTS, LOOPS

    drawing = BeautifulSoup((root / "book/_static/plant.svg").read_text(encoding="utf-8"), "html.parser")
    drawn = {"-".join(text.text for text in tag.find_all("text")) for tag in drawing.select(".tag")}
    titled = {tag.title.text.partition(":")[0] for tag in drawing.select(".tag")}
    assert drawn == titled
    assert {instrument.tag for instrument in INSTRUMENTS} <= drawn
    assert {loop.tag for loop in LOOPS} <= drawn
