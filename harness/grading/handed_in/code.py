"""What a cell defines and uses, told from its text; nothing is run.

IPython's magics and a syntax error do not hide the names: their lines are passed over, and as a last resort
names are looked for at the start of lines.
"""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# A syntax tree takes a hundred times the memory of its text.
_LARGEST_TREE_CHARACTERS = 200_000
_MAGIC = re.compile(r"^([ \t]*)[%!].*", re.MULTILINE)
_TIMED = re.compile(r"\s*%%(time|capture|prun)\b[^\n]*\n")
_DEFINED = re.compile(r"^(?:async[ ]+)?(?:def|class)[ ]+(\w+)|^(\w+)[ ]*(?::[^=\n]*)?=(?!=)", re.MULTILINE)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_INNER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a cell.

    Attributes:
        shape: Equal for statements that differ in white space and comments alone.
        binds: Names that it gives a value.
        uses: Names that occur in it.
        source: Its text, when it can be written again.
    """

    shape: str
    binds: frozenset[str]
    uses: frozenset[str]
    source: str


@lru_cache(maxsize=4096)
def statements_of(source: str) -> tuple[Statement, ...]:
    """The statements of a cell; a cell that is no Python counts as one."""
    tree = _tree(source) or _tree(_MAGIC.sub(r"\1pass", _TIMED.sub("", source, count=1)))
    try:
        return tuple(_statement(node) for node in tree.body) if tree else _as_text(source)
    except RecursionError:
        return _as_text(source)


def binds_of(source: str) -> frozenset[str]:
    """All names that a cell gives a value."""
    return frozenset().union(*(statement.binds for statement in statements_of(source)))


def shape_of(source: str) -> tuple[str, ...]:
    """Equal for cells that differ in white space and comments alone."""
    return tuple(statement.shape for statement in statements_of(source))


def is_check(source: str) -> bool:
    """Whether a cell does nothing but run checks."""
    calls = [statement.source for statement in statements_of(source)]
    return bool(calls) and all(re.fullmatch(r"(\w+ = )?(\w+\.)*check\([^()]*\)", call) for call in calls)


def _tree(source: str) -> ast.Module | None:
    if len(source) > _LARGEST_TREE_CHARACTERS or "\0" in source:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _statement(node: ast.stmt) -> Statement:
    shape = hashlib.sha256(ast.dump(node).encode("utf-8", "replace")).hexdigest()
    uses = frozenset(leaf.id for leaf in ast.walk(node) if isinstance(leaf, ast.Name))
    return Statement(shape, frozenset(_bound(node)), uses, ast.unparse(node))


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that a statement binds in the cell's own scope, also within `if`, `try` and loops."""
    if isinstance(node, _SCOPES):
        yield node.name
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif not isinstance(node, _INNER) and not (isinstance(node, ast.AnnAssign) and node.value is None):
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)


def _as_text(source: str) -> tuple[Statement, ...]:
    words = re.sub(r"#.*", "", source).split()
    if not words:
        return ()
    magic = source.lstrip().startswith("%%") and not _TIMED.match(source)
    names = {match[1] or match[2] for match in _DEFINED.finditer(source)} if not magic else set()
    shape = hashlib.sha256(" ".join(words).encode("utf-8", "replace")).hexdigest()
    return (Statement(shape, frozenset(names), frozenset(re.findall(r"\w+", source)), source),)
