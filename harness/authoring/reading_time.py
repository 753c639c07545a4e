"""How long a page takes: words of its prose, and seconds that its cells ran.

Both are measured while the site is rendered, so no page says a time of its own. Prose is what a reader reads
word by word: paragraphs, lists, tables, captions, and the answers that stand folded, since a learner opens
them. Code, what it prints, displayed formulas and diagrams do not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector
from sphinxcontrib.mermaid import mermaid

WORDS_PER_MIN = 200
_CELL = "cell"  # MyST-NB's class of a code cell with its outputs
_NOT_PROSE = (nodes.literal_block, nodes.math_block, nodes.raw, nodes.comment, nodes.image, mermaid)


@dataclass(frozen=True)
class PageTime:
    """What one page takes.

    Attributes:
        reading_min: Minutes to read its prose.
        running_s: Seconds that its cells ran; None if it has no cells, or they have not been run.
    """

    reading_min: float
    running_s: float | None = None


def words_of(node: nodes.Node) -> int:
    """Words of prose in a document or a part of it."""
    if isinstance(node, _NOT_PROSE) or _is_cell(node):
        return 0
    if isinstance(node, nodes.TextElement):
        return len(node.astext().split())
    return sum(words_of(child) for child in node.children)


class ProseCounter(EnvironmentCollector):
    """Counts each page's words when it is read, also when several processes read.

    A page without a code cell is told apart, for MyST-NB starts a kernel for it all the same.
    """

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Counts one page that has been read."""
        has_cells = any(_is_cell(node) for node in doctree.findall(nodes.container))
        _counted(app.env)[app.env.docname] = (words_of(doctree), has_cells)

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forgets a page that is to be read anew, or is gone."""
        _counted(env).pop(docname, None)

    def merge_other(
        self, app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment
    ) -> None:
        """Takes over what another process has read."""
        counted = _counted(other)
        _counted(env).update({name: counted[name] for name in docnames if name in counted})


def page_time(env: BuildEnvironment, docname: str) -> PageTime:
    """The times of a page that has been read.

    Args:
        env: Sphinx's environment.
        docname: The page's name in it.
    """
    words, has_cells = _counted(env)[docname]
    # The seconds that `execute` put into the cache, as MyST-NB found them there.
    result = NbMetadataCollector.get_exec_data(env, docname) if has_cells else None
    return PageTime(words / WORDS_PER_MIN, result["runtime"] if result else None)


def total(times: Iterable[PageTime]) -> PageTime:
    """The times of several pages together."""
    pages = list(times)
    runs = [page.running_s for page in pages if page.running_s is not None]
    return PageTime(sum(page.reading_min for page in pages), sum(runs) if runs else None)


def in_minutes(reading_min: float) -> str:
    """A reading time for people, a minute at least: 7.6 becomes "8 min"."""
    return f"{max(1, round(reading_min))} min"


def in_seconds(running_s: float | None) -> str:
    """A running time for people: "6 s", or "3 min" from 100 s on, or nothing."""
    if running_s is None:
        return ""
    return f"{max(1, round(running_s))} s" if running_s < 99.5 else f"{round(running_s / 60)} min"


def in_words(time: PageTime) -> str:
    """Both times in a line: "8 min to read, runs in 6 s"."""
    running = f", runs in {in_seconds(time.running_s)}" if time.running_s is not None else ""
    return f"{in_minutes(time.reading_min)} to read{running}"


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and _CELL in node.get("classes", [])


def _counted(env: BuildEnvironment) -> dict[str, tuple[int, bool]]:
    """Words and presence of cells by page; kept in the environment, which Sphinx stores between builds."""
    if not hasattr(env, "book_prose"):
        env.book_prose = {}  # type: ignore[attr-defined]
    counted: dict[str, tuple[int, bool]] = env.book_prose  # type: ignore[attr-defined]
    return counted


def setup(app: Sphinx) -> dict[str, Any]:
    """Registers the counter with Sphinx."""
    app.add_env_collector(ProseCounter)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
