"""Shows the times of pages: under each section's title, and as tables of chapters and of reading paths.

A chapter is a page of the contents that has pages below it, a section one of these. The directive
`reading-times` makes a table: of the chapter on whose page it stands, or of all on the first page.
`reading-paths` makes one of the ways through the book, each written in YAML with how it takes chapters or
sections, if not simply by reading them:

    ```{reading-paths}
    Process engineer: {1-foundations: skim, 1-foundations/2-architecture: dwell}
    ```
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, ClassVar

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from harness.authoring import reading_time
from harness.authoring.reading_time import PageTime, in_minutes, in_seconds, in_words, page_time, total

_LOG = logging.getLogger(__name__)
_READ, _SKIM, _DWELL = "read", "skim", "dwell"
_PACE = {_READ: 1.0, _SKIM: 0.5, _DWELL: 2.0}
_PACE_IN_WORDS = (
    f"Reading is counted at {reading_time.WORDS_PER_MIN} words of prose a minute, answers included; code is "
    "not counted. "
    "Skimming takes half of that time and leaves the code alone; dwelling takes twice as long. "
    "Running is the time that the cells took when this site was built."
)


class TimesTable(nodes.General, nodes.Element):  # type: ignore[misc]
    """Stands for the table of a chapter, or of all, until every page has been read."""


class PathsTable(nodes.General, nodes.Element):  # type: ignore[misc]
    """Stands for the table of the reading paths until every page has been read."""


class ReadingTimes(SphinxDirective):
    """A table of sections with their times."""

    def run(self) -> list[nodes.Node]:
        """Leaves a placeholder."""
        return [self._located(TimesTable())]

    def _located(self, node: nodes.Element) -> nodes.Element:
        self.set_source_info(node)
        return node


class ReadingPaths(ReadingTimes):
    """A table of ways through the book with their times."""

    has_content: ClassVar[bool] = True

    def run(self) -> list[nodes.Node]:
        """Leaves a placeholder that holds the paths, or says what is wrong with them."""
        paths = _as_paths("\n".join(self.content))
        if paths is None:
            raise self.error(f"reading-paths: write `Name: {{chapter: one of {', '.join(_PACE)}}}`")
        return [self._located(PathsTable("", paths=paths))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Registers the tables with Sphinx."""
    app.setup_extension("harness.authoring.reading_time")
    app.add_directive("reading-times", ReadingTimes)
    app.add_directive("reading-paths", ReadingPaths)
    app.connect("env-get-updated", _pages_with_tables)
    app.connect("doctree-resolved", _fill_in)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def chapters(env: BuildEnvironment) -> dict[str, list[str]]:
    """The chapters in order, each with its sections."""
    below: dict[str, list[str]] = env.toctree_includes
    top = below.get(env.config.root_doc, [])
    return {page: list(below[page]) for page in top if below.get(page)}


def _as_paths(text: str) -> dict[str, dict[str, str]] | None:
    try:
        paths = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(paths, dict) or not all(isinstance(ways or {}, dict) for ways in paths.values()):
        return None
    named = {str(name): dict(ways or {}) for name, ways in paths.items()}
    return named if all(way in _PACE for ways in named.values() for way in ways.values()) else None


