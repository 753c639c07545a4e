"""Where a course keeps its labs: with solutions, as handed out, and as a learner works on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BadArgument
from harness.grading.handout import is_handed_out

_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Course:
    """The folders of one course.

    Args:
        root: Folder that holds `labs/`, and `solutions/` where the instructor is.
    """

    root: Path

    @property
    def solutions(self) -> Path:
        """The labs with their solutions and all checks."""
        return self.root / "solutions"

    @property
    def labs(self) -> Path:
        """The labs as they are handed out; nobody works in there."""
        return self.root / "labs"

    @property
    def work(self) -> Path:
        """The learner's own copies."""
        return self.root / "work"

    def solved(self) -> list[Path]:
        """The folders of the labs with solutions."""
        return _folders(self.solutions, lambda folder: bool(list(folder.glob("lab-*.md"))))

    def handed_out(self) -> list[Path]:
        """The folders of the labs that are handed out."""
        return _folders(self.labs, is_handed_out)

    def name_of(self, path: Path) -> str:
        """A path as people see it: relative to the course, with forward slashes."""
        return path.relative_to(self.root).as_posix()


def _folders(parent: Path, holds: Callable[[Path], bool]) -> list[Path]:
    if not parent.is_dir():
        return []
    return [folder for folder in sorted(parent.iterdir()) if folder.is_dir() and holds(folder)]


def find_course(start: Path | None = None) -> Course:
    """The course around a folder: the nearest one upwards that has labs.

    Args:
        start: Where to look from; the working folder by default.

    Raises:
        BadArgument: If there is none, neither there nor where this code comes from.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, _CHECKOUT):
        course = Course(folder)
        if course.solved() or course.handed_out():
            return course
    raise BadArgument(
        "There are no labs here", value=str(here), remedy="Run this inside a checkout of the course"
    )
