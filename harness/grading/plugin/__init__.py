"""The grader as a pytest plugin: whoever's work it is, its checks run as pytest items.

    options     what the command line takes
    provider    whose work is checked
    module      a module of checks, collected: one item a student
    item        one exercise of one student, and how its report comes about
    workroom    the interpreters that students' work runs in
    own         `pytest solutions/`: the instructor's own solutions
    course      `pytest solutions/ --submissions …`: what was handed in, in every process of a run
    digest      what a result depends on
    scheduler   one student, one worker
    controller  the results of a run: kept, written, summed up
    progress    how far it is
    errors      the grader's own errors, at the end of a run

This module holds the hooks; nothing heavy is imported before there is something to grade, for pytest loads it
in every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.grading.plugin.item import ExerciseItem, LostPoints
from harness.grading.plugin.module import ExerciseModule, is_checks
from harness.grading.plugin.options import add_options, is_grading, refuse_code_of_students
from harness.grading.plugin.provider import PROVIDER, Provider
from harness.grading.plugin.words import status_of

if TYPE_CHECKING:
    from harness.grading.submission import Submission

__all__ = ["PROVIDER", "ExerciseItem", "ExerciseModule", "LostPoints", "Provider"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a grading run."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Refuse a command line that would make pytest import what students have handed in."""
    refuse_code_of_students(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """Read what was handed in, in the process that the user started; workers get it from there."""
    from harness.grading.learner.own_work import LearnersReport
    from harness.grading.plugin import errors

    errors.register(config)
    config.pluginmanager.register(LearnersReport(), "harness-own-work")
    if is_grading(config):
        from harness.grading.plugin import grading

        grading.set_up(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the interpreters that students' work ran in."""
    from harness.grading.plugin.workroom import close_workroom

    close_workroom(config)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nothing that students have handed in is collected, wherever it lies."""
    handed_in = config.getoption("submissions", None)
    if handed_in is None:
        return None
    return True if collection_path.resolve().is_relative_to(Path(handed_in).resolve()) else None


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Take the modules of checks for exercises."""
    return ExerciseModule.from_parent(parent, path=module_path) if is_checks(module_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a student's exercises follow one another, since they share an interpreter."""
    first: dict[tuple[Path, str], int] = {}
    for place, item in enumerate(items):
        if isinstance(item, ExerciseItem):
            first.setdefault((item.lab, item.student), place)
    places = [first[i.lab, i.student] if isinstance(i, ExerciseItem) else n for n, i in enumerate(items)]
    items[:] = [items[n] for n in sorted(range(len(items)), key=places.__getitem__)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Tell with the report what an exercise has got, so that it reaches the process that writes."""
    report = yield
    if isinstance(item, ExerciseItem):
        item.tell(report, call.excinfo)
    return report


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Close a student's interpreter after the student's last exercise."""
    if isinstance(item, ExerciseItem) and not item.is_followed_by_same_student(nextitem):
        item.provider.leave(item.student)


def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> Sequence[Any] | None:
    """The words for an exercise's report."""
    return status_of(report, config)


@pytest.fixture
def submission(request: pytest.FixtureRequest) -> Submission:
    """The work of the student that this item is about."""
    item: ExerciseItem = request.node
    return item.provider.submission_of(item)


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> list[int]:
    """Three seeds for checks, the student's own when a course is graded."""
    item: ExerciseItem = request.node
    return item.provider.seeds(item.student, item.exercise)


@pytest.fixture
def seed(seeds: list[int]) -> int:
    """The first of `seeds`."""
    return seeds[0]
