"""`harness scenarios` lists what can happen, and shows one; other commands explain themselves."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app, command_names
from harness.plant.scenarios import names

runner = CliRunner()


def output(*arguments: str) -> str:
    result = runner.invoke(app, list(arguments), env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.output


def test_list_holds_every_scenario_with_its_description() -> None:
    text = output("scenarios")
    assert [name for name in names() if name not in text] == []
    assert "the safety system trips" in text


@pytest.mark.parametrize("name", names())
def test_each_scenario_can_be_shown(name: str) -> None:
    assert name in output("scenarios", name)


def test_one_scenario_shows_what_happens_when() -> None:
    text = " ".join(output("scenarios", "seven-faults").split())
    assert "30 min TT-101: bias (bias_K = 1), until 60 min" in text
    assert "10 min pump failure" in " ".join(output("scenarios", "pump-failure").split())


def test_own_file_can_be_shown(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'description = "A [bold] story."\n[[events]]\nat_min = 5\nkind = "cleaning"\n'
    )
    text = " ".join(output("scenarios", str(tmp_path / "mine.toml")).split())
    assert "A [bold] story." in text
    assert "5 min cleaning" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("description = ", "not TOML"),
        ('description = "x"\nscope = "moon"', "'moon'"),
        ('description = "x"\n[[events]]\nat_min = -1\nkind = "cleaning"', "-1"),
    ],
)
def test_wrong_file_is_a_panel_with_exit_code_2(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "bad.toml").write_text(content)
    done = run("scenarios", str(tmp_path / "bad.toml"))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_scenario_offers_the_nearest_and_exits_with_2() -> None:
    done = run("scenarios", "pump")
    assert done.returncode == 2
    assert "pump-failure" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", sorted(command_names()))
def test_every_command_explains_itself(command: str) -> None:
    assert len(output(command, "--help").split()) > 20


@pytest.mark.parametrize("command", ["up", "scenarios", "doctor"])
def test_help_teaches_with_examples(command: str) -> None:
    assert f"harness {command}" in output(command, "--help").split("For example:")[1]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
