"""Files that are there as a whole or not at all, with names that any file system takes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from harness.grading.files import write_atomically

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,79}")
# What Windows keeps for itself, whatever the ending.
_KEPT = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def write_whole(path: Path, text: str) -> Path:
    """Write a file so that a reader, or the next run, finds the old text or the new one and nothing between.

    Args:
        path: Where; its folder is made.
        text: What; characters that UTF-8 cannot hold are replaced.
    """
    write_atomically(path, text.encode("utf-8", "replace"))
    return path


def file_names(students: Iterable[str]) -> dict[str, str]:
    """A file name, without an ending, for each student: the identifier itself where that is safe.

    Two names never differ only in upper and lower case, which some file systems take for the same.
    """
    names = {student: _name(student) for student in students}
    often = Counter(name.casefold() for name in names.values())
    return {
        student: name if often[name.casefold()] == 1 else f"{name}-{_short(student)}"
        for student, name in names.items()
    }


def _name(student: str) -> str:
    if _PLAIN.fullmatch(student) and not student.endswith(".") and not _KEPT.fullmatch(student):
        return student
    ascii_only = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "-", ascii_only).strip("-")[:40]
    return f"{words or 'student'}-{_short(student)}"


def _short(student: str) -> str:
    whole = unicodedata.normalize("NFC", student).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:8]
