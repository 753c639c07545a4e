"""The command line `harness`.

Each command is a module of its own and imports what is heavy when it runs, so that `harness --help`
answers at once. An error of the harness is shown as a short panel with what was wrong and what to do;
a traceback is left for what nobody foresaw.
"""

from __future__ import annotations

import typer

from harness.authoring.commands import app as book_commands
from harness.cli import doctor, scenarios, up
from harness.cli.panels import show_error
from harness.errors import HarnessError
from harness.grading.commands import app as lab_commands

BAD_USE = 2

app = typer.Typer(
    name="harness",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up.up)
app.command()(scenarios.scenarios)
app.command()(doctor.doctor)
app.add_typer(book_commands)
app.add_typer(lab_commands)


@app.callback()
def _harness() -> None:
    """The simulated plant of the course, its services, its book and its labs.

    Start the plant and look at it:  [bold]harness up[/bold]

    See what is installed:  [bold]harness doctor[/bold]

    Make and read the book:  [bold]harness book[/bold], then [bold]harness serve[/bold]

    Do the labs:  [bold]harness lab[/bold]

    Each command explains itself:  [bold]harness up --help[/bold]
    """


def command_names() -> set[str]:
    """The names of all commands."""
    return set(typer.main.get_group(app).commands)


def run() -> int:
    """Run the command that the arguments name.

    Returns:
        The exit code, when the command does not end the process with one of its own.
    """
    try:
        app()
    except HarnessError as error:
        show_error(error)
        return BAD_USE
    return 0
