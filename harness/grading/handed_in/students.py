"""Whose is which file or folder: names as teachers and learning platforms make them.

alice/   alice.zip   alice.ipynb   lab-1_alice.md            the name, with or without the lab's
Alice Smith_12345_assignsubmission_file_/                    Moodle
smithalice_LATE_123_456_lab-1.ipynb                          Canvas
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import BadArgument
from harness.grading.handed_in.files import NOTEBOOK, ignored

_MOODLE = re.compile(r"(?P<who>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+_?(?P<file>.*)", re.DOTALL)
_CANVAS = re.compile(r"(?P<who>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)", re.DOTALL)
_SUFFIX = re.compile(
    r"(?:\.(?:ipynb|md|myst)(?:\.(?:txt|json))?|\.tar\.gz|\.(?:zip|rar|7z|tar|tgz|gz|docx?|pdf|py|html?|txt))$",
    re.IGNORECASE,
)
_LAB = re.compile(r"(?:(?<=[\W_])|^)lab[-_ ]?(\d+)(?=[\W_]|$)", re.IGNORECASE)
_INSTRUCTORS = re.compile(r"readme|license|roster|grades|gradebook|policy", re.IGNORECASE)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_BYTES = 120


@dataclass
class Student:
    """A student as the names of files tell.

    Attributes:
        name: Identifier.
        paths: Files and folders.
        notes: What was noticed.
        platform_id: The number that a learning platform gives, or empty.
    """

    name: str
    paths: list[Path]
    notes: list[str] = field(default_factory=list)
    platform_id: str = ""


def safe_name(name: str) -> str:
    """A name as a file name and a CSV cell can hold it, on any system."""
    text = re.sub(r"[^\w.@-]+", "-", unicodedata.normalize("NFC", name)).strip(".-@_")
    text = re.sub(r"-{2,}", "-", text)
    if len(text.encode()) > _LONGEST_BYTES or not text:
        mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        cut = text.encode()[: _LONGEST_BYTES - len(mark) - 1].decode("utf-8", "ignore").rstrip(".-@_")
        text = f"{cut or 'unnamed'}-{mark}"
    return f"{text}_" if _RESERVED.fullmatch(text) else text


def students_in(folder: Path, lab_name: str, roster: Sequence[str] | None) -> list[Student]:
    """Whose work a folder holds, by name; those of the roster who have handed in nothing have no paths.

    Raises:
        BadArgument: If the folder does not exist, or two students would get the same name.
    """
    if not folder.is_dir():
        raise BadArgument("There is no folder of submissions", value=str(folder), remedy="Name the folder")
    groups: dict[str, Student] = {}
    for path in _entries(folder, lab_name):
        if (student := _student(path, lab_name)) is not None:
            _add(groups, student)
    students = list(groups.values())
    _tell_apart(students)
    if roster is not None:
        students = _with_roster(students, roster)
    _refuse_collisions(students)
    return sorted(students, key=lambda student: student.name)


def _entries(folder: Path, lab_name: str) -> Iterator[Path]:
    """What a folder holds; a folder of the lab's own name in it is looked into."""
    for path in sorted(folder.iterdir()):
        if path.name.lower() == lab_name and path.is_dir() and not path.is_symlink():
            yield from sorted(path.iterdir())
        else:
            yield path


def is_whole_class(names: Iterable[str]) -> bool:
    """Whether names in a zip are those of a learning platform's download of several students."""
    found = (_MOODLE.fullmatch(name) or _CANVAS.fullmatch(name) for name in names)
    return len({match["id"] for match in found if match}) > 1


def _student(path: Path, lab_name: str) -> Student | None:
    name = unicodedata.normalize("NFC", path.name)
    if ignored(name):
        return None
    platform = _MOODLE.fullmatch(name) or _CANVAS.fullmatch(name)
    stem = platform["who"] if platform else _SUFFIX.sub("", name)
    labs = set(_LAB.findall(platform["file"] if platform else stem))
    if labs and re.sub(r"\D", "", lab_name) not in labs:
        return None  # of another lab
    if not platform and not path.is_dir() and (stem == name or _INSTRUCTORS.fullmatch(stem)):
        return None
    who = stem if platform else _LAB.sub("", stem).strip("-_. ,") or stem
    late = ["Canvas has marked it as late."] if platform and platform.groupdict().get("late") else []
    return Student(safe_name(who), [path], late, platform["id"] if platform else "")


def _add(groups: dict[str, Student], student: Student) -> None:
    """Files that a platform gives one number are one student's, and so are `alice.md` and `alice.ipynb`."""
    path = student.paths[0]
    pair = f"{path.parent / _SUFFIX.sub('', path.name)}" if NOTEBOOK.search(path.name) else path.name
    key = f"{student.name} {student.platform_id}" if student.platform_id else f"{pair} {path.is_dir()}"
    known = groups.setdefault(key, student)
    if known is not student:
        known.paths.append(path)
        known.notes = list(dict.fromkeys([*known.notes, *student.notes]))


def _key(name: str) -> str:
    """What two names that a file system may confuse have in common."""
    return unicodedata.normalize("NFKC", name).casefold()


def _tell_apart(students: Sequence[Student]) -> None:
    """Two of one name whom a platform tells apart by a number keep it in their names."""
    for same in _same_names(students):
        if all(student.platform_id for student in same):
            for student in same:
                student.name = f"{student.name}_{student.platform_id}"


def _same_names(students: Sequence[Student]) -> Iterator[list[Student]]:
    by_key: dict[str, list[Student]] = {}
    for student in students:
        by_key.setdefault(_key(student.name), []).append(student)
    yield from (same for same in by_key.values() if len(same) > 1)


def _refuse_collisions(students: Sequence[Student]) -> None:
    for same in _same_names(students):
        paths = [student.paths[0].name if student.paths else f"{student.name} (roster)" for student in same]
        raise BadArgument(
            f"Two submissions would be graded as the student {same[0].name!r}",
            value=paths,
            remedy="Rename one, or remove the one that does not count",
        )


# --- roster -------------------------------------------------------------------------------------------------


def _with_roster(students: Sequence[Student], roster: Sequence[str]) -> list[Student]:
    by_key = _roster_keys(roster)
    for student in students:
        matches = {by_key[key] for key in _keys(student.name) if key in by_key}
        exact = by_key.get(_letters(student.name))
        if exact or len(matches) == 1:
            student.name = exact or matches.pop()
        else:
            student.notes.append("The name is not in the roster.")
    there = {student.name for student in students}
    return [*students, *(Student(name, []) for name in map(safe_name, roster) if name not in there)]


def _roster_keys(roster: Sequence[str]) -> Mapping[str, str]:
    """Names of the roster by how platforms write them; what would mean two students means none."""
    names = dict.fromkeys(map(safe_name, roster))
    keys: dict[str, str] = {}
    doubtful: set[str] = set()
    for name in names:
        for key in _keys(name):
            if keys.setdefault(key, name) != name:
                doubtful.add(key)
    return {key: name for key, name in keys.items() if key not in doubtful} | {_letters(n): n for n in names}


def _keys(name: str) -> set[str]:
    """`Alice Smith`, `Smith, Alice` and Canvas' `smithalice` have one in common."""
    parts = [part for part in re.split(r"[\W_]+", _key(name)) if part]
    turned = (parts[n:] + parts[:n] for n in range(len(parts)))
    return {"".join(each) for each in turned} | {_letters(name)}


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", _key(name))
