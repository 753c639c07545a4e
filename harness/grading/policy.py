"""How points become a grade: a small TOML file with due times, late penalties, extensions and extra credit.

    policy = Policy.read(Path("solutions/policy.toml"))
    policy.total(graded)        # Total(earned=80, points=100, penalty=10, extra=0, why=("Due …",))

Without a file nothing is due and nothing is deducted. A wrong or unknown key is an error that names it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from harness.errors import BadArgument, UnknownName
from harness.grading.box.limits import Limits
from harness.grading.handed_in.students import safe_name

if TYPE_CHECKING:
    from harness.grading.marks import Total
    from harness.grading.reports.graded import Graded

_Percent = Annotated[float, Field(ge=0, le=100)]
_LabName = Annotated[str, StringConstraints(pattern=r"^lab-\d+$")]
_ExerciseName = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+$")]
_Student = Annotated[str, StringConstraints(min_length=1), AfterValidator(safe_name)]
"""Written like the name in the gradebook, or as the roster has it."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Late(_Section):
    """What lateness costs.

    Attributes:
        grace_minutes: How late is not late yet.
        percent_per_day: Deducted for each started day, in percent of the lab's points.
        cap_percent: Most that is deducted, in percent of the lab's points.
    """

    grace_minutes: float = Field(default=15, ge=0)
    percent_per_day: _Percent = 10
    cap_percent: _Percent = 50


class ExtraCredit(_Section):
    """What extra credit can add; `cap_percent` is the most, in percent of the lab's points."""

    cap_percent: _Percent = 10


class Feedback(_Section):
    """What feedback pages show; `show` names the visibilities that are released besides "visible"."""

    show: list[Literal["after_due_date", "after_published"]] = []


class LabRules(_Section):
    """The rules of one lab.

    Attributes:
        due: When it is due.
        latest: When it is no longer taken.
        extra_credit: Exercises whose points are a bonus.
        drop_lowest: How many exercises, the weakest of each student's, do not count.
        canvas_column: The assignment in Canvas, such as "Lab 1 (4711)"; the lab's title by default.
    """

    due: datetime | None = None
    latest: datetime | None = None
    extra_credit: list[_ExerciseName] = []
    drop_lowest: int = Field(default=0, ge=0)
    canvas_column: str = ""


class Extension(_Section):
    """More time for one student in one lab; `latest` moves as much as `due` unless it is given."""

    student: _Student
    lab: _LabName
    due: datetime
    latest: datetime | None = None
    why: str = ""


class BoxRules(_Section):
    """What a student's code may take; more than usual for a slow machine, say.

    Attributes:
        cell_s: Time that a cell may take, in s.
        call_s: Time that a call of a function may take, in s.
        memory_MB: Memory.
    """

    cell_s: float = Field(default=20, gt=0)
    call_s: float = Field(default=20, gt=0)
    memory_MB: int = Field(default=2048, ge=256)

    def limits(self) -> Limits:
        """Itself as limits of a box."""
        return Limits(cell_s=self.cell_s, call_s=self.call_s, memory_bytes=self.memory_MB << 20)


