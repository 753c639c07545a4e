"""How the command line shows what it has to say."""

from __future__ import annotations

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from harness.errors import HarnessError

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)


def show_error(error: HarnessError) -> None:
    """Show an error as a panel: what was wrong, with which value, and what to do.

    Args:
        error: The error, raised by any command.
    """
    body = Text(error.what)
    if error.value is not None:
        body.append(f": {error.value!r}", style="bold")
    if error.remedy:
        body.append(f"\n{error.remedy}.", style="green")
    ERR.print(Panel(body, title=type(error).__name__, title_align="left", border_style="red", expand=False))
