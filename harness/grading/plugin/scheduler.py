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


class StudentScheduling(LoadScopeScheduling):
    """Hands out students, not exercises.

    xdist's own groups (`--dist loadgroup`) mark an item by changing its id in a place that pytest 9.2 does not
    read any more, and do nothing there.
    """

    def _split_scope(self, nodeid: str) -> str:
        address = address_of(nodeid)
        return nodeid if address is None else f"{address.folder}/{address.student}"


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
