"""The package `twin` follows from the pages, and from nothing else."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from small_book import page_text
from typer.testing import CliRunner

from harness.authoring.commands import app
from harness.authoring.paths import BookPaths
from harness.authoring.tangle import stale_files, tangle
from harness.errors import BuildError

TANK = page_text(
    ":tags: [twin]\nimport math\nG_m_per_s2=9.81",
    "print('not part of it')",
    ":tags: [twin]\nfrom collections.abc import Iterable\nimport math\ndef speed(h_m: float)->float:\n"
    "  # Torricelli\n  return math.sqrt(2*G_m_per_s2*h_m)",
    title="How fast?",
    front_matter="twin: {module: tank, doc: A tank that drains}",
)


def claiming(module: str, code: str = "x = 1") -> str:
    return page_text(f":tags: [twin]\n{code}", front_matter=f"twin: {{module: {module}}}")


def test_the_repository_s_twin_is_what_its_pages_say(root):
    assert stale_files(BookPaths(root)) == []


def test_tagged_cells_become_a_formatted_module(make_book):
    paths = make_book(tank=TANK)
    assert tangle(paths).written == ["book/twin/__init__.py", "book/twin/tank.py"]
    assert (paths.twin / "tank.py").read_text() == (
        "# Generated from book/tank.md by `harness tangle`: edit the page, not this file.\n"
        '"""A tank that drains."""\n\n'
        "import math\nfrom collections.abc import Iterable\n\n"
        "G_m_per_s2 = 9.81\n\n\n"
        "def speed(h_m: float) -> float:\n    # Torricelli\n    return math.sqrt(2 * G_m_per_s2 * h_m)\n"
    )
    assert "tank: book/tank.md" in (paths.twin / "__init__.py").read_text()


def test_the_package_can_be_imported_and_used(make_book):
    paths = make_book(tank=TANK)
    tangle(paths)
    code = "from twin.tank import speed; print(round(speed(2.0), 3))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=paths.twin.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout == "6.264\n"


def test_a_second_run_touches_nothing(make_book):
    paths = make_book(tank=TANK)
    tangle(paths)
    before = (paths.twin / "tank.py").stat().st_mtime_ns
    changed = tangle(paths)
    assert (changed.written, changed.removed) == ([], [])
    assert (paths.twin / "tank.py").stat().st_mtime_ns == before


def test_runs_side_by_side_leave_whole_files(make_book):
    paths = make_book(tank=TANK)
    runs = [threading.Thread(target=tangle, args=(paths,)) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert stale_files(paths) == []
    assert sorted(path.name for path in paths.twin.iterdir()) == ["__init__.py", "tank.py"]


def test_a_module_that_no_page_names_any_more_goes(make_book):
    tangle(make_book(tank=TANK))
    paths = make_book(tank=TANK.replace("module: tank", "module: vessel"))
    assert tangle(paths).removed == ["book/twin/tank.py"]
    assert {path.name for path in paths.twin.glob("*.py")} == {"__init__.py", "vessel.py"}


def test_a_file_written_by_hand_is_not_removed(make_book):
    paths = make_book(tank=TANK)
    paths.twin.mkdir()
    (paths.twin / "mine.py").write_text("precious = 1\n")
    with pytest.raises(BuildError, match=r"book/twin/mine\.py"):
        tangle(paths)
    assert (paths.twin / "mine.py").read_text() == "precious = 1\n"


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        (
            {"a": claiming("tank"), "b": claiming("tank")},
            r"book/a\.md and book/b\.md both claim one module: 'tank'",
        ),
        ({"a": page_text(":tags: [twin]\nx = 1")}, r"book/a\.md, line \d+: .* names no module"),
        ({"a": claiming("tank", "x = (1")}, r"book/a\.md, line 12: .* not plain Python"),
        ({"a": claiming("tank", "%matplotlib inline")}, "not plain Python"),
        ({"a": claiming("tank", "from harness.plant import Plant")}, "the twin imports harness"),
        ({"a": claiming("class")}, "no usable name: 'class'"),
        ({"a": claiming("'../escape'")}, "no usable name"),
        ({"a": claiming("__init__")}, "no usable name"),
        ({"a": claiming("Tank")}, "no usable name: 'Tank'"),
        ({"a": page_text("x = 1", front_matter="twin: {module: tank}")}, "tags no cell as twin: 'tank'"),
        ({"a": page_text("x = 1", front_matter="twin: tank")}, "no usable name"),
        ({"a": page_text("x = 1", front_matter="twin: [unclosed")}, "cannot be read"),
    ],
)
def test_pages_that_make_no_package_are_refused_and_nothing_is_written(make_book, pages, said):
    paths = make_book(**pages)
    with pytest.raises(BuildError, match=said):
        tangle(paths)
    assert not paths.twin.exists()


def test_the_line_named_is_the_line_of_the_error(make_book):
    text = claiming("tank", "x = 1\ny = (2")
    line = text.splitlines().index("y = (2") + 1
    with pytest.raises(BuildError, match=rf"line {line}:"):
        tangle(make_book(a=text))


def test_a_page_that_does_not_exist_is_named(make_book):
    paths = make_book(tank=TANK)
    (paths.root / "book" / "tank.md").unlink()
    with pytest.raises(BuildError, match="'book/tank'"):
        tangle(paths)


def test_check_names_stale_files_and_exits_with_1(make_book):
    paths = make_book(tank=TANK)
    result = CliRunner().invoke(app, ["tangle", "--check", "--folder", str(paths.root)])
    assert result.exit_code == 1
    assert "out of date: book/twin/tank.py" in result.output
    assert not paths.twin.exists()
    assert CliRunner().invoke(app, ["tangle", "--folder", str(paths.root)]).exit_code == 0
    assert CliRunner().invoke(app, ["tangle", "--check", "--folder", str(paths.root)]).exit_code == 0
