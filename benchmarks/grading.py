"""How long grading a class takes: ours with the box on, beside nbgrader and otter, on the same lab.

The same: lab 1's cells, its solutions as answers, and its checks, visible and hidden, word by word; the
versions of all libraries; one thread a process. The benchmark stops unless each grader gives each student
full marks, so all have done all of the work.

Different: ours runs answers in a box and checks outside of it, and gives each student other seeds. nbgrader
runs the checks as cells of the learner's notebook, in its kernel; otter as test files in that kernel. Neither
isolates anything here; otter's containers are left out, which would only add to its time. Two workers are
pytest-xdist in ours, and two processes with half of the class each in the others, which have no such thing.
`nbgrader autograde` writes a notebook and a database for each student and ours a gradebook with an overview;
feedback pages, in both, are timed apart (`--full`).

Wall time counts, start included, so leave the machine alone meanwhile. Processor time tells more on a busy
one. Memory is that of all processes at a time, with what they share counted once.
"""

from __future__ import annotations

import argparse
import itertools
import math
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from _common import console, table
from _graders import (
    PINNED,
    ROOT,
    Class,
    Grader,
    Nbgrader,
    NbgraderWithFeedback,
    Otter,
    Ours,
    OursWithFeedback,
    environment,
    install,
    warm_up,
)
from _lab_for_all import LabForAll
from _process_tree import Failed, Taken, run, run_watched

AIM = 5.0
FEW, CLASS, MANY = 8, 20, 200
WRONG_EACH = 2

Case = tuple[Grader, int]
"""A grader, and its number of workers."""


