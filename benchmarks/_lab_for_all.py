"""One lab in the forms of three graders: the same cells, the same answers, the same checks.

Ours takes the lab as it is. nbgrader and otter take notebooks and test files made here from the very same
sources: cells word by word, without those that call our own `check`; and the modules of checks word by
word, called on the learner's functions directly, for there is no box and no door in between.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from harness.grading.lab import Cell, lab_file, read_lab
from harness.grading.plugin.module import module_from
from harness.grading.plugin.provider import COMMON_SEEDS
from harness.grading.points import CHECKS, HIDDEN, Part, module_name, parts_of

OUR_OWN = "from harness.grading import check\n"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
_MARKS = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)

DIRECT = f'''
class DirectWork:
    """A learner's names, called with nothing in between; what they raise, checks know by our names."""

    def __init__(self, names):
        self.names = names

    def call(self, name, *args, **kwargs):
        from harness.grading.submission import Raised

        try:
            return self.names[name](*args, **kwargs)
        except Exception as error:
            raise Raised(type(error).__name__, str(error)) from None

    def value(self, name):
        return self.names[name]


SEEDS = {list(COMMON_SEEDS)}
MADE = {{}}


def wanted(names, work, module):
    """What a check asks for by name: the work, seeds, or a fixture of its module, which is made once."""
    import inspect

    known = {{"submission": DirectWork(work), "seeds": list(SEEDS), "seed": SEEDS[0]}}
    for name in [name for name in names if name not in known]:
        fixture = module[name].__wrapped__
        if fixture not in MADE:
            MADE[fixture] = fixture(**wanted(inspect.signature(fixture).parameters, work, module))
        known[name] = MADE[fixture]
    return {{name: known[name] for name in names}}
