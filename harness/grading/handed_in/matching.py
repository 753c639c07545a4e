"""Which cells of a submission answer which exercise: by label first, then by the names they define."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.grading.handed_in.code import binds_of, is_check, statements_of
from harness.grading.handed_in.expected import Expected, ExpectedLab
from harness.grading.handed_in.helpers import add_helpers
from harness.grading.handed_in.model import BY_LABEL, BY_NAME, MISSING, UNTOUCHED, Answer
from harness.grading.lab import Cell

_HEADING = re.compile(r"^#{1,2}[ \t]+(\d+\.\d+)?", re.MULTILINE)


@dataclass(frozen=True)
class Item:
    """A code cell of a submission.

    Attributes:
        at: Its place in the notebook.
        source: Its text.
        label: The exercise that its label names, unless its names say otherwise.
        relabelled: The exercise that a wrong label names, else empty.
        names: Exercises whose names it defines.
        section: The exercise under whose heading it stands, or empty.
        code: Whether it is a code cell.
    """

    at: int
    source: str
    label: str
    relabelled: str
    names: frozenset[str]
    section: str
    code: bool = True

    def touched(self, expected: Expected) -> bool:
        """Whether there is more in it than the stub."""
        return any(s.shape not in expected.stub for s in statements_of(self.source))


@dataclass(frozen=True)
class Found:
    """What answers one exercise: the cells to run, and what to say of it."""

    items: tuple[Item, ...]
    how: str
    note: str = ""


def match(cells: Sequence[Cell], lab: ExpectedLab) -> tuple[dict[str, Answer], list[str]]:
    """The answers in a notebook's cells, and what was noticed about the notebook as a whole."""
    items = items_of(cells, lab)
    found = {name: _found(name, expected, items) for name, expected in lab.exercises.items()}
    taken = {item.at for each in found.values() for item in each.items}
    spare = [
        item for item in items if item.at not in taken and not item.label and not item.names and item.code
    ]
    sources, notes = add_helpers({name: each.items for name, each in found.items()}, spare, lab)
    answers = {name: Answer(name, sources[name], each.how, each.note) for name, each in found.items()}
    return answers, notes


def items_of(cells: Sequence[Cell], lab: ExpectedLab) -> list[Item]:
    """The code cells that may be a learner's own, with what is told of each."""
    items: list[Item] = []
    section = ""
    for at, cell in enumerate(cells):
        if cell.kind == "markdown" and not cell.exercise:
            for heading in _HEADING.finditer(cell.source):
                section = heading[1] if heading[1] in lab.exercises else ""
        elif (cell.kind == "code" or cell.exercise) and (item := _item(at, cell, section, lab)):
            items.append(item)
    return items


def _item(at: int, cell: Cell, section: str, lab: ExpectedLab) -> Item | None:
    names = frozenset(lab.of_name[name] for name in binds_of(cell.source) if name in lab.of_name)
    label = cell.exercise if cell.exercise in lab.exercises else ""
    checks = ("check" in cell.tags and not label and not names) or is_check(cell.source)
    if checks or not statements_of(cell.source) or (not label and lab.is_own(cell.source)):
        return None
    wrong = label if label and names and label not in names else ""
    return Item(at, cell.source, "" if wrong else label, wrong, names, section, cell.kind == "code")


def _found(name: str, expected: Expected, items: Sequence[Item]) -> Found:
    labelled = [item for item in items if item.label == name]
    defining = [item for item in items if name in item.names]
    chosen, superseded = _chosen(expected, labelled, defining)
    beside = [item for item in labelled if item not in defining and item.touched(expected)]
    if not chosen and beside and not expected.wanted:
        chosen, superseded, beside = beside[-1:], beside[:-1], []
    used = tuple(sorted({*chosen, *beside}, key=lambda item: item.at))
    if not used:
        stub = labelled[-1:]
        return Found(tuple(stub), UNTOUCHED if stub else MISSING)
    if not any(item.touched(expected) for item in used):
        return Found(used, UNTOUCHED)
    how = BY_LABEL if any(item.label == name for item in used) else BY_NAME
    return Found(used, how, _note(name, expected, used, superseded, labelled))


def _chosen(
    expected: Expected, labelled: Sequence[Item], defining: Sequence[Item]
) -> tuple[list[Item], list[Item]]:
    """The cells that give each wanted name its value, and those that they supersede.

    Cells with the label go before cells without, edited ones before the stub, later ones before earlier ones.
    """
    ranked = sorted(defining, key=lambda item: (item.touched(expected), item in labelled, item.at))
    chosen: dict[str, Item] = {}
    for name in sorted(expected.wanted):
        binding = [item for item in ranked if name in binds_of(item.source)]
        edited = [item for item in binding if _edits(item, name, expected)]
        if binding:
            chosen[name] = (edited or binding)[-1]
    used = list(dict.fromkeys(chosen.values()))
    return used, [item for item in defining if item not in used and item.touched(expected)]


def _edits(item: Item, name: str, expected: Expected) -> bool:
    return any(name in s.binds and s.shape not in expected.stub for s in statements_of(item.source))


def _note(
    name: str, expected: Expected, used: Sequence[Item], superseded: Sequence[Item], labelled: Sequence[Item]
) -> str:
    """What was unusual about an answer, in one sentence."""
    said: list[str] = []
    if wrong := next((item.relabelled for item in used if item.relabelled), ""):
        said.append(f"the cell has the label of {wrong}, but defines the names of {name}")
    elif other := next((item.label for item in used if item.label not in ("", name)), ""):
        said.append(f"it stands in the cell of {other}")
    elif not any(item.label for item in used):
        said.append(f"the label was missing, so it was found by {_listed(expected.wanted)}")
    if superseded:
        how = "the one with the label was taken" if _label_decides(used, superseded) else "the last was taken"
        said.append(f"{1 + len(superseded)} cells answer it, and {how}")
    elif any(not item.touched(expected) for item in labelled if item not in used):
        said.append("several cells have its label, and the edited one was taken")
    if not all(item.code for item in used):
        said.append("it is no code cell, but was taken for one")
    bound: frozenset[str] = frozenset().union(*(binds_of(item.source) for item in used))
    if missing := expected.wanted - bound:
        said.append(f"it does not define {_listed(missing)}")
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _label_decides(used: Sequence[Item], superseded: Sequence[Item]) -> bool:
    return any(item.label for item in used) and not any(item.label for item in superseded)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
