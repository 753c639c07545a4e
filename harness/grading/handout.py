"""What a lab's folder says of itself once it is handed out: `handout.json`.

A learner may do to the notebook what they like; titles, points and the list of exercises come from here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.errors import BadArgument

FILE = "handout.json"
_REMEDY = "In work/, `harness lab` brings it again; for labs/, take the folder from git, or make it anew"


@dataclass(frozen=True)
class HandedOut:
    """One exercise as it is handed out.

    Attributes:
        name: Such as "1.5".
        title: Its heading.
        points: What it is worth, hidden checks included.
        visible_points: What its visible checks are worth.
        minutes: How long it takes.
    """

    name: str
    title: str
    points: float
    visible_points: float
    minutes: int


@dataclass(frozen=True)
class Handout:
    """A lab as it is handed out.

    Attributes:
        source: Where it comes from.
        lab: Such as "lab-1".
        title: Its first heading.
        exercises: Its exercises, in order.
        cells: Its code cells in order, each with the exercise whose stub it is; empty for the lab's own.
        files: The digest of each file handed out, by name.
    """

    source: str
    lab: str
    title: str
    exercises: tuple[HandedOut, ...]
    cells: tuple[tuple[str, str], ...]
    files: dict[str, str]

    @property
    def points(self) -> float:
        """What the lab is worth."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def visible_points(self) -> float:
        """What the visible checks of the lab are worth."""
        return sum(exercise.visible_points for exercise in self.exercises)

    def exercise(self, name: str) -> HandedOut:
        """An exercise by its name.

        Raises:
            KeyError: If there is none.
        """
        return {exercise.name: exercise for exercise in self.exercises}[name]

    def as_text(self) -> str:
        """Itself as a JSON file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def read_handout(folder: Path) -> Handout:
    """What a folder says of itself.

    Raises:
        BadArgument: If it says nothing, or nothing that can be read.
    """
    try:
        data: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        exercises = tuple(HandedOut(**exercise) for exercise in data.pop("exercises"))
        return Handout(exercises=exercises, cells=_pairs(data.pop("cells")), **data)
    except FileNotFoundError:
        why = f"There is no {FILE}, which every lab that is handed out has"
    except (ValueError, TypeError, KeyError, UnicodeError) as error:
        why = f"{FILE} cannot be read ({error})"
    raise BadArgument(why, value=str(folder), remedy=_REMEDY)


def _pairs(cells: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((exercise, source) for exercise, source in cells)


def is_handed_out(folder: Path) -> bool:
    """Whether a folder is one that was handed out."""
    return (folder / FILE).is_file()


def is_lab(folder: Path) -> bool:
    """Whether a folder is a lab's, with solutions or handed out."""
    return is_handed_out(folder) or any(folder.glob("lab-*.md"))


def title_of(folder: Path, exercise: str) -> str:
    """The heading of an exercise, in a lab's folder with solutions or one that was handed out."""
    if is_handed_out(folder):
        return read_handout(folder).exercise(exercise).title
    from harness.grading.lab import lab_file, read_lab

    return read_lab(lab_file(folder)).exercises[exercise].title


def digest(data: bytes) -> str:
    """What tells one content of a file from another."""
    return hashlib.sha256(data).hexdigest()
