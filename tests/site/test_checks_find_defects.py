"""Each check of a page is tried on a page that has the defect, so that a clean result means something."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import visit
from checks import defects

WHOLE = """<!doctype html><html lang="en"><head><title>t</title></head><body>
<article><p id="here">whole, at 5 $ a piece</p>%s</article></body></html>"""

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="9" height="9"/></svg>'

BLANK_PLOT = '<div class="plotly-canvas"><svg class="main-svg" width="99" height="99"></svg></div>'
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACw="

DEFECTS = {
    "a picture from another host": ('<img alt="x" src="http://example.com/x.png">', "asks another host"),
    "a script from a content network": (
        '<script src="https://cdn.example/x.js"></script>',
        "asks another host",
    ),
    "a fetch from another host": (
        '<script>fetch("https://example.com").catch(() => 0)</script>',
        "asks another host",
    ),
    "a stylesheet from another host": (
        '<link rel="stylesheet" href="//example.com/x.css">',
        "asks another host",
    ),
    "an error on the console": ('<script>console.error("broken")</script>', "error on the console: broken"),
    "an exception": ('<script>throw new Error("thrown")</script>', "thrown"),
    "an unhandled rejection": ('<script>Promise.reject(new Error("lost"))</script>', "lost"),
    "a missing script": ('<script src="missing.js"></script>', "request failed"),
    "a formula that stayed TeX": (r'<span class="math">\(x^2\)</span>', "unrendered formula"),
    "TeX in the text": (r"<p>so \(x\) is</p>", "raw formula"),
    "display TeX in the text": ("<p>$$x$$</p>", "raw formula"),
    "an error inside a formula": (
        '<p><mjx-container><mjx-merror data-mjx-error="Missing }"></mjx-merror></mjx-container></p>',
        "formula with an error: Missing }",
    ),
    "a diagram that stayed text": (
        '<div class="mermaid-diagram" role="img" aria-label="x"><pre>flowchart</pre></div>',
        "diagram not drawn",
    ),
    "a diagram that is mermaid's error picture": (
        f'<div class="mermaid-diagram" role="img" aria-label="x">{SVG}<p class="error-text">no</p></div>',
        "diagram not drawn",
    ),
    "a picture without alternative text": (
        f'<img src="{PIXEL}">',
        "no alternative text",
    ),
    "a picture with empty alternative text": (
        f'<img alt=" " src="{PIXEL}">',
        "no alternative text",
    ),
    "a drawing without alternative text": (SVG, "no alternative text"),
    "a diagram without alternative text": (
        f'<div class="mermaid-diagram">{SVG}</div>',
        "no alternative text",
    ),
    "a plot that did not draw": (
        '<div class="plotly-figure" role="figure" aria-label="x"></div>',
        "plot not drawn",
    ),
    "a plot that drew no line": (
        f'<div class="plotly-figure" role="figure" aria-label="x">{BLANK_PLOT}</div>',
        "plot not drawn",
    ),
    "a picture that does not show": (
        '<img alt="x" src="data:image/png;base64,AAAA">',
        "picture does not show",
    ),
    "a link to no page": ('<a href="nowhere.html">x</a>', "broken link"),
    "a link to no place on this page": ('<a href="#nowhere">x</a>', "broken link"),
    "a link to no place on another page": ('<a href="index.html#nowhere">x</a>', "broken link"),
    "figures that never finish": ('<script src="book.js"></script>', "the figures were not drawn"),
}


def found(browser, folder: Path, base: str) -> list[str]:
    with visit(browser, base + "page.html", inside=base) as seen:
        return defects(seen, site=folder, base=base)


def write(folder: Path, body: str) -> None:
    (folder / "index.html").write_text(WHOLE % "", encoding="utf-8")
    (folder / "book.js").write_text("", encoding="utf-8")
    (folder / "favicon.ico").write_bytes(b"")
    (folder / "page.html").write_text(WHOLE % body, encoding="utf-8")


@pytest.mark.parametrize(("body", "expected"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_found_over_http(browser, serve_folder, tmp_path, monkeypatch, body, expected):
    monkeypatch.setattr("browser._SETTLED_MS", 500)
    write(tmp_path, body)
    with serve_folder(tmp_path) as base:
        assert any(expected in defect for defect in found(browser, tmp_path, base))


IN_A_FILE_TOO = ("a script from a content network", "a missing script", "a link to no page", "an exception")


@pytest.mark.parametrize(("body", "expected"), [DEFECTS[name] for name in IN_A_FILE_TOO], ids=IN_A_FILE_TOO)
def test_a_defect_is_found_in_a_file(browser, tmp_path, monkeypatch, body, expected):
    monkeypatch.setattr("browser._SETTLED_MS", 500)
    write(tmp_path, body)
    assert any(expected in defect for defect in found(browser, tmp_path, tmp_path.as_uri() + "/"))


WHOLE_BODIES = (
    '<p>an <a href="index.html#here">anchor</a> and <a href="#here">here</a></p>',
    '<p>a <a href="https://example.com">link that is not followed</a></p>',
    f'<div class="mermaid-diagram" role="img" aria-label="words">{SVG}</div>',
    r"<pre>code may say \(x\) and $$</pre>",
    f'<button><span aria-hidden="true">{SVG}</span>press</button>',
)


@pytest.mark.parametrize("body", WHOLE_BODIES)
def test_a_whole_page_has_no_defects(browser, serve_folder, tmp_path, body):
    write(tmp_path, body)
    with serve_folder(tmp_path) as base:
        assert found(browser, tmp_path, base) == []
    assert found(browser, tmp_path, tmp_path.as_uri() + "/") == []
