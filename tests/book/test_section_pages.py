"""Every section page has the parts that a reader relies on, and types no result into its prose."""

from __future__ import annotations

import ast
import builtins
import re
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from nbformat import NotebookNode

from harness.authoring.pages import read_page, title_of
from harness.authoring.paths import BookPaths

ROOT = Path(__file__).resolve().parents[2]
BOOK = BookPaths(ROOT)
SECTIONS = [page for page in BOOK.pages() if re.match(r"\d-", page.name) and page.parent.name[0].isdigit()]

# In the order in which they stand on a page.
PARTS = {
    "what the reader needs": r"^\*You need: .+\*$",
    "what the reader will be able to do": r"^By the end you will ",
    "a check of understanding": r"^## Check your understanding$",
    "an exercise": r"^## Exercise$",
    "a summary": r"^## Summary$",
}
# Numbers that name a place in the book or a version of a standard.
_PLACES = re.compile(r"[Ss]ections? \d+\.\d+( (and|to) \d+\.\d+|-\d+\.\d+)?|\d+\.\d+\.\d+")
_DECIMAL = re.compile(r"(?<![\w.])\d+\.\d+(?![\w.]*\d)")
_FOLDS = ("{dropdown}", "{admonition}", "{note}", "{tip}", "{warning}", "{important}")
_MARKDOWN = (
    MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, double_inline=True).use(myst_role_plugin)
)


def prose_of(text: str) -> list[str]:
    """The plain text of paragraphs, tables and folded boxes: no code, formulas or roles."""
    lines = []
    for token in _MARKDOWN.parse(text):
        if token.type == "inline":
            words = (part.content for part in token.children or () if part.type == "text")
            lines.append(" ".join(words))
        elif token.type == "fence" and token.info.startswith(_FOLDS):
            lines += prose_of(token.content)
    return lines


def prose_lines(page: NotebookNode) -> list[str]:
    return [line for cell in page.cells if cell.cell_type == "markdown" for line in prose_of(cell.source)]


def bold_terms(text: str) -> set[str]:
    """Terms that a text defines: what it sets in bold, but for calls to predict and numbered questions."""
    found = set()
    for token in _MARKDOWN.parse(text):
        if token.type == "inline":
            parts = token.children or []
            for before, part in pairwise(parts):
                if before.type == "strong_open" and not re.match(r"Predict|\d\.", part.content):
                    found.add(part.content.lower())
        elif token.type == "fence" and token.info.startswith(_FOLDS):
            found |= bold_terms(token.content)
    return found


def glossary() -> set[str]:
    """The terms of the glossary."""
    text = (ROOT / "book" / "appendix" / "glossary.md").read_text(encoding="utf-8")
    listed = text.partition("{glossary}")[2].partition("\n```")[0].splitlines()
    return {line.lower() for line in listed if line and line[0] not in " :"}


def code_of(page: NotebookNode) -> str:
    return "\n".join(cell.source for cell in page.cells if cell.cell_type == "code")


def typed_results(page: NotebookNode) -> list[str]:
    """Decimal numbers in the prose that no cell of the page holds: they look computed and are typed."""
    code = code_of(page)
    # A question to the reader may suppose any number.
    told = [line for line in prose_lines(page) if not re.fullmatch(r"\s*\d\. .*\?\s*", line)]
    text = [_PLACES.sub(" ", line) for line in told]
    return [f"{n} in: {line}" for line in text for n in _DECIMAL.findall(line) if n not in code]


def names_without_source(page: NotebookNode) -> set[str]:
    """Names that visible code uses and that no visible or folded cell of the page defines."""
    cells = [cell for cell in page.cells if cell.cell_type == "code"]
    shown = [c.source for c in cells if "remove-cell" not in c.metadata.get("tags", [])]
    tree = ast.parse("\n".join(line for text in shown for line in text.splitlines() if line[:1] != "%"))
    used, defined = set(), set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else defined).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.arg):
            defined.add(node.arg)
        elif isinstance(node, ast.alias):
            defined.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            defined.add(node.name)
    return used - defined


