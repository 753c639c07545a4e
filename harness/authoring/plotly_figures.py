"""Renders Plotly figures for the site, as HTML without the library.

In JupyterLab a figure's own JSON is drawn by Plotly's extension. On the site, MyST-NB hands that same
JSON to `PlotlyFigure` (an entry point of the group `myst_nb.mime_renderers`), which writes it into the
page. The page loads the library once, from the site itself, and `book.js` draws the figure in the
colours of the reader's theme.
"""

from __future__ import annotations

import html
import json
from typing import Any, ClassVar

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer

PLOTLY_MIME_TYPE = "application/vnd.plotly.v1+json"
USES_PLOTLY = "uses-plotly"
_DEFAULT_HEIGHT_PX = 450


class PlotlyFigure:
    """MyST-NB's renderer of Plotly figures."""

    mime_priority_overrides: ClassVar[list[tuple[str, str, int | None]]] = [("html", PLOTLY_MIME_TYPE, 5)]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Makes the nodes of one output, or declines it when it is not a Plotly figure."""
        if data.mime_type != PLOTLY_MIME_TYPE or inline:
            return None
        alt = _alternative_text(renderer, data)
        if not alt:
            message = "A Plotly figure has no alternative text; set `mystnb: {image: {alt: …}}` on its cell"
            renderer.logger.warning(message, subtype="plotly_alt", line=data.line)
        return [figure_node(_as_figure(data.content), alt)]


def figure_node(figure: dict[str, Any], alt: str) -> nodes.raw:
    """A Plotly figure as a node that only HTML shows.

    Args:
        figure: The figure's JSON: data, layout, frames.
        alt: What the figure shows, in words.

    Returns:
        The node, marked with the class `uses-plotly` so that its page loads the library.
    """
    layout = dict(figure.get("layout", {}))
    layout.pop("template", None)  # book.js has one for the light theme and one for the dark
    height_px = layout.get("height", _DEFAULT_HEIGHT_PX)
    slim = {"data": figure["data"], "layout": layout, "frames": figure.get("frames", [])}
    markup = (
        f'<div class="plotly-figure" role="figure" aria-label="{html.escape(alt)}" '
        f'style="height:{float(height_px):g}px">'
        f'<script type="application/json">{_for_script(slim)}</script></div>'
    )
    return nodes.raw("", markup, format="html", classes=[USES_PLOTLY])


def _alternative_text(renderer: NbElementRenderer, data: MimeData) -> str:
    options = renderer.renderer.get_cell_level_config(
        "render_image_options", data.cell_metadata, line=data.line
    )
    return str(options.get("alt", ""))


def _as_figure(content: Any) -> dict[str, Any]:
    figure: dict[str, Any] = json.loads(content) if isinstance(content, (str, bytes)) else content
    return figure


def _for_script(value: Any) -> str:
    """JSON that cannot close the script element around it."""
    return json.dumps(value).replace("<", "\\u003c")
