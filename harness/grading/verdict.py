"""A verdict that a learner can read, as text for a terminal; `verdict_html` has the same for a notebook."""

from __future__ import annotations

from harness.grading.outcome import GRADER_ERROR, NOT_DONE, PASSED, SKIPPED, ExerciseResult, PartResult

LONGEST = 300
LONGEST_TRIED = 600  # a drawing of some flows can be rebuilt from it
_SIGNS = {PASSED: "✓", NOT_DONE: "·", SKIPPED: "·", GRADER_ERROR: "!"}
_WORDS = {
    PASSED: "passed",
    "failed": "not right yet",
    "partial": "right in part",
    NOT_DONE: "not done yet",
    GRADER_ERROR: "the check itself failed",
}


def as_text(result: ExerciseResult) -> str:
    """The verdict on an exercise as lines of text."""
    if result.state == NOT_DONE:
        return f"{result.exercise} {result.title}: not done yet (0 of {result.points:g} points)"
    head = f"{result.exercise} {result.title}: {result.earned:g} of {result.points:g} points"
    return "\n".join([head, *(line for part in result.parts for line in _lines(part))])


def _lines(part: PartResult) -> list[str]:
    lines = [f"  {sign(part.state)} {part.title} ({part.earned:g} of {part.points:g})"]
    return lines + [f"      {name + ': ' if name else ''}{text}" for name, text in details(part)]


def details(part: PartResult) -> list[tuple[str, str]]:
    """What there is to say of a check that did not pass: names, empty for what was wrong, and texts."""
    if part.state == PASSED:
        return []
    said = (("tried", part.tried), ("came back", part.got), ("", part.message), ("hint", part.hint))
    return [(name, tidy(text, LONGEST_TRIED if name == "tried" else LONGEST)) for name, text in said if text]


def sign(state: str) -> str:
    """A sign for how a check went."""
    return _SIGNS.get(state, "✗")


def in_words(state: str) -> str:
    """How a check or an exercise went, as a learner reads it."""
    return _WORDS.get(state, state)


def tidy(text: str, longest: int = LONGEST) -> str:
    """Text that a learner's code may have had a hand in: one line, of a bearable length, with nothing unseen.

    Args:
        text: The text.
        longest: How many characters of it are shown.
    """
    line = " ".join(text[: 4 * longest].split())
    if len(line) > longest or len(text) > 4 * longest:
        line = line[:longest] + " …"
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)
