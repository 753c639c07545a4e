"""The interpreters that students' work runs in: one workshop a process, one student's work open at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from harness.grading.lab import Lab

if TYPE_CHECKING:
    from harness.grading.box import BoxedWork, Limits, Step, Workshop

_ROOMS = pytest.StashKey[dict[bool, "Workroom"]]()


class Workroom:
    """Opens a student's work at the first exercise that needs it, and closes it when told or for the next.

    Args:
        trusted: Whether the work runs without a box.
        limits: What the work may take.
    """

    def __init__(self, *, trusted: bool, limits: Limits | None = None) -> None:
        self._trusted, self._limits = trusted, limits
        self._stack = ExitStack()
        self._workshop: Workshop | None = None
        self._key: tuple[str, str] | None = None
        self._work: BoxedWork | None = None

    def work(self, key: tuple[str, str], steps: Callable[[], Sequence[Step]]) -> BoxedWork:
        """The work of a student in a lab, after all its cells have run.

        Args:
            key: Lab and student.
            steps: Gives the cells to run, should that be necessary.
        """
        if self._work is None or self._key != key:
            self.leave()
            self._work = self._opened().open(steps())
            self._key = key
        return self._work

    def leave(self) -> None:
        """Close the work that is open, if any."""
        work, self._work, self._key = self._work, None, None
        if work is not None:
            work.close()

    def close(self) -> None:
        """Close all."""
        try:
            self.leave()
        finally:
            self._workshop = None
            self._stack.close()

    def _opened(self) -> Workshop:
        from harness.grading.box import Workshop

        if self._workshop is None:
            self._workshop = self._stack.enter_context(Workshop(trusted=self._trusted, limits=self._limits))
        return self._workshop


def workroom(config: pytest.Config, *, trusted: bool, limits: Limits | None = None) -> Workroom:
    """This process's workroom, made at the first call."""
    rooms = config.stash.setdefault(_ROOMS, {})
    return rooms.setdefault(trusted, Workroom(trusted=trusted, limits=limits))


def close_workroom(config: pytest.Config) -> None:
    """Close this process's workrooms, if there are any."""
    for room in config.stash.get(_ROOMS, {}).values():
        room.close()


def steps_of(lab: Lab, answers: Mapping[str, Iterable[str]]) -> list[Step]:
    """What runs: the lab's own cells and, in their places, the answers.

    Args:
        lab: The instructor's lab. Its check cells do not run, nor do cells that belong to the solution.
        answers: Sources by exercise.
    """
    from harness.grading.box import Step

    steps: list[Step] = []
    for cell in lab.cells:
        if cell.kind != "code" or {"check", "solution"} & set(cell.tags):
            continue
        sources = answers.get(cell.exercise, ()) if cell.exercise else (cell.source,)
        steps += [Step(cell.exercise, source) for source in sources]
    return steps
