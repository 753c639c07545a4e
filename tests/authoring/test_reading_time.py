"""The build measures how long a page takes, and says so on the page, its chapter and the front page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from small_book import page_text
from sphinxcontrib.mermaid import mermaid

from harness.authoring.pages import read_page
from harness.authoring.paths import BookPaths
from harness.authoring.reading_time import PageTime, ProseCounter, in_words, total, words_of
from harness.authoring.time_tables import _as_paths

CONF = """
from pathlib import Path

extensions = ["myst_nb", "harness.authoring.time_tables"]
exclude_patterns = ["built"]
nb_execution_mode = "cache"
nb_execution_cache_path = str(Path(__file__).parent / "built" / "cache")
"""
WORDS = "word " * 200
TABLES = """# A book

```{reading-times}
```
%s
```{toctree}
first/index
appendix
```
"""
PATHS = """
```{reading-paths}
all of it: {}
in a hurry: {first: skim, first/b: dwell}
```
"""
CHAPTER = """# First

```{reading-times}
```
```{toctree}
:numbered:
a
b
c
d
e
f
```
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of a chapter with six sections, of which the first has run for 42 s."""
    (tmp_path / "first").mkdir()
    files = {"conf.py": CONF, "index.md": TABLES % PATHS, "appendix.md": f"# Appendix\n\n{WORDS}\n"}
    files |= {f"first/{name}.md": f"# Page {name}\n\n{WORDS * n}\n" for n, name in enumerate("abcdef", 1)}
    files |= {"first/index.md": CHAPTER, "first/a.md": page_text("1 + 1", title="Page a") + "\n" + WORDS}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "_config.yml").write_text("{}")
    _keep_as_run(tmp_path, tmp_path / "first" / "a.md", seconds=42.0)
    return tmp_path


def _keep_as_run(book: Path, page: Path, *, seconds: float) -> None:
    notebook = read_page(BookPaths(book), page)
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    bundle = CacheBundleIn(notebook, str(page), data={"execution_seconds": seconds})
    get_cache(book / "built" / "cache").cache_notebook_bundle(bundle, check_validity=False)


def build(book: Path, out: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-W", "-q", *options, str(book), str(book / "built" / out)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def page(book: Path, out: str, name: str) -> BeautifulSoup:
    return BeautifulSoup((book / "built" / out / name).read_text(encoding="utf-8"), "html.parser")


def rows(table) -> list[list[str]]:
    return [[cell.get_text() for cell in row.find_all("td")] for row in table.find_all("tr")[1:]]


SECTIONS = [
    ["1 Page a", "1 min", "42 s"],
    *([f"{n} Page {name}", f"{n} min", ""] for n, name in enumerate("bcdef", start=2)),
]


def test_every_section_says_its_times_and_no_other_page_does(book):
    assert build(book, "out").returncode == 0
    said = {
        name: [p.text for p in page(book, "out", name).select("p.reading-time")]
        for name in ("first/a.html", "first/c.html", "first/index.html", "index.html", "appendix.html")
    }
    assert said.pop("first/a.html") == ["1 min to read, runs in 42 s"]
    assert said.pop("first/c.html") == ["3 min to read"]
    assert list(said.values()) == [[], [], []]


def test_the_chapter_and_the_front_page_have_tables_of_their_sections(book):
    assert build(book, "out").returncode == 0
    times, paths = page(book, "out", "index.html").find_all("table")
    assert rows(times) == [["First", "21 min", "42 s"], *SECTIONS]
    assert rows(paths) == [["all of it", "21 min", "42 s"], ["in a hurry", "14 min", ""]]
    assert times.find("a", string="3 Page c")["href"] == "first/c.html"
    chapter = page(book, "out", "first/index.html").find("table")
    assert rows(chapter) == [*SECTIONS, ["together", "21 min", "42 s"]]


def test_pages_that_several_processes_read_give_the_same_tables(book):
    assert build(book, "out").returncode == 0
    assert build(book, "out-parallel", "-j", "2").returncode == 0
    for name in ("index.html", "first/index.html", "first/f.html"):
        alone, together = (page(book, out, name).body for out in ("out", "out-parallel"))
        assert alone.get_text() == together.get_text()


def test_a_page_that_has_changed_changes_the_tables_of_pages_that_have_not(book):
    assert build(book, "out").returncode == 0
    (book / "first" / "f.md").write_text(f"# Page f\n\n{WORDS * 9}\n")
    assert build(book, "out").returncode == 0
    for name in ("index.html", "first/index.html"):
        assert ["6 Page f", "9 min", ""] in rows(page(book, "out", name).find("table"))


def test_a_path_through_pages_that_do_not_exist_stops_the_build(book):
    (book / "index.md").write_text(TABLES % PATHS.replace("first/b", "first/nowhere"))
    done = build(book, "out")
    assert done.returncode != 0
    assert "no such chapter or section: first/nowhere" in done.stderr
    assert "index.md" in done.stderr


@pytest.mark.parametrize("wrong", ["a: {first: leap}", "a: first", "- a", "{a"])
def test_paths_that_say_nothing_useful_are_refused(wrong):
    assert _as_paths(wrong) is None


def test_paths_that_are_refused_stop_the_build_and_say_how_to_write_them(book):
    (book / "index.md").write_text(TABLES % "```{reading-paths}\na: {first: leap}\n```\n")
    assert "write `Name: {chapter: one of read, skim, dwell}`" in build(book, "out").stderr


def test_code_formulas_diagrams_and_outputs_are_no_prose():
    cell = nodes.container("", nodes.paragraph("", "printed by the cell"), classes=["cell"])
    diagram = mermaid()
    diagram["code"] = "flowchart LR"
    unread = [nodes.literal_block("", "x = 1 + 1"), nodes.math_block("", "a = b"), cell, diagram]
    unread += [nodes.comment("", "not shown"), nodes.raw("", "<b>bold</b>", format="html")]
    prose = nodes.paragraph("", "two ", nodes.strong("", "bold"), nodes.Text(", words"))
    assert words_of(nodes.section("", prose, *unread)) == 3
    assert [words_of(node) for node in unread] == [0] * len(unread)


def test_a_folded_answer_is_prose():
    answer = nodes.container(
        "", nodes.paragraph("", "three more words"), is_div=True, design_component="dropdown"
    )
    assert words_of(answer) == 3


def test_a_removed_page_is_forgotten_and_another_processes_pages_are_taken_over():
    ours = SimpleNamespace(book_prose={"a": (1, False), "b": (2, True)})
    theirs = SimpleNamespace(book_prose={"c": (3, False), "a": (99, False)})
    counter = ProseCounter()
    counter.clear_doc(None, ours, "b")
    counter.merge_other(None, ours, {"c"}, theirs)
    assert ours.book_prose == {"a": (1, False), "c": (3, False)}


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (PageTime(7.6, 6.4), "8 min to read, runs in 6 s"),
        (PageTime(0.2), "1 min to read"),
        (PageTime(1.0, 0.1), "1 min to read, runs in 1 s"),
        (PageTime(1.0, 150.0), "1 min to read, runs in 2 min"),
    ],
)
def test_times_in_words(time, said):
    assert in_words(time) == said


def test_times_add_up():
    assert total([PageTime(1.5, 2.0), PageTime(2.0), PageTime(0.5, 3.0)]) == PageTime(4.0, 5.0)
    assert total([PageTime(1.0), PageTime(2.0)]).running_s is None