def _pages_with_tables(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages whose tables may have changed because another page has: they are written again."""
    tops = [env.config.root_doc, *chapters(env)]
    return [page for page in tops if page in env.all_docs]


def _fill_in(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in list(doctree.findall(TimesTable)):
        place.replace_self(_times_table(app, docname))
    for place in list(doctree.findall(PathsTable)):
        place.replace_self(_paths_table(app.env, place))
    if any(docname in sections for sections in chapters(app.env).values()):
        _say_under_the_title(doctree, in_words(page_time(app.env, docname)))


def _say_under_the_title(doctree: nodes.document, text: str) -> None:
    title = next(doctree.findall(nodes.title), None)
    if title is not None:
        said = nodes.paragraph(text, text, classes=["reading-time"])
        title.parent.insert(title.parent.index(title) + 1, said)


def _times_table(app: Sphinx, docname: str) -> nodes.Node:
    known = chapters(app.env)
    if docname in known:
        rows = [
            *_section_rows(app, docname, known[docname]),
            _sum_row(app, nodes.Text("together"), known[docname]),
        ]
    else:
        rows = [row for chapter in known for row in _chapter_rows(app, docname, chapter, known[chapter])]
    return _table(["section", "to read", "to run"], rows)


def _chapter_rows(app: Sphinx, docname: str, chapter: str, sections: list[str]) -> list[nodes.row]:
    return [_sum_row(app, _link(app, docname, chapter), sections), *_section_rows(app, docname, sections)]


def _section_rows(app: Sphinx, docname: str, sections: list[str]) -> list[nodes.row]:
    return [_row(_link(app, docname, page), page_time(app.env, page)) for page in sections]


def _sum_row(app: Sphinx, name: nodes.Node, sections: list[str]) -> nodes.row:
    whole = total(page_time(app.env, page) for page in sections)
    return _row(nodes.strong("", "", name), whole, classes=["together"])


def _paths_table(env: BuildEnvironment, place: PathsTable) -> nodes.Node:
    rows = []
    for name, ways in place["paths"].items():
        for unknown in [page for page in ways if not _pages_of(env, page)]:
            _LOG.warning("reading-paths: no such chapter or section: %s", unknown, location=place)
        rows.append(_row(nodes.Text(name), _path_time(env, ways)))
    note = nodes.paragraph("", _PACE_IN_WORDS, classes=["reading-time-note"])
    return nodes.container("", _table(["path", "to read", "to run"], rows), note)


def _path_time(env: BuildEnvironment, ways: dict[str, str]) -> PageTime:
    way_of = {section: _READ for sections in chapters(env).values() for section in sections}
    for page, way in sorted(
        ways.items(), key=lambda item: item[0].count("/")
    ):  # a section's word is the last
        way_of.update(dict.fromkeys(_pages_of(env, page), way))
    return total(_at_pace(page_time(env, section), way) for section, way in way_of.items())


def _at_pace(time: PageTime, way: str) -> PageTime:
    return PageTime(time.reading_min * _PACE[way], None if way == _SKIM else time.running_s)


def _pages_of(env: BuildEnvironment, name: str) -> list[str]:
    """The sections that a chapter's or a section's name means; it is written relative to the first page."""
    folder, known = PurePosixPath(env.config.root_doc).parent, chapters(env)
    for page in (str(folder / name), str(folder / name / "index")):
        if page in known:
            return known[page]
        if any(page in sections for sections in known.values()):
            return [page]
    return []


def _link(app: Sphinx, from_page: str, to_page: str) -> nodes.Node:
    number = app.env.toc_secnumbers.get(to_page, {}).get("", ())
    text = " ".join(filter(None, [".".join(map(str, number)), app.env.titles[to_page].astext()]))
    address = app.builder.get_relative_uri(from_page, to_page)
    return nodes.reference("", text, internal=True, refuri=address)


def _row(first: nodes.Node, time: PageTime, *, classes: list[str] | None = None) -> nodes.row:
    cells = [first, nodes.Text(in_minutes(time.reading_min)), nodes.Text(in_seconds(time.running_s))]
    entries = [nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells]
    return nodes.row("", *entries, classes=classes or [])


def _table(heads: list[str], rows: list[nodes.row]) -> nodes.table:
    columns = [nodes.colspec(colwidth=width) for width in (70, 15, 15)]
    entries = [nodes.entry("", nodes.paragraph("", head)) for head in heads]
    head = nodes.thead("", nodes.row("", *entries))
    group = nodes.tgroup("", *columns, head, nodes.tbody("", *rows), cols=len(heads))
    return nodes.table("", group, classes=["reading-times"])
