"""What a lab expects of a submission: stubs, names, and the cells that are the lab's own."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass

from harness.grading.handed_in.code import binds_of, shape_of, statements_of
from harness.grading.lab import Exercise, Lab, defined_names
from harness.grading.stub import stub_of

_ALIKE, _NEARLY_EQUAL = 0.6, 0.9
_LONGEST_COMPARED_CHARACTERS = 20_000


@dataclass(frozen=True)
class Expected:
    """One exercise.

    Attributes:
        wanted: Names that its answer must define, those that no other exercise defines.
        stub: Shapes of the stub's statements.
    """

    wanted: frozenset[str]
    stub: frozenset[str]


class ExpectedLab:
    """What a lab expects of a submission.

    Args:
        lab: The instructor's, with or without its solutions.
    """

    def __init__(self, lab: Lab) -> None:
        stubs = {name: stub_of(exercise.answer, name) for name, exercise in lab.exercises.items()}
        defines = {name: _wanted(lab.exercises[name], stub) for name, stub in stubs.items()}
        times = Counter(name for names in defines.values() for name in names)
        self.exercises = {
            name: Expected(frozenset(n for n in defines[name] if times[n] == 1), frozenset(shape_of(stub)))
            for name, stub in stubs.items()
        }
        self.of_name = {n: name for name, expected in self.exercises.items() for n in expected.wanted}
        own = [c.source for c in lab.cells if c.kind == "code" and not c.exercise and "check" not in c.tags]
        self._own = [(source, binds_of(source)) for source in own]
        self._own_shapes = {shape_of(source) for source in own}
        self.own_names = frozenset().union(*(binds for _, binds in self._own))
        self.own_statements = {shape for shapes in self._own_shapes for shape in shapes}

    def is_own(self, source: str) -> bool:
        """Whether a cell is one of the lab's set-up cells."""
        return shape_of(source) in self._own_shapes

    def is_own_edited(self, source: str) -> bool:
        """Whether a cell is one of the lab's set-up cells with changes."""
        return any(_alike(source, own, bool(names & binds_of(source))) for own, names in self._own)

    def learners_part(self, source: str) -> str:
        """What a learner has added to a set-up cell: statements about names of the learner's own."""
        mine: set[str] = set()
        added: list[str] = []
        for statement in statements_of(source):
            mine |= statement.binds - self.own_names
            if statement.binds - self.own_names or (not statement.binds and statement.uses & mine):
                added.append(statement.source)
        return "\n".join(added)


def _wanted(exercise: Exercise, stub: str) -> frozenset[str]:
    """Names that the stub leaves open: an import or a constant that it gives is nothing to look for."""
    names = frozenset(defined_names(stub)) or frozenset(exercise.defines)
    given = set(shape_of(exercise.answer))
    left_open = [statement.binds for statement in statements_of(stub) if statement.shape not in given]
    return names & frozenset().union(*left_open) or names


def _alike(source: str, own: str, share_a_name: bool) -> bool:
    if max(len(source), len(own)) > _LONGEST_COMPARED_CHARACTERS:
        return False
    if own.strip() and share_a_name and set(own.splitlines()) <= set(source.splitlines()):
        return True
    enough = _ALIKE if share_a_name else _NEARLY_EQUAL
    matcher = difflib.SequenceMatcher(None, own, source)
    return (
        matcher.real_quick_ratio() >= enough and matcher.quick_ratio() >= enough and matcher.ratio() >= enough
    )
