"""Pages of the book as tests: nbval's notebook file and cells, read from MyST, run as the build runs them.

A page is read as the renderer reads it (`read_page`), and not by jupytext: only then are its cells, to the
last blank line, those that the build has run, so that one execution serves both. If the build has a valid
one, the cells tell how it went; if not, they are run here, in a warm kernel, one by one, and the results are
kept for the build. Outputs are not compared (nbval calls this lax), but the values that a page glues are:
the last item of a page compares them with tests/expected.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile, find_metadata_tags

from harness.authoring.digest import execution_cache
from harness.authoring.executions import Executions
from harness.authoring.expected import REMEDY, problems, read_expected
from harness.authoring.pages import is_executed, line_of, read_page
from harness.authoring.paths import BookPaths, find_book
from harness.authoring.run_page import CELL_FAILURES, failure, number_of, page_client
from harness.errors import BuildError
from harness.warm import warm_kernels

NUMBERS = "glued values"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".md" or file_path not in pages_of(file_path.parent):
        return None
    return PageFile.from_parent(parent, path=file_path)


@cache
def pages_of(folder: Path) -> frozenset[Path]:
    """The pages with code of the book around a folder."""
    book = find_book(folder)
    around = book.root in (folder, *folder.parents)
    return frozenset(page for page in book.pages() if is_executed(page)) if around else frozenset()


@cache
def store_of(book: BookPaths) -> Executions:
    """The executions that are valid; the digest behind it reads all the code, so once."""
    return Executions(execution_cache(book))


class PageFile(IPyNbFile):
    """A page of the book, with an item for each code cell and one for the glued values."""

    def collect(self) -> Iterator[pytest.Item]:
        self.book = find_book(self.path.parent)
        self.page_name = self.book.name_of(self.path)
        self.nb = read_page(self.book, self.path)
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type == "code":
                number, options = (
                    number_of(self.nb, index),
                    defaultdict(bool, find_metadata_tags(cell.metadata)),
                )
                name = f"cell {number} (line {line_of(self.nb, index)})"
                yield PageCell.from_parent(self, name=name, cell_num=number, cell=index, options=options)
        yield PageNumbers.from_parent(self, name=NUMBERS)

    def setup(self) -> None:
        """Takes over the execution of the build if it is valid, else gets ready to run the page."""
        found = store_of(self.book).find(self.nb)
        self.run = PageRun(self.nb, self.path, self.page_name) if found is None else None
        self.executed: NotebookNode = self.nb if found is None else found

    def teardown(self) -> None:
        if self.run is not None:
            self.run.close()
            if self.run.is_complete:
                store_of(self.book).keep(self.nb, page=self.path, seconds=self.run.seconds)


class PageRun:
    """A page that is run here, as far as its items ask for it."""

    def __init__(self, page: NotebookNode, file: Path, name: str) -> None:
        self._page, self._folder, self._name = page, file.parent, name
        self._client: NotebookClient | None = None
        self._context: Any = None
        self._next = 0
        self.failed: BuildError | None = None
        self.seconds = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether all cells have run and none has failed."""
        return self.failed is None and self._next == len(self._page.cells)

    def up_to(self, index: int) -> None:
        """Run the cells that have not run yet, up to this one.

        Raises:
            BuildError: If a cell fails, this one or one before it.
        """
        while self.failed is None and self._next <= index:
            self._execute(self._next)
            self._next += 1
        if self.failed is not None:
            raise self.failed

    def _execute(self, index: int) -> None:
        try:
            client = self._client or self._start()
            started = time.perf_counter()
            number = client.code_cells_executed + 1
            client.execute_cell(self._page.cells[index], index, execution_count=number)
            self.seconds += time.perf_counter() - started
        except CELL_FAILURES as error:
            self.failed = failure(self._page, self._name, index, error)
            self.failed.__cause__ = error

    def _start(self) -> NotebookClient:
        client = page_client(self._page, folder=self._folder)
        with warm_kernels():
            self._context = client.setup_kernel()
            self._context.__enter__()
        reply = client.wait_for_reply(client.kc.kernel_info())
        self._page.metadata["language_info"] = reply["content"]["language_info"]
        self._client = client
        return client

    def close(self) -> None:
        """Run what remains, which is text, keep what widgets show, and end the kernel."""
        if self._client is not None:
            while self._next < len(self._page.cells) and self._page.cells[self._next].cell_type != "code":
                self._next += 1
            self._client.set_widgets_metadata()
            self._context.__exit__(None, None, None)


class PageItem:
    """What the items of a page share."""

    parent: PageFile

    def run_up_to(self, index: int) -> None:
        """Runs the page so far, if it is not taken over; a cell is not blamed for one before it."""
        run = self.parent.run
        if run is None:
            return
        already = run.failed
        try:
            run.up_to(index)
        except BuildError:
            if already is not None:
                pytest.skip("an earlier cell of the page has failed")
            raise

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, BuildError):
            return str(excinfo.value)
        return pytest.Item.repr_failure(self, excinfo)


class PageCell(PageItem, IPyNbCell):
    """A code cell: it runs without error, or with one if it is tagged raises-exception."""

    def setup(self) -> None:
        """Nothing: nbval would expect the cells after a time-out to fail."""

    def runtest(self) -> None:
        index = self.cell
        self.run_up_to(index)
        outputs = self.parent.executed.cells[index].outputs
        if self.options["check_exception"] and not any(o.output_type == "error" for o in outputs):
            raise BuildError(
                f"{self.parent.page_name}: code cell {self.cell_num} (line {line_of(self.parent.nb, index)}) "
                "is tagged raises-exception and raised nothing",
                remedy="Take the tag away, or make the cell fail again",
            )

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, line_of(self.parent.nb, self.cell) - 1, self.name


class PageNumbers(PageItem, pytest.Item):
    """The values that a page glues: they are those in tests/expected, within the page's tolerances."""

    def runtest(self) -> None:
        page, name = self.parent, self.parent.page_name
        self.run_up_to(len(page.nb.cells) - 1)
        wrong = problems(page.executed, name=name, expected=read_expected(page.book, name))
        if wrong:
            raise BuildError(
                "\n    ".join([f"{name} glues other values than expected:", *wrong]), remedy=REMEDY
            )

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name
