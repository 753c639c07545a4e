"""The cells of a notebook file, whatever its state.

nbformat reads `.ipynb`, without its validation: a stripped id or a wrong tag costs nobody an answer. MyST is
read by markdown-it, the parser under jupytext. jupytext itself refuses a notebook for one bad option, spends
most of its time validating cells, and needs 25 s for 14 kB of link references; only its other Markdown format
is left to it.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from harness.errors import BadArgument
from harness.grading.lab import Cell

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_KINDS = {"code", "markdown", "raw"}
_OTHER_MARKDOWN = re.compile(r"^```python\b", re.MULTILINE)
_SAVE_AGAIN = "Open it in JupyterLab, save it, and hand it in again"


@dataclass
class Notebook:
    """A notebook as read.

    Attributes:
        cells: Its cells.
        notes: What was unusual about the file.
    """

    cells: list[Cell]
    notes: list[str] = field(default_factory=list)


def read_notebook(data: bytes) -> Notebook:
    """The cells of a notebook file, JSON or MyST by its content.

    Raises:
        BadArgument: If it is none; says what is wrong and what to do.
    """
    text, notes = _decoded(data)
    if not text.strip():
        raise BadArgument("It is empty", remedy="Hand in the file that JupyterLab has saved")
    if text.lstrip().startswith("{"):
        cells, language = _from_json(text)
    else:
        cells, language = _from_markdown(text, notes)
    if language.lower() not in ("", "python", "python3", "ipython", "ipython3"):
        notes.append(f"Its kernel language is {language[:40]!r}; it is graded as Python.")
    return Notebook(cells, notes)


def _decoded(data: bytes) -> tuple[str, list[str]]:
    """The text of a file, with plain line ends."""
    notes: list[str] = []
    encoding = next((name for bom, name in _BOMS.items() if data.startswith(bom)), "") or _guessed(data)
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        if re.search(r"[\x00-\x08\x0e-\x1f]", text[:4096]):
            raise BadArgument("It is no text, but binary data", remedy=_SAVE_AGAIN) from None
        notes.append("It is not in UTF-8 and was read as Latin-1.")
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def _guessed(data: bytes) -> str:
    """UTF-16 without a mark shows by its zeros in every other place."""
    head = data[:64]
    if len(head) >= 8 and not any(head[1::2]):
        return "utf-16-le"
    return "utf-16-be" if len(head) >= 8 and not any(head[0::2]) else ""


# --- .ipynb -------------------------------------------------------------------------------------------------


def _from_json(text: str) -> tuple[list[Cell], str]:
    data = _json(text)
    try:
        if "cells" in data and data.get("nbformat") != 4:
            data |= {"nbformat": 4, "nbformat_minor": 5}  # only version 4 has its cells there
        notebook = data if data.get("nbformat") == 4 else _upgraded(text)
        raw_cells, metadata = notebook["cells"], notebook.get("metadata")
    except Exception as error:  # noqa: BLE001 - whatever a converter of malformed notebooks raises
        raise BadArgument(
            f"It is JSON, but no notebook ({type(error).__name__})", remedy=_SAVE_AGAIN
        ) from None
    if not isinstance(raw_cells, list):
        raise BadArgument("It is JSON, but no notebook: `cells` is no list", remedy=_SAVE_AGAIN)
    return [_json_cell(cell) for cell in raw_cells if isinstance(cell, dict)], _language(metadata)


def _json(text: str) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(text)  # the text begins with a brace
    except (ValueError, RecursionError) as error:
        if re.search(r"^(<{7}|>{7}) ", text, re.MULTILINE):
            remedy = "It holds the marks of a merge conflict: resolve it and hand it in again"
            raise BadArgument("It is no valid JSON", remedy=remedy) from None
        raise BadArgument(f"It is no valid JSON ({str(error)[:80]})", remedy=_SAVE_AGAIN) from None
    return data


def _upgraded(text: str) -> dict[str, Any]:
    from nbformat import convert, reader

    upgraded: dict[str, Any] = convert(reader.reads(text), 4)  # type: ignore[no-untyped-call]
    return upgraded


def _json_cell(cell: dict[str, Any]) -> Cell:
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source or "")
    kind = str(cell.get("cell_type"))
    return _cell(kind if kind in _KINDS else "code", text, cell.get("metadata"))


def _language(metadata: Any) -> str:
    """The language of a notebook's kernel; empty if it names none."""
    if not isinstance(metadata, dict):
        return ""
    for key, inner in (("kernelspec", "language"), ("language_info", "name")):
        part = metadata.get(key)
        if isinstance(part, dict) and isinstance(part.get(inner), str) and part[inner]:
            return str(part[inner])
    return ""


