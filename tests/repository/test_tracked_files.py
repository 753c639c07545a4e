"""What git tracks: nothing of one machine, no registry address; licences and citation in order."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

# In pieces, so that this file does not find itself.
REGISTRY_HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "registry.yarn" + "pkg.com",
    "deb.deb" + "ian.org",
    "archive.ubu" + "ntu.com",
]
MACHINE_PATH = re.compile(r"(?<![\w.~])/(?:work|root|home|Users|opt|private)/[\w.-]+|/tmp/\w+/")


def tracked(root: Path) -> dict[str, str]:
    """The text files that git tracks, by name."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)
    texts = {}
    for name in filter(None, listed.stdout.split("\0")):
        data = (root / name).read_bytes() if (root / name).is_file() else b""
        if b"\0" not in data:
            texts[name] = data.decode("utf-8")
    return texts


@pytest.fixture(scope="module")
def texts(root: Path) -> dict[str, str]:
    if not (root / ".git").exists():
        pytest.skip("not a git checkout: git knows which files are tracked")
    return tracked(root)


@pytest.mark.parametrize("host", REGISTRY_HOSTS)
def test_no_file_names_the_host_of_a_registry(texts: dict[str, str], host: str) -> None:
    assert [name for name, text in texts.items() if host in text] == []


def test_no_file_holds_a_path_of_somebodys_machine(texts: dict[str, str]) -> None:
    found = {
        name: MACHINE_PATH.findall(text) for name, text in texts.items() if not name.startswith("tests/repo")
    }
    assert {name: paths for name, paths in found.items() if paths} == {}


def test_no_file_is_a_large_blob(root: Path, texts: dict[str, str]) -> None:
    sizes = {name: len(text) for name, text in texts.items() if len(text) > 400_000}
    assert sizes == {}, "browser assets and data are made, not kept"


def test_code_is_under_the_mit_licence(root: Path) -> None:
    text = (root / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("MIT License")
    assert "WITHOUT WARRANTY OF ANY KIND" in text


@pytest.mark.parametrize("name", ["LICENSE-TEXT", "README.md"])
def test_outline_is_credited_with_its_licence(root: Path, name: str) -> None:
    text = " ".join((root / name).read_text(encoding="utf-8").split())
    assert "Digital Twin construction: an introduction, v1.0" in text
    assert "PI Knowledge Hub, Tohoku University" in text
    assert "https://creativecommons.org/licenses/by/4.0/" in text


def test_versions_agree_in_pyproject_citation_and_changes(root: Path) -> None:
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))["version"] == version
    newest = re.search(r"^## (\S+)", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert newest[1] == version


def test_citation_has_what_the_format_asks_for(root: Path) -> None:
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