class Policy(_Section):
    """How points become a grade.

    Attributes:
        zone: Zone of times that name none, such as "Europe/Berlin", and of times on pages.
        missing_as_zero: Whether a student who handed in nothing gets 0 points, rather than no grade.
        late: What lateness costs.
        extra_credit: What extra credit can add.
        feedback: What feedback pages show.
        labs: The rules of each lab.
        extensions: More time for single students.
        box: What a student's code may take.
    """

    zone: str = ""
    missing_as_zero: bool = False
    late: Late = Late()
    extra_credit: ExtraCredit = ExtraCredit()
    feedback: Feedback = Feedback()
    labs: dict[_LabName, LabRules] = {}
    extensions: list[Extension] = []
    box: BoxRules = BoxRules()

    @model_validator(mode="before")
    @classmethod
    def _times_have_a_zone(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        zone, labs, extensions = _zone(data.get("zone", "")), data.get("labs"), data.get("extensions")
        if isinstance(labs, dict):
            labs = {name: _with_zone(rules, f"labs.{name}", zone) for name, rules in labs.items()}
            data = data | {"labs": labs}
        if isinstance(extensions, list):
            data = data | {"extensions": [_with_zone(e, "extensions", zone) for e in extensions]}
        return data

    @model_validator(mode="after")
    def _times_make_sense(self) -> Policy:
        for name, rules in self.labs.items():
            _in_order(f"labs.{name}", rules.due, rules.latest)
        seen = set()
        for extension in self.extensions:
            _in_order(f"extensions for {extension.student}", extension.due, extension.latest)
            if (key := (extension.student, extension.lab)) in seen:
                raise ValueError(f"{extension.student} has two extensions for {extension.lab}: leave one")
            seen.add(key)
        return self

    @classmethod
    def read(cls, path: Path | None) -> Policy:
        """Read a policy.

        Args:
            path: Its TOML file; None for a policy that deducts nothing.

        Raises:
            BadArgument: If it cannot be read, or a key is unknown or wrong; all such keys are named.
        """
        if path is None:
            return cls()
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            remedy = "Give the policy's file, or leave the option out"
            raise BadArgument("The policy cannot be read", value=str(path), remedy=remedy) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadArgument(f"{path.name} is no TOML ({error})") from None
        except ValidationError as error:
            raise BadArgument(_all_faults(path.name, error)) from None

    def rules(self, lab: str) -> LabRules:
        """The rules of a lab; those that deduct nothing if the policy does not name it."""
        return self.labs.get(lab, LabRules())

    def times(self, lab: str, student: str) -> tuple[datetime | None, datetime | None]:
        """When a lab is due for a student, and when it is no longer taken; None if there is no such time."""
        rules, extension = self.rules(lab), self.extension(lab, student)
        if extension is None:
            return rules.due, rules.latest
        latest = extension.latest
        if latest is None and rules.latest is not None:
            more = extension.due - rules.due if rules.due is not None else None
            latest = rules.latest + more if more is not None else max(rules.latest, extension.due)
        return extension.due, latest

    def extension(self, lab: str, student: str) -> Extension | None:
        """The extension that a student has; None without."""
        found = (e for e in self.extensions if (e.student, e.lab) == (student, lab))
        return next(found, None)

    def check(self, lab: str, exercises: Iterable[str]) -> None:
        """Check what the policy says of a lab against the lab itself.

        Raises:
            UnknownName: If it names an exercise that the lab does not have.
            BadArgument: If it would drop all exercises.
        """
        names, rules = list(exercises), self.rules(lab)
        for name in rules.extra_credit:
            if name not in names:
                raise UnknownName(f"exercise in labs.{lab}.extra_credit of the policy", name, names)
        counted = len(set(names) - set(rules.extra_credit))
        if rules.drop_lowest >= counted:
            where, remedy = f"labs.{lab}.drop_lowest", f"Leave at least one of {counted} exercises"
            raise BadArgument(f"The policy's {where} is too large", value=rules.drop_lowest, remedy=remedy)

    def total(
        self, graded: Graded, *, lab: str | None = None, worth: Mapping[str, float] | None = None
    ) -> Total:
        """What a student gets for a lab, and why.

        Args:
            graded: The student's results.
            lab: The lab, such as "lab-1"; told from the exercises' numbers by default.
            worth: Points of each exercise of the lab; those of the results by default.
        """
        from harness.grading.marks import total_of

        return total_of(self, graded, lab=lab, worth=worth)

    def local(self, time: datetime) -> str:
        """A time as pages write it, in the policy's zone."""
        zone = _zone(self.zone) or ZoneInfo("UTC")
        return f"{time.astimezone(zone):%Y-%m-%d %H:%M} ({self.zone or 'UTC'})"


def _zone(name: Any) -> ZoneInfo | None:
    if not isinstance(name, str) or not name:
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(f"zone: {name!r} is no time zone. Write one such as 'Europe/Berlin'") from None


def _with_zone(section: Any, where: str, zone: ZoneInfo | None) -> Any:
    """A section whose times carry a zone."""
    if not isinstance(section, dict):
        return section
    naive = {k: v for k, v in section.items() if isinstance(v, datetime) and v.tzinfo is None}
    if naive and zone is None:
        key = next(iter(naive))
        remedy = "Add one, as in 2026-03-02T23:59:00+01:00, or set `zone` at the top of the file"
        raise ValueError(f"{where}.{key}: the time {naive[key]} has no zone. {remedy}")
    return section | {key: time.replace(tzinfo=zone) for key, time in naive.items()}


def _in_order(where: str, due: datetime | None, latest: datetime | None) -> None:
    if latest is not None and due is None:
        raise ValueError(f"{where}: `latest` is given, and `due` is not. Give both")
    if due is not None and latest is not None and latest < due:
        raise ValueError(f"{where}: `latest` ({latest}) is before `due` ({due})")


_SECTIONS: dict[str, type[_Section]] = {
    "late": Late,
    "extra_credit": ExtraCredit,
    "feedback": Feedback,
    "labs": LabRules,
    "extensions": Extension,
}


def _all_faults(file: str, error: ValidationError) -> str:
    return "\n".join(f"{file}: {_fault(e['loc'], e['type'], e['msg'], e['input'])}" for e in error.errors())


def _fault(where: tuple[int | str, ...], kind: str, message: str, value: Any) -> str:
    known = _SECTIONS[str(where[0])] if len(where) > 1 and where[0] in _SECTIONS else Policy
    listed = f"Known: {', '.join(known.model_fields)}"
    key = ".".join(str(part) for part in where)
    if kind == "extra_forbidden":
        return f"unknown key {key!r}. {listed}"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if where[-1] == "[key]":
        return f"unknown lab {where[1]!r}. Labs are named lab-1, lab-2 …"
    if kind == "missing":
        return f"the key {key!r} is missing. {listed}"
    return f"{key}: {message[:1].lower()}{message[1:]}, not {value!r}"
