"""What a result depends on, as one short string: while it is the same, nothing need be computed again."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import platform
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from harness.grading.points import module_name

_CHECKS = re.compile(r"test_\d+_\d+\.py")
_NOT_USED = {"mutants", "alternatives"}
_LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "msgpack")


def digest_of(*, folder: Path, exercise: str, answers: str, seeds: list[int], conditions: str) -> str:
    """The digest of everything that an exercise's result depends on; a policy is not among it.

    Args:
        folder: The lab's folder.
        exercise: Such as "1.5".
        answers: Digest of the student's answers to all exercises, for they share an interpreter.
        seeds: The student's seeds.
        conditions: How the work runs: limits, with or without a box.
    """
    parts: list[Any] = [answers, seeds, conditions, _of_lab(folder, exercise), _of_software()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@cache
def _of_lab(folder: Path, exercise: str) -> str:
    """The lab, its fixtures, its data, and the checks of this exercise; not those of the others."""
    return _of_files(folder.parent, [*_used_by(folder, exercise), folder.parent / "conftest.py"])


def _used_by(folder: Path, exercise: str) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        other = _CHECKS.fullmatch(path.name) is not None and path.name != module_name(exercise)
        if not other and inside[0] not in _NOT_USED and not any(_is_by_product(part) for part in inside):
            yield path


def _is_by_product(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"


@cache
def _of_software() -> str:
    """The harness itself, the book's package, and the libraries that answers and checks compute with."""
    hashes = [_of_package("harness"), _of_package("twin"), platform.python_version()]
    hashes += [_version(name) for name in _LIBRARIES]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _of_package(name: str) -> str:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return ""
    folder = Path(next(iter(spec.submodule_search_locations)))
    return _of_files(folder, sorted(folder.rglob("*.py")))


def _of_files(base: Path, files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in files:
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(base).as_posix()}\0{content}\n".encode())
    return total.hexdigest()
