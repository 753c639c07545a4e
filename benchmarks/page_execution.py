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
import re
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
_LABEL = re.compile(r"(?:label: |name: |\$\$ \()([\w-]*-[\w-]+)")
# Short pages must not make it look better or worse than it is: a chapter has seven sections.
PAGES = 7


def copied(source: BookPaths, folder: Path, *, pages: int, execute: str) -> BookPaths:
    """A book of chapter 1's pages alone, with nothing executed yet."""
    ignored = shutil.ignore_patterns("_build", "__pycache__")
    shutil.copytree(source.root / "book", folder / "book", ignore=ignored)
    config = yaml.safe_load((source.root / "_config.yml").read_text(encoding="utf-8"))
    config["execute"] = {**config["execute"], "execute_notebooks": execute}
    (folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    names = written_pages(source, folder, pages)
    contents = {"format": "jb-book", "root": "book/index", "chapters": [{"file": name} for name in names]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    return BookPaths(folder)


def written_pages(source: BookPaths, folder: Path, pages: int) -> list[str]:
    """Names of the pages that run; of a chapter that is not all written the longest page stands in."""
    own = [page for page in source.pages() if source.name_of(page).startswith(CHAPTER) and is_executed(page)]
    longest = max(own, key=lambda page: page.stat().st_size)
    full = [page for page in own if page.stat().st_size > longest.stat().st_size / 4][:pages]
    names = [source.name_of(page).removesuffix(".md") for page in full]
    for number in range(len(full), pages):
        text = longest.read_text(encoding="utf-8")
        copy = folder / CHAPTER / f"copy-{number}.md"
        for label in set(_LABEL.findall(text)):  # which a book may have once
            text = text.replace(label, f"{label}-{number}")
        # Other code, or the cache would take one execution for all.
        cell = f"\n```{{code-cell}} ipython3\ncopy = {number}\n```\n\n## "
        copy.write_text(text.replace("\n## ", cell, 1), encoding="utf-8")
        names.append(f"{CHAPTER}/{copy.stem}")
    return names


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
