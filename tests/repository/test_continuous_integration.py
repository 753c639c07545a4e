"""Continuous integration runs what a reader runs, on every Python that the project promises."""

import os
import subprocess
import tomllib
from pathlib import Path

import yaml

from harness.doctor import SUPPORTED_PYTHONS


def promised(root: Path) -> list[str]:
    """The Pythons of the classifiers in pyproject.toml."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    last_words = [text.rsplit(" ", 1)[1] for text in project["classifiers"] if ":: Python :: 3." in text]
    return sorted(last_words)


def test_workflow_runs_every_promised_python(root: Path) -> None:
    workflow = yaml.safe_load((root / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["test"]
    assert sorted(job["strategy"]["matrix"]["python"]) == promised(root)
    assert ".ci/run" in [step.get("run") for step in job["steps"]]


def test_doctor_knows_every_promised_python(root: Path) -> None:
    assert sorted(f"{major}.{minor}" for major, minor in SUPPORTED_PYTHONS) == promised(root)


def test_ci_script_can_be_run_is_sound_shell_and_calls_make_test(root: Path) -> None:
    script = root / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert "\nmake test\n" in script.read_text(encoding="utf-8")


def test_make_test_holds_format_lint_types_and_tests(root: Path) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "test"], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    for command in ("ruff format --check", "ruff check", "mypy", "pytest -n"):
        assert command in done.stdout
