"""Opens every page of the built book in a browser that reaches no other host."""

from __future__ import annotations

from pathlib import Path

import pytest
from accessibility import (
    folded,
    keyboard,
    sideways,
    structure,
    violations,
    wait_until_reachable,
    weight_bytes,
)
from browser import Visit, visit
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


PHONE_PX = 360


def wrong_on_a_desktop(seen: Visit, site: Path, base: str) -> list[str]:
    return [*defects(seen, site=site, base=base), *violations(seen.page), *structure(seen.page)]


def wrong_in_the_dark(seen: Visit) -> list[str]:
    seen.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    seen.page.wait_for_timeout(300)  # colours change gradually
    return violations(seen.page, "color-contrast")


def wrong_on_a_phone(seen: Visit) -> list[str]:
    seen.page.set_viewport_size({"width": PHONE_PX, "height": 900})
    wait_until_reachable(seen.page)
    found = violations(seen.page, "scrollable-region-focusable", "target-size", "button-name", "link-name")
    return [*sideways(seen.page, width_px=PHONE_PX), *found]


def named(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """The pages with something wrong."""
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


def test_every_page_is_whole_and_accessible_on_desktop_and_phone_light_and_dark(browser, site, base):
    wrong, titles = {}, []
    for page in built_pages(site):
        with visit(browser, base + page, inside=base) as seen:
            wrong[page] = wrong_on_a_desktop(seen, site, base)
            wrong[f"{page} (dark)"] = wrong_in_the_dark(seen)
            wrong[f"{page} (phone)"] = wrong_on_a_phone(seen)
            titles.append(seen.page.title())
    assert named(wrong) == {}
    assert len(set(titles)) == len(titles), titles


def test_every_page_is_whole_when_opened_as_a_file_in_the_dark_theme(browser, site):
    base, wrong = site.as_uri() + "/", {}
    for page in built_pages(site):
        with visit(browser, base + page, inside=base, theme="dark") as seen:
            wrong[page] = defects(seen, site=site, base=base)
    assert named(wrong) == {}


PHONE_PAGES = ("book/index.html", "book/1-foundations/7-a-first-twin.html", "book/appendix/data-sheet.html")


@pytest.mark.parametrize("page", PHONE_PAGES)
def test_a_page_that_is_opened_on_a_phone_in_the_dark_is_whole(browser, site, base, page):
    with visit(browser, base + page, inside=base, theme="dark", width_px=PHONE_PX) as seen:
        assert defects(seen, site=site, base=base) == []
        wait_until_reachable(seen.page)
        assert [*violations(seen.page), *sideways(seen.page, width_px=PHONE_PX)] == []


KEYBOARD_PAGES = ("book/index.html", "book/1-foundations/7-a-first-twin.html", "book/appendix/faq.html")


@pytest.mark.parametrize("page", KEYBOARD_PAGES)
def test_a_page_can_be_read_with_the_keyboard_alone(browser, base, page):
    with visit(browser, base + page, inside=base) as seen:
        assert keyboard(seen.page) == []
        assert folded(seen.page) == []


def test_pages_without_interactive_plots_weigh_less_than_two_megabytes(browser, site, base):
    pages = [page for page in built_pages(site) if "plotly.min.js" not in (site / page).read_text("utf-8")]
    weights = {page: weight_bytes(browser, base + page) for page in pages}
    assert min(weights.values()) > 100_000, "a page that loads nothing has not been measured"
    assert {page: weight for page, weight in weights.items() if weight >= 2_000_000} == {}


LINE_CHARACTERS = 76  # the longest line of a visible cell
LONG_LINE = "() => { document.querySelector('div.cell_input pre').textContent = 'm'.repeat(%d); }"
WIDER_THAN_ITS_PLACE = """(selector) => [...document.querySelectorAll(selector)]
    .filter((box) => box.scrollWidth > box.clientWidth)
    .map((box) => `${box.scrollWidth} px in ${box.clientWidth}: ${box.textContent.trim().slice(0, 60)}`)"""
PAGE_WITH_ALL = "book/1-foundations/2-architecture.html"


def test_the_longest_line_of_code_and_every_error_fit_into_the_width_of_a_desktop(browser, base):
    with visit(browser, base + PAGE_WITH_ALL, inside=base) as seen:
        seen.page.evaluate(LONG_LINE % LINE_CHARACTERS)
        assert seen.page.locator(".output.traceback pre").count() > 0
        # What the reader unfolds may be longer, and scrolls.
        places = "div.cell_input pre:not(details *), .output.traceback pre, .output.text_html, .plotly-figure"
        assert seen.page.evaluate(WIDER_THAN_ITS_PLACE, places) == []
        seen.page.evaluate(LONG_LINE % (2 * LINE_CHARACTERS))
        assert len(seen.page.evaluate(WIDER_THAN_ITS_PLACE, "div.cell_input pre:not(details *)")) == 1


def test_plots_are_inverted_in_the_dark_wherever_they_stand(browser, base):
    page = "book/1-foundations/1-what-a-twin-is.html"  # one is shown before the cell that draws it
    with visit(browser, base + page, inside=base, theme="dark") as seen:
        filters = seen.page.eval_on_selector_all(
            "article figure img", "images => images.map((image) => getComputedStyle(image).filter)"
        )
        before_its_cell = seen.page.locator("figure:not(.cell_output figure) img").count()
    assert before_its_cell > 0
    assert set(filters) == {"invert(0.93) hue-rotate(180deg)"}


def test_interactive_plots_keep_to_the_width_of_the_text_when_it_changes(browser, base):
    with visit(browser, base + PAGE_WITH_ALL, inside=base) as seen:
        seen.page.add_style_tag(content="article { max-width: 30rem }")
        seen.page.wait_for_function("""() => [...document.querySelectorAll(".plotly-figure")].every((box) =>
            Math.abs(box.querySelector(".main-svg").getBoundingClientRect().width - box.clientWidth) <= 1)""")


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
@pytest.mark.parametrize(
    ("word", "title"),
    [("reactor", "Building digital twins"), ("innovation", "Glossary"), ("deadband", "Glossary")],
)
def test_search_finds_a_page_and_a_term_of_the_glossary(browser, site, base, opened, word, title):
    address = base if opened == "served" else site.as_uri() + "/"
    with visit(browser, f"{address}search.html?q={word}", inside=address) as seen:
        # Results are shown one after another, and the front page is not the first that speaks of a reactor.
        seen.page.wait_for_selector(f"#search-results li a:text-is('{title}')", timeout=10_000)
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
