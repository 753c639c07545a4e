"""Run the checks of one exercise on one learner's work."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from harness.grading.outcome import (
    FAILED,
    GRADER_ERROR,
    NOT_DONE,
    PASSED,
    SKIPPED,
    ExerciseResult,
    PartResult,
)
from harness.grading.points import Part
from harness.grading.submission import (
    BUILTIN_ERRORS,
    Exchange,
    NotDone,
    NotPlain,
    Raised,
    StudentFault,
    Submission,
)


def run_exercise(
    name: str,
    title: str,
    parts: Sequence[Part],
    submission: Submission,
    fixtures: dict[str, Any],
    on_grader_error: Callable[[Part, BaseException], None] = lambda part, error: None,
) -> ExerciseResult:
    """Run the checks of one exercise, in order.

    Args:
        name: Such as "1.5".
        title: Its heading.
        parts: Its checks.
        submission: The learner's work.
        fixtures: What the checks ask for besides, by name.
        on_grader_error: Told of an exception that is the check's own fault.
    """
    started = time.perf_counter()
    done: dict[str, PartResult] = {}
    for part in parts:
        done[part.name] = _run_part(part, done, submission, fixtures, on_grader_error)
    return ExerciseResult(name, title, tuple(done.values()), seconds=time.perf_counter() - started)


def _run_part(
    part: Part,
    done: dict[str, PartResult],
    submission: Submission,
    fixtures: dict[str, Any],
    on_grader_error: Callable[[Part, BaseException], None],
) -> PartResult:
    for needed in part.needs:
        if done[needed].state != PASSED:
            untouched = done[needed].state == NOT_DONE
            message = (
                "Not done yet." if untouched else f"Skipped, for it needs this first: {done[needed].title}"
            )
            return _result(part, NOT_DONE if untouched else SKIPPED, message, Exchange())
    submission.last = Exchange()
    arguments = {"submission": submission, **fixtures}
    wanted = inspect.signature(part.function).parameters
    try:
        part.function(**{key: arguments[key] for key in wanted})
    except NotDone as fault:
        return _result(part, fault.state, str(fault), Exchange())
    except StudentFault as fault:
        return _result(part, fault.state, what_happened(fault, secret=part.secret), submission.last)
    except (AssertionError, pytest.fail.Exception) as wrong:
        return _result(part, FAILED, _said(wrong), submission.last)
    except (Exception, pytest.skip.Exception) as error:  # noqa: BLE001 - the check's fault, whatever it is
        on_grader_error(part, error)
        return _result(part, GRADER_ERROR, f"The check itself failed ({type(error).__name__}).", Exchange())
    return _result(part, PASSED, "", Exchange())


def _said(wrong: BaseException) -> str:
    """The check's own words; pytest, where it rewrites `assert`, adds values, or has nothing but values."""
    words = str(wrong).split("\nassert ")[0]
    return "It does not hold." if not words or words.startswith("assert ") else words


def what_happened(fault: StudentFault, *, secret: bool) -> str:
    """A fault in words; nothing that a learner's code has written is repeated where the inputs are secret."""
    if secret and isinstance(fault, Raised):
        known = fault.kind if fault.kind in BUILTIN_ERRORS else "an exception of its own"
        return f"Your code raised {known} for an input of this check."
    if secret and isinstance(fault, NotPlain):
        return "Your code gave something that is no plain data."
    return str(fault)


def _result(part: Part, state: str, message: str, exchange: Exchange) -> PartResult:
    shown = Exchange() if part.secret else exchange
    hint = "" if state in (PASSED, NOT_DONE, SKIPPED) else part.hint
    return PartResult(
        part.name,
        part.title,
        part.points,
        state,
        message,
        hint,
        shown.tried,
        shown.got,
        part.visibility,
        part.secret,
    )
