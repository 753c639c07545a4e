"""How long the book's pages take to run: ours beside Jupyter Book's own way, from nothing.

Ours runs as many pages at a time as there are processors, each in a fork of one warm interpreter.
Jupyter Book runs a page after another while it renders, each in a new Python. Both run copies of the same
pages of chapter 1 in books of their own with empty caches, one after the other in one run. What
Jupyter Book's build takes beside running is measured, too, as a build that finds all results in its cache,
and taken off. Wall time counts, for running side by side is the point; so leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import yaml
from _common import console, table

from harness.authoring.assets import install_assets
from harness.authoring.digest import execution_cache
from harness.authoring.execute import execute_pages, processors
from harness.authoring.pages import is_executed
from harness.authoring.paths import BookPaths, find_book
from harness.authoring.progress import Progress
from harness.warm import client

CHAPTER = "book/1-foundations"
QUICK_PAGES = 2
AIM = 3.0
PAGES = 7


def copied(source: BookPaths, folder: Path, *, pages: int, execute: str) -> BookPaths:
    """A book of chapter 1's pages alone, with nothing executed yet."""
    ignored = shutil.ignore_patterns("_build", "__pycache__")
    shutil.copytree(source.root / "book", folder / "book", ignore=ignored)
    config = yaml.safe_load((source.root / "_config.yml").read_text(encoding="utf-8"))
    config["execute"] = {**config["execute"], "execute_notebooks": execute}
    (folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    own = (source.name_of(page) for page in source.pages() if is_executed(page))
    names = [name.removesuffix(".md") for name in own if name.startswith(CHAPTER)][:pages]
    contents = {"format": "jb-book", "root": "book/index", "chapters": [{"file": name} for name in names]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    return BookPaths(folder)


def ours_s(paths: BookPaths) -> tuple[float, float]:
    """Seconds to run the pages with a server started for it, and once more with the server there."""
    client.close_servers()
    times = []
    for _ in range(2):
        executions = execution_cache(paths)
        shutil.rmtree(executions, ignore_errors=True)
        start = time.perf_counter()
        execute_pages(paths, executions=executions, progress=Progress(lambda line: None))
        times.append(time.perf_counter() - start)
    return times[0], times[1]


def server_s() -> float:
    """Seconds until a new fork server is ready."""
    start = time.perf_counter()
    server = client.ForkServer((sys.executable,), dict(os.environ))
    server.ready.result()
    took = time.perf_counter() - start
    server.close()
    return took


def jupyter_book_s(paths: BookPaths) -> float:
    """Seconds of `jupyter-book build`."""
    command = [str(Path(sysconfig.get_path("scripts")) / "jupyter-book"), "build", "--all", str(paths.root)]
    env = {name: value for name, value in os.environ.items() if name != "JUPYTER_DEFAULT_PROVISIONER_NAME"}
    start = time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "Traceback" in done.stderr:
        raise SystemExit(f"jupyter-book failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_PAGES} pages, for a first look")
    pages = QUICK_PAGES if parser.parse_args().quick else PAGES
    source = find_book(Path(__file__).parent)
    install_assets(source.assets, report=console.print)
    with tempfile.TemporaryDirectory() as scratch:
        books = {}
        for name, execute in (("ours", "cache"), ("theirs", "force")):
            (Path(scratch) / name).mkdir()
            books[name] = copied(source, Path(scratch) / name, pages=pages, execute=execute)
            shutil.copytree(source.assets, books[name].assets)
        ready_s, (cold_s, warm_s) = server_s(), ours_s(books["ours"])
        render_s = jupyter_book_s(books["ours"])  # finds what has just been run
        build_s = jupyter_book_s(books["theirs"])
    show(pages, ready_s=ready_s, cold_s=cold_s, warm_s=warm_s, render_s=render_s, build_s=build_s)


def show(
    pages: int, *, ready_s: float, cold_s: float, warm_s: float, render_s: float, build_s: float
) -> None:
    """Prints the table."""
    shown = table(
        f"{pages} pages of chapter 1, {processors()} processors", "", "wall, s", "s a page", "ratio"
    )
    theirs_s = build_s - render_s
    for name, seconds in (
        ("Jupyter Book, serial, cold kernels", theirs_s),
        ("ours, from nothing", cold_s),
        ("ours, the server being there", warm_s),
    ):
        shown.add_row(name, f"{seconds:.1f}", f"{seconds / pages:.1f}", f"{theirs_s / seconds:.1f} ×")
    shown.add_row("aim", "", "", f"{AIM:.1f} ×")
    shown.add_section()
    shown.add_row("start of the server, in ours", f"{ready_s:.1f}", "", "")
    shown.add_row("rendering, taken off Jupyter Book's", f"{render_s:.1f}", "", "")
    console.print(shown)


if __name__ == "__main__":
    main()
