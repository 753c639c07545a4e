"""What a check sees of a learner's work: a narrow door, the same on a live notebook and on a boxed one.

    StudentFault                 something about the learner's work; never the grader's fault
    ├── NotDone                  the stub is untouched, or the name does not exist
    ├── Raised                   the learner's code raised an exception
    ├── NotPlain                 it gave something that is not plain data
    ├── TimedOut                 it took too long
    ├── OutOfMemory              it took too much memory
    └── Ended                    it ended the interpreter that it ran in

Only plain data goes through the door, in both directions: None, bool, int, float, str, bytes, datetime,
list, tuple, dict, NumPy arrays of numbers, pandas tables and columns. `plain` says exactly what.
"""

from __future__ import annotations

import builtins
import reprlib
from dataclasses import dataclass, field
from typing import Any, Protocol

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_SHORT.maxdict = 6
_SHORT.maxlevel = 3


BUILTIN_ERRORS = frozenset(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
)
"""Names of exceptions that tell nothing but what happened; a name of a learner's own may tell more."""


class StudentFault(Exception):
    """Something about the learner's work that a check may report.

    Attributes:
        state: The word for it in the gradebook.
    """

    state = "failed"


class NotDone(StudentFault):
    """The exercise has not been begun."""

    state = "not done"


class Raised(StudentFault):
    """The learner's code raised an exception.

    Args:
        kind: Name of its class.
        text: What it says; written by the learner's code, so never shown for a hidden check.
        line: Line of the answer cell that raised it; None if it is not known.
    """

    def __init__(self, kind: str, text: str = "", line: int | None = None) -> None:
        self.kind, self.text, self.line = kind, text, line
        where = "" if line is None else f", in line {line} of your cell"
        super().__init__(f"Your code raised {kind}{': ' + text if text else ''}{where}.")


class NotPlain(StudentFault):
    """The learner's code gave something that is not plain data."""


class TimedOut(StudentFault):
    """The learner's code took too long."""

    state = "timed out"


class OutOfMemory(StudentFault):
    """The learner's code took too much memory."""

    state = "out of memory"


class Ended(StudentFault):
    """The learner's code ended the interpreter."""

    state = "ended"


@dataclass
class Exchange:
    """The last thing that went through the door, for the verdict: what was tried, and what came back."""

    tried: str = ""
    got: str = ""


class Submission(Protocol):
    """A learner's work, as checks see it."""

    last: Exchange

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the learner's with copies of plain data; plain data comes back.

        Raises:
            StudentFault: If it cannot be called, or gives no plain data.
        """
        ...

    def value(self, name: str) -> Any:
        """The value of a name of the learner's, as plain data.

        Raises:
            StudentFault: If there is no such name, or it holds no plain data.
        """
        ...


@dataclass
class Recorded:
    """Base of submissions: keeps the last exchange in words."""

    last: Exchange = field(default_factory=Exchange)

    def tries(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Note that a function is about to be called."""
        given = [shown(arg) for arg in args] + [f"{key}={shown(arg)}" for key, arg in kwargs.items()]
        self.last = Exchange(f"{name}({', '.join(given)})")

    def reads(self, name: str) -> None:
        """Note that a name is about to be read."""
        self.last = Exchange(name)

    def gives(self, value: Any) -> Any:
        """Note what came back, and hand it on."""
        self.last.got = shown(value)
        return value


def shown(value: Any) -> str:
    """A value in a few words; a large one by its kind and size."""
    shape = getattr(value, "shape", None)
    if shape is not None and hasattr(type(value), "columns"):  # a pandas column has what its index names
        names = ", ".join(str(name) for name in list(value.columns)[:8])
        return f"<table of {shape[0]} rows: {names[:200]}>"
    if shape not in (None, ()):
        size = " × ".join(map(str, shape))
        return _SHORT.repr(value.tolist()) if getattr(value, "size", 99) <= 6 else f"<array of {size}>"
    if isinstance(value, list) and len(value) > 1 and all(isinstance(item, dict) for item in value):
        return _rows(value)
    return _SHORT.repr(value)


def _rows(rows: list[dict[Any, Any]]) -> str:
    """Dicts in a list: the arrows of a drawing one by one, of others the first."""
    if all({"source", "target", "carries"} <= set(row) for row in rows):
        return f"[{len(rows)} flows: {'; '.join(map(_arrow, rows))}]"
    first = ", ".join(f"{key}={_SHORT.repr(item)}" for key, item in list(rows[0].items())[:6])
    return f"[{len(rows)} dicts: {first}; …]"


def _arrow(row: dict[Any, Any]) -> str:
    how = "automatic" if row.get("automatic", True) else "by hand"
    about = f" of {row['identity']}" if row.get("identity") else ""
    return f"{row['source']} → {row['target']}: {row['carries']}{about}, {how}"
