"""`check("1.5")`: the visible checks of an exercise, on the notebook that is running."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import BadArgument, HarnessError, UnknownName
from harness.grading.handout import is_handed_out, read_handout
from harness.grading.in_process import Stopped, check_names
from harness.grading.learner.progress import Progress, progress_with
from harness.grading.outcome import ExerciseResult
from harness.grading.verdict import as_text, tidy
from harness.grading.verdict_html import as_html

_MODULE = re.compile(r"test_(\d+)_(\d+)\.py")


@dataclass(frozen=True, repr=False)
class Verdict:
    """How exercises went; shows itself in a notebook and in a terminal.

    Attributes:
        results: One for each exercise that was checked.
        progress: How far the learner is in the lab; None where there is no hand-out to count in.
    """

    results: tuple[ExerciseResult, ...]
    progress: Progress | None = None

    def __repr__(self) -> str:
        lines = [as_text(result) for result in self.results]
        return "\n".join([*lines, *([str(self.progress)] if self.progress else [])])

    def _repr_html_(self) -> str:
        return as_html(self.results, self.progress.as_html() if self.progress else "")


def check(exercise: str | None = None) -> Verdict:
    """Run the visible checks of an exercise on this notebook, and say what is right and what is not yet.

    Args:
        exercise: Such as "1.5"; all exercises of the lab by default.

    Returns:
        A verdict that shows itself as the last thing in a cell.

    Raises:
        UnknownName: If there is no such exercise.
        BadArgument: If there are no checks beside the notebook, or they cannot be run.
        Stopped: If the stop button, or Ctrl-C, has ended it.
    """
    names = _names(sys._getframe(1).f_globals)
    with _told_in_one_line():
        folder = _lab_folder()
        modules = _modules(folder)
        wanted = modules if exercise is None else [_known(exercise, modules)]
        results = tuple(check_names(name, names, modules[name]) for name in wanted)
        progress = progress_with(folder, read_handout(folder), results) if is_handed_out(folder) else None
        return Verdict(results, progress)


def _names(caller: dict[str, Any]) -> dict[str, Any]:
    """The name space of the IPython that runs; without one, the caller's."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return caller if shell is None else shell.user_ns


def _lab_folder() -> Path:
    """The folder of the notebook: where its kernel works, or else where Jupyter says that it lies."""
    places = [Path.cwd()]
    if notebook := os.environ.get("JPY_SESSION_NAME"):
        places.append(Path(notebook).parent)
    for place in places:
        if (place / "checks").is_dir():
            return place.resolve()
    raise BadArgument(
        "There is no folder `checks` beside this notebook",
        value=str(places[0]),
        remedy="Open the lab where `harness lab` has put it, and if you have called os.chdir, go back there",
    )


def _modules(folder: Path) -> dict[str, Path]:
    """The modules of checks by exercise; the instructor's, beside the solutions, run all checks."""
    found = {}
    for file in sorted((folder / "checks").iterdir()):
        if match := _MODULE.fullmatch(file.name):
            hidden = folder / "hidden" / file.name
            found[f"{match[1]}.{match[2]}"] = hidden if hidden.is_file() else file
    return found


def _known(exercise: object, modules: dict[str, Path]) -> str:
    name = str(exercise).strip().removeprefix("ex-")
    if name not in modules:
        raise UnknownName("exercise", exercise, modules)
    return name


@contextlib.contextmanager
def _told_in_one_line() -> Iterator[None]:
    """Errors of the check, not of the answer, reach the notebook without the traceback of our insides."""
    try:
        yield
    except HarnessError as error:
        _hide_traceback(error, f"{type(error).__name__}: {error}")
        raise
    except Stopped as stopped:
        what = f"{tidy(stopped.tried)} was still running: does a loop in it end?" if stopped.tried else ""
        _hide_traceback(stopped, f"The check was stopped. {what}")
        raise


def _hide_traceback(error: BaseException, text: str) -> None:
    """IPython asks an exception how it wants to be shown."""
    error._render_traceback_ = lambda: [text]  # type: ignore[attr-defined]
