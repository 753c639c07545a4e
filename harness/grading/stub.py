"""What a learner gets in place of a solution.

### BEGIN SOLUTION              in a function:   raise NotImplementedError("Exercise 1.5 is not done yet")
…                               elsewhere:       name = ...   for each public name that it assigns
### END SOLUTION
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

from harness.errors import BadArgument

# A marker that is written a little otherwise must not hand out the solution.
_MARKER = re.compile(r"[ \t]*#+[ \t]*(BEGIN|END)[ \t_]+SOLUTION\b.*", re.IGNORECASE)


def stub_of(source: str, exercise: str) -> str:
    """The answer cell as it is handed out.

    Args:
        source: The answer cell with its solution; a cell without a solution region stays as it is.
        exercise: Such as "1.5".

    Raises:
        BadArgument: If a region is not closed, or does not hold whole statements.
    """
    lines = source.split("\n")
    kept: list[str] = []
    done = 0
    for begin, end in _regions(lines, exercise):
        kept += lines[done:begin] + _instead(source, lines, begin, end, exercise)
        done = end + 1
    stub = "\n".join(kept + lines[done:])
    if done:
        _parsed(stub, exercise)
    return stub


def _regions(lines: list[str], exercise: str) -> Iterator[tuple[int, int]]:
    """Line numbers of the markers, in pairs."""
    begin: int | None = None
    for number, line in enumerate(lines):
        if not (match := _MARKER.fullmatch(line)):
            continue
        if (match[1].upper() == "BEGIN") != (begin is None):
            raise BadArgument(
                f"Exercise {exercise}: a solution region is not balanced",
                value=line.strip(),
                remedy="Each '### BEGIN SOLUTION' needs one '### END SOLUTION', and regions do not nest",
            )
        if begin is None:
            begin = number
        else:
            yield begin, number
            begin = None
    if begin is not None:
        raise BadArgument(
            f"Exercise {exercise}: a solution region is not closed", remedy="Add '### END SOLUTION'"
        )


def _instead(source: str, lines: list[str], begin: int, end: int, exercise: str) -> list[str]:
    indent = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
    if _in_function(source, begin + 1, exercise):
        return [f'{indent}raise NotImplementedError("Exercise {exercise} is not done yet")']
    names = _public_names("\n".join(lines[begin + 1 : end]), exercise)
    return [f"{indent}{name} = ..." for name in names] or [f"{indent}..."]


def _in_function(source: str, line: int, exercise: str) -> bool:
    """Whether a line stands in the body of a function."""
    functions = (
        node
        for node in ast.walk(_parsed(source, exercise))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return any(node.lineno < line <= (node.end_lineno or node.lineno) for node in functions)


def _public_names(region: str, exercise: str) -> list[str]:
    """Names that a region assigns; its functions and `_private` names are the solution's own helpers."""
    names: dict[str, None] = {}
    for node in _parsed(textwrap.dedent(region), exercise).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            leaves = [leaf for target in targets for leaf in ast.walk(target) if isinstance(leaf, ast.Name)]
            stored = [leaf.id for leaf in leaves if isinstance(leaf.ctx, ast.Store)]
            names |= dict.fromkeys(name for name in stored if not name.startswith("_"))
    return list(names)


def _parsed(source: str, exercise: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise BadArgument(
            f"Exercise {exercise}: the answer cell, or what stands in its solution region, is no Python "
            f"({error.msg}, line {error.lineno})",
            remedy="A solution region holds whole statements",
        ) from None
