"""The words of pytest's reports for graded exercises, and what is told by them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.grading.outcome import ExerciseResult

QUIET = pytest.StashKey[bool]()
"""Whether a line of progress stands in the place of pytest's letters."""

_LETTERS = {"passed": ".", "partial": "p", "failed": "F", "not done": "n", "missing": "m", "unreadable": "u"}
_ADDRESS = re.compile(
    r"(?P<folder>.*?)/?(?:checks|hidden)/[^/]*::(?P<exercise>\d+\.\d+)\[(?P<student>.*)\]", re.S
)


@dataclass(frozen=True)
class Address:
    """What an item's id says: the lab's folder, the exercise and the student."""

    folder: str
    exercise: str
    student: str


def address_of(nodeid: str) -> Address | None:
    """What an id says, if it is one of a student's exercise."""
    match = _ADDRESS.fullmatch(nodeid)
    return None if match is None else Address(match["folder"], match["exercise"], match["student"])


@dataclass(frozen=True)
class Told:
    """What a report tells of a student's exercise.

    Attributes:
        folder: The lab's folder; relative to pytest's root if the worker died.
        student: The student; empty for a learner's own work.
        exercise: Such as "1.5".
        result: How it went; None if nothing is known, or nothing new.
        reused: Whether the result is an earlier run's.
        faults: Tracebacks of the grader's own faults.
    """

    folder: str
    student: str
    exercise: str
    result: ExerciseResult | None
    reused: bool
    faults: tuple[str, ...]


def told_by(report: pytest.TestReport) -> Told | None:
    """What a report tells; None if it is not about an exercise, or tells nothing."""
    text = getattr(report, "grading", None)
    if text is None:
        return _told_by_death(report)
    from harness.grading.outcome import ExerciseResult

    data: dict[str, Any] = json.loads(text)
    plain, faults = data.pop("result"), tuple(data.pop("faults"))
    return Told(result=ExerciseResult.from_plain(plain) if plain else None, faults=faults, **data)


def is_death(report: pytest.TestReport) -> bool:
    """Whether a worker died over an exercise: then xdist reports in its place, with no phase."""
    return report.failed and report.when not in ("setup", "call", "teardown")


def _told_by_death(report: pytest.TestReport) -> Told | None:
    address = address_of(report.nodeid)
    if address is None or not is_death(report):
        return None
    why = (report.longreprtext,)
    return Told(address.folder, address.student, address.exercise, None, reused=False, faults=why)


def status_of(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, Any] | None:
    """Category, letter and word for a student's exercise; None lets pytest say it as ever."""
    told = told_by(report) if isinstance(report, pytest.TestReport) else None
    if told is None or not told.student or (told.result is None and report.when == "teardown"):
        return None
    state = told.result.state if told.result else "grader error"
    word = state.upper()
    if told.result:
        word += f" {told.result.earned:g}/{told.result.points:g}"
    word += " (reused)" if told.reused else ""
    letter = "" if config.stash.get(QUIET, False) else _LETTERS.get(state, "E")
    return _CATEGORIES.get(state, state), letter, (word, {_COLOURS.get(state, "yellow"): True})


# pytest tells all about what it calls failed, which is much too much for a class.
_CATEGORIES = {"failed": "no points"}
_COLOURS = {"passed": "green", "grader error": "red"}
