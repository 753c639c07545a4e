"""The checks of an exercise, run by pytest inside this very process, on a name space.

A learner's notebook and the trial of an answer use it. It may be called again and again: checks are read
anew each time, and nothing of a run stays behind, not even of one that Ctrl-C has ended.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.errors import BadArgument
from harness.grading import plugin
from harness.grading.live import LiveSubmission
from harness.grading.outcome import ExerciseResult
from harness.grading.plugin.provider import COMMON_SEEDS
from harness.grading.points import CHECKS, HIDDEN

# Of pytest's own plugins, those that would look at the notebook instead of the checks.
_WITHOUT = ("cacheprovider", "faulthandler", "threadexception", "unraisableexception", "logging", "debugging")
_VARIABLES = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": None, "PYTEST_PLUGINS": None}


class Stopped(KeyboardInterrupt):
    """Ctrl-C, or the notebook's stop button, has ended a check.

    Args:
        tried: What ran at that moment, as `Exchange.tried` has it.
    """

    def __init__(self, tried: str = "") -> None:
        self.tried = tried
        super().__init__(tried)


class _Live(plugin.Provider):
    def __init__(self, names: dict[str, Any], seeds: Sequence[int]) -> None:
        self._seeds = list(seeds)
        self._work = LiveSubmission(names=names)
        self.results: list[ExerciseResult] = []
        self.stopped = False
        self.failures: list[str] = []

    def students(self) -> list[str]:
        return [""]

    def seeds(self, student: str, exercise: str) -> list[int]:
        return self._seeds

    def submission(self, student: str, lab: Path) -> LiveSubmission:
        return self._work

    @property
    def tried(self) -> str:
        return self._work.last.tried

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[plugin.PROVIDER] = self

    def pytest_keyboard_interrupt(self) -> None:
        self.stopped = True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failures.append(report.longreprtext)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.results:
            self.failures.append(report.longreprtext)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        try:
            return (yield)
        finally:
            if isinstance(item, plugin.ExerciseItem) and item.result is not None:
                self.results.append(item.result)


def check_names(
    exercise: str, names: dict[str, Any], module: Path, *, seeds: Sequence[int] = COMMON_SEEDS
) -> ExerciseResult:
    """The result of an exercise's checks, those of one module, on a name space.

    Args:
        exercise: Such as "1.5".
        names: The name space with the answer.
        module: Module of the checks; if it is the one of hidden checks, the visible ones run too.
        seeds: Three seeds for the checks.

    Raises:
        BadArgument: If the checks themselves cannot be run.
        Stopped: If Ctrl-C has ended them.
    """
    live = _Live(names, seeds)
    folder, said = module.parent.parent, io.StringIO()
    options = [f"--rootdir={folder}", f"--confcutdir={folder}", "-c", os.devnull, "-q", "--tb=short"]
    options += ["--import-mode=importlib", "--assert=plain", "--capture=sys"]
    options += [f"-pno:{name}" for name in _WITHOUT]
    with _unseen(folder), contextlib.redirect_stdout(said):
        pytest.main([*options, str(module)], plugins=[plugin, live])
    if live.stopped:
        raise Stopped(live.tried) from None
    if len(live.results) != 1:
        raise _no_result(exercise, module, live.failures or [said.getvalue()])
    return live.results[0]


def _no_result(exercise: str, module: Path, failures: list[str]) -> BadArgument:
    errors = [line[1:].strip() for text in failures for line in text.splitlines() if line.startswith("E ")]
    why = errors[-1] if errors else failures[-1].strip().splitlines()[-1]
    return BadArgument(
        f"The checks of exercise {exercise} cannot be run, which is no fault of your answer: {why}",
        value=str(module),
        remedy="Start the lab with `harness lab`, which brings the checks as they were handed out",
    )


@contextlib.contextmanager
def _unseen(folder: Path) -> Iterator[None]:
    """What a run changes in the process is put back: variables, and modules that it has imported."""
    before, no_bytecode = {name: os.environ.get(name) for name in _VARIABLES}, sys.dont_write_bytecode
    _set_variables(_VARIABLES)
    sys.dont_write_bytecode = True  # a check that is edited twice within a second is another one
    try:
        yield
    finally:
        sys.dont_write_bytecode = no_bytecode
        _set_variables(before)
        for name in _modules_of(folder):
            del sys.modules[name]


def _modules_of(folder: Path) -> list[str]:
    """Names of the imported modules that a lab's checks are made of."""
    # Thousands of modules are imported: strings are compared, since a Path for each costs a quarter second.
    # pytest names a conftest by the path that it was given, `module_from` a module by its resolved one.
    roots = {os.path.normcase(path) for path in (folder.absolute(), folder.resolve())}
    conftests = {os.path.join(root, "conftest.py") for root in roots}
    below = tuple(os.path.join(root, kind, "") for root in roots for kind in (CHECKS, HIDDEN))
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
    paths = {name: os.path.normcase(file) for name, file in files.items() if isinstance(file, str)}
    return [name for name, path in paths.items() if path in conftests or path.startswith(below)]


def _set_variables(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
