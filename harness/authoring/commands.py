"""The commands of the command line that make and show the book.

The notebook libraries take seconds to import, so a command imports them only when it needs them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from harness.authoring.digest import is_built
from harness.authoring.paths import BookPaths, find_book
from harness.authoring.serve import site_server, url_of

app = typer.Typer(help="Make the book and show it.", no_args_is_help=True)
_OUT = Console(highlight=False, soft_wrap=True)

Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder", help="Folder of the book; found upwards from here by default.", show_default=False
    ),
]


@app.command()
def book(
    folder: Folder = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Pages that run at a time; as many as processors by default.", min=1),
    ] = None,
) -> None:
    """Build the book: write the twin, run the pages, render the site.

    Only what has changed is done again. A page whose code fails, or any warning of the renderer,
    stops the build and says where.
    """
    started = time.perf_counter()

    def report(line: str) -> None:
        _OUT.print(f"{time.perf_counter() - started:6.1f} s  {line}", markup=False)

    paths = find_book(folder)
    if is_built(paths):
        report("nothing has changed since the last build")
    else:
        _build(paths, report, workers)
    address = (paths.html / "index.html").as_uri()
    _OUT.print(f"\nThe book is built. Open it in a browser:\n    {address}", markup=False)
    _OUT.print("or show it at a local address: make serve", markup=False)


@app.command()
def serve(
    folder: Folder = None,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 0,
) -> None:
    """Show the built book at an address of this machine, until Ctrl-C."""
    with site_server(find_book(folder).html, port=port) as server:
        _OUT.print(f"The book is at {url_of(server)}  (Ctrl-C ends)", markup=False)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            _OUT.print("\nended", markup=False)


@app.command()
def tangle(
    folder: Folder = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; name the files that are out of date and exit with 1."),
    ] = False,
) -> None:
    """Write the package `twin` from the cells of the pages that are tagged `twin`."""
    from harness.authoring.tangle import stale_files
    from harness.authoring.tangle import tangle as write_twin

    paths = find_book(folder)
    if check:
        _check(stale_files(paths))
        return
    changed = write_twin(paths)
    for name in changed.written:
        _OUT.print(f"wrote {name}", markup=False)
    for name in changed.removed:
        _OUT.print(f"removed {name}", markup=False)
    if not (changed.written or changed.removed):
        _OUT.print("book/twin is up to date", markup=False)


@app.command()
def expect(
    folder: Folder = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; show what would change and exit with 1.")
    ] = False,
) -> None:
    """Keep what the pages glue now as what `make test` expects of them (tests/expected)."""
    from harness.authoring.expect import changes, difference, write

    paths = find_book(folder)
    found = changes(paths)
    for file, text in found.items():
        _OUT.print(difference(paths, file, text), markup=False)
    if not found:
        _OUT.print("tests/expected is up to date", markup=False)
    elif check:
        _OUT.print("Run `harness expect` if this is right.", markup=False)
        raise typer.Exit(1)
    write(found)


def _build(paths: BookPaths, report: Callable[[str], None], workers: int | None) -> None:
    from harness.authoring.build import build_book

    build_book(paths, report=report, workers=workers, console=_OUT)
    report("done")


def _check(stale: list[str]) -> None:
    for name in stale:
        _OUT.print(f"out of date: {name}", markup=False)
    if stale:
        _OUT.print("Run `make tangle`.", markup=False)
        raise typer.Exit(1)
    _OUT.print("book/twin is up to date", markup=False)
