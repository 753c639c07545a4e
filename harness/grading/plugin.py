"""The grader as a pytest plugin; see `harness.grading` for how the pieces fit."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.grading.outcome import ExerciseResult
    from harness.grading.points import Part
    from harness.grading.submission import Submission

CHECKS, HIDDEN = "checks", "hidden"
_MODULE = re.compile(r"test_(\d+)_(\d+)\.py")


class LostPoints(Exception):
    """An exercise did not get full marks; not an error of the grader's."""


class Provider:
    """Whose work is checked. `check()`, `pytest labs/` and `pytest solutions/` each bring their own."""

    def students(self) -> list[str]:
        """The students; one empty name for a learner's own work."""
        raise NotImplementedError

    def submission(self, student: str, lab: Path) -> Submission:
        """The work of a student in the lab of a folder."""
        raise NotImplementedError


PROVIDER = pytest.StashKey[Provider]()


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Take the modules of checks for exercises."""
    if not _MODULE.fullmatch(module_path.name) or not list(module_path.parent.parent.glob("lab-*.md")):
        return None
    return ExerciseModule.from_parent(parent, path=module_path)


class ExerciseModule(pytest.Module):
    """The checks of one exercise: the visible ones, and the hidden ones where they are."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item a student."""
        folder, name = self.path.parent.parent, self.path.name
        visible, hidden = folder / CHECKS / name, folder / HIDDEN / name
        if self.path == visible and hidden.exists():
            return  # the module of hidden checks takes both
        parts = self._parts(visible, hidden)
        provider = self.config.stash.get(PROVIDER, None)
        if provider is None:
            return
        exercise = ".".join(_MODULE.fullmatch(name).groups())  # type: ignore[union-attr]
        for student in provider.students():
            label = f"{exercise}[{student}]" if student else exercise
            yield ExerciseItem.from_parent(self, name=label, exercise=exercise, student=student, parts=parts)

    def _parts(self, visible: Path, hidden: Path) -> list[Part]:
        from harness.grading.points import parts_of

        shared = parts_of(self._visible_module(visible)) if visible.exists() else []
        return shared + (parts_of(self.obj, secret=True) if self.path == hidden else [])

    def _visible_module(self, path: Path) -> ModuleType:
        if path == self.path:
            return self.obj  # type: ignore[no-any-return]
        return ExerciseModule.from_parent(self.parent, path=path).obj  # type: ignore[no-any-return]


class ExerciseItem(pytest.Function):
    """One exercise of one student."""

    result: ExerciseResult | None = None

    def __init__(self, *, exercise: str, student: str, parts: list[Part], **kwargs: Any) -> None:
        self.exercise, self.student, self.parts = exercise, student, parts
        wanted = {"submission": None} | {
            n: None for p in parts for n in inspect.signature(p.function).parameters
        }
        kinds = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in wanted]

        def run(**fixtures: Any) -> None:
            self._run(fixtures)

        run.__signature__ = inspect.Signature(kinds)  # type: ignore[attr-defined]
        super().__init__(callobj=run, **kwargs)

    @property
    def lab(self) -> Path:
        """Folder of the lab."""
        return self.path.parent.parent

    def _run(self, fixtures: dict[str, Any]) -> None:
        from harness.grading.exercise import run_exercise
        from harness.grading.handout import title_of
        from harness.grading.outcome import PASSED

        title = title_of(self.lab, self.exercise)
        submission = fixtures.pop("submission")
        self.result = run_exercise(self.exercise, title, self.parts, submission, fixtures)
        if self.result.state != PASSED:
            raise LostPoints(self.result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """The verdict in words, and no traceback, when points were lost."""
        if not isinstance(excinfo.value, LostPoints):
            return super().repr_failure(excinfo)
        from harness.grading.verdict import as_text

        return as_text(excinfo.value.args[0])


@pytest.fixture
def submission(request: pytest.FixtureRequest) -> Submission:
    """The work of the student that this item is about."""
    item = request.node
    return request.config.stash[PROVIDER].submission(item.student, item.lab)


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> list[int]:
    """Three seeds for checks, the student's own when a course is graded."""
    return [101, 202, 303]


@pytest.fixture
def seed(seeds: list[int]) -> int:
    """The first of `seeds`."""
    return seeds[0]
