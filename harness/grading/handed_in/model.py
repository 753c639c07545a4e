"""What reading a submission gives."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

BY_LABEL, BY_NAME, MISSING, UNTOUCHED = "by label", "by name", "missing", "untouched"
READ, UNREADABLE, NOTHING = "read", "unreadable", "missing"


@dataclass(frozen=True)
class Answer:
    """A learner's answer to one exercise.

    Attributes:
        exercise: Such as "1.5".
        cells: Sources to run, in order: the learner's own helper cells and the answer; empty if missing.
        found: "by label", "by name", "missing", or "untouched" (nothing but the stub).
        note: One sentence if something was unusual, else empty.
    """

    exercise: str
    cells: tuple[str, ...] = ()
    found: str = MISSING
    note: str = ""


@dataclass(frozen=True)
class HandedIn:
    """What one student has handed in.

    Attributes:
        student: Identifier, safe as a file name and as a CSV cell.
        answers: One entry for each exercise of the lab.
        state: "read", "unreadable", or "missing" (in the roster, nothing handed in).
        notes: What was noticed, one sentence each, for instructor and student.
        handed_in_at: In UTC, when the file used was last changed.
    """

    student: str
    answers: dict[str, Answer]
    state: str = READ
    notes: tuple[str, ...] = ()
    handed_in_at: datetime | None = None
    digest: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """The digest is of what will be run, so that a new file with the same answers is not graded again."""
        cells = json.dumps({name: answer.cells for name, answer in self.answers.items()}, sort_keys=True)
        object.__setattr__(self, "digest", hashlib.sha256(cells.encode()).hexdigest())

    def as_plain(self) -> dict[str, Any]:
        """Itself as JSON can hold it."""
        at = self.handed_in_at.isoformat() if self.handed_in_at else None
        return {**asdict(self), "handed_in_at": at}

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> HandedIn:
        """The inverse of `as_plain`."""
        answers = {
            name: Answer(**{**answer, "cells": tuple(answer["cells"])})
            for name, answer in data["answers"].items()
        }
        at = datetime.fromisoformat(data["handed_in_at"]) if data["handed_in_at"] else None
        return cls(data["student"], answers, data["state"], tuple(data["notes"]), at)
