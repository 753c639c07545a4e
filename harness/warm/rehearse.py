"""What the fork server does once beforehand, besides importing: the first of each thing costs the most.

A first figure reads fonts and validators, a first simulation loads the plant's machine code (or compiles it,
once on a machine). Each step leaves nothing behind that a page could see: no figure that pyplot knows, no
global setting, no thread.
"""

from __future__ import annotations

import io


def rehearse() -> None:
    """Draw a figure with each library, and run the plant for a minute."""
    draw_with_matplotlib()
    draw_with_plotly()
    run_the_plant()


def draw_with_matplotlib() -> None:
    """A figure that pyplot does not know, with mathematics, as a picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([0.0, 1.0], label="$z_A$")
    axes.set(xlabel="time (min)", ylabel="temperature (K)", title=r"$\dot{q}$")
    axes.legend()
    FigureCanvasAgg(figure)
    figure.savefig(io.BytesIO(), format="png")


def draw_with_plotly() -> None:
    """A figure with two panels, as the JSON that a notebook shows."""
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True)
    figure.add_scatter(x=[0.0, 1.0], y=[0.0, 1.0], name="one", row=1, col=1)
    figure.add_hline(y=0.5, row=2, col=1)
    figure.update_layout(height=300)
    figure.to_plotly_json()


def run_the_plant() -> None:
    """A minute of the smallest plant, without protocols."""
    from harness.live import Plant

    Plant(seed=0).simulate(minutes=1.0)
