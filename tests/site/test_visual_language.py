"""One visual language: classes of nodes in both themes, diagrams on a phone, plots in the dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import visit
from checks import contrast, defects

from harness.authoring.assets import install_assets
from harness.authoring.paths import BookPaths

PAGE = """<!doctype html><html lang="en" data-theme="%s"><head><title>t</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>:root { --pst-color-background: #fff; --pst-color-text-base: #111; --pst-color-border: #ccc }
[data-theme=dark] { --pst-color-background: #121212; --pst-color-text-base: #eee }
body { background: var(--pst-color-background); color: var(--pst-color-text-base) }</style>
<link rel="stylesheet" href="book.css">
<script src="mermaid/mermaid.min.js"></script><script src="book.js"></script>
</head><body class="bd-content"><article>%s</article></body></html>"""

DIAGRAM = '<div class="mermaid-diagram" role="img" aria-label="x"><pre>%s</pre></div>'
CLASSED = """flowchart LR
  a["R-101"]:::plant -- "readings" --> b["synchroniser"]:::twin --> c[("historian")]:::data
  c --> d["operator"]:::people --> e["engineer"]:::person --> f["no class at all"]"""
LINES = {"plant": "plant", "twin": "twin", "data": "data", "people": "people", "person": "people"}
RED_PLOT = (
    '<div class="cell_output"><img alt="x" src="data:image/svg+xml,'
    "%3Csvg xmlns='http://www.w3.org/2000/svg' width='60' height='20'%3E"
    "%3Crect width='60' height='20' fill='white'/%3E%3Crect width='20' height='20' fill='%230072b2'/%3E"
    "%3Crect x='20' width='20' height='20' fill='%23d55e00'/%3E%3C/svg%3E\"></div>"
)


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory) -> Path:
    paths = BookPaths(root)
    install_assets(paths.assets, report=lambda line: None)
    folder = tmp_path_factory.mktemp("language")
    (folder / "mermaid").symlink_to(paths.assets / "mermaid")
    for name in ("book.js", "book.css"):
        (folder / name).symlink_to(root / "book" / "_static" / name)
    return folder


@pytest.fixture
def open_page(browser, serve_folder, folder):
    """A function that opens a page with this body and gives what a function finds there."""

    def apply(look, body: str, *, theme: str = "light", width_px: int = 1200):
        (folder / "index.html").write_text(PAGE % (theme, body), encoding="utf-8")
        with (
            serve_folder(folder) as base,
            visit(browser, base + "index.html", inside=base, width_px=width_px) as seen,
        ):
            assert defects(seen, site=folder, base=base) == []
            return look(seen.page)

    return apply


def line_and_dashes(page) -> dict[str, list[str]]:
    script = """(names) => Object.fromEntries(names.map((name) => {
        const style = getComputedStyle(document.querySelector(`.node.${name} :is(rect, path)`));
        return [name, [style.stroke, style.strokeDasharray]];
    }))"""
    return page.evaluate(script, list(LINES))


def line_colours(page) -> dict[str, str]:
    script = """(families) => Object.fromEntries(families.map((name) => {
        const probe = document.body.appendChild(document.createElement("i"));
        probe.style.color = `var(--${name}-line)`;
        return [name, getComputedStyle(probe).color];
    }))"""
    return page.evaluate(script, sorted(set(LINES.values())))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nodes_have_the_colours_of_their_class_and_readable_text(open_page, theme):
    drawn, meant, ratios = open_page(
        lambda page: (
            line_and_dashes(page),
            line_colours(page),
            contrast(page, ".mermaid-diagram .nodeLabel"),
        ),
        DIAGRAM % CLASSED,
        theme=theme,
    )
    assert {name: line for name, (line, _) in drawn.items()} == {name: meant[LINES[name]] for name in LINES}
    assert [name for name, (_, dashes) in drawn.items() if dashes != "none"] == ["twin"]
    assert len(set(meant.values())) == len(meant)
    assert len(ratios) == 6
    assert min(ratios) > 4.5


@pytest.mark.parametrize(
    "source", ["flowchart TB\n  a --> b", "sequenceDiagram\n  a->>b: reading", "graph LR; a --> b"]
)
def test_a_diagram_without_classes_draws(open_page, source):
    assert open_page(lambda page: page.locator(".mermaid-diagram svg").count(), DIAGRAM % source) == 1


def test_a_class_of_the_authors_own_is_left_alone(open_page):
    own = "flowchart LR\n  a:::mine --> b\n  classDef mine stroke:#ff0000"
    script = "getComputedStyle(document.querySelector('.node.mine rect')).stroke"
    assert open_page(lambda page: page.evaluate(script), DIAGRAM % own) == "rgb(255, 0, 0)"


def test_a_wide_diagram_stays_legible_on_a_phone_and_scrolls_in_its_own_box(open_page):
    script = """() => {
        const box = document.querySelector(".mermaid-diagram"), svg = box.querySelector("svg");
        return {
            scale: svg.getBoundingClientRect().width / svg.viewBox.baseVal.width,
            focusable: box.tabIndex,
            scrolls: box.scrollWidth > box.clientWidth,
            page: document.documentElement.scrollWidth,
        };
    }"""
    seen = open_page(lambda page: page.evaluate(script), DIAGRAM % CLASSED, width_px=360)
    assert seen["scale"] >= 0.79
    assert (seen["scrolls"], seen["focusable"]) == (True, 0)
    assert seen["page"] <= 360


def pixels(page) -> list[tuple[int, int, int]]:
    """Colours of the plot on the screen: its first two bars and its ground."""
    import io

    from PIL import Image

    image = Image.open(io.BytesIO(page.locator(".cell_output img").screenshot())).convert("RGB")
    return [image.getpixel((x, 10)) for x in (10, 30, 50)]


def test_in_the_dark_a_plots_white_becomes_the_ground_and_its_colours_keep_their_hue(open_page):
    blue, vermilion, ground = open_page(pixels, RED_PLOT, theme="dark")
    assert ground == (18, 18, 18)  # the dark theme's #121212
    assert blue[2] > blue[1] > blue[0]
    assert vermilion[0] > vermilion[1] > vermilion[2]
    assert min(max(blue), max(vermilion)) > 200
    assert open_page(pixels, RED_PLOT)[2] == (255, 255, 255)


def test_the_drawn_legend_shows_what_the_plots_show(root):
    from bs4 import BeautifulSoup

    drawing = BeautifulSoup((root / "book/_static/visual-language.svg").read_text("utf-8"), "html.parser")
    for sample in ("truth", "model", "reading", "limit", "band"):
        assert drawing.select(f".{sample}")
    assert drawing.desc.text


TABLE = """<div class="cell_output"><table class="dataframe"><thead>
<tr><th></th><th>value</th><th>error</th><th>verdict</th></tr></thead><tbody>
<tr><th>a</th><td>-1.5e-06</td><td>12 &plusmn; 3</td><td>met</td></tr>
<tr><th>b</th><td>&lt;NA&gt;</td><td>inf</td><td>5</td></tr></tbody></table></div>"""


def test_columns_of_numbers_are_ranged_right_and_columns_of_words_left(open_page):
    ranged = "cells => cells.map((cell) => getComputedStyle(cell).textAlign)"
    headings, cells = open_page(
        lambda page: [page.eval_on_selector_all(cells, ranged) for cells in ("thead th", "tbody td")], TABLE
    )
    assert headings == ["left", "right", "right", "left"]
    assert cells == ["right", "right", "left"] * 2
