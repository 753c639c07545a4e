"""Text that others wrote, such as a learner's code, made fit for a page or a file."""

from __future__ import annotations

import unicodedata

_LONGEST = 1500
# They turn the writing round, so that text looks like what it is not.
_TURNING = {*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def clean(text: str, longest: int = _LONGEST) -> str:
    """A text without control characters, and not too long; its line breaks stay.

    Args:
        text: The text.
        longest: Most characters that are kept.
    """
    cut = text if len(text) <= longest else f"{text[:longest]} … ({len(text) - longest} characters left out)"
    return "".join("\ufffd" if _strange(character) else character for character in cut)


def _strange(character: str) -> bool:
    if character in "\n\t":
        return False
    return unicodedata.category(character) in ("Cc", "Cs") or character in _TURNING
