"""Compares what the pages glue with what they glued when their authors last looked: `tests/expected/`.

A page's front matter may say how closely, by name or for all numbers:

    expected: {default: {rel: 1e-6}, some_name: skip, other: {abs: 0.5}, third: {rel: 0.1}}

Without it, integers and strings must be the same and floats must agree to a millionth. What is glued and
not expected, or expected and not glued, is an error like a wrong value; what is skipped is not kept at all.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from harness.authoring.glued import Unreadable, Value, glued_values
from harness.authoring.paths import BookPaths
from harness.errors import BuildError

REMEDY = "Look at the page; if the new values are right, run `harness expect`"
_FLOAT_REL = 1e-6
_SKIP = "skip"
_DEFAULT = "default"
_FORM = "a mapping with `rel`, `abs` or both, each a number that is not negative; or the word skip"


@dataclass(frozen=True)
class Tolerance:
    """How far a number may be off: by the larger of both."""

    rel: float = 0.0
    abs: float = 0.0

    def __str__(self) -> str:
        parts = [f"{kind} {size:g}" for kind, size in (("rel", self.rel), ("abs", self.abs)) if size]
        return " or ".join(parts) or "exact"

    def holds(self, seen: float, expected: float) -> bool:
        """Whether a number is near enough."""
        return abs(seen - expected) <= max(self.abs, self.rel * abs(expected))


@dataclass(frozen=True)
class Tolerances:
    """What a page's front matter says.

    Attributes:
        by_name: Those of single values.
        skipped: Names that are not compared.
        default: That of all other numbers; None for the usual one.
    """

    by_name: dict[str, Tolerance]
    skipped: frozenset[str]
    default: Tolerance | None

    def of(self, name: str, expected: Value) -> Tolerance:
        """The tolerance of one value."""
        usual = Tolerance(rel=_FLOAT_REL) if isinstance(expected, float) else Tolerance()
        return self.by_name.get(name) or self.default or usual


def tolerances(page: NotebookNode, *, name: str) -> Tolerances:
    """The tolerances in a page's front matter.

    Raises:
        BuildError: If they are not of the form that this module's docstring shows.
    """
    given = page.metadata.get("expected", {})
    if not isinstance(given, dict):
        raise _bad_form(name, "expected", given)
    sizes = {
        key: _tolerance(name, key, value) for key, value in given.items() if value != _SKIP or key == _DEFAULT
    }
    skipped = frozenset(given.keys() - sizes.keys())
    return Tolerances(
        {key: size for key, size in sizes.items() if key != _DEFAULT}, skipped, sizes.get(_DEFAULT)
    )


def _tolerance(name: str, key: str, given: Any) -> Tolerance:
    known = isinstance(given, dict) and given and given.keys() <= {"rel", "abs"}
    if not known or not all(_is_size(size) for size in given.values()):
        raise _bad_form(name, f"expected: {key}", given)
    return Tolerance(**{kind: float(size) for kind, size in given.items()})


def _is_size(size: Any) -> bool:
    """Whether it is a number; YAML reads 1e-6, without a dot, as a string."""
    try:
        return not isinstance(size, bool) and math.isfinite(float(size)) and float(size) >= 0
    except (TypeError, ValueError):
        return False


def _bad_form(name: str, where: str, given: Any) -> BuildError:
    given = dict(given) if isinstance(given, dict) else given
    return BuildError(f"{name}: `{where}` in the front matter is not {_FORM}", value=given)


def problems(executed: NotebookNode, *, name: str, expected: dict[str, Value]) -> list[str]:
    """What is wrong with the values that a page has glued, a line for each.

    Args:
        executed: The page with its results.
        name: Its name.
        expected: What `read_expected` gives.

    Raises:
        BuildError: If the page's tolerances are not of the right form.
    """
    allowed, seen = tolerances(executed, name=name), glued_values(executed)
    compared = {key: value for key, value in seen.items() if key not in allowed.skipped}
    wrong = [
        f"{key}: the front matter names it, but the page does not glue it"
        for key in sorted((allowed.by_name.keys() | allowed.skipped) - seen.keys())
    ]
    wrong += [
        f"{key}: expected {expected[key]!r}, not glued" for key in sorted(expected.keys() - compared.keys())
    ]
    for key, value in compared.items():
        wrong += _problem(key, value, expected.get(key), allowed)
    return wrong


def _problem(key: str, seen: Value | Unreadable, expected: Value | None, allowed: Tolerances) -> list[str]:
    if isinstance(seen, Unreadable):
        return [f"{key}: the page glues {seen.why}; let the front matter skip it, or glue a plain value"]
    if isinstance(seen, float) and not math.isfinite(seen):
        return [f"{key}: the page glues {seen!r}, which is no number"]
    if expected is None:
        return [f"{key}: glued {seen!r}, not expected"]
    tolerance = allowed.of(key, expected)
    if _agree(seen, expected, tolerance):
        return []
    return [f"{key}: expected {expected!r}, seen {seen!r} (tolerance: {tolerance})"]


def _agree(seen: Value, expected: Value, tolerance: Tolerance) -> bool:
    if isinstance(seen, int | float) and isinstance(expected, int | float):
        same_kind = isinstance(seen, bool) == isinstance(expected, bool)
        return same_kind and tolerance.holds(seen, expected)
    return type(seen) is type(expected) and seen == expected


def expected_file(paths: BookPaths, name: str) -> Path:
    """Where the expected values of a page are kept: tests/expected/, its name below book/, .json."""
    inside = Path(name).relative_to("book") if name.startswith("book/") else Path(name)
    return paths.root / "tests" / "expected" / inside.with_suffix(".json")


def read_expected(paths: BookPaths, name: str) -> dict[str, Value]:
    """The expected values of a page; none if nothing is kept."""
    file = expected_file(paths, name)
    if not file.is_file():
        return {}
    values: dict[str, Value] = json.loads(file.read_text(encoding="utf-8"))
    return values


def renewed(executed: NotebookNode, *, name: str, expected: dict[str, Value]) -> dict[str, Value]:
    """What is to be expected of a page from now on; values that agree are left as they are.

    Raises:
        BuildError: If the page glues what cannot be compared, or its front matter is wrong.
    """
    allowed, values = tolerances(executed, name=name), {}
    for key, value in glued_values(executed).items():
        if key in allowed.skipped:
            continue
        if isinstance(value, Unreadable) or (isinstance(value, float) and not math.isfinite(value)):
            raise BuildError(f"{name}: {_problem(key, value, None, allowed)[0]}")
        old = expected.get(key)
        values[key] = value if old is None or _problem(key, value, old, allowed) else old
    return values
