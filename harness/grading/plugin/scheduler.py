"""One student, one worker: a student's exercises share an interpreter, so they stay together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from harness.grading.plugin.words import address_of

if TYPE_CHECKING:
    from xdist.remote import Producer

COURSE = "harness_grading_course"
"""The key under which a worker gets what is graded."""


class StudentScheduling(LoadScopeScheduling):  # type: ignore[misc]  # untyped
    """Hands out students, not exercises.

    xdist's own groups (`--dist loadgroup`) mark an item by changing its id in a place that pytest 9.2 does
    not read any more: there they do nothing.
    """

    def _split_scope(self, nodeid: str) -> str:
        address = address_of(nodeid)
        return nodeid if address is None else f"{address.folder}/{address.student}"

    def remove_node(self, node: Any) -> str | None:
        """Take back the work of a worker that has ended; an item that killed it is not given to another.

        xdist's own method leaves it among what is to be done, so it would kill worker after worker.
        """
        units = self.assigned_work.get(node, {}).values()
        killer = next((item for unit in units for item, done in unit.items() if not done), None)
        for unit in units:
            if killer in unit:
                unit[killer] = True
        super().remove_node(node)
        return killer


class Distribution:
    """Passes on what is graded to workers, and hands students out to them."""

    def __init__(self, course: str) -> None:
        self._course = course

    def pytest_configure_node(self, node: Any) -> None:
        """Give a new worker what is graded."""
        node.workerinput[COURSE] = self._course

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Producer) -> StudentScheduling:
        """Schedule by student, whatever --dist says."""
        return StudentScheduling(config, log)
