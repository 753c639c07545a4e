"""A learner's own cells beside the answers: which exercise each belongs to, and whether it is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.grading.handed_in.code import binds_of, statements_of
from harness.grading.handed_in.expected import ExpectedLab

if TYPE_CHECKING:
    from harness.grading.handed_in.matching import Item

_Placed = dict[str, list[tuple[int, str]]]


def add_helpers(
    answers: Mapping[str, Sequence[Item]], spare: Sequence[Item], lab: ExpectedLab
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The sources to run for each exercise, in the notebook's order.

    A cell before the answer may prepare anything, so it is run. A cell after it is most likely a trial, which
    may take long or fail; it is run if it defines a name that something else uses.

    Args:
        answers: The answer cells by exercise.
        spare: The learner's other code cells.
        lab: What the lab expects.
    """
    placed: _Placed = {name: [(item.at, item.source) for item in items] for name, items in answers.items()}
    later: list[tuple[str, int, str]] = []
    notes: dict[str, None] = {}
    for item in spare:
        source = _learners(item, lab, notes)
        exercise = _owner(item, answers)
        if not source or not exercise:
            continue
        if item.at < max(answer.at for answer in answers[exercise]):
            placed[exercise].append((item.at, source))
        else:
            later.append((exercise, item.at, source))
    _add_needed(placed, later)
    return {name: tuple(source for _, source in sorted(cells)) for name, cells in placed.items()}, list(notes)


def _learners(item: Item, lab: ExpectedLab, notes: dict[str, None]) -> str:
    """What of a cell is the learner's."""
    if not lab.is_own_edited(item.source):
        return item.source
    notes["A set-up cell of the lab was edited; the lab's own was run, with what you added to it."] = None
    return lab.learners_part(item.source)


def _owner(item: Item, answers: Mapping[str, Sequence[Item]]) -> str:
    """The exercise in whose section a cell stands; without one, that of the next answer, or of the last."""
    if answers.get(item.section):
        return item.section
    places = sorted((answer.at, name) for name, items in answers.items() for answer in items)
    after = [name for at, name in places if at > item.at]
    return after[0] if after else places[-1][1] if places else ""


def _add_needed(placed: _Placed, later: Sequence[tuple[str, int, str]]) -> None:
    """Add the later cells that define what others use, and what those use in turn."""
    rest = list(later)
    while True:
        sources = [source for cells in placed.values() for _, source in cells]
        used = {name for source in sources for s in statements_of(source) for name in s.uses}
        missing = used - {name for source in sources for name in binds_of(source)}
        needed = [cell for cell in rest if binds_of(cell[2]) & missing]
        if not needed:
            return
        for exercise, at, source in needed:
            placed[exercise].append((at, source))
        rest = [cell for cell in rest if cell not in needed]
