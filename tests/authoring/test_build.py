"""Building a small book: what runs, what is kept, and what stops the build."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest
from nbclient.exceptions import CellExecutionError
from small_book import page_text, write_book

from harness.authoring import digest
from harness.authoring.build import build_book
from harness.authoring.execute import Executed, execute_pages
from harness.authoring.paths import BookPaths
from harness.authoring.progress import Progress
from harness.errors import BuildError


@pytest.fixture
def code(tmp_path, monkeypatch):
    """A folder that stands for the harness, so that this test alone changes it."""
    folder = tmp_path / "code"
    (folder / "plant").mkdir(parents=True)
    (folder / "plant" / "physics.py").write_text("k = 1\n")
    monkeypatch.setattr(digest, "_harness_folder", lambda: folder)
    return folder


def run_pages(paths: BookPaths) -> list[Executed]:
    return execute_pages(paths, executions=digest.execution_cache(paths), progress=Progress(silent))


def silent(line: str) -> None:
    """Takes a line of progress."""


def test_the_digest_follows_the_code_that_pages_import(make_book, code):
    paths = make_book()
    before = digest.code_digest(paths)
    assert digest.code_digest(paths) == before
    (code / "plant" / "physics.py").write_text("k = 2\n")
    changed = digest.code_digest(paths)
    paths.twin.mkdir()
    (paths.twin / "tank.py").write_text("k = 1\n")
    assert len({before, changed, digest.code_digest(paths)}) == 3


def test_the_digest_follows_the_style_of_the_figures(make_book, code):
    paths = make_book()
    before = digest.code_digest(paths)
    (paths.root / "book" / "_static" / "course.mplstyle").write_text("font.size: 20\n")
    assert digest.code_digest(paths) != before


def test_the_digest_ignores_the_authoring_code(make_book, code):
    paths = make_book()
    before = digest.code_digest(paths)
    (code / "authoring").mkdir()
    (code / "authoring" / "render.py").write_text("k = 1\n")
    assert digest.code_digest(paths) == before


def test_the_digest_follows_the_versions_of_what_is_installed(make_book, code, monkeypatch):
    paths = make_book()
    before = digest.code_digest(paths)
    monkeypatch.setattr(digest, "_installed", lambda: ["numpy==99\n"])
    assert digest.code_digest(paths) != before


def test_a_renamed_file_changes_the_digest(make_book, code):
    paths = make_book()
    before = digest.code_digest(paths)
    (code / "plant" / "physics.py").rename(code / "plant" / "chemistry.py")
    assert digest.code_digest(paths) != before


def test_a_page_runs_once_until_the_code_it_imports_changes(make_book, code):
    paths = make_book(a=page_text("1 + 1"))

    def ran() -> list[bool]:
        return [page.seconds > 0 for page in run_pages(paths)]

    assert [ran(), ran()] == [[True], [False]]
    (code / "plant" / "physics.py").write_text("k = 2\n")
    assert ran() == [True]
    assert len(digest.drop_stale_executions(paths, current=digest.execution_cache(paths))) == 1
    assert [folder.name for folder in paths.executions.iterdir()] == [digest.code_digest(paths)]
    assert ran() == [False]


def test_a_cell_that_raises_is_named_with_its_page_line_and_error(make_book, code):
    text = page_text("x = 0", ":tags: [hide-input]\nprint('before')\n1 / x")
    paths = make_book(a=text)
    line = text.splitlines().index("print('before')") + 1
    with pytest.raises(
        BuildError, match=rf"book/a\.md: code cell 2 \(line {line}\) raised ZeroDivisionError"
    ) as caught:
        run_pages(paths)
    assert "1 / x" in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert isinstance(caught.value.__cause__, CellExecutionError)


def test_a_cell_that_may_raise_does_not_stop_the_page(make_book, code):
    paths = make_book(a=page_text(":tags: [raises-exception]\n1 / 0", "1"))
    assert len(run_pages(paths)) == 1


def test_a_cell_that_runs_too_long_is_named(make_book, code):
    paths = make_book(a=page_text("import time\ntime.sleep(60)", front_matter="execution: {timeout: 2}"))
    with pytest.raises(BuildError, match=r"code cell 1 .* ran longer than it may"):
        run_pages(paths)


def test_a_cell_that_kills_its_process_is_named(make_book, code):
    paths = make_book(a=page_text("import os\nos._exit(1)"))
    with pytest.raises(BuildError, match=r"code cell 1 .* lost its Python process"):
        run_pages(paths)


PLOT = """\
---
mystnb:
  image: {%s}
---
from IPython.display import display
trace = {"type": "scatter", "x": [0, 1], "y": [0, 2], "name": "</script>"}
figure = {"data": [trace], "layout": {"height": 300, "template": {"left": "out"}}}
display({"application/vnd.plotly.v1+json": figure}, raw=True)"""


@pytest.fixture(scope="module")
def built(root, assets, tmp_path_factory) -> tuple[BookPaths, str]:
    """A book built by its command, and what the command printed."""
    plot = page_text(PLOT % "alt: 'A rising \"line\" < 3'")
    pages = {"plot": plot, "process": page_text("import os\nf'process {os.getpid()}'")}
    paths = write_book(tmp_path_factory.mktemp("built"), root, pages)
    shutil.copytree(assets, paths.assets)
    command = [sys.executable, "-m", "harness", "book", "--folder", str(paths.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return paths, done.stdout


def test_the_command_prints_progress_and_the_address(built):
    paths, printed = built
    for step in ("1/4", "2/4", "3/4", "running book/plot.md", "4/4", (paths.html / "index.html").as_uri()):
        assert step in printed


def test_rendering_takes_the_results_over_and_runs_nothing_again(built):
    paths, _ = built
    records = [path.read_text() for path in paths.executions.glob("*/executed/*/base.ipynb")]
    assert len(records) == 2
    process = next(found[0] for record in records if (found := re.findall(r"process \d+", record)))
    assert process in (paths.html / "book" / "process.html").read_text()


def test_a_plot_is_written_without_the_library_and_only_its_page_loads_it(built):
    paths, _ = built
    page, other = ((paths.html / "book" / name).read_text() for name in ("plot.html", "process.html"))
    assert page.count('class="plotly-figure"') == 1
    assert 'aria-label="A rising &quot;line&quot; &lt; 3"' in page
    assert '"\\u003c/script>"' in page
    assert '{"left": "out"}' not in page
    assert 'src="../_static/plotly/plotly.min.js' in page
    assert "plotly.min.js" not in other
    assert "mermaid.min.js" not in page


def test_a_build_with_nothing_changed_is_recognised_until_a_page_changes(built):
    paths, _ = built
    assert digest.is_built(paths)
    page = paths.root / "book" / "plot.md"
    text = page.read_text()
    page.write_text(text + "\nMore.\n")
    assert not digest.is_built(paths)
    page.write_text(text)
    assert digest.is_built(paths)


def test_pages_with_defects_stop_the_build_each_time_and_are_all_named(make_book, assets):
    paths = make_book(
        diagram="# A page\n\n```{mermaid}\nflowchart LR\n  A --> B\n```\n",
        plot=page_text(PLOT % "width: 100px"),
        link="# A page\n\n[nowhere](nowhere.md)\n",
    )
    shutil.copytree(assets, paths.assets)
    for _ in range(2):
        with pytest.raises(BuildError) as caught:
            build_book(paths, report=silent)
        for said in ("diagram.md", "mermaid diagram has no alt", "Plotly figure has no alt", "'nowhere.md'"):
            assert said in str(caught.value)
    assert not digest.is_built(paths)
