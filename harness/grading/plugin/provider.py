"""Whose work is checked. `check()`, `pytest labs/` and `pytest solutions/` each bring their own provider."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.grading.outcome import ExerciseResult
    from harness.grading.plugin.item import ExerciseItem
    from harness.grading.points import Part
    from harness.grading.submission import Submission

COMMON_SEEDS = (101, 202, 303)


@dataclass(frozen=True)
class Settled:
    """A result that needs no running.

    Attributes:
        result: The result.
        reused: Whether it is an earlier run's.
    """

    result: ExerciseResult
    reused: bool


class Provider:
    """Whose work is checked; a subclass says at least who, and where the work is."""

    def students(self) -> list[str]:
        """The students; one empty name for a learner's own work."""
        raise NotImplementedError

    def submission(self, student: str, lab: Path) -> Submission:
        """The work of a student in the lab of a folder."""
        raise NotImplementedError

    def submission_of(self, item: ExerciseItem) -> Submission:
        """The work that an item is about.

        Raises:
            StudentFault: If the work failed before a check could look at it.
        """
        return self.submission(item.student, item.lab)

    def seeds(self, student: str, exercise: str) -> list[int]:
        """Three seeds for the checks of an exercise."""
        return list(COMMON_SEEDS)

    def grade(self, work: Submission, run: Callable[[Submission], ExerciseResult]) -> ExerciseResult:
        """The result of an exercise's checks on the work, run once or, if that is fairer, once more."""
        return run(work)

    def settled(self, student: str, exercise: str, parts: Sequence[Part]) -> Settled | None:
        """A result that is known without running anything, such as that of an exercise not handed in."""
        return None

    def complete(self, result: ExerciseResult, student: str) -> ExerciseResult:
        """A new result with what the provider knows besides, such as whose it is."""
        return result

    def leave(self, student: str) -> None:
        """Told after a student's last exercise."""


PROVIDER = pytest.StashKey[Provider]()
"""The provider for all labs of a run, if there is one for all."""

FINDER = pytest.StashKey["Finder"]()
"""What finds the provider for a lab otherwise."""


class Finder:
    """Finds the provider for a lab's folder."""

    def find(self, folder: Path) -> Provider | None:
        """The provider for a lab; None if the lab is not looked at."""
        raise NotImplementedError


def provider_of(config: pytest.Config, folder: Path) -> Provider | None:
    """Whose work in the lab of a folder is checked in this run; None if nobody's."""
    if (provider := config.stash.get(PROVIDER, None)) is not None:
        return provider
    if (finder := config.stash.get(FINDER, None)) is None:
        from harness.grading.plugin.own import OwnFinder

        finder = config.stash[FINDER] = OwnFinder(config)
    return finder.find(folder)
