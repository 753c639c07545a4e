"""The notebooks of one student, out of folders, files and zips, read into memory within limits."""

from __future__ import annotations

import io
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

LARGEST_BYTES = 20 << 20
_MOST_BYTES = 4 * LARGEST_BYTES
_MOST_ENTRIES = 5000
_DEEPEST = 12
NOTEBOOK = re.compile(r"\.(ipynb|md|myst)(\.(txt|json))?$", re.IGNORECASE)
_IGNORED = re.compile(r"\..*|__MACOSX|__pycache__|node_modules|~\$.*|.*~", re.DOTALL)
_CORRUPT = (zlib.error, lzma.LZMAError)
_STAMP = 0x5455  # a zip's extra field with the time in UTC


@dataclass(frozen=True)
class File:
    """A file that may be a notebook.

    Attributes:
        name: Its path within what the student has handed in.
        modified: When it was last changed.
        data: Its content.
    """

    name: str
    modified: datetime | None
    data: bytes


@dataclass
class Collected:
    """What a student's folders and zips hold.

    Attributes:
        files: What may be a notebook.
        others: Names of the other files.
        notes: What could not be read, one sentence each.
        bytes_left: What may still be read.
        entries_left: How many entries may still be looked at.
    """

    files: list[File] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    bytes_left: int = _MOST_BYTES
    entries_left: int = _MOST_ENTRIES

    def take(self, name: str, modified: datetime | None, size: int, data: IO[bytes]) -> None:
        """Read a file, or say why not; what it says of its size is not believed."""
        limit = min(LARGEST_BYTES, self.bytes_left)
        content = data.read(limit + 1) if size <= limit else b"\0" * (limit + 1)
        if len(content) > limit:
            self.notes.append(
                f"{shown(name)} is larger than {LARGEST_BYTES >> 20} MB, or there is too much in all; "
                "clear its outputs and hand it in again."
            )
            return
        self.bytes_left -= len(content)
        self.files.append(File(name, modified, content))


def collect(paths: Sequence[Path]) -> Collected:
    """All that may be a notebook in what one student has handed in."""
    collected = Collected()
    for path in paths:
        _visit(path, path.name, collected, 0)
    if collected.entries_left <= 0:
        collected.notes.append(f"There are more than {_MOST_ENTRIES} files; the rest was not looked at.")
    return collected


def shown(name: str) -> str:
    """A file's name as a note can show it."""
    return ascii(name[-80:])[1:-1] if not name.isprintable() else name[-80:]


def ignored(name: str) -> bool:
    """Whether a file or folder is none of the student's: a checkpoint, a cache, a dot file."""
    return bool(_IGNORED.fullmatch(name))


def _visit(path: Path, name: str, collected: Collected, depth: int) -> None:
    collected.entries_left -= 1
    if collected.entries_left <= 0:
        return
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            collected.notes.append(f"{shown(name)} is a link and was not followed; hand in the file itself.")
        elif stat.S_ISDIR(status.st_mode):
            _visit_folder(path, name, collected, depth)
        elif stat.S_ISREG(status.st_mode):
            _visit_file(path, name, status, collected)
    except PermissionError:
        collected.notes.append(f"{shown(name)} may not be read; give read permission (chmod -R u+rX).")
    except OSError as error:
        collected.notes.append(f"{shown(name)} could not be read ({error.strerror}).")


def _visit_folder(path: Path, name: str, collected: Collected, depth: int) -> None:
    if depth > _DEEPEST:
        collected.notes.append(f"{shown(name)} lies too deep and was not looked at.")
        return
    for inner in sorted(os.listdir(path)):
        if not ignored(inner):
            _visit(path / inner, f"{name}/{inner}", collected, depth + 1)


def _visit_file(path: Path, name: str, status: os.stat_result, collected: Collected) -> None:
    modified = datetime.fromtimestamp(status.st_mtime, UTC)
    if NOTEBOOK.search(name):
        with path.open("rb") as data:
            collected.take(name, modified, status.st_size, data)
    elif name.lower().endswith(".zip"):
        with path.open("rb") as data:
            _visit_zip(data, name, collected, nested=False)
    else:
        collected.others.append(name)


def _visit_zip(data: IO[bytes], name: str, collected: Collected, *, nested: bool) -> None:
    try:
        with zipfile.ZipFile(data) as archive:
            for entry in archive.infolist():
                collected.entries_left -= 1
                if collected.entries_left <= 0:
                    return
                _visit_entry(archive, entry, name, collected, nested=nested)
    except (zipfile.BadZipFile, struct.error, ValueError, EOFError) as error:
        collected.notes.append(f"{shown(name)} is no readable zip ({str(error)[:60]}); make it again.")


def _visit_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, zip_name: str, collected: Collected, *, nested: bool
) -> None:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    inside = ".." not in path.parts and not re.match(r"/|[A-Za-z]:", str(path))
    name = f"{zip_name}/{path}"
    if entry.is_dir() or any(ignored(part) for part in path.parts if part != ".."):
        return
    if not inside or stat.S_ISLNK(entry.external_attr >> 16):
        collected.notes.append(f"{shown(name)} is a link or leads out of the zip; it was not read.")
    elif not (NOTEBOOK.search(name) or name.lower().endswith(".zip")):
        collected.others.append(name)
    elif nested and name.lower().endswith(".zip"):
        collected.notes.append(f"{shown(name)} is a zip in a zip in a zip; it was not opened.")
    else:
        _read_entry(archive, entry, name, collected)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, collected: Collected) -> None:
    try:
        with archive.open(entry) as data:
            if name.lower().endswith(".zip"):
                inner = data.read(LARGEST_BYTES + 1)
                collected.bytes_left -= len(inner)
                _visit_zip(io.BytesIO(inner[:LARGEST_BYTES]), name, collected, nested=True)
            else:
                collected.take(name, _modified(entry), entry.file_size, data)
    except RuntimeError:
        collected.notes.append(f"{shown(name)} is encrypted; hand it in without a password.")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, *_CORRUPT) as error:
        collected.notes.append(f"{shown(name)} could not be read from the zip ({type(error).__name__}).")


def _modified(entry: zipfile.ZipInfo) -> datetime | None:
    """The UTC time of the extra field; without it the local time, which is all that a zip holds."""
    for kind, content in _extra_fields(entry.extra):
        if kind == _STAMP and len(content) >= 5 and content[0] & 1:
            return datetime.fromtimestamp(struct.unpack("<i", content[1:5])[0], UTC)
    with suppress(ValueError, OverflowError, OSError):
        return datetime(*entry.date_time).astimezone(UTC)
    return None


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        yield kind, extra[4 : 4 + size]
        extra = extra[4 + size :]
