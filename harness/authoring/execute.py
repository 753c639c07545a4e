"""Runs the pages side by side, and keeps their results where the renderer looks for them.

MyST-NB would run a page while rendering it, one after another, each in a Python that imports everything
anew. Here as many pages run at a time as there are processors, each in a fork of one warm interpreter
(`harness.warm`), and the results of a page are kept as soon as it has ended. When a page fails, those that
run come to their end, no other starts, and all that failed are named, each with its cell and its error.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode

from harness.authoring.executions import Executions
from harness.authoring.pages import is_executed, read_page
from harness.authoring.paths import BookPaths
from harness.authoring.progress import Progress
from harness.authoring.run_page import CELL_FAILURES, failure, number_of, page_client
from harness.errors import BuildError
from harness.warm import warm_kernels

Report = Callable[[str], None]


@dataclass(frozen=True)
class Executed:
    """One page that has results now.

    Attributes:
        name: The page.
        seconds: How long it ran; 0 when its results were there already.
    """

    name: str
    seconds: float


@dataclass
class _Job:
    """A page that is to run."""

    name: str
    file: Path
    page: NotebookNode
    client: NotebookClient | None = field(default=None)


def execute_pages(
    paths: BookPaths, *, executions: Path, progress: Progress, workers: int | None = None
) -> list[Executed]:
    """Runs every page that has no valid results.

    Args:
        paths: The book.
        executions: Folder of the results that are valid; see `digest.execution_cache`.
        progress: Told what is happening.
        workers: How many pages run at a time; the number of processors by default.

    Returns:
        The pages with code, in reading order.

    Raises:
        BuildError: If cells fail; names each page, cell and error.
    """
    jobs = [_Job(paths.name_of(file), file, read_page(paths, file)) for file in _with_code(paths)]
    store = Executions(executions)
    waiting = [job for job in jobs if store.seconds(job.page) is None]
    run = _Run(_longest_first(paths, waiting), store, progress)
    if waiting:
        with progress.showing(len(waiting)), warm_kernels(), asyncio.Runner(loop_factory=_Loop) as runner:
            runner.run(run.all(workers or processors()))
        _remember_seconds(paths, run.seconds)
    _raise(run.failures)
    return [Executed(job.name, run.seconds.get(job.name, 0.0)) for job in jobs]


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


class _Loop(asyncio.SelectorEventLoop):
    """A loop in which nbclient cannot take Ctrl-C for the one kernel that it started last."""

    def add_signal_handler(self, sig: int, callback: Any, *args: Any) -> None:  # type: ignore[override]
        raise RuntimeError("Ctrl-C ends all pages; see execute_pages")


class _Run:
    """The pages that are to run, and what has become of them."""

    def __init__(self, waiting: list[_Job], store: Executions, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self.failures: list[BuildError] = []
        self._waiting, self._store, self._progress = waiting, store, progress
        self._running: list[_Job] = []

    async def all(self, workers: int) -> None:
        tasks = [asyncio.create_task(self._worker()) for _ in range(workers)]
        try:
            await asyncio.gather(*tasks)
        finally:  # after Ctrl-C, or an error that is none of a page's
            for job in self._running:
                if job.client is not None:
                    job.client.shutdown_kernel = "immediate"
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _worker(self) -> None:
        while self._waiting and not self.failures:
            job = self._waiting.pop(0)
            self._running.append(job)
            await self._execute(job)
            self._running.remove(job)

    async def _execute(self, job: _Job) -> None:
        cells = sum(cell.cell_type == "code" for cell in job.page.cells)
        self._progress.starts(job.name, cells=cells)
        started = time.perf_counter()
        try:
            await self._run(job)
        except BuildError as error:
            self.failures.append(error)
        seconds = time.perf_counter() - started
        self._progress.ends(job.name, seconds=seconds, failed=job.name not in self.seconds)

    async def _run(self, job: _Job) -> None:
        reached: list[int] = []
        begun: list[float] = []

        def on_cell(index: int) -> None:
            reached.append(index)
            begun.append(time.perf_counter())
            self._progress.reaches(job.name, cell=number_of(job.page, index))

        job.client = page_client(job.page, folder=job.file.parent, on_cell=on_cell)
        try:
            await job.client.async_execute()
        except CELL_FAILURES as error:
            raise failure(job.page, job.name, reached[-1] if reached else None, error) from error
        # From its first cell: the start of the kernel, which may wait for the fork server, is not the page's.
        self.seconds[job.name] = time.perf_counter() - begun[0] if begun else 0.0
        self._store.keep(job.page, page=job.file, seconds=self.seconds[job.name])


def _with_code(paths: BookPaths) -> list[Path]:
    return [page for page in paths.pages() if is_executed(page)]


def _raise(failures: list[BuildError]) -> None:
    if len(failures) == 1:
        raise failures[0]
    if failures:
        each = "\n\n".join(map(str, failures))
        raise BuildError(f"{len(failures)} pages failed:\n\n{each}") from ExceptionGroup("pages", failures)


def _longest_first(paths: BookPaths, jobs: list[_Job]) -> list[_Job]:
    """So that the last to end is a short one; of pages that never ran, the one with most text first."""
    known = _known_seconds(paths)

    def likely_length(job: _Job) -> tuple[float, int]:
        return known.get(job.name, float("inf")), job.file.stat().st_size

    return sorted(jobs, key=likely_length, reverse=True)


def _known_seconds(paths: BookPaths) -> dict[str, float]:
    try:
        known: dict[str, float] = json.loads(_seconds_file(paths).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # it is but a hint
        return {}
    return known


def _remember_seconds(paths: BookPaths, seconds: dict[str, float]) -> None:
    known = {**_known_seconds(paths), **{name: round(value, 2) for name, value in seconds.items()}}
    paths.build.mkdir(parents=True, exist_ok=True)
    _seconds_file(paths).write_text(json.dumps(known, indent=2), encoding="utf-8")


def _seconds_file(paths: BookPaths) -> Path:
    return paths.build / "page_seconds.json"
