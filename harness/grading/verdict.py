"""A verdict that a learner can read: as text for a terminal, as HTML for a notebook."""

from __future__ import annotations

from harness.grading.outcome import NOT_DONE, PASSED, ExerciseResult, PartResult

_SIGNS = {PASSED: "✓", NOT_DONE: "·", "skipped": "·"}


def as_text(result: ExerciseResult) -> str:
    """The verdict on an exercise as lines of text."""
    if result.state == NOT_DONE:
        return f"{result.exercise} {result.title}: not done yet (0 of {result.points:g} points)"
    head = f"{result.exercise} {result.title}: {result.earned:g} of {result.points:g} points"
    return "\n".join([head, *(line for part in result.parts for line in _lines(part))])


def _lines(part: PartResult) -> list[str]:
    sign = _SIGNS.get(part.state, "✗")
    lines = [f"  {sign} {part.title} ({part.earned:g} of {part.points:g})"]
    if part.state == PASSED:
        return lines
    details = (("tried", part.tried), ("came back", part.got), ("", part.message), ("hint", part.hint))
    return lines + [f"      {name + ': ' if name else ''}{text}" for name, text in details if text]
