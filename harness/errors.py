"""The one tree of errors that the harness raises.

    HarnessError
    ├── BadArgument (also ValueError)     a value of the wrong type, size or range
    │   └── UnknownName (also LookupError)  a tag, fault, unit, scenario… that does not exist
    ├── WriteRefused                      the plant declined a write; carries a `RefusalReason`
    ├── WrongState                        a call at the wrong moment: started twice, used after stop
    ├── SolverFailed                      an integration or a steady state did not converge
    ├── ServiceError                      a protocol service did not start, answer or stop
    │   └── PortBusy                      another program listens on the port asked for
    └── BuildError                        a page, a derived file or an asset could not be made

Each message says what was wrong, the value that was given, and what to do about it.
"""

from __future__ import annotations

import difflib
import enum
from collections.abc import Iterable
from typing import Any


class HarnessError(Exception):
    """Base of all errors of the harness.

    Args:
        what: What was wrong, without a full stop.
        value: The offending value, shown by `repr`; leave out when there is none.
        remedy: What the reader can do next, as a sentence without a full stop.
    """

    def __init__(self, what: str, *, value: Any = None, remedy: str = "") -> None:
        self.what, self.value, self.remedy = what, value, remedy
        shown = "" if value is None else f": {value!r}"
        ending = "" if not remedy or remedy.endswith("?") else "."
        super().__init__(f"{what}{shown}." + (f" {remedy}{ending}" if remedy else ""))


class BadArgument(HarnessError, ValueError):
    """An argument has the wrong type, size or range."""


class UnknownName(BadArgument, LookupError):
    """A name that is not in its catalogue; the message offers the nearest ones.

    Args:
        kind: What the name should name, such as "tag".
        name: The name given.
        known: The names that exist.
    """

    def __init__(self, kind: str, name: Any, known: Iterable[str]) -> None:
        self.known = sorted(known)
        near = difflib.get_close_matches(str(name), self.known, n=3, cutoff=0.5)
        offer = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(self.known)}"
        super().__init__(f"Unknown {kind}", value=name, remedy=offer)


class RefusalReason(enum.Enum):
    """Why the plant declined a write; each protocol maps it to its own status."""

    NOT_A_NUMBER = "not a finite number"
    WRONG_TYPE = "wrong type"
    WRONG_UNIT = "wrong unit"
    OUT_OF_RANGE = "out of range"
    TOO_FAST = "changes too fast"
    NOT_WRITABLE = "not writable"
    WRONG_MODE = "not in a mode that takes this write"
    TRIPPED = "the safety system has tripped"


class WriteRefused(HarnessError):
    """The plant declined a write.

    Args:
        reason: Machine-readable reason.
        what: What was wrong.
        value: The value written.
        remedy: What to write instead.
    """

    def __init__(self, reason: RefusalReason, what: str, *, value: Any, remedy: str = "") -> None:
        self.reason = reason
        super().__init__(what, value=value, remedy=remedy)


class WrongState(HarnessError):
    """A call came at the wrong moment."""


class SolverFailed(HarnessError):
    """An integration or a root search did not converge."""


class ServiceError(HarnessError):
    """A protocol service did not start, answer or stop."""


class PortBusy(ServiceError):
    """Another program listens on the port that was asked for."""


class BuildError(HarnessError):
    """A page, a derived file or a browser asset could not be made."""
