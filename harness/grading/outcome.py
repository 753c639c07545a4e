"""What grading finds: how each check, each exercise went."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from harness.grading.points import Visibility

PASSED, FAILED, SKIPPED, NOT_DONE, GRADER_ERROR = "passed", "failed", "skipped", "not done", "grader error"


@dataclass(frozen=True)
class PartResult:
    """How one check went.

    Attributes:
        name: Name of the check.
        title: What it looks at.
        points: What it is worth.
        state: "passed", "failed", "skipped", "grader error", or a word of a StudentFault.
        message: What was wrong; empty if it passed.
        hint: Where to look; empty if it passed.
        tried: What was tried, and
        got: what came back; both empty for a secret check.
        visibility: When its verdict is shown.
        secret: Whether its inputs are kept from learners.
    """

    name: str
    title: str
    points: float
    state: str
    message: str = ""
    hint: str = ""
    tried: str = ""
    got: str = ""
    visibility: Visibility = "visible"
    secret: bool = False

    @property
    def earned(self) -> float:
        """Points earned."""
        return self.points if self.state == PASSED else 0.0


@dataclass(frozen=True)
class ExerciseResult:
    """How one exercise of one learner went.

    Attributes:
        exercise: Such as "1.5".
        title: Its heading in the lab.
        parts: Its checks, in order.
        student: Whose it is; empty on a live notebook.
        note: What the reader of the submission noticed, such as "found by its function name".
        digest: Of everything that the result depends on: a result of the same digest is not computed again.
        seconds: How long it took.
    """

    exercise: str
    title: str
    parts: tuple[PartResult, ...]
    student: str = ""
    note: str = ""
    digest: str = ""
    seconds: float = 0.0

    @property
    def points(self) -> float:
        """What it is worth."""
        return sum(part.points for part in self.parts)

    @property
    def earned(self) -> float:
        """Points earned."""
        return sum(part.earned for part in self.parts)

    @property
    def state(self) -> str:
        """One word: the gravest of its parts; "passed", "partial" or "failed" if the code ran well.

        It is "not done" as long as none of its parts is begun.
        """
        states = {part.state for part in self.parts}
        for grave in (GRADER_ERROR, "missing", "unreadable", "out of memory", "timed out", "ended"):
            if grave in states:
                return grave
        for whole in (PASSED, NOT_DONE):
            if states <= {whole}:
                return whole
        return "partial" if self.earned else FAILED

    def as_plain(self) -> dict[str, Any]:
        """Itself as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> ExerciseResult:
        """The inverse of `as_plain`."""
        return cls(**{**data, "parts": tuple(PartResult(**part) for part in data["parts"])})