def a_class(lab: LabForAll, size: int, *, wrong_each: int = 0) -> Class:
    """Students whose answers are the solutions, all but some that are mutants, in turn.

    Args:
        lab: The lab.
        size: How many students.
        wrong_each: How many exercises each has wrong.
    """
    mutants = [(name, k) for name in lab.lab.exercises for k in range(len(lab.mutants(name)))]
    turns = itertools.cycle(mutants[:: len(mutants) // 11])  # no two neighbours are of one exercise for long
    students = {}
    for number in range(size):
        wrong: dict[str, int] = {}
        while len(wrong) < wrong_each:
            wrong.update([next(turns)])
        students[f"student-{number:03}"] = lab.answers(list(wrong.items()))
    return students


class Bench:
    """Runs cases on a class in turn.

    Args:
        lab: The lab.
        scratch: Folder for all that is made.
    """

    def __init__(self, lab: LabForAll, scratch: Path) -> None:
        self._lab, self._scratch, self._env = lab, scratch, environment()
        self._runs = itertools.count()

    def rounds(self, cases: Sequence[Case], students: Class, *, rounds: int, full_marks: bool) -> list[Taken]:
        """What each case takes: memory and processor time from a first round, wall time from the others.

        Cases take turns, so that a busy machine slows all alike. Without other rounds, wall time comes from
        the first one, in which being watched slows all a little.
        """
        watched = [self._once(case, students, watched=True, full_marks=full_marks) for case in cases]
        walls: list[list[float]] = [[] for _ in cases]
        for _ in range(rounds):
            for case, times in zip(cases, walls, strict=True):
                times.append(self._once(case, students, watched=False, full_marks=full_marks).wall_s)
        return [
            Taken(statistics.median(times or [first.wall_s]), first.cpu_s, first.peak_MiB)
            for first, times in zip(watched, walls, strict=True)
        ]

    def _once(self, case: Case, students: Class, *, watched: bool, full_marks: bool) -> Taken:
        grader, workers = case
        folder = self._scratch / f"run-{next(self._runs)}"
        jobs = grader.hand_in(students, folder, workers=workers)
        taken = (run_watched if watched else run)(jobs, self._env)
        self._verify(grader, grader.points(folder, jobs), students, full_marks=full_marks)
        tell = f"{grader.name}, {workers_named(workers)}: {taken.wall_s:.1f} s"
        console.print(tell + f", {taken.cpu_s:.1f} s of processor" * watched, style="dim")
        return taken

    def _verify(self, grader: Grader, points: dict[str, float], students: Class, *, full_marks: bool) -> None:
        """Stop unless everybody was graded and got what they must get."""
        right = {name: math.isclose(points.get(name, math.nan), self._lab.points) for name in students}
        graded = all(math.isfinite(points.get(name, math.nan)) for name in students)
        if graded and (all(right.values()) if full_marks else not any(right.values())):
            return
        raise Failed(f"{grader.name} gave other points than it must: {points}")


def workers_named(number: int) -> str:
    return "one worker" if number == 1 else f"{number} workers"


def show(title: str, cases: Sequence[Case], taken: Sequence[Taken], size: int) -> None:
    """Prints a table of cases on one class; ratios are to ours with as many workers."""
    shown = table(
        title,
        *(
            "",
            "workers",
            "wall, s",
            "s each",
            "to ours",
            "CPU s each",
            "to ours",
            "peak, MiB",
        ),
    )
    ours = {workers: t for (grader, workers), t in zip(cases, taken, strict=True) if isinstance(grader, Ours)}
    for (grader, workers), t in zip(cases, taken, strict=True):
        base = ours[workers]
        shown.add_row(
            *(grader.name, str(workers), f"{t.wall_s:.1f}", f"{t.wall_s / size:.2f}"),
            *(f"{t.wall_s / base.wall_s:.1f} ×", f"{t.cpu_s / size:.2f}", f"{t.cpu_s / base.cpu_s:.1f} ×"),
            f"{t.peak_MiB:.0f}",
        )
    shown.add_row("aim for nbgrader", "", "", "", f"{AIM:.1f} ×", "", "", "")
    console.print(shown)


def show_growth(bench: Bench, ours: Ours, lab: LabForAll) -> None:
    """Prints how ours grows with the class."""
    shown = table("ours, from 20 to 200", "", "workers", "wall, s", "s each", "peak, MiB")
    cases: list[Case] = [(ours, 1), (ours, 2)]
    for size in (CLASS, MANY):
        found = bench.rounds(cases, a_class(lab, size), rounds=0, full_marks=True)
        for (_, workers), t in zip(cases, found, strict=True):
            wall, each = f"{t.wall_s:.1f}", f"{t.wall_s / size:.2f}"
            shown.add_row(f"{size} submissions", str(workers), wall, each, f"{t.peak_MiB:.0f}")
    console.print(shown)


def with_workers(graders: Sequence[Grader], *workers: int) -> list[Case]:
    return [(grader, number) for number in workers for grader in graders]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, help=f"size of the class; {FEW}, and {CLASS} with --full")
    parser.add_argument("--rounds", type=int, help="rounds after the watched one; 0, and 3 with --full")
    parser.add_argument(
        "--full",
        action="store_true",
        help=f"for the record, about an hour: {CLASS} submissions by one worker and by two; with wrong"
        f" answers; with feedback; and ours from {CLASS} to {MANY}",
    )
    options = parser.parse_args()
    size = options.submissions or (CLASS if options.full else FEW)
    rounds = options.rounds if options.rounds is not None else 3 * options.full
    lab = LabForAll(ROOT / "solutions" / "1-foundations")
    if why := install():
        console.print(f"nbgrader and otter cannot be installed, so ours is measured alone: {why}")
    warm_up()
    with tempfile.TemporaryDirectory() as scratch:
        kinds: list[type[Grader]] = [Ours] if why else [Ours, Nbgrader, Otter]
        graders = [kind(lab, Path(scratch) / kind.__name__) for kind in kinds]
        bench = Bench(lab, Path(scratch))
        versions = "" if why else ", beside " + ", ".join(f"{name} {is_}" for name, is_ in PINNED.items())
        cases = with_workers(graders, *((1, 2) if options.full else (2,)))
        taken = bench.rounds(cases, a_class(lab, size), rounds=rounds, full_marks=True)
        how = f"median of {rounds}" if rounds else "one round, watched"
        show(f"{size} right submissions of lab 1 ({how}){versions}", cases, taken, size)
        if options.full:
            more(bench, lab, graders, Path(scratch), size)


def more(bench: Bench, lab: LabForAll, graders: Sequence[Grader], scratch: Path, size: int) -> None:
    """The rest of the record: wrong answers, feedback, growth."""
    cases = with_workers(graders, 2)
    students = a_class(lab, size, wrong_each=WRONG_EACH)
    taken = bench.rounds(cases, students, rounds=1, full_marks=False)
    show(f"{size} submissions with {WRONG_EACH} of 7 exercises wrong", cases, taken, size)
    kinds: list[type[Grader]] = [OursWithFeedback, NbgraderWithFeedback][: len(graders)]
    cases = with_workers([kind(lab, scratch / kind.__name__) for kind in kinds], 2)
    taken = bench.rounds(cases, a_class(lab, size), rounds=1, full_marks=True)
    show(f"{size} right submissions, with feedback pages", cases, taken, size)
    (ours,) = [grader for grader in graders if isinstance(grader, Ours)]
    show_growth(bench, ours, lab)


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(str(failed))
