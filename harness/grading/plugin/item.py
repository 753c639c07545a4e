"""One exercise of one student, and how its report comes about."""

from __future__ import annotations

import inspect
import json
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.grading.outcome import ExerciseResult
    from harness.grading.plugin.module import ExerciseModule
    from harness.grading.plugin.provider import Provider, Settled
    from harness.grading.points import Part
    from harness.grading.submission import Submission


GRADER_FAILED = "The grader failed, not your code."


class LostPoints(Exception):
    """An exercise did not get full marks; not an error of the grader's."""


class GraderFault(Exception):
    """An exercise could not be graded, through the grader's fault."""


class ExerciseItem(pytest.Function):
    """One exercise of one student.

    Attributes:
        student: The student; empty for a learner's own work.
        exercise: Such as "1.5".
        parts: Its checks.
        provider: Where the work comes from.
        result: How it went; None before it has run.
        settled: The result, if it was known without running anything.
        faults: Tracebacks of the grader's own faults.
    """

    result: ExerciseResult | None = None
    settled: Settled | None

    def __init__(
        self, *, student: str, parts: Sequence[Part], problem: str, provider: Provider, **kwargs: Any
    ) -> None:
        module: ExerciseModule = kwargs["parent"]
        self.student, self.parts, self.provider = student, parts, provider
        self.exercise, self.lab = module.exercise, module.lab
        self.faults: list[str] = [problem] if problem else []
        self.settled = None if problem else provider.settled(student, self.exercise, parts)

        def run(**fixtures: Any) -> None:
            self._run(fixtures)

        wanted = [] if problem or self.settled else _fixtures(parts)
        kinds = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in wanted]
        run.__signature__ = inspect.Signature(kinds)  # type: ignore[attr-defined]
        super().__init__(callobj=run, **kwargs)

    def is_followed_by_same_student(self, following: pytest.Item | None) -> bool:
        """Whether the next item is about the same student's work in the same lab."""
        return (
            isinstance(following, ExerciseItem)
            and following.student == self.student
            and following.lab == self.lab
        )

    @property
    def title(self) -> str:
        """The exercise's heading in the lab."""
        from harness.grading.handout import title_of

        try:
            return title_of(self.lab, self.exercise)
        except KeyError:
            raise GraderFault(f"{self.path.name} checks an exercise that the lab does not have.") from None

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, for pytest's messages."""
        return self.path, None, f"exercise {self.exercise}" + (f" of {self.student}" if self.student else "")

    def _run(self, fixtures: dict[str, Any]) -> None:
        from harness.grading.outcome import GRADER_ERROR, PASSED

        if self.faults:
            raise GraderFault(self.faults[0])
        self.result = self.settled.result if self.settled else self._graded(fixtures)
        if self.result.state == GRADER_ERROR:
            raise GraderFault("\n\n".join(self.faults))
        if self.result.state != PASSED:
            raise LostPoints(self.result)

    def _graded(self, fixtures: dict[str, Any]) -> ExerciseResult:
        from harness.grading.exercise import run_exercise

        def run(work: Submission) -> ExerciseResult:
            return run_exercise(self.exercise, self.title, self.parts, work, fixtures, self._note_fault)

        work = fixtures.pop("submission")
        return self.provider.complete(self.provider.grade(work, run), self.student)

    def _note_fault(self, part: Part, error: BaseException) -> None:
        lines = traceback.format_exception(error)
        own = [line for line in lines if "harness/grading/" not in line]
        self.faults.append(f"In {part.name}:\n" + "".join(own).rstrip())

    def tell(self, report: pytest.TestReport, error: pytest.ExceptionInfo[BaseException] | None) -> None:
        """Put the result into the report of a phase, as JSON; a phase that failed without one makes one."""
        told: dict[str, Any] = {"result": None, "reused": bool(self.settled and self.settled.reused)}
        if report.when == "call" or (report.when == "setup" and not report.passed):
            result = self._accounted_for(report, error)
            told["result"] = result.as_plain()
            self.user_properties += _properties(result)  # JUnit reads them off the last report
        elif report.when == "teardown" and report.failed:
            self.faults = [report.longreprtext]
        else:
            return
        told |= {"folder": str(self.lab), "student": self.student, "exercise": self.exercise}
        # An attribute, as pytest allows: what is in user_properties goes into JUnit's file word by word.
        report.grading = json.dumps({**told, "faults": self.faults})  # type: ignore[attr-defined]

    def _accounted_for(
        self, report: pytest.TestReport, error: pytest.ExceptionInfo[BaseException] | None
    ) -> ExerciseResult:
        """The result; one is made of what has gone wrong outside the checks, in a fixture say."""
        from harness.grading.outcome import GRADER_ERROR
        from harness.grading.plugin.results import all_parts
        from harness.grading.submission import StudentFault

        if self.result is not None:
            return self.result
        report.outcome = "failed"
        fault = error.value if error is not None and isinstance(error.value, StudentFault) else None
        if fault is None and not self.faults:
            self.faults.append(report.longreprtext or "The checks were skipped.")
        state, message = (fault.state, str(fault)) if fault else (GRADER_ERROR, GRADER_FAILED)
        result = all_parts(self.exercise, self._title_or_empty(), self.parts, state=state, message=message)
        self.result = self.provider.complete(result, self.student)
        return self.result

    def _title_or_empty(self) -> str:
        try:
            return self.title
        except Exception as error:  # noqa: BLE001 - a broken lab is reported, not raised while reporting
            self.faults.append(str(error))
            return ""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """The verdict in words, and no traceback, when points were lost."""
        from harness.grading.verdict import as_text

        if isinstance(excinfo.value, LostPoints):
            return as_text(excinfo.value.args[0])
        if isinstance(excinfo.value, GraderFault):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


def _fixtures(parts: Sequence[Part]) -> list[str]:
    wanted = [name for part in parts for name in inspect.signature(part.function).parameters]
    return list(dict.fromkeys(["submission", *wanted]))


def _properties(result: ExerciseResult) -> list[tuple[str, object]]:
    """What JUnit's file says beside passed and failed."""
    pairs = {"student": result.student, "exercise": result.exercise, "state": result.state}
    return [*pairs.items(), ("points", f"{result.earned:g}"), ("of", f"{result.points:g}")]
