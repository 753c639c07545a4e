"""`check("1.5")`: the visible checks of an exercise, on the live notebook."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any

import pytest

from harness.grading import plugin
from harness.grading.live import LiveSubmission
from harness.grading.outcome import ExerciseResult


class _Live(plugin.Provider):
    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self.results: list[ExerciseResult] = []

    def students(self) -> list[str]:
        return [""]

    def submission(self, student: str, lab: Path) -> LiveSubmission:
        return LiveSubmission(names=self._names)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[plugin.PROVIDER] = self

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        try:
            return (yield)
        finally:
            if isinstance(item, plugin.ExerciseItem) and item.result is not None:
                self.results.append(item.result)


def check_names(exercise: str, names: dict[str, Any], module: Path) -> ExerciseResult:
    """The result of an exercise's checks, those of one module, on a name space."""
    live = _Live(names)
    options = [f"--rootdir={module.parent.parent}", f"--confcutdir={module.parent.parent}", "-c", os.devnull]
    options += ["--import-mode=importlib", "-p", "no:cacheprovider", "-q"]
    said = io.StringIO()
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        with contextlib.redirect_stdout(said):
            pytest.main([*options, str(module)], plugins=[plugin, live])
    finally:
        if before is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before
    if len(live.results) != 1:
        raise RuntimeError(said.getvalue())
    return live.results[0]
