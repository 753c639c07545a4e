"""Results that outlive a run of the grader: one file a student, written as soon as a result is there."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import IO, Any

from harness.errors import BadArgument
from harness.grading.files import write_atomically
from harness.grading.outcome import ExerciseResult


class ResultStore:
    """A folder with one JSON file a student.

    One process writes; a file is whole at any moment, whenever that process ends.

    Args:
        folder: The folder; made with the first result.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: IO[str] | None = None
        self._results = self._read()

    def reserve(self) -> None:
        """Keep the folder for this process until it releases it or ends.

        Another one would put back what it had read before.

        Raises:
            BadArgument: If another process has it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self._folder / ".lock").open("a", encoding="ascii")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise BadArgument(
                "Another run of the grader is writing to this gradebook",
                value=str(self._folder.parent),
                remedy="Wait for its end, or name another --gradebook",
            ) from None
        self._results = self._read()

    def release(self) -> None:
        """Let other processes have the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def load(self) -> dict[tuple[str, str], ExerciseResult]:
        """The results, by student and exercise."""
        return {(s, e): result for s, results in self._results.items() for e, result in results.items()}

    def save(self, result: ExerciseResult) -> None:
        """Keep a result, in place of an earlier one of the same student and exercise.

        Raises:
            BadArgument: If the student's identifier cannot be a file's name.
        """
        name = result.student
        if not name or name.startswith(".") or "/" in name or "\0" in name:
            raise BadArgument("A student's identifier must be good as a file's name", value=name)
        results = self._results.setdefault(name, {})
        results[result.exercise] = result
        plain = {exercise: kept.as_plain() for exercise, kept in results.items()}
        text = json.dumps({"student": name, "results": plain}, ensure_ascii=False, indent=1)
        write_atomically(self._folder / f"{name}.json", text.encode("utf-8", "backslashreplace"))

    def _read(self) -> dict[str, dict[str, ExerciseResult]]:
        found: dict[str, dict[str, ExerciseResult]] = {}
        for path in sorted(self._folder.glob("*.json")):
            data = _whole(path)
            if data is not None:
                found[data[0]] = data[1]
        return found


def _whole(path: Path) -> tuple[str, dict[str, ExerciseResult]] | None:
    """What a file holds; None if it was spoilt or written by another version, and is to be made again."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        results = {name: ExerciseResult.from_plain(plain) for name, plain in data["results"].items()}
        return str(data["student"]), results
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
