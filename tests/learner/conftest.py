"""A small course, and a lab of it that a learner works in."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_lab import handed_out, write_course

from harness.grading.course import Course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with solutions that is not handed out yet."""
    return write_course(tmp_path)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lab that was handed out; the working folder lies in it, as a notebook's does."""
    folder = handed_out(tmp_path)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return folder
