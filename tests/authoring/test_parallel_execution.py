"""Pages run side by side: what is kept, what is told, and how Ctrl-C ends it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from small_book import page_text

from harness.authoring.digest import execution_cache
from harness.authoring.execute import execute_pages
from harness.authoring.executions import Executions
from harness.authoring.pages import read_page
from harness.authoring.paths import BookPaths
from harness.authoring.progress import LiveProgress, Progress
from harness.authoring.run_page import page_client
from harness.errors import BuildError

PLOT = """import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.plot([0, 1], [0, 2]);"""
TABLE = """import pandas as pd
pd.DataFrame({"T_K": [350.0, 350.5]}).describe()"""
GLUE = """from myst_nb import glue
glue("n", 3, display=False)"""


def run(paths: BookPaths, *, workers: int = 2) -> list[str]:
    """Runs the pages; the lines that were told."""
    told: list[str] = []
    execute_pages(paths, executions=execution_cache(paths), progress=Progress(told.append), workers=workers)
    return told


def results(paths: BookPaths, name: str):
    """The page as it was executed, or None."""
    page = read_page(paths, paths.root / "book" / f"{name}.md")
    return Executions(execution_cache(paths)).find(page)


def outputs(page) -> str:
    found = [cell.outputs for cell in page.cells if cell.cell_type == "code"]
    return re.sub(r"ipykernel_\d+/\d+|0x[0-9a-f]+", "…", json.dumps(found, sort_keys=True))


def test_results_are_those_of_a_serial_run_in_cold_kernels(make_book):
    code = (PLOT, TABLE, GLUE, ":tags: [raises-exception]\n{}['missing']")
    paths = make_book(a=page_text(*code), b=page_text("import math", *code))
    run(paths)
    for name in ("a", "b"):
        file = paths.root / "book" / f"{name}.md"
        cold = read_page(paths, file)
        page_client(cold, folder=file.parent).execute()
        assert outputs(results(paths, name)) == outputs(cold)


def test_two_pages_run_at_the_same_time(make_book, tmp_path):
    # Each waits for the other's sign, so one after another they would wait in vain.
    meet = """import pathlib, time
pathlib.Path({mine!r}).touch()
end = time.monotonic() + 20
while not pathlib.Path({other!r}).exists():
    assert time.monotonic() < end
    time.sleep(0.02)"""
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    paths = make_book(
        a=page_text(meet.format(mine=one, other=two)), b=page_text(meet.format(mine=two, other=one))
    )
    assert sorted(line.split()[0] for line in run(paths)) == ["ran", "ran", "running", "running"]


def test_seconds_of_a_page_are_kept_with_its_results(make_book):
    paths = make_book(a=page_text("import time\ntime.sleep(0.3)"))
    page = read_page(paths, paths.root / "book" / "a.md")
    store = Executions(execution_cache(paths))
    assert store.seconds(page) is None
    run(paths)
    assert 0.3 < store.seconds(page) < 60


FIRST = "\n# " + 500 * "-"  # a long page: of those that never ran, it starts first


def test_longest_page_starts_first_by_its_text_and_the_next_time_by_its_seconds(make_book):
    paths = make_book(a=page_text("1" + FIRST), b=page_text("import time\ntime.sleep(4)"), c=page_text("3"))
    assert run(paths, workers=1)[0] == "running book/a.md"
    for name in "abc":
        file = paths.root / "book" / f"{name}.md"
        file.write_text(file.read_text().replace("ipython3\n", "ipython3\nimport math\n"))
    assert run(paths, workers=1)[0] == "running book/b.md"


def test_failing_pages_are_all_named_and_what_ran_beside_them_is_kept(make_book):
    late = "import time\ntime.sleep(1)\n"
    paths = make_book(
        a=page_text(late + "1 / 0" + FIRST),
        b=page_text("[][1]" + FIRST),
        c=page_text("import math"),
        d=page_text("import json"),
    )
    with pytest.raises(BuildError) as caught:
        run(paths)
    said = str(caught.value)
    assert said.startswith("2 pages failed")
    assert re.search(r"book/a\.md: code cell 1 \(line \d+\) raised ZeroDivisionError", said)
    assert re.search(r"book/b\.md: code cell 1 \(line \d+\) raised IndexError", said)
    assert results(paths, "c") is None, "a page started after another had failed"
    told = run_and_catch(paths)
    assert any(line.startswith("FAILED book/") for line in told)


def test_pages_that_had_ended_before_a_failure_are_not_run_again(make_book):
    paths = make_book(a=page_text("import math" + FIRST), b=page_text("1 / 0"))
    with pytest.raises(BuildError, match=r"book/b\.md"):
        run(paths, workers=1)
    assert results(paths, "a") is not None
    assert not any("a.md" in line for line in run_and_catch(paths))


def run_and_catch(paths: BookPaths) -> list[str]:
    told: list[str] = []
    with pytest.raises(BuildError):
        execute_pages(paths, executions=execution_cache(paths), progress=Progress(told.append), workers=1)
    return told


BUILD = """
import sys
from pathlib import Path
from harness.authoring.digest import execution_cache
from harness.authoring.execute import execute_pages
from harness.authoring.paths import BookPaths
from harness.authoring.progress import Progress
paths = BookPaths(Path(sys.argv[1]))
say = lambda line: print(line, flush=True)
execute_pages(paths, executions=execution_cache(paths), progress=Progress(say), workers=2)
"""


def test_ctrl_c_ends_all_kernels_and_keeps_what_had_ended(make_book, tmp_path):
    note = "import os, pathlib\npathlib.Path({!r}).write_text(str(os.getpid()))\nimport time\ntime.sleep(60)"
    files = [tmp_path / "one", tmp_path / "two"]
    slow = [page_text(note.format(str(file))) for file in files]
    paths = make_book(quick=page_text("import math" + FIRST), slow=slow[0], slower=slow[1])
    command = [sys.executable, "-c", BUILD, str(paths.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        pids = [int(_text_of(file)) for file in files]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) != 0
        assert "KeyboardInterrupt" in process.stderr.read()
    assert not any(Path(f"/proc/{pid}/cwd").exists() for pid in pids)
    assert results(paths, "quick") is not None
    assert results(paths, "slow") is None


def _text_of(file: Path) -> str:
    end = time.monotonic() + 60
    while not (file.is_file() and file.read_text()):
        assert time.monotonic() < end, "the page has not started"
        time.sleep(0.05)
    return file.read_text()


def test_terminal_shows_each_running_page_with_its_cell(tmp_path):
    told: list[str] = []
    console = Console(file=(tmp_path / "screen").open("w"), force_terminal=True, width=80)
    progress = LiveProgress(told.append, console)
    with progress.showing(3):
        progress.starts("book/a.md", cells=7)
        progress.starts("book/b.md", cells=2)
        progress.reaches("book/a.md", cell=4)
        shown = _drawn(progress)
        assert re.search(r"running +book/a\.md +cell 4 of 7 +0 s", shown)
        assert re.search(r"running +book/b\.md +cell 0 of 2", shown)
        assert re.search(r"waiting +1 more", shown)
        progress.ends("book/a.md", seconds=2.5)
        progress.ends("book/b.md", seconds=1.0, failed=True)
        assert "book/a.md" not in _drawn(progress)
    console.file.close()
    assert told == ["ran book/a.md in 2.5 s", "FAILED book/b.md after 1.0 s"]


def _drawn(progress: LiveProgress) -> str:
    console = Console(width=80, file=open(os.devnull, "w"), record=True)  # noqa: SIM115
    console.print(progress.table())
    return console.export_text()
