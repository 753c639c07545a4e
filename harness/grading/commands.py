"""The commands of the command line that hand labs out and open them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from harness.grading.course import find_course

app = typer.Typer(help="Hand labs out, and do them.", no_args_is_help=True)
_OUT = Console(highlight=False, soft_wrap=True)

Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder", help="Folder of the course; found upwards from here by default.", show_default=False
    ),
]


@app.command()
def release(
    folder: Folder = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; name the files that are out of date and exit with 1."),
    ] = False,
    overwrite_edits: Annotated[
        bool,
        typer.Option("--overwrite-edits", help="Overwrite files of labs/ even if they were edited by hand."),
    ] = False,
) -> None:
    """Make the labs that are handed out (labs/) from those with solutions (solutions/).

    Dropped are solutions, cells tagged `solution`, hidden checks, mutants, other answers and outputs.
    A lab whose regions are not balanced or whose points do not add up is refused.
    """
    from harness.grading.release.writing import release as write_labs
    from harness.grading.release.writing import stale_files

    course = find_course(folder)
    if check:
        _check(stale_files(course))
        return
    changed = write_labs(course, overwrite_edits=overwrite_edits)
    for name in changed.written:
        _OUT.print(f"wrote {name}", markup=False)
    for name in changed.removed:
        _OUT.print(f"removed {name}", markup=False)
    if not (changed.written or changed.removed):
        _OUT.print("labs/ is up to date", markup=False)


def _check(stale: list[str]) -> None:
    for name in stale:
        _OUT.print(f"out of date: {name}", markup=False)
    if stale:
        _OUT.print("Run `make release`.", markup=False)
        raise typer.Exit(1)
    _OUT.print("labs/ is up to date", markup=False)


@app.command()
def lab(
    folder: Folder = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser, or only print the address.")
    ] = True,
    port: Annotated[
        int,
        typer.Option(help="Port to listen on; 0 takes 8888 or the next free one.", min=0, max=65535),
    ] = 0,
) -> None:
    """Do the labs in JupyterLab, until Ctrl-C.

    Your own copies lie in work/, which is made from labs/ at the first start. git ignores it, and nothing
    overwrites what you write there: an update of the course is merged into it at the next start, after a copy
    of your notebook was kept, or is put beside it where it would touch your own lines.

    A double click on lab-1.md opens it as a notebook. What you hand in is that file. `pytest labs/` says in
    a terminal what check("1.5") says in the notebook.
    """
    from harness.grading.learner import jupyter
    from harness.grading.learner.copies import bring_up_to_date

    course = find_course(folder)
    if port:
        jupyter.check_port(port)
    for line in bring_up_to_date(course):
        _OUT.print(line, markup=False)
    environment = jupyter.prepare(course.work)
    _OUT.print(f"JupyterLab shows your labs, {course.work}  (Ctrl-C ends it)", markup=False)
    start = jupyter.command(port=port, browser=browser)
    # It takes this process over, so that Ctrl-C, a closed terminal and its exit code are JupyterLab's own.
    os.execve(start[0], start, environment)
