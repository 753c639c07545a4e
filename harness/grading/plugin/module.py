"""A module of checks, collected: one item a student.

Modules of visible and of hidden checks have the same names, lab after lab. So they are not imported as pytest
imports tests, by a name: each is run from its file, under a name of its own, afresh in each run of pytest.
Their asserts stay as they are written, since what a learner reads is the message and nothing else.
"""

from __future__ import annotations

import hashlib
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from harness.grading.handout import is_lab
from harness.grading.plugin.item import ExerciseItem
from harness.grading.plugin.provider import provider_of
from harness.grading.points import CHECKS, HIDDEN, module_name

if TYPE_CHECKING:
    from harness.grading.points import Part

_MODULE = re.compile(r"test_(\d+)_(\d+)\.py")


def is_checks(path: Path) -> bool:
    """Whether a file holds the checks of an exercise."""
    return bool(_MODULE.fullmatch(path.name)) and is_lab(path.parent.parent)


def has_checks(lab: Path, exercise: str) -> bool:
    """Whether an exercise of the lab in a folder has checks, visible or hidden ones."""
    name = module_name(exercise)
    return any((lab / kind / name).is_file() for kind in (CHECKS, HIDDEN))


def module_from(path: Path) -> ModuleType:
    """A file, run as a module of its own.

    Raises:
        BaseException: Whatever running it raises.
    """
    resolved = path.resolve()
    name = f"{path.parent.name}_{path.stem}_{hashlib.sha256(str(resolved).encode()).hexdigest()[:12]}"
    module = ModuleType(name)
    module.__file__ = str(resolved)
    sys.modules[name] = module  # where dataclasses and pickle look it up
    exec(compile(path.read_bytes(), str(resolved), "exec", dont_inherit=True), module.__dict__)
    return module


class ExerciseModule(pytest.Module):
    """The checks of one exercise: the visible ones, and the hidden ones where they are."""

    def _getobj(self) -> ModuleType:
        return module_from(self.path)

    @property
    def lab(self) -> Path:
        """Folder of the lab."""
        return self.path.parent.parent

    @property
    def exercise(self) -> str:
        """Such as "1.5"."""
        match = _MODULE.fullmatch(self.path.name)
        assert match is not None, self.path
        return f"{match[1]}.{match[2]}"

    def collect(self) -> Iterator[pytest.Item]:
        """One item a student."""
        if self.path.parent.name == CHECKS and (self.lab / HIDDEN / self.path.name).exists():
            return  # the module of hidden checks takes both
        provider = provider_of(self.config, self.lab)
        if provider is None:
            return
        parts, problem = self._parts_or_problem()
        for student in provider.students():
            name = f"{self.exercise}[{student}]" if student else self.exercise
            yield ExerciseItem.from_parent(
                self, name=name, student=student, parts=parts, problem=problem, provider=provider
            )

    def _parts_or_problem(self) -> tuple[list[Part], str]:
        """The checks; or, for the report of each student, why there are none."""
        try:
            parts = self._parts()
        except (Exception, SystemExit):  # noqa: BLE001 - whatever it raises, the others are graded
            return [], "".join(traceback.format_exc(limit=-3)).rstrip()
        return parts, "" if parts else f"{self.path.name} holds no check: none of its functions has @points."

    def _parts(self) -> list[Part]:
        from harness.grading.points import in_order, parts_of

        shared = self.lab / CHECKS / self.path.name
        if self.path == shared or not shared.exists():
            alone = parts_of(self._with_fixtures(self.obj), secret=self.path.parent.name == HIDDEN)
            return in_order(alone)
        visible = parts_of(self._with_fixtures(module_from(shared)))
        return in_order(visible + parts_of(self._with_fixtures(self.obj), secret=True))

    def _with_fixtures(self, module: ModuleType) -> ModuleType:
        self.session._fixturemanager.parsefactories(holder=module, node=self)
        return module