@pytest.fixture(params=SECTIONS, ids=lambda page: page.stem)
def section(request) -> NotebookNode:
    return read_page(BOOK, request.param)


def test_there_are_sections():
    assert len(SECTIONS) >= 7


def test_the_title_is_a_question(section):
    assert title_of(section).endswith("?")


def test_the_parts_stand_in_order(section):
    text = "\n".join(cell.source for cell in section.cells if cell.cell_type == "markdown")
    places = {name: re.search(pattern, text, re.MULTILINE) for name, pattern in PARTS.items()}
    assert [name for name, place in places.items() if place is None] == []
    starts = [place.start() for place in places.values()]
    assert starts == sorted(starts)


def test_the_reader_is_asked_for_predictions(section):
    text = "\n".join(cell.source for cell in section.cells)
    assert len(re.findall(r"\*\*Predict", text)) >= 2


def test_a_target_figure_stands_before_the_first_heading(section):
    opening = []
    for cell in section.cells:
        opening.append(cell.source)
        if re.search(r"^## ", cell.source, re.MULTILINE):
            break
    head = re.split(r"^## ", "\n".join(opening), maxsplit=1, flags=re.MULTILINE)[0]
    assert re.search(r"\{mermaid\}|\{figure\}|\{raw\} html|mystnb:|plt\.subplots|\{glue:figure\}", head)


def test_questions_have_folded_answers_and_the_exercise_a_folded_solution(section):
    text = "\n".join(cell.source for cell in section.cells if cell.cell_type == "markdown")
    check = text.partition("## Check your understanding")[2].partition("## Exercise")[0]
    assert len(re.findall(r"\{dropdown\} Answer", check)) >= 2
    exercise = text.partition("## Exercise")[2].partition("## Summary")[0]
    assert re.search(r"\{solution-start\}.*?:class: dropdown", exercise, re.DOTALL)


def test_the_page_holds_its_claims_itself(section):
    assert len(re.findall(r"^\s*assert ", code_of(section), re.MULTILINE)) >= 3
    assert "glue(" in code_of(section)


def test_no_result_is_typed_into_the_prose(section):
    assert typed_results(section) == []


def test_every_term_that_is_set_in_bold_is_in_the_glossary(section):
    terms = set().union(*(bold_terms(c.source) for c in section.cells if c.cell_type == "markdown"))
    known = glossary() | {f"{entry}s" for entry in glossary()}
    heads = {entry.partition(" ")[0] for entry in glossary()}  # "naive" of "naive time"
    assert terms - known - heads == set()


def test_what_visible_code_uses_can_be_seen_or_unfolded(section):
    assert names_without_source(section) == set()


def test_a_name_from_a_hidden_cell_would_be_found(small_page):
    hidden = "```{code-cell} ipython3\n:tags: [remove-cell]\nsecret = 1\n```\n\n"
    page = small_page(hidden + "```{code-cell} ipython3\nsecret + 1\n```")
    assert names_without_source(page) == {"secret"}


def test_a_typed_result_would_be_found(small_page):
    page = small_page(
        "The error is 0.73 K.\n\nIt began at {glue:text}`x:.2f` K with a gain of 0.15, see section 1.2."
    )
    page.cells[-1].source = "gain = 0.15"
    assert typed_results(page) == ["0.73 in: The error is 0.73 K."]


def test_a_typed_result_in_a_folded_answer_would_be_found(small_page):
    page = small_page("```{dropdown} Answer\nIt is 0.73 K, or $0.5$ of it.\n```")
    assert len(typed_results(page)) == 1


@pytest.fixture
def small_page(tmp_path):
    def make(text: str) -> NotebookNode:
        head = "---\njupytext: {text_representation: {extension: .md, format_name: myst}}\n"
        head += "kernelspec: {name: python3, display_name: Python 3}\n---\n\n# Why?\n\n"
        (tmp_path / "page.md").write_text(head + text + "\n\n```{code-cell} ipython3\n1\n```\n")
        (tmp_path / "_config.yml").write_text((ROOT / "_config.yml").read_text())
        return read_page(BookPaths(tmp_path), tmp_path / "page.md")

    return make
