"""Scenarios: named, seeded lists of faults, disturbances, events and writes, each in a small file.

The files lie in the folder `scenario_files` beside this module; a path to a file of your own works too.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import BadArgument, UnknownName

_FOLDER = Path(__file__).parent / "scenario_files"
_Number = Annotated[float, Field(strict=True)]
_Minutes = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FaultEntry(_Strict):
    """A fault on an instrument; its sizes stand in a table of their own, with units in their names."""

    tag: str
    kind: str
    start_min: _Minutes = 0.0
    end_min: _Minutes | None = None
    sizes: dict[str, _Number] = {}


class WriteEntry(_Strict):
    """A write to a controller."""

    at_min: _Minutes
    loop: str
    item: Literal["SV", "MV", "MODE"] = "SV"
    value: _Number | str


class EventEntry(_Strict):
    """Something that happens to the equipment."""

    at_min: _Minutes
    kind: Literal["pump_failure", "cleaning"]
    minutes: _Minutes | None = None


class Scenario(_Strict):
    """A scenario file.

    Attributes:
        name: The file's name.
        description: What happens, in a sentence.
        scope: Smallest scope it needs.
        disturbances: Names of random disturbances that are on.
        age_d: Days since the last cleaning at time 0.
        faults: Instrument faults.
        writes: Writes to controllers.
        events: Events of the equipment.
    """

    name: str
    description: str
    scope: Literal["reactor", "cooling", "plant"] = "reactor"
    disturbances: tuple[str, ...] = ()
    age_d: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] = 0.0
    faults: tuple[FaultEntry, ...] = ()
    writes: tuple[WriteEntry, ...] = ()
    events: tuple[EventEntry, ...] = ()


def load(name: str | Path) -> Scenario:
    """Read a scenario by its name, or from a file of your own.

    Raises:
        UnknownName: If there is no scenario of that name and no such file.
        BadArgument: If the file does not say what a scenario must say; the message names the entry.
    """
    if not isinstance(name, str | Path):
        raise BadArgument("A scenario is a name or a path", value=name, remedy=f"Known: {', '.join(names())}")
    own = Path(name)
    path = own if own.suffix == ".toml" else _FOLDER / f"{name}.toml"
    if not path.is_file():
        raise UnknownName("scenario", str(name), names())
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return Scenario.model_validate({"name": path.stem, **content})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadArgument(
            f"The scenario {path.name} is not TOML", value=str(error), remedy="Mend that line"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadArgument(
            f"The scenario {path.name} is wrong at {where}: {first['msg']}",
            value=first["input"],
            remedy="Correct that entry",
        ) from error


def names() -> list[str]:
    """The scenarios that come with the plant."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def list_scenarios() -> list[Scenario]:
    """All of them, read."""
    return [load(name) for name in names()]
