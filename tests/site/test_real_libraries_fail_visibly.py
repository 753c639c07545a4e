"""What the browser libraries themselves do with bad input is noticed; a widget draws without network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser import visit
from checks import defects

from harness.authoring.assets import install_assets
from harness.authoring.paths import BookPaths

PAGE = """<!doctype html><html lang="en" data-theme="light"><head><title>t</title>
<link rel="icon" href="data:,">
<style>:root { --pst-color-background: #fff; --pst-color-text-base: #111; --pst-color-border: #ccc }</style>
<script src="mermaid/mermaid.min.js"></script>
<script src="plotly/plotly.min.js"></script><script>window.MathJax = {}</script>
<script src="book.js"></script>
<script defer src="mathjax/tex-mml-chtml.js"></script></head><body><article>%s</article></body></html>"""


def diagram(source: str) -> str:
    return f'<div class="mermaid-diagram" role="img" aria-label="x"><pre>{source}</pre></div>'


def plot(figure: dict) -> str:
    source = f'<script type="application/json">{json.dumps(figure)}</script>'
    return f'<div class="plotly-figure" role="figure" aria-label="x" style="height:300px">{source}</div>'


def formula(tex: str) -> str:
    return rf'<p><span class="math">\({tex}\)</span></p>'


LINE = {"data": [{"type": "scatter", "x": [0, 1], "y": [0, 1]}], "layout": {}, "frames": []}

WIDGET = """<script type="application/vnd.jupyter.widget-state+json">%s</script>
<script type="application/vnd.jupyter.widget-view+json">
{"version_major": 2, "version_minor": 0, "model_id": "slider"}</script>
<script src="widgets/embed.js"></script>"""


def model(name: str, module: str, state: dict) -> dict:
    return {"model_name": name, "model_module": module, "model_module_version": "2.0.0", "state": state}


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory) -> Path:
    paths = BookPaths(root)
    install_assets(paths.assets, report=lambda line: None)
    folder = tmp_path_factory.mktemp("libraries")
    for name in ("mathjax", "mermaid", "plotly", "widgets"):
        (folder / name).symlink_to(paths.assets / name)
    (folder / "book.js").symlink_to(root / "book" / "_static" / "book.js")
    (folder / "index.html").write_text("")
    return folder


@pytest.fixture
def defects_of(browser, folder, serve_folder):
    def look(body: str) -> list[str]:
        (folder / "page.html").write_text(PAGE % body, encoding="utf-8")
        with serve_folder(folder) as base, visit(browser, base + "page.html", inside=base) as seen:
            return defects(seen, site=folder, base=base)

    return look


def test_good_input_is_drawn_whole(defects_of):
    good = (
        formula(r"x^2"),
        formula(r"\ce{A -> B}"),
        formula(r"\cancel{x}"),
        diagram("flowchart LR\n A --> B"),
        plot(LINE),
    )
    assert defects_of("".join(good)) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (formula("x^2^3"), "formula with an error"),
        (formula(r"\nosuchmacro x"), "formula with an unknown macro"),
        (diagram("flowchart LR\n A --> --> B"), "diagram not drawn"),
        (diagram("no such diagram"), "error on the console"),
        (plot(LINE | {"data": []}), "plot not drawn"),
        (plot(LINE | {"data": [{"type": "no such type"}]}), "plot not drawn"),
    ],
)
def test_bad_input_is_noticed(defects_of, body, expected):
    found = defects_of(body)
    assert any(expected in defect for defect in found), found


def test_a_widget_is_drawn_without_network(browser, folder, serve_folder):
    base_module, controls = "@jupyter-widgets/base", "@jupyter-widgets/controls"
    state = {
        "version_major": 2,
        "version_minor": 0,
        "state": {
            "layout": model("LayoutModel", base_module, {}),
            "style": model("SliderStyleModel", controls, {}),
            "slider": model(
                "IntSliderModel",
                controls,
                {"layout": "IPY_MODEL_layout", "style": "IPY_MODEL_style", "value": 7, "description": "flow"},
            ),
        },
    }
    (folder / "widget.html").write_text(PAGE % (WIDGET % json.dumps(state)), encoding="utf-8")
    with serve_folder(folder) as base, visit(browser, base + "widget.html", inside=base) as seen:
        seen.page.wait_for_selector(".widget-slider", timeout=10_000)
        assert "flow" in seen.page.inner_text(".widget-slider")
        assert seen.defects() == []
