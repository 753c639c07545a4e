"""A workshop that runs students' code in the process that grades: what these tests are about is around it.

The real one starts an interpreter with everything imported, which takes a second or two each time.
"""

import json
import os
from pathlib import Path

from harness.grading import box, live

LOG = "WORKSHOP_LOG"


class Workshop:
    """The same face as the real one; notes what it opens and closes."""

    def __init__(self, *, trusted=False, limits=None):
        assert trusted, "tests of this stand-in pass --trust-submissions"
        note("start")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        note("stop")

    def open(self, steps):
        note("open")
        return Work(steps)


class Work:
    def __init__(self, steps):
        self.faults = {}
        self._names = {"__name__": "__main__"}
        for step in steps:
            exec(compile(step.source, "<cell>", "exec"), self._names)

    def of(self, exercise):
        return box.BoxedSubmission(work=self, exercise=exercise)

    def grade(self, exercise, run):
        return run(self.of(exercise))

    def ask(self, exercise, what, name, *given):
        answers = {"call": live.answer_call, "value": live.answer_value}
        return answers[what](self._names, name, *given)

    def close(self):
        note("close")


def note(what):
    if LOG in os.environ:
        with Path(os.environ[LOG]).open("a", encoding="utf-8") as file:
            file.write(json.dumps([os.getpid(), what]) + "\n")


def install():
    box.Workshop = Workshop
    box.why_not = lambda: "bubblewrap is away today. Install it."
