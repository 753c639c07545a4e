"""One submission in its boxes: cells run, calls answered, blame laid.

All cells of a submission share one interpreter, as in the notebook that they come from. When it breaks (it
ends, hangs, takes too much memory, or talks nonsense), the exercise that was at work is tried again by
itself, in a new box with the lab's own cells. If it breaks there too, it is at fault: it is left out, and the
others get a new box. If it does not, another exercise has spoiled the shared one, and from then on each is
graded by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from harness.grading.box.interpreter import Broken, Interpreter, LabFailed, Step
from harness.grading.outcome import (
    FAILED,
    GRADER_ERROR,
    NOT_DONE,
    PASSED,
    SKIPPED,
    ExerciseResult,
    PartResult,
)
from harness.grading.submission import NotDone, Recorded, StudentFault, Submission

if TYPE_CHECKING:
    from harness.grading.box.workshop import Workshop


_WORDS = {
    FAILED: "It does not hold. Run this check in your notebook: it says what was tried and what came back.",
    "timed out": "Your code took too long.",
    "out of memory": "Your code wanted too much memory.",
    "ended": "Your code ended the interpreter.",
}
"""What is told in place of a learner's own words, by state."""


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
        self.faults: dict[str, StudentFault] = {}
        self._spoiled = self._has_graded = False
        self._shared: Interpreter | None = None
        self._lone: Interpreter | None = None
        self._alone = ""
        self._share()

    def __enter__(self) -> BoxedWork:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End its boxes."""
        self._end_shared()
        self._end_lone()

    def of(self, exercise: str) -> BoxedSubmission:
        """The work as the checks of one exercise see it."""
        return BoxedSubmission(work=self, exercise=exercise)

    def grade(self, exercise: str, run: Callable[[Submission], ExerciseResult]) -> ExerciseResult:
        """Run the checks of an exercise on the whole notebook, and if it loses points there, on it alone.

        A name that another exercise has taken, or a library that it has changed, costs this one nothing: the
        better result counts. By itself it has not seen the hidden inputs of others either, so what it says
        may be told; what it says in an interpreter that has seen them may be just those, so it is not told.

        Args:
            exercise: Such as "1.5".
            run: Runs its checks on a submission.
        """
        innocent = self._spoiled or not self._has_graded  # the first, and each in a box of its own
        self._has_graded = True
        result = run(self.of(exercise))
        told = result if innocent else _without_words(result)
        if told == result and result.state in (PASSED, NOT_DONE, GRADER_ERROR):
            return result
        if exercise in self.faults or self._alone == exercise:
            return told
        self._end_lone()
        self._alone = exercise
        alone = run(self.of(exercise))
        self._end_lone()
        better = alone.earned > result.earned or (alone.earned == result.earned and not innocent)
        return alone if better else told

    def ask(self, exercise: str, *request: Any) -> Any:
        """Have an interpreter do something for the checks of an exercise.

        Raises:
            StudentFault: If the learner's code is at fault.
        """
        if exercise in self.faults:
            raise self.faults[exercise]
        if self._spoiled or self._alone == exercise:
            return self._ask_alone(exercise, request)
        try:
            return _ask(self._share(), exercise, request)
        except Broken:
            self._end_shared()
        answer = self._ask_alone(exercise, request)
        self._spoiled = True  # it does not break by itself, so another exercise is to blame
        return answer

    # --- interpreters -------------------------------------------------------------------------------

    def _ask_alone(self, exercise: str, request: tuple[Any, ...]) -> Any:
        try:
            return _ask(self._by_itself(exercise), exercise, request)
        except Broken as broken:
            raise self._blame(broken.exercise, broken.fault) from None

    def _share(self) -> Interpreter:
        """The interpreter of all exercises that are not at fault; of none when it is spoiled."""
        while self._shared is None:
            steps = [
                s for s in self._steps if s.exercise not in self.faults and not (self._spoiled and s.exercise)
            ]
            try:
                self._shared = Interpreter(self._workshop, steps, alone=False)
            except Broken as broken:
                self._find_out(broken)
        return self._shared

    def _find_out(self, broken: Broken) -> None:
        """Tries the exercise that broke it by itself: is it to blame, or another one?"""
        if not broken.exercise:
            raise LabFailed("A cell of the lab itself broke the interpreter", value=str(broken.fault))
        try:
            self._by_itself(broken.exercise)
            self._spoiled = True
        except Broken as again:
            self._blame(broken.exercise, again.fault)

    def _by_itself(self, exercise: str) -> Interpreter:
        if self._lone is None or self._alone != exercise:
            self._end_lone()
            steps = [step for step in self._steps if step.exercise in ("", exercise)]
            self._lone = Interpreter(self._workshop, steps, alone=True)
            self._alone = exercise
        return self._lone

    def _blame(self, exercise: str, fault: StudentFault) -> StudentFault:
        self._end_lone()
        return self.faults.setdefault(exercise, fault)

    def _end_shared(self) -> None:
        if self._shared is not None:
            self._shared.close()
            self._shared = None

    def _end_lone(self) -> None:
        if self._lone is not None:
            self._lone.close()
        self._lone, self._alone = None, ""


def _without_words(result: ExerciseResult) -> ExerciseResult:
    """A result in which nothing that a learner's code has said is repeated."""
    return replace(result, parts=tuple(map(_without_its_words, result.parts)))


def _without_its_words(part: PartResult) -> PartResult:
    if part.secret or part.state in (PASSED, SKIPPED, NOT_DONE, GRADER_ERROR):
        return part
    return replace(part, message=_WORDS.get(part.state, _WORDS[FAILED]), tried="", got="")


def _ask(interpreter: Interpreter, exercise: str, request: tuple[Any, ...]) -> Any:
    """Asks; what is missing because its cell raised something is not "not done yet"."""
    try:
        return interpreter.ask(exercise, *request)
    except NotDone:
        if exercise in interpreter.raised:
            raise interpreter.raised[exercise] from None
        raise


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
