"""Pages as tests: what passes, what fails and says why, and that one execution serves build and tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
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


def write_book(root: Path, folder: Path, pages: dict[str, tuple[str, ...]]) -> BookPaths:
    """Writes a book of the pages given: the front matter's last lines, then the code of each cell."""
    (folder / "book").mkdir()
    (folder / "_config.yml").write_text((root / "_config.yml").read_text())
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "-ra"\n')
    (folder / "book" / "index.md").write_text("# A book\n")
    for name, (front_matter, *codes) in pages.items():
        (folder / "book" / f"{name}.md").write_text(PAGE % front_matter + cells(*codes))
    chapters = "".join(f"  - file: book/{name}\n" for name in pages)
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n{chapters}")
    return BookPaths(folder)


def run_pytest(paths: BookPaths, *arguments: str) -> tuple[dict[str, list[str]], str]:
    """Runs pytest over a book; the outcomes of each page's items, and all that was said."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    report = paths.root / "report.xml"
    command = [sys.executable, "-m", "pytest", "-p", "page_items", "--color=no", f"--junitxml={report}"]
    done = subprocess.run(
        [*command, "book", *arguments], cwd=paths.root, env=env, capture_output=True, text=True, check=False
    )
    outcomes: dict[str, list[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        page = case.attrib["classname"].removeprefix("book.").removesuffix(".md")
        outcomes.setdefault(page, []).append(case[0].tag if len(case) else "passed")
    return outcomes, done.stdout


def build(paths: BookPaths) -> list[str]:
    """Runs the pages as the build does; what it told."""
    told: list[str] = []
    execute_pages(paths, executions=execution_cache(paths), progress=Progress(told.append))
    return told


def execution(paths: BookPaths, name: str):
    return Executions(execution_cache(paths)).find(read_page(paths, paths.root / "book" / f"{name}.md"))


def expect(paths: BookPaths, name: str, values: dict[str, object]) -> None:
    folder = paths.root / "tests" / "expected"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(values))


TAG = ":tags: [raises-exception]\n"
PLOT = "import matplotlib.pyplot as plt\nplt.plot([0, 1]);"
PAGES = {
    "plain": ("", "import sys\nprint('out')\nprint('err', file=sys.stderr)", PLOT, "1 + 1"),
    "raises": ("", "x = 1", "x / 0", "x"),
    "tagged": ("", TAG + "1 / 0", TAG + "1 / 1"),
    "dies": ("", "import os\nos._exit(1)", "1"),
    "slow": ("execution: {timeout: 1}", "import time\ntime.sleep(60)"),
    "right": ("", GLUE % "350.0"),
    "wrong": ("", GLUE % "350.00"),
    "missing": ("", GLUE % "350.000"),
    "gone": ("", GLUE % "350.0000"),
    "near": ("expected: {T_K: {abs: 0.5}}", GLUE % "350.00000"),
    "skipped": ("expected: {T_K: skip}", GLUE % "350.000000"),
    "badly-said": ("expected: {T_K: closely}", GLUE % "350.0000000"),
}
KEPT = {
    "right": {"T_K": 350.0},
    "wrong": {"T_K": 351.0},
    "gone": {"T_K": 350.0, "gone": 1},
    "near": {"T_K": 350.1},
    "badly-said": {"T_K": 350.0},
}
OUTCOMES = {
    "plain": ["passed"] * 4,
    "raises": ["passed", "failure", "skipped", "skipped"],
    "tagged": ["passed", "failure", "passed"],
    "dies": ["failure", "skipped", "skipped"],
    "slow": ["failure", "skipped"],
    **{name: ["passed", "passed"] for name in ("right", "near", "skipped")},
    **{name: ["passed", "failure"] for name in ("wrong", "missing", "gone", "badly-said")},
}
FAILING = ("raises", "dies", "slow")


@pytest.fixture(scope="module")
def tested(root: Path, tmp_path_factory: pytest.TempPathFactory):
    """A book with pages good and bad after pytest with two workers: the book, the outcomes, what was said."""
    paths = write_book(root, tmp_path_factory.mktemp("pages"), PAGES)
    for name, values in KEPT.items():
        expect(paths, name, values)
    (paths.root / "book" / "draft.md").write_text(PAGE % "" + cells("1 / 0"))  # not in the contents
    return paths, *run_pytest(paths, "-n", "2", "--dist", "loadfile")


def test_each_item_comes_out_as_it_should(tested):
    _, outcomes, said = tested
    assert outcomes == OUTCOMES, said


@pytest.mark.parametrize(
    "words",
    [
        r"book/raises\.md: code cell 2 \(line \d+\) raised ZeroDivisionError",
        r"book/tagged\.md: code cell 2 \(line \d+\) is tagged raises-exception and raised nothing",
        r"book/dies\.md: code cell 1 \(line \d+\) lost its Python process",
        r"book/slow\.md: code cell 1 \(line \d+\) ran longer than it may",
        r"book/wrong\.md glues other values(?s:.)*T_K: expected 351\.0, seen 350\.0 \(tolerance: rel 1e-06\)",
        r"T_K: glued 350\.0, not expected",
        r"gone: expected 1, not glued",
        r"book/badly-said\.md: `expected: T_K` in the front matter is not a mapping",
        r"harness expect",
    ],
)
def test_failure_says_where_and_why(tested, words):
    assert re.search(words, tested[2])


def test_results_are_kept_for_the_build_unless_the_page_failed(tested):
    paths = tested[0]
    assert {name for name in PAGES if execution(paths, name) is None} == set(FAILING)


def test_results_of_a_tested_page_are_those_of_a_built_one(tested, root, tmp_path):
    paths = write_book(root, tmp_path, {name: PAGES[name] for name in ("plain", "right")})
    build(paths)
    for name in ("plain", "right"):
        assert _comparable(execution(paths, name)) == _comparable(execution(tested[0], name))


def _comparable(page) -> str:
    """All of it but what is drawn by lot: names of cells, addresses in memory."""
    cells = [{key: value for key, value in cell.items() if key != "id"} for cell in page.cells]
    return re.sub(r"0x[0-9a-f]+", "…", json.dumps({**page, "cells": cells}, sort_keys=True))


def test_results_of_a_built_page_are_taken_over_by_the_tests(root, tmp_path):
    process = "import os\nprint('process', os.getpid())"
    paths = write_book(root, tmp_path, {"a": ("", process), "tagged": PAGES["tagged"]})
    build(paths)
    built = execution(paths, "a").cells[1].outputs
    outcomes, said = run_pytest(paths)
    assert outcomes == {"a": ["passed"] * 2, "tagged": OUTCOMES["tagged"]}, said
    assert execution(paths, "a").cells[1].outputs == built
    assert build(paths) == []


def test_single_item_runs_what_it_needs(root, tmp_path):
    paths = write_book(root, tmp_path, {"a": ("", "x = 1", "y = x + 1", "assert y == 2")})
    outcomes, said = run_pytest(paths, "-k", "cell and 3")
    assert outcomes == {"a": ["passed"]}, said


def harness_expect(paths: BookPaths, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", "expect", "--folder", str(paths.root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_expect_writes_what_the_pages_glue_and_shows_what_changes(root, tmp_path):
    paths = write_book(root, tmp_path, {"a": ("", GLUE % "350.0"), "b": ("", "1")})
    kept = paths.root / "tests" / "expected"
    assert "make book" in harness_expect(paths).stderr, "there are no results yet"
    build(paths)
    checked = harness_expect(paths, "--check")
    assert checked.returncode == 1
    assert '+  "T_K": 350.0' in checked.stdout
    assert not kept.exists()
    assert harness_expect(paths).returncode == 0
    assert json.loads((kept / "a.json").read_text()) == {"T_K": 350.0}
    (kept / "old.json").write_text("{}")
    assert harness_expect(paths, "--check").returncode == 1
    assert harness_expect(paths).returncode == 0
    assert [file.name for file in kept.iterdir()] == ["a.json"]
    assert "up to date" in harness_expect(paths, "--check").stdout
