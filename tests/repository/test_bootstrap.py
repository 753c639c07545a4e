"""The bootstrap, run as a program in a folder of its own, with a uv that only notes what it was asked."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NOTING_UV = """#!/bin/sh
case "$1" in
  --version) echo "uv 99.0.0"; exit 0 ;;
  venv) for last; do :; done; mkdir -p "$last/bin" "$last/lib/{lib}"; ln -sf "{python}" "$last/bin/python" ;;
esac
echo "$@" >> "{notes}"
echo "index=$UV_DEFAULT_INDEX links=$UV_FIND_LINKS" >> "{notes}.env"
[ ! -e "{notes}.fail" ] || {{ echo "error: dns error" >&2; exit 2; }}
"""


class Course:
    """A folder with the bootstrap and something to install, and a noting uv."""

    def __init__(self, root: Path, tmp_path: Path) -> None:
        self.folder, self.notes = tmp_path / "course", tmp_path / "notes"
        shutil.copytree(root / "tools", self.folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        (self.folder / "requirements.lock").write_text("six==1.17.0\n")
        (self.folder / "pyproject.toml").write_text("[project]\n")
        uv = tmp_path / "bin" / "uv"
        uv.parent.mkdir()
        lib = f"python{sys.version_info.major}.{sys.version_info.minor}"
        uv.write_text(NOTING_UV.format(notes=self.notes, python=sys.executable, lib=lib))
        uv.chmod(0o755)
        self.env = dict(os.environ, PATH=f"{uv.parent}:{os.environ['PATH']}")

    def run(self, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(self.folder / "tools" / "bootstrap.py")]
        return subprocess.run(
            command, env=self.env | env, capture_output=True, text=True, check=False, timeout=60
        )

    def asked(self) -> list[str]:
        """What uv was asked since the last look."""
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        self.notes.unlink(missing_ok=True)
        return lines


@pytest.fixture
def course(root: Path, tmp_path: Path) -> Course:
    return Course(root, tmp_path)


def test_first_run_makes_the_environment_and_shows_each_step(course: Course) -> None:
    done = course.run()
    assert done.returncode == 0, done.stderr
    assert [f"{step}/4" in done.stdout for step in (1, 2, 3, 4)] == [True] * 4
    venv, lock, project = course.asked()
    assert venv.startswith("venv")
    assert "requirements.lock" in lock
    assert "--compile-bytecode" in lock
    assert f"-e {course.folder}" in project


def test_second_run_installs_nothing_and_says_nothing(course: Course) -> None:
    course.run()
    course.asked()
    done = course.run()
    assert (done.returncode, done.stdout, course.asked()) == (0, "", [])


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_changed_list_of_packages_is_installed_into_the_same_environment(course: Course, name: str) -> None:
    course.run()
    course.asked()
    (course.folder / name).write_text("changed")
    course.run()
    assert [line.split()[0] for line in course.asked()] == ["pip", "pip"]


def test_interrupted_installation_is_made_anew(course: Course) -> None:
    course.run()
    course.asked()
    (course.folder / ".venv" / "installation.unfinished").touch()
    (course.folder / ".venv" / "installed.stamp").unlink()
    course.run()
    assert "--clear" in course.asked()[0]


def test_environment_of_a_python_that_is_gone_is_made_anew(course: Course) -> None:
    course.run()
    course.asked()
    (course.folder / ".venv" / "bin" / "python").unlink()
    course.run()
    assert "--clear" in course.asked()[0]


def test_failed_step_says_what_to_do_and_leaves_no_stamp(course: Course) -> None:
    course.notes.with_suffix(".fail").touch()
    done = course.run()
    assert done.returncode == 1
    assert "PIP_INDEX_URL" in done.stderr
    assert "dns error" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (course.folder / ".venv" / "installed.stamp").exists()


def test_uv_gets_what_pip_is_told(course: Course) -> None:
    course.run(PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_FIND_LINKS="a b", UV_DEFAULT_INDEX="")
    # An empty variable of uv's own is set, too: it wins.
    assert "index= links=a,b" in course.notes.with_suffix(".env").read_text()
    course.env.pop("UV_DEFAULT_INDEX", None)
    (course.folder / "requirements.lock").write_text("changed")
    course.run(PIP_INDEX_URL="http://127.0.0.1:1/simple")
    assert "index=http://127.0.0.1:1/simple" in course.notes.with_suffix(".env").read_text()


@pytest.mark.parametrize("name", ["bootstrap.py", "_installer.py"])
def test_an_old_python_can_read_it_and_it_needs_the_standard_library_alone(root: Path, name: str) -> None:
    tree = ast.parse((root / "tools" / name).read_text(encoding="utf-8"), feature_version=(3, 7))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    tops = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) or "" for node in imports
    }
    assert {top.split(".")[0] for top in tops} <= set(sys.stdlib_module_names) | {"_installer"}
