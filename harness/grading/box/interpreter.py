"""A box with a submission's cells run in it, and what went wrong when it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.grading.box.door import DoorClosed, DoorTimedOut
from harness.grading.box.ends import NO_BOX, TOO_MUCH_MEMORY
from harness.grading.submission import Ended, OutOfMemory, Raised, StudentFault, TimedOut

if TYPE_CHECKING:
    from harness.grading.box.workshop import Workshop


@dataclass(frozen=True)
class Step:
    """A cell to run.

    Attributes:
        exercise: Whose it is; empty for the lab's own.
        source: Its text.
    """

    exercise: str
    source: str


class LabFailed(HarnessError):
    """A cell of the lab itself failed, or there is no box: no learner's fault."""


class Broken(Exception):
    """An interpreter has broken while an exercise was at work.

    Args:
        exercise: The exercise; empty for the lab's own cells.
        fault: What happened.
    """

    def __init__(self, exercise: str, fault: StudentFault) -> None:
        super().__init__(exercise, fault)
        self.exercise, self.fault = exercise, fault


class Interpreter:
    """A box in which cells have been run.

    Args:
        workshop: Where the box comes from.
        steps: The cells, in order.
        alone: Whether they are those of one exercise and the lab.

    Attributes:
        raised: What the cells of an exercise raised first, by exercise.

    Raises:
        Broken: If the box breaks.
        LabFailed: If a cell of the lab fails, and no learner's cell was run before.
    """

    def __init__(self, workshop: Workshop, steps: Sequence[Step], *, alone: bool) -> None:
        self._limits, self._workshop = workshop.limits, workshop
        self.raised: dict[str, StudentFault] = {}
        self._box = workshop.new_box()
        try:
            self._run(steps, alone)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it."""
        self._box.close()

    def ask(self, exercise: str, *request: Any) -> Any:
        """Have it do something for the checks of an exercise.

        Raises:
            Broken: If it breaks.
            StudentFault: If the learner's code is at fault in another way.
        """
        return self._talk(exercise, request, self._limits.call_s)

    def _run(self, steps: Sequence[Step], alone: bool) -> None:
        at_work = ""
        for step in steps:
            at_work = step.exercise or at_work
            try:
                self._talk(at_work, ("run", step.source), self._limits.cell_s)
            except (Raised, OutOfMemory) as error:
                if step.exercise:
                    self.raised.setdefault(step.exercise, error)
                elif not at_work:
                    raise LabFailed("A cell of the lab itself failed", value=str(error)) from None
                elif not alone:
                    raise Broken(at_work, Ended("Your cells break the lab's own.")) from None

    def _talk(self, exercise: str, request: tuple[Any, ...], within_s: float) -> Any:
        try:
            return self._box.door.ask(*request, within_s=within_s)
        except Raised as error:
            raise (self._out_of_memory() if error.kind == "MemoryError" else error) from None
        except DoorTimedOut as error:
            raise Broken(exercise, TimedOut(f"Your code was stopped. {error}")) from None
        except DoorClosed as error:
            raise Broken(exercise, self._why(error)) from None

    def _out_of_memory(self) -> OutOfMemory:
        return OutOfMemory(f"Your code wanted more than {self._limits.memory_bytes >> 20} MB of memory.")

    def _why(self, error: DoorClosed) -> StudentFault:
        """Looks at how the box ended."""
        code = self._box.ended() if error.ended else None
        if code == NO_BOX:
            raise LabFailed("A box could not be made", value=self._workshop.said())
        if code == TOO_MUCH_MEMORY:
            return self._out_of_memory()
        return Ended("Your code ended the interpreter." if error.ended else f"Your code was stopped. {error}")