'''


@dataclass(frozen=True)
class Checks:
    """A module of checks: its source and its parts."""

    exercise: str
    source: str
    parts: tuple[Part, ...]
    hidden: bool

    @property
    def file(self) -> str:
        """Name of otter's test file for it."""
        return f"q{self.exercise.replace('.', '_')}_{'hidden' if self.hidden else 'visible'}"


def call_of(part: Part, names: str) -> str:
    """The expression that runs a check on a name space."""
    asked = list(inspect.signature(part.function).parameters)
    return f"{part.name}(**wanted({asked}, {names}, globals()))"


class LabForAll:
    """The lab of a folder of `solutions`.

    Args:
        folder: The lab's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.lab = folder, read_lab(lab_file(folder))
        self.checks = {name: tuple(self._checks(name)) for name in self.lab.exercises}

    @property
    def points(self) -> float:
        """Of all checks together."""
        return sum(part.points for checks in self.checks.values() for one in checks for part in one.parts)

    def mutants(self, exercise: str) -> list[str]:
        """Wrong answers to an exercise."""
        files = sorted((self.folder / "mutants" / exercise.replace(".", "_")).glob("*.py"))
        return [file.read_text(encoding="utf-8") for file in files]

    def answers(self, wrong: Sequence[tuple[str, int]] = ()) -> dict[str, str]:
        """The answers of one student: the solutions, some exchanged for mutants.

        Args:
            wrong: Exercises, and which of their mutants.
        """
        right = {name: _MARKS.sub("", exercise.answer) for name, exercise in self.lab.exercises.items()}
        return right | {name: self.mutants(name)[which] for name, which in wrong}

    def for_ours(self, answers: dict[str, str]) -> NotebookNode:
        """The notebook that a student hands in to us, check cells and all."""
        return _notebook(self._own_cell(cell, answers) for cell in self.lab.cells)

    def for_otter(self, answers: dict[str, str]) -> NotebookNode:
        """The notebook that a student hands in to otter."""
        return _notebook(self._bare_cell(cell, answers) for cell in self._cells())

    def for_nbgrader(self) -> NotebookNode:
        """The source notebook of nbgrader, with solutions and hidden tests."""
        return _notebook(self._nbgrader_cells())

    def handed_in_to_nbgrader(self, release: NotebookNode, answers: dict[str, str]) -> NotebookNode:
        """nbgrader's released notebook with a student's answers in it."""
        filled = nbformat.from_dict(json.loads(json.dumps(release)))
        for cell in filled.cells:
            if (exercise := _exercise_of(cell.metadata.get("nbgrader", {}))) in answers:
                cell.source = answers[exercise]
        return filled

    def otter_tests(self) -> dict[str, str]:
        """otter's test files by name, in its exception-based form."""
        return {f"{one.file}.py": _otter_test(one) for checks in self.checks.values() for one in checks}

    def _checks(self, exercise: str) -> Iterator[Checks]:
        for kind in (CHECKS, HIDDEN):
            path = self.folder / kind / module_name(exercise)
            parts, hidden = tuple(parts_of(module_from(path))), kind == HIDDEN
            yield Checks(exercise, path.read_text(encoding="utf-8"), parts, hidden)

    def _cells(self) -> list[Cell]:
        return [cell for cell in self.lab.cells if not {"check", "solution"} & set(cell.tags)]

    def _own_cell(self, cell: Cell, answers: dict[str, str]) -> NotebookNode:
        made = _cell(cell, answers.get(cell.exercise, cell.source))
        made.metadata.update({"label": cell.label} if cell.label else {})
        made.metadata.update({"tags": list(cell.tags)} if cell.tags else {})
        return made

    def _bare_cell(self, cell: Cell, answers: dict[str, str]) -> NotebookNode:
        return _cell(cell, answers.get(cell.exercise, cell.source.replace(OUR_OWN.rstrip(), "")))

    def _nbgrader_cells(self) -> Iterator[NotebookNode]:
        yield _marked(new_code_cell(DIRECT), "direct-work", locked=True)
        for cell in self._cells():
            made = self._bare_cell(cell, {})
            if not cell.exercise:
                yield made
                continue
            yield _marked(made, f"ex-{cell.exercise.replace('.', '-')}", solution=True)
            for checks in self.checks[cell.exercise]:
                yield from _nbgrader_tests(checks)


def _nbgrader_tests(checks: Checks) -> Iterator[NotebookNode]:
    """One graded cell a check, the first of a module with the module in front."""
    for number, part in enumerate(checks.parts):
        source = (f"{checks.source}\n\n" if number == 0 else "") + call_of(part, "globals()")
        if checks.hidden:
            source = f"### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS"
        yield _marked(new_code_cell(source), f"{checks.file}-{number}", points=part.points, locked=True)


def _otter_test(checks: Checks) -> str:
    """One test case a check; the module comes first, for its `from __future__` must."""
    cases = [
        f"case_{number} = test_case(name={part.name!r}, points={part.points}, hidden={checks.hidden})"
        f"(lambda env: {call_of(part, 'env')})"
        for number, part in enumerate(checks.parts)
    ]
    head = [
        "from otter.test_files import test_case",
        f"OK_FORMAT, name, points = False, {checks.file!r}, None",
    ]
    return "\n".join([checks.source, DIRECT, *head, *cases, ""])


def _marked(cell: NotebookNode, name: str, *, points: float | None = None, **flags: bool) -> NotebookNode:
    """A cell with nbgrader's metadata."""
    known: dict[str, Any] = {"schema_version": 3, "grade_id": name, "cell_type": "code", "task": False}
    known |= {"grade": points is not None, "solution": False, "locked": False, **flags}
    cell.metadata["nbgrader"] = known | ({} if points is None else {"points": points})
    return cell


def _exercise_of(known: dict[str, Any]) -> str:
    return str(known["grade_id"])[3:].replace("-", ".") if known.get("solution") else ""


def _cell(cell: Cell, source: str) -> NotebookNode:
    made: NotebookNode = (new_code_cell if cell.kind == "code" else new_markdown_cell)(source)
    return made


def _notebook(cells: Iterator[NotebookNode]) -> NotebookNode:
    made: NotebookNode = new_notebook(cells=list(cells), metadata=dict(KERNEL))
    return made
