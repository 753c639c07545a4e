"""The Sphinx extension of the book: a site that loads nothing from another host.

It sets the folder of the execution cache, brings the browser assets, draws diagrams and plots with
libraries of the site's own, each loaded only on the pages that use it, refuses figures without
alternative text, and says how long each page takes (`time_tables`).
"""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator
from sphinxcontrib.mermaid import install_js as load_mermaid_from_network
from sphinxcontrib.mermaid import mermaid

from harness.authoring.assets import install_assets
from harness.authoring.digest import CACHE_VARIABLE, execution_cache
from harness.authoring.paths import BookPaths
from harness.authoring.plotly_figures import USES_PLOTLY

_LOG = logging.getLogger(__name__)
_BEFORE_MYST_NB = 100
_AFTER_THE_THEME = 900


def setup(app: Sphinx) -> dict[str, Any]:
    """Registers the extension with Sphinx."""
    app.setup_extension("sphinxcontrib.mermaid")
    app.setup_extension("harness.authoring.time_tables")
    app.connect("config-inited", _prepare, priority=_BEFORE_MYST_NB)
    app.connect("builder-inited", _silence_mermaid)
    app.connect("html-page-context", _load_what_the_page_uses, priority=_AFTER_THE_THEME)
    app.add_node(mermaid, override=True, html=(_visit_mermaid, None))
    app.add_node(nodes.citation, override=True, html=(_visit_citation, HTML5Translator.depart_citation))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _prepare(app: Sphinx, config: Config) -> None:
    paths = BookPaths(Path(app.srcdir))
    install_assets(paths.assets, report=_LOG.info)
    config["nb_execution_cache_path"] = os.environ.get(CACHE_VARIABLE) or str(execution_cache(paths))


def _silence_mermaid(app: Sphinx) -> None:
    """Takes out the directive's own loader: an ES module, which browsers refuse on file://."""
    for listener in app.events.listeners["html-page-context"].copy():
        if listener.handler is load_mermaid_from_network:
            app.disconnect(listener.id)


def _load_what_the_page_uses(
    app: Sphinx, _page: str, _template: str, _context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if doctree is None:
        return
    if next(doctree.findall(mermaid), None) is not None:
        app.add_js_file("mermaid/mermaid.min.js", priority=400)
    if any(USES_PLOTLY in node["classes"] for node in doctree.findall(nodes.raw)):
        app.add_js_file("plotly/plotly.min.js", priority=400)


def _visit_mermaid(translator: HTML5Translator, node: mermaid) -> None:
    alt = node.get("alt", "")
    if not alt:
        _LOG.warning("A mermaid diagram has no alternative text; give it `:alt:`", location=node)
    anchors = "".join(f'<span id="{name}"></span>' for name in node.get("ids", []))
    translator.body.append(
        f'{anchors}<div class="mermaid-diagram" role="img" aria-label="{html.escape(alt)}">'
        f"<pre>{html.escape(node['code'])}</pre></div>"
    )
    raise nodes.SkipNode


def _visit_citation(translator: HTML5Translator, node: nodes.citation) -> None:
    HTML5Translator.visit_citation(translator, node)
    # Docutils gives each a role that is deprecated, and that may not stand in the list around it.
    translator.body[-1] = translator.body[-1].replace('role="doc-biblioentry"', 'role="listitem"')
