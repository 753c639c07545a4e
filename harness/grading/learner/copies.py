"""The learner's own copies of the labs, in `work/`, and how an update of `labs/` reaches them.

`labs/` is what the course hands out and nobody works in it, so neither an update of the course nor
`harness release` can cost a learner anything. `work/` is made from it when it is first needed, and git
ignores it.

What happens to a copy when the hand-out has changed:

- checks and other files of the course are brought up to date; one that the learner has edited is kept beside,
  as `NAME.yours`;
- a notebook that the learner has not touched is replaced;
- a notebook with the learner's work takes in what the course has changed elsewhere in it, as git merges two
  branches; before that it is copied to `before-update/`. Where both have changed the same lines, the
  learner's notebook stays as it is and the new one is put beside it as `updated-NAME`.

What the course had handed out last time lies in `.handed-out/`, to tell both sides' changes apart.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from harness.grading.course import Course
from harness.grading.files import write_atomically
from harness.grading.handout import FILE, read_handout

BASE, BACKUPS = ".handed-out", "before-update"


def bring_up_to_date(course: Course) -> list[str]:
    """Make the copies that are missing, and bring the others up to date.

    Args:
        course: The course.

    Returns:
        What was done, a line each; empty if there was nothing to do.
    """
    said = [line for lab in course.handed_out() for line in _one_lab(lab, course.work / lab.name)]
    return [f"work/{line}" for line in said]


def _one_lab(lab: Path, copy: Path) -> Iterator[str]:
    if not copy.exists():
        _copy_anew(lab, copy)
        yield f"{lab.name}/ is ready"
        return
    handout = read_handout(lab)
    yield from _gone(copy, set(handout.files))
    for name in [*handout.files, FILE]:
        data, base, mine = (lab / name).read_bytes(), _read(copy / BASE / name), copy / name
        if _read(mine) != data:
            if name != f"{handout.lab}.md":
                yield from _course_file(mine, base, data, f"{lab.name}/{name}")
            elif data != base or not mine.is_file():
                yield from _notebook(mine, base, data, f"{lab.name}/{name}")
        if data != base:
            write_atomically(copy / BASE / name, data)


def _gone(copy: Path, wanted: set[str]) -> Iterator[str]:
    """Takes away what is no longer handed out, unless the learner has edited it."""
    for base in sorted((copy / BASE).rglob("*")):
        name = base.relative_to(copy / BASE).as_posix()
        if base.is_dir() or name in wanted or name == FILE:
            continue
        if _read(copy / name) == base.read_bytes():
            (copy / name).unlink(missing_ok=True)
            yield f"{copy.name}/{name} is no longer part of the lab"
        base.unlink()


def _copy_anew(lab: Path, copy: Path) -> None:
    """All or nothing: a copy that was interrupted would look like one that the learner has emptied."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=copy.parent, prefix=".new-") as folder:
        new = Path(folder) / copy.name
        for name in [*read_handout(lab).files, FILE]:
            write_atomically(new / name, (lab / name).read_bytes())
            write_atomically(new / BASE / name, (lab / name).read_bytes())
        new.rename(copy)


def _course_file(mine: Path, base: bytes, data: bytes, name: str) -> Iterator[str]:
    if mine.is_file() and mine.read_bytes() != base and mine.name != FILE:
        shutil.copy2(mine, mine.with_name(mine.name + ".yours"))
        yield f"{name} was edited by you; yours is kept as {mine.name}.yours"
    write_atomically(mine, data)
    if mine.name != FILE:
        yield f"{name} is up to date"


def _notebook(mine: Path, base: bytes, data: bytes, name: str) -> Iterator[str]:
    current = _read(mine)
    if not mine.is_file() or current == base:
        write_atomically(mine, data)
        yield f"{name} is up to date"
    elif (merged := _merged(current, base, data)) is not None:
        backup = mine.parent / BACKUPS / f"{datetime.now():%Y-%m-%d-%H%M%S}-{mine.name}"
        write_atomically(backup, current)
        write_atomically(mine, merged)
        yield f"{name} has taken in an update; as it was before: {BACKUPS}/{backup.name}"
    else:
        beside = mine.with_name(f"updated-{mine.name}")
        write_atomically(beside, data)
        yield f"{name} stays as it is: the update changes what you have changed, and lies in {beside.name}"


def _merged(mine: bytes, base: bytes, new: bytes) -> bytes | None:
    """Both sides' changes together; None if they overlap, or there is no git to merge them."""
    git = shutil.which("git")
    if git is None or not base:
        return None
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("mine", "base", "new")]
        for file, data in zip(files, (mine, base, new), strict=True):
            file.write_bytes(data)
        done = subprocess.run([git, "merge-file", "-p", *map(str, files)], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _read(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""
