"""What was handed in, lab by lab: read once, in the process that was started, and passed on to workers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.grading.box import BoxedSubmission, Limits
from harness.grading.handed_in import Answer, HandedIn
from harness.grading.lab import Lab, lab_file, read_lab
from harness.grading.outcome import GRADER_ERROR, NOT_DONE, ExerciseResult
from harness.grading.plugin.digest import digest_of
from harness.grading.plugin.provider import Finder, Provider, Settled
from harness.grading.plugin.results import all_parts
from harness.grading.plugin.workroom import Workroom, steps_of
from harness.grading.seeds import read_secret, student_seeds
from harness.grading.store import ResultStore

if TYPE_CHECKING:
    from harness.grading.plugin.item import ExerciseItem
    from harness.grading.points import Part
    from harness.grading.submission import Submission


@dataclass(frozen=True)
class LabCourse:
    """One lab of a grading run.

    Attributes:
        folder: The lab's folder, among the solutions.
        handed_in: What the students have handed in, in the students' order.
        store: Folder of the results that are kept.
    """

    folder: Path
    handed_in: tuple[HandedIn, ...]
    store: Path

    @property
    def name(self) -> str:
        """Name of the lab's folder."""
        return self.folder.name

    @cached_property
    def lab(self) -> Lab:
        """The instructor's lab."""
        return read_lab(lab_file(self.folder))


@dataclass(frozen=True)
class Course:
    """A grading run.

    Attributes:
        labs: Its labs.
        secret_file: Where the students' seeds come from.
        regrade: Exercises whose kept results do not count; "all" for all.
        trusted: Whether students' code runs without a box.
        limits: What a box may take.
    """

    labs: tuple[LabCourse, ...]
    secret_file: Path
    regrade: tuple[str, ...]
    trusted: bool
    limits: Limits

    def to_text(self) -> str:
        """Itself as JSON, for workers."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_text(cls, text: str) -> Course:
        """The inverse of `to_text`."""
        data = json.loads(text)
        labs = tuple(
            LabCourse(Path(lab["folder"]), tuple(map(_handed_in, lab["handed_in"])), Path(lab["store"]))
            for lab in data["labs"]
        )
        secret, regrade, limits = Path(data["secret_file"]), tuple(data["regrade"]), Limits(**data["limits"])
        return cls(labs, secret, regrade, data["trusted"], limits)


def _handed_in(data: dict[str, Any]) -> HandedIn:
    at = data["handed_in_at"]
    answers = {
        name: Answer(**{**answer, "cells": tuple(answer["cells"])})
        for name, answer in data["answers"].items()
    }
    given = {"answers": answers, "notes": tuple(data["notes"])}
    return HandedIn(**{**data, **given, "handed_in_at": datetime.fromisoformat(at) if at else None})


class Submissions(Provider):
    """What students have handed in for one lab."""

    def __init__(self, course: Course, lab: LabCourse, room: Workroom, conditions: str) -> None:
        self._course, self._lab, self._room, self._conditions = course, lab, room, conditions
        self._by_student = {handed_in.student: handed_in for handed_in in lab.handed_in}
        self._kept = ResultStore(lab.store).load()
        self._secret = read_secret(course.secret_file)

    def students(self) -> list[str]:
        """All students, those from whom nothing has come too."""
        return list(self._by_student)

    def seeds(self, student: str, exercise: str) -> list[int]:
        """The student's own seeds."""
        return student_seeds(self._secret, student=student, lab=self._lab.name, exercise=exercise)

    def digest(self, student: str, exercise: str) -> str:
        """Of everything that a result depends on."""
        return digest_of(
            folder=self._lab.folder,
            exercise=exercise,
            answers=self._by_student[student].digest,
            seeds=self.seeds(student, exercise),
            conditions=self._conditions,
        )

    def settled(self, student: str, exercise: str, parts: Sequence[Part]) -> Settled | None:
        """What was not handed in or not begun, and what has been graded before, needs no running."""
        if (why := _why_not_run(self._by_student[student], exercise)) is not None:
            title = self._lab.lab.exercises[exercise].title
            result = all_parts(exercise, title, parts, state=why[0], message=why[1])
            return Settled(self.complete(result, student), reused=False)
        kept = self._kept.get((student, exercise))
        if kept is None or kept.state == GRADER_ERROR or {exercise, "all"} & set(self._course.regrade):
            return None
        return Settled(kept, reused=True) if kept.digest == self.digest(student, exercise) else None

    def submission_of(self, item: ExerciseItem) -> Submission:
        """The work of a student after all cells have run; what failed there, a check learns when it asks."""
        work = self._room.work((str(item.lab), item.student), lambda: self._steps(item.student))
        return work.of(item.exercise)

    def grade(self, work: Submission, run: Callable[[Submission], ExerciseResult]) -> ExerciseResult:
        """Grades on the whole notebook, and on the exercise alone if that is fairer."""
        assert isinstance(work, BoxedSubmission)
        return work.work.grade(work.exercise, run)

    def _steps(self, student: str) -> list[Any]:
        answers = self._by_student[student].answers
        return steps_of(self._lab.lab, {name: answer.cells for name, answer in answers.items()})

    def complete(self, result: ExerciseResult, student: str) -> ExerciseResult:
        """A result with the student, the digest, and what was noticed when the submission was read."""
        answer = self._by_student[student].answers.get(result.exercise)
        digest = self.digest(student, result.exercise)
        return replace(result, student=student, digest=digest, note=answer.note if answer else "")

    def leave(self, student: str) -> None:
        """Close the student's interpreter."""
        self._room.leave()


def _why_not_run(handed_in: HandedIn, exercise: str) -> tuple[str, str] | None:
    """State and message of an exercise that cannot be run; None if it can."""
    answer = handed_in.answers.get(exercise)
    if handed_in.state == "missing":
        return "missing", "Nothing was handed in."
    if handed_in.state == "unreadable":
        return "unreadable", " ".join(handed_in.notes) or "What was handed in cannot be read."
    if answer is None or answer.found == "missing":
        return "missing", (answer and answer.note) or "There is no answer to this exercise."
    return (NOT_DONE, "Not done yet.") if answer.found == "untouched" else None


class CourseFinder(Finder):
    """The submissions for each lab that has some."""

    def __init__(self, course: Course, room: Workroom, conditions: str) -> None:
        self._of = {lab.folder: Submissions(course, lab, room, conditions) for lab in course.labs}

    def find(self, folder: Path) -> Provider | None:
        """The submissions for the lab of a folder; None if there are none."""
        return self._of.get(folder.resolve())

    def submissions(self, folder: Path) -> Submissions:
        """The submissions for the lab of a folder that has some."""
        return self._of[folder]
