"""What a student gets for a lab: points, extra credit, what is dropped, what lateness costs, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from harness.grading.outcome import GRADER_ERROR

if TYPE_CHECKING:
    from harness.grading.policy import Policy
    from harness.grading.reports.graded import Graded

_DAY_S = 86_400


@dataclass(frozen=True)
class Total:
    """What a student gets for a lab.

    Attributes:
        earned: Points earned, after dropping, without extra credit.
        points: What the lab is worth, without extra credit.
        penalty: Points deducted for lateness; never more than there are.
        extra: Points of extra credit that count.
        why: The reasons of all that is not plain adding up, a sentence each.
        lateness: Those of them that are about lateness; they say nothing of the points earned.
        days_late: Days late that were started, after grace.
        too_late: Whether it came when it was no longer taken.
    """

    earned: float
    points: float
    penalty: float = 0.0
    extra: float = 0.0
    why: tuple[str, ...] = ()
    lateness: tuple[str, ...] = ()
    days_late: int = 0
    too_late: bool = False

    @property
    def total(self) -> float:
        """The grade in points."""
        return max(0.0, round(self.earned + self.extra - self.penalty, 2))


def total_of(
    policy: Policy, graded: Graded, *, lab: str | None = None, worth: Mapping[str, float] | None = None
) -> Total:
    """What a student gets for a lab; see `Policy.total`."""
    worth = worth or {result.exercise: result.points for result in graded.results}
    lab = lab or _lab_of(worth)
    bonus = set(policy.rules(lab).extra_credit)
    points = round(sum(value for name, value in worth.items() if name not in bonus), 6)
    earned, dropped = _earned(policy, graded, lab, worth, bonus)
    extra, capped = _extra(policy, graded, bonus, points)
    days, too_late, late_why = _lateness(policy, graded, lab)
    have = earned + extra
    share = 1.0 if too_late else min(policy.late.cap_percent, days * policy.late.percent_per_day) / 100
    penalty = have if too_late else min(round(share * points, 2), have)
    lateness = (*late_why, *(_costs(policy, days, share) if days and not too_late else ()))
    why = (*dropped, *capped, *lateness)
    return Total(earned, points, round(penalty, 2), extra, why, lateness, days, too_late)


def _lab_of(exercises: Mapping[str, float]) -> str:
    """The lab of exercises: those of chapter 1 make up lab-1."""
    return f"lab-{next(iter(exercises), '').split('.')[0]}"


def _earned(
    policy: Policy, graded: Graded, lab: str, worth: Mapping[str, float], bonus: set[str]
) -> tuple[float, tuple[str, ...]]:
    """Points without extra credit, the weakest exercises dropped and the rest scaled up to all points."""
    got = {result.exercise: result.earned for result in graded.results}
    broken = {result.exercise for result in graded.results if result.state == GRADER_ERROR}
    base = [name for name in worth if name not in bonus and worth[name] > 0]
    weakest = sorted(base, key=lambda name: (got.get(name, 0.0) / worth[name], -worth[name], name))
    # What the grader could not grade may turn out well: it is not the weakest.
    candidates = [name for name in weakest if name not in broken]
    drop = candidates[: min(policy.rules(lab).drop_lowest, max(0, len(base) - 1))]
    kept = [name for name in base if name not in drop]
    points, left = sum(worth[name] for name in base), sum(worth[name] for name in kept)
    earned = sum(got.get(name, 0.0) for name in kept)
    if not drop:
        return round(earned, 2), ()
    said = f"{_listed(drop)} left out as the weakest; the other {left:g} points count as {points:g}."
    return round(earned * points / left, 2), (said,)


def _listed(names: list[str]) -> str:
    names = sorted(names)
    if len(names) == 1:
        return f"Exercise {names[0]} is"
    return f"Exercises {', '.join(names[:-1])} and {names[-1]} are"


def _extra(policy: Policy, graded: Graded, bonus: set[str], points: float) -> tuple[float, tuple[str, ...]]:
    got = sum(result.earned for result in graded.results if result.exercise in bonus)
    most = round(policy.extra_credit.cap_percent * points / 100, 2)
    if got <= most:
        return round(got, 2), ()
    return most, (f"Extra credit adds at most {most:g} points; {got:g} were earned.",)


def _lateness(policy: Policy, graded: Graded, lab: str) -> tuple[int, bool, tuple[str, ...]]:
    """Days late that were started, whether it came too late, and the reasons."""
    due, latest = policy.times(lab, graded.student)
    if due is None or not graded.results or graded.state != "read":
        return 0, False, ()
    granted = _granted(policy, lab, graded.student)
    if graded.handed_in_at is None:
        return (
            0,
            False,
            (*granted, "When it was handed in is not known, so nothing is deducted for lateness."),
        )
    late = graded.handed_in_at - due
    if latest is not None and graded.handed_in_at > latest:
        return days_of(late), True, (*granted, _too_late(policy, graded.handed_in_at, latest))
    if late <= timedelta(minutes=policy.late.grace_minutes):
        in_grace = "It came within the grace time, so nothing is deducted."
        return 0, False, (*granted, in_grace) if late > timedelta() else granted
    return days_of(late), False, (*granted, f"Due {policy.local(due)}, handed in {_spoken(late)} later.")


def days_of(late: timedelta) -> int:
    """Days that were started; 0 if it was in time."""
    return max(0, math.ceil(late.total_seconds() / _DAY_S))


def _granted(policy: Policy, lab: str, student: str) -> tuple[str, ...]:
    extension = policy.extension(lab, student)
    if extension is None:
        return ()
    return (f"More time was granted, until {policy.local(extension.due)}.",)


def _too_late(policy: Policy, handed_in_at: datetime, latest: datetime) -> str:
    return (
        f"Handed in {policy.local(handed_in_at)}, and it was taken until {policy.local(latest)}: no points."
    )


def _spoken(late: timedelta) -> str:
    minutes = math.ceil(late.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def _costs(policy: Policy, days: int, share: float) -> tuple[str, ...]:
    started = "1 day was started" if days == 1 else f"{days} days were started"
    rate = f"{policy.late.percent_per_day:g} % of the lab's points each"
    capped = share * 100 < days * policy.late.percent_per_day
    limit = f", {policy.late.cap_percent:g} % at most" if capped else ""
    return (f"{started}, at {rate}{limit}: {share * 100:g} % is deducted.",)
