"""The README's commands exist, and its links lead somewhere."""

import re
from pathlib import Path

import pytest


@pytest.fixture
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def make_targets(root: Path) -> set[str]:
    return set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_two_commands_are_there(readme: str) -> None:
    assert "make book" in readme
    assert "make test" in readme


def test_every_make_command_of_the_readme_exists(root: Path, readme: str) -> None:
    assert set(re.findall(r"\bmake ([a-z]+)\b", code(readme))) <= make_targets(root)


def test_every_harness_command_of_the_readme_exists(readme: str) -> None:
    from harness.cli import command_names

    assert set(re.findall(r"^(?:.*bin/)?harness ([a-z]+)\b", code(readme), re.MULTILINE)) <= command_names()


def test_every_link_to_a_file_leads_to_one(root: Path, readme: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)", readme) + re.findall(r'src="([^"]+)"', readme)
    local = [target for target in targets if "://" not in target]
    assert local
    assert [target for target in local if not (root / target).exists()] == []


def code(text: str) -> str:
    """What stands in backticks or in fenced blocks."""
    return "\n".join(part.strip("`") for part in re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def test_every_make_target_says_what_it_does(root: Path) -> None:
    lines = (root / "Makefile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.match(r"[a-z]+:", line) and "## " not in line] == []
