"""One submission in its boxes: cells run, calls answered, blame laid.

All cells of a submission share one interpreter, as in the notebook that they come from. When it breaks (it ends,
hangs, takes too much memory, or talks nonsense), the exercise that was at work is tried again by itself, in a
new box with the lab's own cells. If it breaks there too, it is at fault: it is left out, and the others get a new
box. If it does not, another exercise has spoiled the shared one, and from then on each is graded by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.grading.box.door import DoorClosed, DoorTimedOut
from harness.grading.box.keeper import NO_BOX, TOO_MUCH_MEMORY
from harness.grading.submission import Ended, NotDone, OutOfMemory, Raised, Recorded, StudentFault, TimedOut

if TYPE_CHECKING:
    from harness.grading.box.workshop import Box, Workshop


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
    """A cell of the lab itself failed: the lab's fault, no learner's."""


class _Broken(Exception):
    """A box has broken while an exercise was at work."""

    def __init__(self, exercise: str, fault: StudentFault) -> None:
        self.exercise, self.fault = exercise, fault


class BoxedWork:
    """A submission in boxes of its own.

    Args:
        workshop: Where boxes come from.
        steps: Its cells, in order.

    Attributes:
        faults: Why an exercise cannot be graded any further.
    """

    def __init__(self, workshop: Workshop, steps: Sequence[Step]) -> None:
        self._workshop, self._steps = workshop, steps
        self._raised: dict[str, StudentFault] = {}
        self.faults: dict[str, StudentFault] = {}
        self._spoiled = False
        self._box: Box | None = None
        self._alone = ""
        self._share()

    def __enter__(self) -> BoxedWork:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End its box."""
        if self._box is not None:
            self._box.close()
            self._box = None

    def of(self, exercise: str) -> BoxedSubmission:
        """The work as the checks of one exercise see it."""
        return BoxedSubmission(work=self, exercise=exercise)

    def ask(self, exercise: str, *request: Any) -> Any:
        """Have the interpreter do something for the checks of an exercise.

        Raises:
            StudentFault: If the learner's code is at fault.
        """
        if exercise in self.faults:
            raise self.faults[exercise]
        return self._raised_first(exercise, lambda: self._asked(exercise, request))

    def _raised_first(self, exercise: str, ask: Callable[[], Any]) -> Any:
        """What is missing because its cell raised something is not "not done yet"."""
        try:
            return ask()
        except NotDone:
            if exercise in self._raised:
                raise self._raised[exercise] from None
            raise

    def _asked(self, exercise: str, request: tuple[Any, ...]) -> Any:
        within_s = self._workshop.limits.call_s
        if self._spoiled and self._alone != exercise:
            self._isolate(exercise)
        try:
            return self._talk(exercise, request, within_s)
        except _Broken as broken:
            if self._alone == exercise:
                raise self._blame(broken) from None
        self._isolate(exercise)
        try:
            answer = self._talk(exercise, request, within_s)
        except _Broken as broken:
            fault = self._blame(broken)
            self._share()
            raise fault from None
        self._spoiled = True
        return answer

    # --- boxes ------------------------------------------------------------------------------------

    def _share(self) -> None:
        """A new box with all exercises that are not at fault."""
        while not self._spoiled:
            try:
                self._fill("")
            except _Broken as broken:
                self._find_out(broken)
            else:
                return

    def _find_out(self, broken: _Broken) -> None:
        """Tries the exercise that broke the box by itself: is it to blame, or another one?"""
        if not broken.exercise:
            raise LabFailed("A cell of the lab itself broke the interpreter", value=str(broken.fault))
        try:
            self._fill(broken.exercise)
        except _Broken as again:
            self._blame(again)
        else:
            self._spoiled = True

    def _isolate(self, exercise: str) -> None:
        """A new box with one exercise alone.

        Raises:
            StudentFault: If it breaks it.
        """
        try:
            self._fill(exercise)
        except _Broken as broken:
            fault = self._blame(broken)
            self._share()
            raise fault from None

    def _fill(self, alone: str) -> None:
        self.close()
        self._box, self._alone = self._workshop.new_box(), alone
        for step in self._steps:
            if step.exercise in self.faults or (alone and step.exercise not in ("", alone)):
                continue
            try:
                self._talk(step.exercise or alone, ("run", step.source), self._workshop.limits.cell_s)
            except (Raised, OutOfMemory) as error:
                self._took_note(step, alone, error)

    def _took_note(self, step: Step, alone: str, error: StudentFault) -> None:
        if step.exercise:
            self._raised.setdefault(step.exercise, error)
        elif alone or not any(s.exercise for s in self._steps[: self._steps.index(step)]):
            raise LabFailed("A cell of the lab itself failed", value=str(error))
        else:
            raise _Broken(self._before(step), Ended("Your cells break the lab's own cell that follows them."))

    def _before(self, step: Step) -> str:
        before = [s.exercise for s in self._steps[: self._steps.index(step)]]
        return next(name for name in reversed(before) if name and name not in self.faults)

    def _blame(self, broken: _Broken) -> StudentFault:
        self.close()
        return self.faults.setdefault(broken.exercise, broken.fault)

    def _talk(self, exercise: str, request: tuple[Any, ...], within_s: float) -> Any:
        assert self._box is not None
        try:
            return self._box.door.ask(*request, within_s=within_s)
        except Raised as error:
            raise (self._out_of_memory() if error.kind == "MemoryError" else error) from None
        except DoorTimedOut as error:
            raise _Broken(exercise, TimedOut(f"Your code was stopped. {error}")) from None
        except DoorClosed as error:
            raise _Broken(exercise, self._why(error)) from None

    def _out_of_memory(self) -> OutOfMemory:
        return OutOfMemory(
            f"Your code wanted more than {self._workshop.limits.memory_bytes >> 20} MB of memory."
        )

    def _why(self, error: DoorClosed) -> StudentFault:
        """Looks at how the box ended."""
        assert self._box is not None
        code = self._box.ended()
        if code == NO_BOX:
            raise LabFailed("A box could not be made", value=self._workshop.said())
        if code == TOO_MUCH_MEMORY:
            return self._out_of_memory()
        return Ended(
            "Your code ended the interpreter." if code is not None else f"Your code was stopped. {error}"
        )


@dataclass
class BoxedSubmission(Recorded):
    """A submission as the checks of one exercise see it; see `Submission`."""

    work: BoxedWork = field(default=None)  # type: ignore[assignment]
    exercise: str = ""

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a function; see `Submission.call`."""
        self.tries(name, args, kwargs)
        return self.gives(self.work.ask(self.exercise, "call", name, list(args), kwargs))

    def value(self, name: str) -> Any:
        """Read a name; see `Submission.value`."""
        self.reads(name)
        return self.gives(self.work.ask(self.exercise, "value", name))
