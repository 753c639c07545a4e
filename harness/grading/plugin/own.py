"""`pytest solutions/`: the instructor's own solutions, graded like a student's: is the lab sound?."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.grading.handout import is_handed_out
from harness.grading.lab import lab_file, read_lab
from harness.grading.plugin.provider import Finder, Provider
from harness.grading.plugin.workroom import Workroom, steps_of, workroom

if TYPE_CHECKING:
    from harness.grading.plugin.item import ExerciseItem
    from harness.grading.submission import Submission


class OwnSolutions(Provider):
    """The solutions that stand in the lab itself; they are the instructor's, so they need no box."""

    def __init__(self, folder: Path, room: Workroom) -> None:
        self._lab, self._room = read_lab(lab_file(folder)), room

    def students(self) -> list[str]:
        """Nobody: one unnamed piece of work."""
        return [""]

    def submission_of(self, item: ExerciseItem) -> Submission:
        """The work after the whole lab has run."""
        solutions = {name: (exercise.answer,) for name, exercise in self._lab.exercises.items()}
        work = self._room.work((str(item.lab), ""), lambda: steps_of(self._lab, solutions))
        return work.of(item.exercise)

    def leave(self, student: str) -> None:
        """Close the work."""
        self._room.leave()


class OwnFinder(Finder):
    """Labs with hidden checks are the instructor's own; those that were handed out are the learner's."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._found: dict[Path, Provider] = {}

    def find(self, folder: Path) -> Provider | None:
        """The work in the lab of a folder; None for another folder."""
        if folder not in self._found and (kind := _whose(folder)) is not None:
            self._found[folder] = kind(folder, workroom(self._config, trusted=True))
        return self._found.get(folder)


def _whose(folder: Path) -> Callable[[Path, Workroom], Provider] | None:
    """The instructor's solutions where hidden checks are; the learner's work in a lab that was handed out."""
    if (folder / "hidden").is_dir():
        return OwnSolutions
    if is_handed_out(folder):
        from harness.grading.learner.own_work import OwnWork

        return OwnWork
    return None
