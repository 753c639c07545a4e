"""The narrow door onto a live notebook: the name space that the learner works in, without a box."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Any

from harness.grading.plain import NotPlainData, pack, unpack
from harness.grading.submission import NotDone, NotPlain, Raised, Recorded


@dataclass
class LiveSubmission(Recorded):
    """A learner's work in the name space of a running notebook.

    Args:
        names: The name space.
    """

    names: dict[str, Any] = None  # type: ignore[assignment]

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a function; see `Submission.call`."""
        self.tries(name, args, kwargs)
        return self.gives(answer_call(self.names, name, unpack(pack(list(args))), unpack(pack(kwargs))))

    def value(self, name: str) -> Any:
        """Read a name; see `Submission.value`."""
        self.reads(name)
        return self.gives(answer_value(self.names, name))


def answer_call(names: dict[str, Any], name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Call a function of a name space; what it gives, as a plain copy.

    Raises:
        StudentFault: If that is not possible.
    """
    function = _found(names, name)
    if not callable(function):
        raise NotDone(f"`{name}` is not a function.")
    try:
        result = function(*args, **kwargs)
    except NotImplementedError:
        raise NotDone(f"`{name}` is not done yet.") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a learner's code may raise anything, even SystemExit
        raise raised(error) from None
    return as_plain(result, f"`{name}` returned")


def answer_value(names: dict[str, Any], name: str) -> Any:
    """A value of a name space, as a plain copy.

    Raises:
        StudentFault: If there is none.
    """
    return as_plain(_found(names, name), f"`{name}` holds")


def as_plain(value: Any, what: str) -> Any:
    """A plain copy of a value.

    Raises:
        NotPlain: If there is none.
    """
    try:
        return unpack(pack(value))
    except NotPlainData as error:
        raise NotPlain(f"{what} something that cannot be checked. {error}") from None


def raised(error: BaseException) -> Raised:
    """An exception of the learner's code, with the line of the cell that it came from."""
    kind = type(error).__name__
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_cell(f.filename)]
    try:
        text = str(error)[:300]
    except Exception:  # noqa: BLE001 - its __str__ is the learner's code too
        text = ""
    return Raised(kind, text, frames[-1].lineno if frames else None)


def _is_cell(filename: str) -> bool:
    return "ipykernel_" in filename or filename.startswith(("<ipython-input", "<cell"))


def _found(names: dict[str, Any], name: str) -> Any:
    if name not in names:
        raise NotDone(f"There is no `{name}` yet: has its cell run?")
    if names[name] is ...:
        raise NotDone(f"`{name}` is not done yet.")
    return names[name]
