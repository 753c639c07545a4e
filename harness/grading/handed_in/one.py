"""What one student has handed in, read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from harness.errors import BadArgument
from harness.grading.handed_in.expected import ExpectedLab
from harness.grading.handed_in.files import File, collect, shown
from harness.grading.handed_in.matching import match
from harness.grading.handed_in.model import MISSING, READ, UNREADABLE, UNTOUCHED, Answer, HandedIn
from harness.grading.handed_in.notebook import Notebook, read_notebook
from harness.grading.handed_in.students import is_whole_class
from harness.grading.lab import Lab

_MOST_NOTEBOOKS = 20
_MOST_NOTES = 12
_WHOLE_CLASS = "It holds the work of several students: unpack it, so that each has a folder or file."


@dataclass(frozen=True)
class _Candidate:
    file: File
    answers: dict[str, Answer]
    notes: tuple[str, ...]

    def rank(self, lab_name: str) -> tuple[int, bool, float, str]:
        """Most answers first; then the lab's own name, then the newest."""
        answered = sum(answer.found not in (MISSING, UNTOUCHED) for answer in self.answers.values())
        seconds = self.file.modified.timestamp() if self.file.modified else 0.0
        return answered, _is_named(self.file, lab_name), seconds, self.file.name


def read_one(student: str, paths: Sequence[Path], lab: Lab, expected: ExpectedLab) -> HandedIn:
    """The answers of one student; never an exception for what the files hold.

    Args:
        student: Identifier.
        paths: Folders, zips and notebooks that the student has handed in.
        lab: The instructor's lab.
        expected: What it expects.
    """
    collected = collect(paths)
    if is_whole_class(file.name.split("/")[1] for file in collected.files if "/" in file.name):
        return _unreadable(student, paths, lab, [_WHOLE_CLASS])
    files = sorted(collected.files, key=lambda file: (not _is_named(file, lab.name), file.name))
    notes, candidates = list(collected.notes), list[_Candidate]()
    for file in files[:_MOST_NOTEBOOKS]:
        try:
            notebook = read_notebook(file.data)
        except BadArgument as error:
            notes.append(f"{shown(file.name)}: {error}")
        else:
            candidates.append(_candidate(file, notebook, expected))
    if len(files) > _MOST_NOTEBOOKS:
        notes.append(f"There are {len(files)} notebooks; {_MOST_NOTEBOOKS} were looked at.")
    if not candidates:
        return _unreadable(student, paths, lab, notes or [_nothing_in(collected.others)])
    return _best(student, candidates, lab, notes)


def unreadable(student: str, lab: Lab, notes: Sequence[str], at: datetime | None = None) -> HandedIn:
    """A student whose submission cannot be read."""
    answers = {name: Answer(name) for name in lab.exercises}
    return HandedIn(student, answers, UNREADABLE, tuple(notes[:_MOST_NOTES]), at)


def _candidate(file: File, notebook: Notebook, expected: ExpectedLab) -> _Candidate:
    answers, notes = match(notebook.cells, expected)
    labels = {cell.exercise for cell in notebook.cells} - {""}
    if all(answer.found == MISSING for answer in answers.values()):
        others = f"; it answers {', '.join(sorted(labels))}" if labels else ""
        notes.append(f"No answer to this lab was found in it{others}. Is it the right notebook?")
    return _Candidate(file, answers, tuple(dict.fromkeys([*notebook.notes, *notes])))


def _best(student: str, candidates: Sequence[_Candidate], lab: Lab, notes: Sequence[str]) -> HandedIn:
    best = max(candidates, key=lambda candidate: candidate.rank(lab.name))
    said = list(notes)
    if len(candidates) > 1:
        answered = best.rank(lab.name)[0]
        said.insert(
            0,
            f"{len(candidates)} notebooks were handed in; {shown(best.file.name)} was graded, "
            f"with {answered} of {len(lab.exercises)} exercises answered.",
        )
    said += best.notes
    return HandedIn(student, best.answers, READ, tuple(said[:_MOST_NOTES]), best.file.modified)


def _is_named(file: File, lab_name: str) -> bool:
    return PurePosixPath(file.name).name.lower().startswith((f"{lab_name}.md", f"{lab_name}.ipynb"))


def _unreadable(student: str, paths: Sequence[Path], lab: Lab, notes: Sequence[str]) -> HandedIn:
    times: list[float] = []
    for path in paths:
        with suppress(OSError):
            times.append(path.lstat().st_mtime)
    return unreadable(student, lab, notes, datetime.fromtimestamp(max(times), UTC) if times else None)


def _nothing_in(others: Sequence[str]) -> str:
    held = f"; it holds {', '.join(map(shown, others[:3]))}" if others else ""
    return f"There is no notebook (.md or .ipynb) in it{held}. Hand in the lab's notebook, or a zip of it."
