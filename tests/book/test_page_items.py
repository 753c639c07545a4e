"""Pages as tests: what passes, what fails and says why, and that one execution serves build and tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.authoring.digest import execution_cache
from harness.authoring.execute import execute_pages
from harness.authoring.executions import Executions
from harness.authoring.pages import read_page
from harness.authoring.paths import BookPaths
from harness.authoring.progress import Progress

PAGE = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
%s
---

# A page

"""
GLUE = "from myst_nb import glue\nglue('T_K', %s, display=False)"
HERE = Path(__file__).parent


def cells(*codes: str) -> str:
    return "\n".join(f"```{{code-cell}} ipython3\n{code}\n```\n" for code in codes)


@pytest.fixture
def make_book(root: Path, tmp_path: Path):
    """A function that makes a book of the pages given, each the text of its code cells."""

    def make(front_matter: str = "", **pages: tuple[str, ...]) -> BookPaths:
        (tmp_path / "book").mkdir()
        (tmp_path / "_config.yml").write_text((root / "_config.yml").read_text())
        (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "-ra"\n')
        (tmp_path / "book" / "index.md").write_text("# A book\n")
        for name, codes in pages.items():
            (tmp_path / "book" / f"{name}.md").write_text(PAGE % front_matter + cells(*codes))
        chapters = "".join(f"  - file: book/{name}\n" for name in pages)
        (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n{chapters}")
        return BookPaths(tmp_path)

    return make


def run_pytest(paths: BookPaths, *arguments: str) -> tuple[dict[str, str], str]:
    """Runs pytest over a book; the outcome of each item by name, and all that was said."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    command = [sys.executable, "-m", "pytest", "-p", "page_items", "-v", "--color=no", "book", *arguments]
    done = subprocess.run(command, cwd=paths.root, env=env, capture_output=True, text=True, check=False)
    outcomes = re.findall(r"book/(\S+\.md::.+?) (PASSED|FAILED|SKIPPED|ERROR)", done.stdout)
    by_xdist = re.findall(r"(PASSED|FAILED|SKIPPED|ERROR) book/(\S+\.md::.+?) *$", done.stdout, re.MULTILINE)
    found = dict(outcomes) or {name: outcome for outcome, name in by_xdist}
    return {re.sub(r" \(line \d+\)", "", name): outcome for name, outcome in found.items()}, done.stdout


def execution(paths: BookPaths, name: str):
    return Executions(execution_cache(paths)).find(read_page(paths, paths.root / "book" / f"{name}.md"))


def expect(paths: BookPaths, **values: object) -> None:
    folder = paths.root / "tests" / "expected"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.json").write_text(json.dumps(values))


def test_page_runs_once_for_tests_and_build(make_book):
    paths = make_book(a=("import os\nprint('process', os.getpid())", "1 + 1"))
    outcomes, said = run_pytest(paths)
    assert outcomes == dict.fromkeys(("a.md::cell 1", "a.md::cell 2", "a.md::glued values"), "PASSED"), said
    kept = execution(paths, "a")
    assert kept is not None, "the results were not kept for the build"
    told: list[str] = []
    execute_pages(paths, executions=execution_cache(paths), progress=Progress(told.append))
    assert told == [], "the build ran the page again"
    run_pytest(paths)
    assert execution(paths, "a").cells[1].outputs == kept.cells[1].outputs


def test_results_of_a_tested_page_are_those_of_a_built_one(make_book):
    plot = "import matplotlib.pyplot as plt\nplt.plot([0, 1]);"
    codes = ("import sys\nprint('out')\nprint('err', file=sys.stderr)", plot, "1 + 1", GLUE % 350.0)
    paths = make_book(a=codes)
    expect(paths, T_K=350.0)
    run_pytest(paths)
    tested = execution(paths, "a")
    for record in paths.executions.glob("*/executed/*/base.ipynb"):
        record.unlink()
    (next(paths.executions.glob("*/global.db"))).unlink()
    execute_pages(paths, executions=execution_cache(paths), progress=Progress(lambda line: None))
    built = execution(paths, "a")
    assert _without_addresses(tested) == _without_addresses(built)


def _without_addresses(page) -> str:
    return re.sub(r"0x[0-9a-f]+", "…", json.dumps({**page, "cells": page.cells}, sort_keys=True))


def test_page_that_raises_fails_with_its_cell_and_the_rest_is_skipped(make_book):
    paths = make_book(a=("x = 1", "x / 0", "x"))
    outcomes, said = run_pytest(paths)
    assert list(outcomes.values()) == ["PASSED", "FAILED", "SKIPPED", "SKIPPED"], said
    assert re.search(r"book/a\.md: code cell 2 \(line \d+\) raised ZeroDivisionError", said)
    assert execution(paths, "a") is None


@pytest.mark.parametrize("built", [False, True])
def test_cell_that_should_raise_must_raise(make_book, built):
    tag = ":tags: [raises-exception]\n"
    paths = make_book(a=(tag + "1 / 0", tag + "1 / 1"))
    if built:
        execute_pages(paths, executions=execution_cache(paths), progress=Progress(lambda line: None))
    outcomes, said = run_pytest(paths)
    assert list(outcomes.values()) == ["PASSED", "FAILED", "PASSED"], said
    assert "is tagged raises-exception and raised nothing" in said


def test_cell_that_kills_its_process_fails(make_book):
    outcomes, said = run_pytest(make_book(a=("import os\nos._exit(1)", "1")))
    assert list(outcomes.values()) == ["FAILED", "SKIPPED", "SKIPPED"], said
    assert "lost its Python process" in said


def test_cell_that_runs_too_long_fails(make_book):
    paths = make_book("execution: {timeout: 1}", a=("import time\ntime.sleep(60)",))
    outcomes, said = run_pytest(paths)
    assert list(outcomes.values()) == ["FAILED", "SKIPPED"], said
    assert "ran longer than it may" in said


@pytest.mark.parametrize(
    ("front_matter", "kept", "outcome"),
    [
        ("", {"T_K": 350.0}, "PASSED"),
        ("", {"T_K": 350.1}, "FAILED"),
        ("", {}, "FAILED"),
        ("", {"T_K": 350.0, "gone": 1}, "FAILED"),
        ("expected: {T_K: {abs: 0.5}}", {"T_K": 350.1}, "PASSED"),
        ("expected: {T_K: skip}", {}, "PASSED"),
        ("expected: {T_K: closely}", {"T_K": 350.0}, "FAILED"),
    ],
)
def test_glued_values_are_compared_within_the_tolerances_of_the_page(make_book, front_matter, kept, outcome):
    paths = make_book(front_matter, a=(GLUE % 350.0,))
    expect(paths, **kept)
    outcomes, said = run_pytest(paths)
    assert outcomes == {"a.md::cell 1": "PASSED", "a.md::glued values": outcome}, said


def test_wrong_value_is_told_with_its_page_what_was_seen_and_what_to_do(make_book):
    paths = make_book(a=(GLUE % 350.0,))
    expect(paths, T_K=351.0)
    _, said = run_pytest(paths)
    for part in ("book/a.md", "T_K: expected 351.0, seen 350.0 (tolerance: rel 1e-06)", "harness expect"):
        assert part in said


def test_single_item_runs_what_it_needs(make_book):
    paths = make_book(a=("x = 1", "y = x + 1", "assert y == 2"))
    outcomes, said = run_pytest(paths, "-k", "cell and 3")
    assert outcomes == {"a.md::cell 3": "PASSED"}, said


def test_workers_share_the_pages(make_book):
    paths = make_book(a=("import math", GLUE % 1), b=("import json",), c=("1 / 0",))
    expect(paths, T_K=1)
    outcomes, said = run_pytest(paths, "-n", "2", "--dist", "loadfile")
    assert sorted(outcomes.values()) == ["FAILED", *["PASSED"] * 5, "SKIPPED"], said
    assert [execution(paths, name) is not None for name in "abc"] == [True, True, False]


def test_page_outside_the_contents_is_no_test(make_book):
    paths = make_book(a=("1",))
    (paths.root / "book" / "draft.md").write_text(PAGE % "" + cells("1 / 0"))
    outcomes, said = run_pytest(paths)
    assert {name.partition("::")[0] for name in outcomes} == {"a.md"}, said


def harness_expect(paths: BookPaths, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", "expect", "--folder", str(paths.root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_expect_writes_what_the_pages_glue_and_shows_what_changes(make_book):
    paths = make_book(a=(GLUE % 350.0,), b=("1",))
    kept = paths.root / "tests" / "expected"
    assert "make book" in harness_expect(paths).stderr, "there are no results yet"
    execute_pages(paths, executions=execution_cache(paths), progress=Progress(lambda line: None))
    checked = harness_expect(paths, "--check")
    assert checked.returncode == 1
    assert '+  "T_K": 350.0' in checked.stdout
    assert not kept.exists()
    assert harness_expect(paths).returncode == 0
    assert [file.name for file in kept.iterdir()] == ["a.json"]
    assert json.loads((kept / "a.json").read_text()) == {"T_K": 350.0}
    assert "up to date" in harness_expect(paths, "--check").stdout
    (kept / "old.json").write_text("{}")
    assert harness_expect(paths).returncode == 0
    assert [file.name for file in kept.iterdir()] == ["a.json"]
