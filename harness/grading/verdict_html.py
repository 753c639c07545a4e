"""A verdict that a learner can read, as HTML for a notebook.

Colours come from JupyterLab's or VS Code's own theme, so that it reads well in light and dark; a sign and a
word say whatever a colour says.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from harness.grading.outcome import GRADER_ERROR, NOT_DONE, PASSED, SKIPPED, ExerciseResult, PartResult
from harness.grading.verdict import details, in_words, sign

_STYLE = """<style>
.harness-verdict { --said: var(--jp-content-font-color1, var(--vscode-foreground, inherit));
  --line: var(--jp-border-color1, var(--vscode-panel-border, #8888)); color: var(--said);
  font-family: var(--jp-content-font-family, inherit); font-size: var(--jp-content-font-size1, 1em);
  line-height: 1.5; max-width: 48em; }
.harness-verdict details { border-left: 4px solid var(--line); padding-left: 0.8em; margin: 0.4em 0; }
.harness-verdict details.passed { border-color: var(--jp-success-color1, #388e3c); }
.harness-verdict details.wrong { border-color: var(--jp-error-color1, #d32f2f); }
.harness-verdict summary { cursor: pointer; }
.harness-verdict ul { list-style: none; padding: 0; margin: 0.4em 0; }
.harness-verdict li { margin: 0.3em 0; }
.harness-verdict dl.said { display: grid; grid-template-columns: max-content 1fr; gap: 0.1em 0.8em;
  margin: 0.2em 0 0.6em 1.6em; }
.harness-verdict dl.said dt { float: none; width: auto; font-weight: normal; font-style: italic; }
.harness-verdict dl.said dd { float: none; width: auto; margin: 0; overflow-wrap: anywhere; }
.harness-verdict dl.said code { color: inherit; background: none; padding: 0; overflow-wrap: anywhere;
  white-space: pre-wrap; font-family: var(--jp-code-font-family, monospace); }
.harness-verdict progress { width: 10em; vertical-align: middle; }
</style>"""


def as_html(results: Sequence[ExerciseResult], footer: str = "") -> str:
    """The verdict on exercises; a single one is unfolded.

    Args:
        results: How the exercises went.
        footer: HTML to end with.
    """
    blocks = "".join(_exercise(result, unfolded=len(results) == 1) for result in results)
    return f'{_STYLE}<div class="harness-verdict">{blocks}{footer}</div>'


def _exercise(result: ExerciseResult, *, unfolded: bool) -> str:
    kind = {PASSED: "passed", NOT_DONE: "waiting"}.get(result.state, "wrong")
    head = (
        f"<strong>{escape(result.exercise)} {escape(result.title)}</strong>: "
        f"{sign(result.state)} {escape(in_words(result.state))}, "
        f"{result.earned:g} of {result.points:g} points"
    )
    parts = "" if result.state == NOT_DONE else "".join(map(_part, result.parts))
    body = f"<ul>{parts}</ul>" if parts else f"<p>{_what_is_missing(result)}</p>"
    return f'<details class="{kind}"{" open" if unfolded else ""}><summary>{head}</summary>{body}</details>'


def _what_is_missing(result: ExerciseResult) -> str:
    said = next((part.message for part in result.parts if part.state == NOT_DONE), "")
    return escape(said) or "Not done yet."


def _part(part: PartResult) -> str:
    head = (
        f"{sign(part.state)} <em>{escape(in_words(part.state))}</em>: {escape(part.title)} "
        f"({part.earned:g} of {part.points:g})"
    )
    unnamed = "why" if part.state in (SKIPPED, GRADER_ERROR) else "what is wrong"
    terms = "".join(_term(name or unnamed, text) for name, text in details(part))
    return f'<li>{head}<dl class="said">{terms}</dl></li>' if terms else f"<li>{head}</li>"


def _term(name: str, text: str) -> str:
    said = f"<code>{escape(text)}</code>" if name in ("tried", "came back") else escape(text)
    return f"<dt>{name}</dt><dd>{said}</dd>"
