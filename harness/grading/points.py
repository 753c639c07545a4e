"""How a check is written: an ordinary test function with a number of points.

    @points(3, hint="A rate per minute is 60 times a rate per second.")
    def test_heat_balance_closes(submission, seed):
        \"\"\"The heat that reaction releases equals what the jacket takes and what warms the feed.\"\"\"
        log = Plant(seed=seed).simulate(hours=1).log
        heat_W = submission.call("heat_released_W", log)
        close(heat_W, released_W(log), what="The heat in W", rel_tol=0.01, otherwise="…")

A module `test_1_5.py` holds the checks of exercise 1.5; those in `checks/` are handed out, those in `hidden/`
are not. Points of both add up. Checks run in the order in which they stand, visible ones first, and one
that `needs` another is skipped when that one did not pass.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, TypeVar, get_args

from harness.errors import BadArgument

Visibility = Literal["visible", "hidden", "after_due_date", "after_published"]
"""When a learner sees how a check went, in Gradescope's words."""

CHECKS, HIDDEN = "checks", "hidden"
"""Folders of a lab: checks that are handed out, and those that are not."""

_F = TypeVar("_F", bound=Callable[..., Any])
_MARK = "_grading_points"


@dataclass(frozen=True)
class Part:
    """One check of an exercise.

    Attributes:
        name: Name of its function.
        title: What it looks at, from its docstring.
        points: What it is worth.
        function: The function itself.
        visibility: When its verdict is shown.
        needs: Names of checks that must have passed.
        hint: Where to look when it fails.
        secret: Whether its source and its inputs are kept from learners.
    """

    name: str
    title: str
    points: float
    function: Callable[..., Any]
    visibility: Visibility = "visible"
    needs: tuple[str, ...] = ()
    hint: str = ""
    secret: bool = False


def points(
    number: float, *, visibility: Visibility = "visible", needs: str | Sequence[str] = (), hint: str = ""
) -> Callable[[_F], _F]:
    """Make a test function a check that is worth points.

    Args:
        number: What it is worth; not negative.
        visibility: When the learner sees its verdict.
        needs: Checks of the same exercise that must have passed, by name.
        hint: Where to look when it fails; never the answer.
    """
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < 1000:
        raise BadArgument("Points must be a number from 0 to 1000", value=number)
    if visibility not in get_args(Visibility):
        raise BadArgument("Unknown visibility", value=visibility, remedy=f"Use one of {get_args(Visibility)}")
    wanted = (needs,) if isinstance(needs, str) else tuple(needs)

    def mark(function: _F) -> _F:
        setattr(function, _MARK, (float(number), visibility, wanted, hint))
        return function

    return mark


def module_name(exercise: str) -> str:
    """Name of the modules with the checks of an exercise, such as "test_1_5.py"."""
    return f"test_{exercise.replace('.', '_')}.py"


def parts_of(module: ModuleType, *, secret: bool = False) -> list[Part]:
    """The checks of a module, in the order in which they stand.

    Raises:
        BadArgument: If a check has no docstring, since its first line is its title.
    """
    functions = [f for f in vars(module).values() if inspect.isfunction(f) and hasattr(f, _MARK)]
    functions.sort(key=lambda function: function.__code__.co_firstlineno)
    return [_part(function, secret) for function in functions]


def in_order(parts: Sequence[Part]) -> list[Part]:
    """The checks of an exercise, visible and hidden, as they run.

    Raises:
        BadArgument: If two have the same name, for one's points would be lost; or if one needs a check that
            does not stand before it.
    """
    names: set[str] = set()
    for part in parts:
        if part.name in names:
            raise BadArgument("Two checks of an exercise have the same name", value=part.name)
        if unknown := [name for name in part.needs if name not in names]:
            raise BadArgument(f"{part.name} needs checks that do not stand before it", value=unknown)
        names.add(part.name)
    return list(parts)


def _part(function: Callable[..., Any], secret: bool) -> Part:
    number, visibility, needs, hint = getattr(function, _MARK)
    title = (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
    if not title:
        raise BadArgument(
            "A check needs a docstring, whose first paragraph is its title", value=function.__name__
        )
    return Part(function.__name__, title, number, function, visibility, needs, hint, secret)
