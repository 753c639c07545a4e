"""What must hold of a lab before it is handed out; whatever does not is named with its exercise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from harness.errors import BadArgument
from harness.grading.handout import HandedOut
from harness.grading.lab import Lab, lab_file, read_lab
from harness.grading.plugin.module import module_from
from harness.grading.points import CHECKS, HIDDEN, module_name, parts_of
from harness.grading.stub import stub_of

FULL_MARKS = 100
MARKER = re.compile(r"^[ \t]*#+[ \t]*(?:BEGIN|END)[ \t_]+SOLUTION\b", re.IGNORECASE | re.MULTILINE)
_SECTION = re.compile(r"^##\s+(\d+\.\d+)\s", re.MULTILINE)
_STATED = re.compile(r"^\*(\d+) points, (\d+) min\.\*$", re.MULTILINE)
_CHECKED = re.compile(r"""^check\(\s*["'](\d+\.\d+)["']\s*\)\s*$""", re.MULTILINE)


def checked_lab(folder: Path) -> tuple[Lab, tuple[HandedOut, ...]]:
    """A lab that may be handed out, and what it says of its exercises.

    Args:
        folder: The lab's folder with its solutions.

    Raises:
        BadArgument: If it may not; names the exercise.
    """
    lab = read_lab(lab_file(folder))
    _check_regions(lab)
    _check_check_cells(lab)
    exercises = tuple(_stated(folder, name, text, lab) for name, text in _sections(lab))
    if unwritten := lab.exercises.keys() - {exercise.name for exercise in exercises}:
        raise BadArgument(f"{lab.path.name}: exercises without a section", value=sorted(unwritten))
    if (total := sum(exercise.points for exercise in exercises)) != FULL_MARKS:
        each = ", ".join(f"{exercise.name}: {exercise.points:g}" for exercise in exercises)
        raise BadArgument(
            f"{lab.path.name}: the points of a lab add up to {FULL_MARKS}, not {total:g}; {each}"
        )
    return lab, exercises


def _check_regions(lab: Lab) -> None:
    for cell in lab.cells:
        if cell.exercise and not MARKER.search(cell.source):
            raise BadArgument(
                f"Exercise {cell.exercise}: its answer cell has no solution region, so it would all go out",
                remedy="Put the solution between '### BEGIN SOLUTION' and '### END SOLUTION'",
            )
        if not cell.exercise and MARKER.search(cell.source) and "solution" not in cell.tags:
            first = cell.source.strip().partition("\n")[0]
            raise BadArgument(
                f"{lab.path.name}: a solution region outside an answer cell would be handed out",
                value=first,
                remedy="Label the cell `ex-N.N`, or tag it `solution` to drop it as a whole",
            )
        if cell.exercise:
            _check_stub(cell.source, cell.exercise)


def _check_stub(source: str, exercise: str) -> None:
    stub = stub_of(source, exercise)
    if MARKER.search(stub) or stub.strip() == source.strip():
        raise BadArgument(f"Exercise {exercise}: its solution region is not dropped")


def _check_check_cells(lab: Lab) -> None:
    cells = [cell for cell in lab.cells if "check" in cell.tags]
    asked = [name for cell in cells for name in _CHECKED.findall(cell.source)]
    for name in lab.exercises:
        if asked.count(name) != 1:
            raise BadArgument(
                f"Exercise {name}: {asked.count(name)} check cells ask for it",
                remedy=f'It needs one cell tagged `check` that holds check("{name}")',
            )


def _sections(lab: Lab) -> Iterator[tuple[str, str]]:
    """The text of each exercise's section, without its code."""
    text = "\n\n".join(cell.source for cell in lab.cells if cell.kind == "markdown")
    heads = list(_SECTION.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        if head[1] in lab.exercises:
            yield head[1], text[head.start() : end]
        else:
            raise BadArgument(f"Exercise {head[1]}: it has a heading and no answer cell `ex-{head[1]}`")


def _stated(folder: Path, name: str, text: str, lab: Lab) -> HandedOut:
    found = _STATED.findall(text)
    if len(found) != 1:
        raise BadArgument(f"Exercise {name}: its section needs one line '*14 points, 20 min.*'", value=found)
    stated, minutes = map(int, found[0])
    visible, hidden = _points(folder / CHECKS, name), _points(folder / HIDDEN, name)
    if not visible:
        raise BadArgument(f"Exercise {name}: it has no visible check", value=module_name(name))
    if visible + hidden != stated:
        raise BadArgument(
            f"Exercise {name}: the lab states {stated} points, and its checks give {visible + hidden:g}",
            value=f"{visible:g} visible + {hidden:g} hidden",
            remedy="Change the points of the checks, or the line of the lab",
        )
    return HandedOut(name, lab.exercises[name].title, float(stated), visible, minutes)


def _points(folder: Path, exercise: str) -> float:
    file = folder / module_name(exercise)
    return sum(part.points for part in parts_of(_imported(file, exercise))) if file.is_file() else 0.0


def _imported(file: Path, exercise: str) -> ModuleType:
    try:
        return module_from(file)
    except (Exception, SystemExit) as error:  # whatever its import raises
        why = f"{type(error).__name__}: {error}"
        raise BadArgument(
            f"Exercise {exercise}: its checks cannot be imported ({why})", value=str(file)
        ) from error
