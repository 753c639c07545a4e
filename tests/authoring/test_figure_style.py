"""The looks of the book's figures."""

from __future__ import annotations

import re

import matplotlib as mpl
import matplotlib.pyplot as plt


def test_colours_and_line_styles_of_the_cycle_are_all_different(root):
    with plt.style.context(root / "book" / "_static" / "course.mplstyle"):
        cycle = list(mpl.rcParams["axes.prop_cycle"])
    assert len({line["color"] for line in cycle}) == len(cycle) == 7
    assert len({str(line["linestyle"]) for line in cycle}) == len(cycle)


def test_plots_drawn_in_the_browser_have_the_same_colours(root):
    static = root / "book" / "_static"
    in_browser = re.search(r"COLOURS = \[(.*?)\]", (static / "book.js").read_text())
    assert in_browser is not None
    with plt.style.context(static / "course.mplstyle"):
        colours = [mpl.colors.to_hex(line["color"]) for line in mpl.rcParams["axes.prop_cycle"]]
    assert colours == re.findall(r"#[0-9a-f]{6}", in_browser[1])
