"""The compiled equations are kept once for their sources, and a cache that fails costs time alone."""

import os
import shutil
import subprocess
import sys

import pytest

from harness.plant import jit

RUN = (
    "import logging; logging.basicConfig(level=logging.INFO)\n"
    "from harness import Plant\n"
    "run = Plant(seed=1).simulate(minutes=2)\n"
    "print(repr(float(run.truth['reactor_K'].iloc[-1])))"
)


def python(code, *, cwd=None, **changes):
    environment = {**os.environ, **changes}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def finished(process):
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out.strip(), err


def equations_of(root, tmp_path):
    """A copy of the package that may be changed."""
    shutil.copytree(root / "harness", tmp_path / "harness", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def digest_in(folder):
    code = "from harness.plant import jit; print(jit.cache_folder().name)"
    return finished(python(code, cwd=folder))[0]


def test_the_cache_moves_with_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    assert jit.cache_folder().is_relative_to(tmp_path)
    monkeypatch.delenv("HARNESS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert jit.cache_folder().is_relative_to(tmp_path / "xdg")


@pytest.mark.parametrize(
    "changed",
    [
        "equations/reactor.py",
        "equations/column.py",
        "equations/control.py",
        "equations/lanes.py",
        "layout.py",
    ],
)
def test_a_changed_equation_has_another_folder(root, tmp_path, changed):
    copy = equations_of(root, tmp_path)
    before = digest_in(copy)
    assert before == jit.cache_folder().name
    path = copy / "harness" / "plant" / changed
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert digest_in(copy) != before


def test_importing_harness_compiles_nothing_and_writes_nothing(tmp_path):
    code = (
        "import sys, harness, harness.plant; from harness import Plant\n"
        "print([name for name in ('numba', 'scipy', 'pandas', 'CyRK', 'asyncua') if name in sys.modules])"
    )
    out, _ = finished(python(code, HARNESS_CACHE=str(tmp_path)))
    assert out == "[]"
    assert not list(tmp_path.iterdir())


def test_the_second_process_finds_what_the_first_compiled_and_two_at_once_agree(tmp_path):
    """Two that begin with an empty cache both compile; neither spoils the other's files."""
    both = [python(RUN, HARNESS_CACHE=str(tmp_path)) for _ in range(2)]
    answers = [finished(process) for process in both]
    assert answers[0][0] == answers[1][0]
    assert any("Compiling the plant's equations, once" in err for _, err in answers)
    again, err = finished(python(RUN, HARNESS_CACHE=str(tmp_path)))
    assert again == answers[0][0]
    assert "Compiling" not in err


def test_a_cache_that_cannot_be_written_costs_the_compilation_and_says_so(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder", encoding="utf-8")
    out, err = finished(python(RUN, HARNESS_CACHE=str(in_the_way)))
    expected, _ = finished(python(RUN))
    assert out == expected
    assert str(in_the_way) in err
    assert "HARNESS_CACHE" in err
    assert in_the_way.read_text(encoding="utf-8") == "not a folder"


@pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed: no read-only home to be had"
)
def test_a_read_only_file_system_is_no_obstacle(root):
    box = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--unshare-net", "--chdir", str(root)]
    if subprocess.run([*box, "true"], capture_output=True).returncode:
        pytest.skip("bubblewrap may not make a box here")
    code = f"import os; os.environ['HARNESS_CACHE'] = os.environ['HOME'] + '/nowhere'\n{RUN}"
    done = subprocess.run([*box, sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert "cannot be written" in done.stderr
    assert float(done.stdout) == pytest.approx(350.0, abs=0.5)
