"""The results of a grading run: kept as they come, written and summed up at the end, however it ends."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import HarnessError
from harness.grading.outcome import GRADER_ERROR, NOT_DONE, PASSED, ExerciseResult
from harness.grading.plugin.course import Course, CourseFinder, LabCourse
from harness.grading.plugin.errors import ERRORS
from harness.grading.plugin.item import GRADER_FAILED
from harness.grading.plugin.module import has_checks
from harness.grading.plugin.options import Options
from harness.grading.plugin.results import all_parts
from harness.grading.plugin.words import Told, is_death, told_by
from harness.grading.reports import Graded, write_reports
from harness.grading.reports.graded import INCOMPLETE, Row, sheet_of
from harness.grading.store import ResultStore
from harness.grading.verdict import as_text

if TYPE_CHECKING:
    from harness.grading.handed_in import HandedIn

_NAMED = 8
_UNANSWERED = ("missing", "unreadable", NOT_DONE)
"""States of exercises that no code was run for."""


class Controller:
    """Keeps and writes results; only the process that the user started has one.

    Args:
        course: What is graded.
        finder: Knows what results depend on.
        options: Where results go.
        config: Of the run.
    """

    def __init__(self, course: Course, finder: CourseFinder, options: Options, config: pytest.Config) -> None:
        self._course, self._finder, self._options, self._config = course, finder, options, config
        self._policy = options.read_policy(course.labs[0].folder)
        self._stores = {lab.folder: ResultStore(lab.store) for lab in course.labs}
        if not config.getoption("collectonly"):
            self._reserve()
        self._new: dict[tuple[Path, str, str], ExerciseResult] = {}
        self._reused = self._unanswered = 0
        self._lines: list[str] = []
        self._started = time.monotonic()

    def _reserve(self) -> None:
        with contextlib.ExitStack() as undo:
            for store in self._stores.values():
                store.reserve()
                undo.callback(store.release)
            undo.pop_all()

    def pytest_unconfigure(self) -> None:
        """Let another run have the gradebook."""
        for store in self._stores.values():
            store.release()

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_header(self) -> list[str]:
        """What is graded, and with what protection."""
        lines = [f"grading {lab.name}: {_size(lab)}" for lab in self._course.labs]
        return [*lines, self._unboxed] if self._course.trusted else lines

    @property
    def _unboxed(self) -> str:
        return "WARNING: students' code runs WITHOUT a box, with all your rights (--trust-submissions)"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a result as soon as it is there."""
        if (told := told_by(report)) is None or not told.student:
            return
        folder = (self._config.rootpath / told.folder).resolve()
        result = told.result or (self._lost(folder, told) if is_death(report) else None)
        if result is None or folder not in self._stores:
            return
        self._new[folder, told.student, told.exercise] = result
        self._reused += told.reused
        self._unanswered += result.state in _UNANSWERED and not (told.reused or result.seconds)
        if not told.reused:
            self._keep(folder, result)

    def _keep(self, folder: Path, result: ExerciseResult) -> None:
        """A full disk costs the next run time, and this one nothing."""
        try:
            self._stores[folder].save(result)
        except OSError as error:
            why = f"Results could not be kept for the next run, which will grade them again: {error.strerror}"
            self._config.stash[ERRORS].add(why)

    def _lost(self, folder: Path, told: Told) -> ExerciseResult:
        """The result of an exercise whose worker died."""
        lab = next(lab for lab in self._course.labs if lab.folder == folder)
        title = lab.lab.exercises[told.exercise].title
        result = all_parts(told.exercise, title, (), state=GRADER_ERROR, message=GRADER_FAILED)
        return replace(result, student=told.student)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write what there is, also when the run was interrupted."""
        if self._config.getoption("collectonly"):
            return
        for lab in self._course.labs:
            try:
                self._finish(lab)
            except (HarnessError, OSError) as error:
                self._config.stash[ERRORS].add(f"The reports of {lab.name} could not be written: {error}")

    def _finish(self, lab: LabCourse) -> None:
        graded = [self._graded(lab, handed_in) for handed_in in lab.handed_in]
        options, policy = self._options, self._policy
        files = write_reports(
            graded,
            lab.lab,
            gradebook=self._place(options.gradebook, lab),
            feedback=self._place(options.feedback, lab),
            policy=policy,
            gradescope=self._place(options.gradescope, lab),
            canvas=self._place(options.canvas, lab),
            moodle=self._place(options.moodle, lab),
            roster=options.roster,
        )
        self._lines += _summary(lab, sheet_of(graded, lab.lab, policy).rows, self._written(files))

    def _place(self, path: Path | None, lab: LabCourse) -> Path | None:
        """Where something of a lab goes: as named, with the lab's name added if there are several."""
        if path is None or len(self._course.labs) == 1:
            return path
        return path.with_name(f"{path.stem}-{lab.name}{path.suffix}") if path.suffix else path / lab.name

    def _graded(self, lab: LabCourse, handed_in: HandedIn) -> Graded:
        results = tuple(self._results(lab, handed_in.student))
        return Graded(handed_in.student, results, handed_in.state, handed_in.notes, handed_in.handed_in_at)

    def _results(self, lab: LabCourse, student: str) -> Iterator[ExerciseResult]:
        """This run's results and, of what it did not come to, earlier ones that still hold."""
        kept, provider = self._stores[lab.folder].load(), self._finder.submissions(lab.folder)
        for exercise in lab.lab.exercises:
            result = self._new.get((lab.folder, student, exercise)) or kept.get((student, exercise))
            fresh = (lab.folder, student, exercise) in self._new
            if result is not None and (fresh or result.digest == provider.digest(student, exercise)):
                yield result

    def _written(self, files: list[Path]) -> list[str]:
        """The files that were written, many of one folder as one."""
        single = [file for file in files if file.suffix == ".csv" or file.name.endswith("-overview.html")]
        folders = Counter(_folder_of(file) for file in files if file not in single)
        start = self._config.invocation_params.dir
        return [_short(file, start) for file in single] + [
            f"{_short(folder, start)}/ ({_counted(count, 'file')})" for folder, count in folders.items()
        ]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say in a few lines what has come out."""
        if not self._lines:
            return
        if self._config.get_verbosity() > 1:
            self._tell_verdicts(terminalreporter)
        terminalreporter.section("grading")
        for line in self._lines:
            terminalreporter.write_line(line)
        done = len(self._new) - self._reused - self._unanswered
        said = f"{_counted(done, 'exercise')} graded in {time.monotonic() - self._started:.0f} s"
        without = f", {self._unanswered} without an answer" if self._unanswered else ""
        terminalreporter.write_line(f"{said}, {self._reused} reused{without}")
        if self._course.trusted:
            terminalreporter.write_line(self._unboxed, yellow=True)

    def _tell_verdicts(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("verdicts")
        for (_, student, _), result in sorted(self._new.items()):
            if result.state != PASSED:
                terminalreporter.write_line(f"{student}, {as_text(result)}")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _size(lab: LabCourse) -> str:
    return f"{_counted(len(lab.handed_in), 'student')}, {_counted(len(lab.lab.exercises), 'exercise')}"


def _folder_of(file: Path) -> Path:
    return file.parent.parent if file.name == "results.json" else file.parent


def _short(path: Path, start: Path) -> str:
    return str(path.relative_to(start)) if path.is_relative_to(start) else str(path)


def _summary(lab: LabCourse, rows: tuple[Row, ...], written: list[str]) -> list[str]:
    states = Counter(row.state for row in rows)
    grades = [row.grade for row in rows if row.grade is not None]
    lines = [
        f"{lab.name}: {_counted(len(rows), 'student')}: "
        + ", ".join(f"{n} {s}" for s, n in states.most_common())
    ]
    if grades:
        of = max(row.total.points for row in rows)
        middle = f"mean {statistics.mean(grades):.1f}, median {statistics.median(grades):.1f}"
        lines.append(f"{middle} of {of:g} points, over {_counted(len(grades), 'student')} with a grade")
    for state in (GRADER_ERROR, INCOMPLETE, "unreadable", "missing"):
        lines += _whom(state, [row.student for row in rows if row.state == state])
    unchecked = [name for name in lab.lab.exercises if not has_checks(lab.folder, name)]
    lines += [f"WITHOUT any check, so not graded: {', '.join(unchecked)}"] if unchecked else []
    return [*lines, "written: " + ", ".join(written)]


def _whom(state: str, students: list[str]) -> list[str]:
    more = f" and {len(students) - _NAMED} more" if len(students) > _NAMED else ""
    return [f"{state}: {', '.join(students[:_NAMED])}{more}"] if students else []