# --- .md ----------------------------------------------------------------------------------------------------


def _from_markdown(text: str, notes: list[str]) -> tuple[list[Cell], str]:
    if "{code-cell}" not in text and _OTHER_MARKDOWN.search(text):
        import jupytext

        notes.append("It is in Jupytext's Markdown, not in MyST, and was read as that.")
        notebook = jupytext.reads(text, fmt="md:markdown")
        return [_json_cell(cell) for cell in notebook.cells], _language(notebook.metadata)
    cells, language = _from_myst(text, notes)
    if not any(cell.kind == "code" for cell in cells):
        raise BadArgument("It holds no code cell", remedy="Hand in the lab's notebook")
    return cells, language


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.front_matter import front_matter_plugin
    from mdit_py_plugins.myst_blocks import myst_block_plugin

    parser = MarkdownIt("commonmark").use(front_matter_plugin).use(myst_block_plugin)
    # Cells lie at block level, and the rule for link references takes the square of their number.
    return parser.disable(["inline", "reference"])


def _from_myst(text: str, notes: list[str]) -> tuple[list[Cell], str]:
    lines, cells, begin, nesting = text.split("\n"), list[Cell](), 0, 0
    metadata: Any = {}
    front: Any = {}
    for token in _parser().parse(text):
        nesting += token.nesting
        if nesting or not token.map:
            continue
        directive = re.match(r"\{(code|raw)-cell\}", token.info) if token.type == "fence" else None
        if token.type == "front_matter":
            front, begin = _yaml(token.content, notes), token.map[1]
        elif directive or token.type == "myst_block_break":
            cells += _prose(lines[begin : token.map[0]], metadata)
            metadata, begin = {} if directive else _yaml(token.content, notes), token.map[1]
        if directive:
            options, body = _options(token.content)
            cells.append(_cell(directive[1], body, _yaml(options, notes)))
    return cells + _prose(lines[begin:], metadata), _language(front)


def _prose(lines: list[str], metadata: Any) -> list[Cell]:
    text = "\n".join(lines).strip("\n").rstrip()
    return [_cell("markdown", text, metadata)] if text else []


def _options(content: str) -> tuple[str, str]:
    """The options of a cell, as YAML, and its source."""
    if block := re.match(r"---[^\n]*\n(.*?)^-{3,}[^\n]*(?:\n|\Z)", content, re.DOTALL | re.MULTILINE):
        options, body = block[1], content[block.end() :]
    else:
        lead = re.match(r"(?:[ \t]*:[^\n]*(?:\n|\Z))*", content)
        end = lead.end() if lead else 0
        options, body = re.sub(r"^[ \t]*:", "", content[:end], flags=re.MULTILINE), content[end:]
    first, _, rest = body.partition("\n")
    return options, (rest if not first.strip() else body).rstrip("\n")


def _yaml(text: str, notes: list[str]) -> Any:
    try:
        return yaml.load(text, Loader=_LOADER)
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError):
        notes.append("The options of a cell could not be read.")
        # The label is worth looking for in what is left.
        return {match[1]: match[2].strip() for match in re.finditer(r"(?m)^(label|tags):(.*)$", text)}


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser where it is there: same result


def _cell(kind: str, source: str, metadata: Any) -> Cell:
    known = metadata if isinstance(metadata, dict) else {}
    label, tags = known.get("label", ""), known.get("tags", ())
    tags = tags if isinstance(tags, list | tuple) else [tags]
    label = label.strip() if isinstance(label, str) else ""
    return Cell(kind, _clean(source), label, tuple(tag for tag in tags if isinstance(tag, str)))


def _clean(source: str) -> str:
    """Without halves of characters, which no file and no message can hold."""
    return source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
