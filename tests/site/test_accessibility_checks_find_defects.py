"""Each check of accessibility is tried on a page that has the defect, and on a page that has not."""

from __future__ import annotations

from pathlib import Path

import pytest
from accessibility import folded, keyboard, sideways, structure, violations, weight_bytes
from browser import visit

STYLE = ":focus-visible { outline: 2px solid #05a } .still:focus-visible { outline: none }"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>
<link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width"><style>%s</style></head><body>%s</body></html>"""
WHOLE = """<a class="skip-link" href="#text">Skip</a><input type="search" aria-label="Search">
<nav class="bd-links"><a href="#text">Contents</a></nav>
<main><article id="text"><h1>One</h1><h2>Two</h2>
<p>Text with a <a href="#text">link</a>.</p>%s</article></main>"""

LONG = "word " * 400
AXE = {
    "a picture without alternative text": (
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
        "image-alt",
    ),
    "pale text": ('<p style="color: #aaa; background: #fff">pale</p>', "color-contrast"),
    "a button without a name": ("<button></button>", "button-name"),
    "a fold without a name": (
        "<details><summary><i></i></summary><p>text</p></details>",
        "summary-name",
    ),
    "a plot of buttons that says it is a picture": (
        '<div role="img" aria-label="x"><button>press</button></div>',
        "nested-interactive",
    ),
}

STRUCTURE = {
    "two first headings": ("<h1>Another</h1>", "2 first headings"),
    "a level left out": ("<h4>Deep</h4>", "skips a level"),
}


@pytest.fixture
def open_page(browser, serve_folder, tmp_path: Path):
    """A function that opens a page of the body given and applies a check to it."""

    def apply(check, body: str, page: str = PAGE, width_px: int = 1200):
        (tmp_path / "index.html").write_text(page % (STYLE, body), encoding="utf-8")
        with (
            serve_folder(tmp_path) as base,
            visit(browser, base + "index.html", inside=base, width_px=width_px) as seen,
        ):
            return check(seen.page)

    return apply


def phone(page) -> list[str]:
    return sideways(page, width_px=360)


@pytest.mark.parametrize(("body", "rule"), AXE.values(), ids=AXE)
def test_axe_finds(open_page, body, rule):
    assert [found.partition(":")[0] for found in open_page(violations, WHOLE % body)] == [rule]


@pytest.mark.parametrize(("body", "expected"), STRUCTURE.values(), ids=STRUCTURE)
def test_a_defect_of_structure_is_found(open_page, body, expected):
    (found,) = open_page(structure, WHOLE % body)
    assert expected in found


@pytest.mark.parametrize(
    ("gone", "expected"), [(' lang="en"', "no language"), ("<title>t</title>", "no title")]
)
def test_a_missing_language_or_title_is_found(open_page, gone, expected):
    (found,) = open_page(structure, WHOLE % "", PAGE.replace(gone, ""))
    assert expected in found


def test_a_page_wider_than_the_phone_is_found(open_page):
    assert open_page(phone, WHOLE % '<div style="width: 900px">wide</div>')[0].startswith(
        "scrolls sideways: "
    )


def test_a_box_that_only_a_finger_scrolls_is_found(open_page):
    box = f'<div style="overflow-x: auto; white-space: nowrap"%s>{LONG}</div>'
    assert "not by keyboard" in open_page(phone, WHOLE % (box % ""), width_px=360)[0]
    assert open_page(phone, WHOLE % (box % ' tabindex="0"'), width_px=360) == []


KEYBOARD = {
    "no link that skips to the text": (
        '<a class="skip-link" href="#text">Skip</a>',
        "",
        "the link that skips",
    ),
    "a search that Tab passes by": (
        'type="search"',
        'type="search" tabindex="-1"',
        "does not reach the search",
    ),
    "contents that are no links": ('<a href="#text">Contents</a>', "Contents", "does not reach the contents"),
    "a focus that does not show": (
        '<a href="#text">link',
        '<a class="still" href="#text">link',
        "does not show on",
    ),
    "a focus outside the page": (
        '<a href="#text">link',
        '<a style="position: absolute; left: -900px" href="#text">link',
        "does not show on",
    ),
}


@pytest.mark.parametrize(("part", "instead", "expected"), KEYBOARD.values(), ids=KEYBOARD)
def test_a_defect_for_the_keyboard_is_found(open_page, part, instead, expected):
    body = WHOLE.replace(part, instead) % ""
    assert body != WHOLE % ""
    assert any(expected in found for found in open_page(keyboard, body))


def test_an_answer_that_only_a_mouse_opens_is_found(open_page):
    pretended = '<div class="pretended-dropdown" onclick="this.open = true">answer</div>'
    assert open_page(folded, WHOLE % pretended) == ["does not open by keyboard: 'answer'"]
    real = '<details class="sd-dropdown"><summary>Answer</summary>42</details>'
    assert open_page(folded, WHOLE % real) == []


def test_a_whole_page_has_no_defects(open_page):
    for check in (violations, structure, keyboard, folded):
        assert open_page(check, WHOLE % "") == []
    assert open_page(phone, WHOLE % "", width_px=360) == []


def test_the_weight_counts_everything_that_is_fetched(browser, serve_folder, tmp_path):
    script = tmp_path / "heavy.bin"
    script.write_bytes(bytes(3_000_000))
    body = (
        WHOLE
        % "<script>window.MathJax = {startup: {promise: fetch('heavy.bin').then((r) => r.blob())}}</script>"
    )
    (tmp_path / "index.html").write_text(PAGE % (STYLE, body))
    with serve_folder(tmp_path) as base:
        assert 3_000_000 < weight_bytes(browser, base + "index.html") < 3_010_000
