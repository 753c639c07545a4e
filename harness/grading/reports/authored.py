"""What the author of a hidden check wrote: the only words of it that a learner may be shown.

Messages of hidden checks are constants by the rules of the house. Here that is not trusted: a message is
shown only if it stands word for word in the module of the check, or is one that `expect` makes of such words
and of the kind of a value. Anything else, such as what pytest says of a bare `assert got == want`, may hold a
hidden input or something that a learner's code has made, and is replaced by a sentence that says less.
"""

from __future__ import annotations

import ast
import re
from functools import cache, lru_cache
from pathlib import Path

from harness.grading import expect
from harness.grading.points import HIDDEN, module_name

# What `expect` puts in besides the author's words: names of kinds of plain data, and shapes.
_KIND = r"(?:bool|int|float|str|bytes|datetime|list|tuple|dict|ndarray|DataFrame|Series|NoneType)"
_SHAPE = r"\([\d, ]{0,40}\)"
_NOTHING = re.compile(r"(?!)")


def authored(folder: Path, exercise: str) -> re.Pattern[str]:
    """A pattern that matches the messages that the hidden checks of an exercise may give to learners.

    Args:
        folder: The lab's folder, with its hidden checks.
        exercise: Such as "1.5".
    """
    module = folder / HIDDEN / module_name(exercise)
    return _pattern(module, module.stat().st_mtime_ns) if module.is_file() else _NOTHING


@lru_cache(maxsize=64)
def _pattern(module: Path, _changed_ns: int) -> re.Pattern[str]:
    words = sorted(_literals(module))
    any_word = "|".join(map(re.escape, words))
    forms = [form.replace("\0what\0", f"(?:{any_word})") for form in _forms()] if words else []
    return re.compile("|".join([any_word, *forms]), re.DOTALL) if words else _NOTHING


def _literals(module: Path) -> set[str]:
    """The strings of a module that stand there as they are: no part of an f-string."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    pieces = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in pieces)
    # A single word may be part of an answer, and says nothing to a learner.
    return {node.value for node in constants if isinstance(node.value, str) and " " in node.value.strip()}


@cache
def _forms() -> tuple[str, ...]:
    """The messages of `expect` as patterns, with a mark where the author's words come in."""
    tree = ast.parse(Path(expect.__file__).read_text(encoding="utf-8"))
    return tuple(sorted(_form(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)))


def _form(message: ast.JoinedStr) -> str:
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else _hole(part)
        for part in message.values
    )


def _hole(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name) and part.value.id == "what":
        return "\0what\0"
    return _KIND if "__name__" in ast.dump(part) else _SHAPE
