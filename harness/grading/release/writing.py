"""Brings `labs/` up to date with `solutions/`.

Each folder of `labs/` lists in its `handout.json` what was written there. So a file that somebody has edited
by hand is noticed and never overwritten unasked, and what was not written from here is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.errors import BadArgument
from harness.grading.course import Course
from harness.grading.files import write_atomically
from harness.grading.handout import FILE, digest, read_handout
from harness.grading.release.contents import handed_out_files


@dataclass(frozen=True)
class Released:
    """What a run changed: names of files, relative to the course."""

    written: list[str]
    removed: list[str]


def release(course: Course, *, overwrite_edits: bool = False) -> Released:
    """Bring `labs/` up to date; files that are right are not touched.

    Args:
        course: The course.
        overwrite_edits: Whether files of `labs/` that were edited by hand are overwritten or removed.

    Raises:
        BadArgument: If a lab may not be handed out, or an edited file would be lost.
    """
    written, removed = _changes(course)
    if not overwrite_edits and (edited := _edited(course, [*written, *removed])):
        raise BadArgument(
            "Files of labs/ were edited by hand, and their edits would be lost",
            value=edited,
            remedy="Take the edits over to solutions/ (or work/), or pass --overwrite-edits",
        )
    for path, data in written.items():
        write_atomically(path, data)
    for path in removed:
        path.unlink()
        _remove_empty_folders(path.parent, course.labs)
    return Released(list(map(course.name_of, written)), list(map(course.name_of, removed)))


def stale_files(course: Course) -> list[str]:
    """Names of the files that `release` would write or remove.

    Raises:
        BadArgument: If a lab may not be handed out.
    """
    written, removed = _changes(course)
    return list(map(course.name_of, [*written, *removed]))


def _changes(course: Course) -> tuple[dict[Path, bytes], list[Path]]:
    solved = course.solved()
    if not solved:
        raise BadArgument(
            "There are no labs with solutions here",
            value=str(course.solutions),
            remedy="Run this in a checkout",
        )
    wanted: dict[Path, bytes] = {}
    for folder in solved:
        wanted |= handed_out_files(course, folder)
    stale = {path: data for path, data in wanted.items() if not _holds(path, data)}
    return stale, [path for path in _written_before(course) if path not in wanted and path.is_file()]


def _written_before(course: Course) -> dict[Path, str]:
    """What earlier runs have written, with the digests of that time; "" for the lists themselves."""
    known: dict[Path, str] = {}
    for folder in course.handed_out():
        files = read_handout(folder).files
        known |= {
            folder / name: digest for name, digest in files.items() if _is_inside(folder / name, folder)
        }
        known[folder / FILE] = ""
    return known


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _edited(course: Course, paths: list[Path]) -> list[str]:
    """Those of the files that hold what no run has written."""
    known = _written_before(course)
    return [course.name_of(path) for path in paths if path.is_file() and _differs(path, known.get(path))]


def _differs(path: Path, known: str | None) -> bool:
    return known != "" and digest(path.read_bytes()) != known


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def _remove_empty_folders(folder: Path, up_to: Path) -> None:
    while folder != up_to and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
