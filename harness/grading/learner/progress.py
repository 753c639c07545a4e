"""How far a learner is in a lab: what each exercise's visible checks gave when they last ran.

It is kept beside the lab, in `.progress.json`, so that a restart of the kernel loses nothing. An entry counts
as long as the checks are those that gave it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

from harness.grading.files import write_atomically
from harness.grading.handout import Handout, digest
from harness.grading.outcome import PASSED, ExerciseResult
from harness.grading.points import CHECKS, module_name

FILE = ".progress.json"


@dataclass(frozen=True)
class Progress:
    """How far a learner is.

    Attributes:
        title: The lab's.
        done: How many exercises pass all visible checks.
        exercises: How many there are.
        earned: Points of visible checks that passed.
        visible_points: Points of all visible checks.
        points: Points of the lab.
    """

    title: str
    done: int
    exercises: int
    earned: float
    visible_points: float
    points: float

    def __str__(self) -> str:
        hidden = self.points - self.visible_points
        return (
            f"{self.title}: {self.done} of {self.exercises} exercises done, "
            f"{self.earned:g} of {self.visible_points:g} visible points, each as it was last checked. "
            f"Hidden checks add the other {hidden:g} of {self.points:g} when it is graded."
        )

    def as_html(self) -> str:
        """Itself with a bar."""
        bar = f'<progress aria-label="exercises done" max="{self.exercises}" value="{self.done}"></progress>'
        return f"<p>{bar} {escape(str(self))}</p>"


@dataclass(frozen=True)
class _Entry:
    earned: float
    done: bool
    checks: str


def progress_with(folder: Path, handout: Handout, results: Sequence[ExerciseResult]) -> Progress:
    """The progress after some exercises were checked; keeps it.

    Args:
        folder: The lab's folder.
        handout: What it says of itself.
        results: How the exercises went.
    """
    entries = _valid_entries(folder)
    for result in results:
        checks = _digest_of_checks(folder, result.exercise)
        entries[result.exercise] = _Entry(result.earned, result.state == PASSED, checks)
    _keep(folder, entries)
    counted = [entries[exercise.name] for exercise in handout.exercises if exercise.name in entries]
    return Progress(
        title=handout.title,
        done=sum(entry.done for entry in counted),
        exercises=len(handout.exercises),
        earned=sum(entry.earned for entry in counted),
        visible_points=handout.visible_points,
        points=handout.points,
    )


def _valid_entries(folder: Path) -> dict[str, _Entry]:
    try:
        data = json.loads((folder / FILE).read_text(encoding="utf-8"))
        entries = {str(name): _Entry(**entry) for name, entry in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):  # none yet, or spoilt: the next check fills it
        return {}
    return {name: e for name, e in entries.items() if e.checks == _digest_of_checks(folder, name)}


def _keep(folder: Path, entries: dict[str, _Entry]) -> None:
    data = {name: asdict(entry) for name, entry in sorted(entries.items())}
    # Where nothing can be written, this verdict is as good, and the next starts anew.
    with contextlib.suppress(OSError):
        write_atomically(folder / FILE, (json.dumps(data, indent=1) + "\n").encode())


def _digest_of_checks(folder: Path, exercise: str) -> str:
    file = folder / CHECKS / module_name(exercise)
    return digest(file.read_bytes()) if file.is_file() else ""
