"""pyproject.toml is the one list of dependencies; what is derived from it stays equal to it."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYTHONS = ("3.11", "3.12", "3.13")


@pytest.fixture
def lock_tool(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """tools/lock.py, which is a script and not a package."""
    monkeypatch.syspath_prepend(root / "tools")
    spec = importlib.util.spec_from_file_location("lock_tool", root / "tools" / "lock.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("_installer", None)


@pytest.fixture
def locked(root: Path) -> list[Requirement]:
    lines = (root / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def asked(lock_tool: ModuleType, *extras: str) -> list[Requirement]:
    table = lock_tool.project()
    texts = table["dependencies"] + [
        text for extra in extras for text in table["optional-dependencies"][extra]
    ]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("python", PYTHONS)
def test_lock_satisfies_every_requirement_on_each_python(
    lock_tool: ModuleType, locked: list[Requirement], python: str
) -> None:
    here = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    pins = {canonicalize_name(r.name): r for r in locked if not r.marker or r.marker.evaluate(here)}
    for wanted in asked(lock_tool, "test"):
        pin = pins.get(canonicalize_name(wanted.name))
        assert pin, f"{wanted} is not in requirements.lock: run make lock"
        (exact,) = pin.specifier
        assert wanted.specifier.contains(exact.version), f"{wanted} against the lock's {pin}: run make lock"


def test_lock_pins_one_exact_version_of_each_package(locked: list[Requirement]) -> None:
    assert all([s.operator for s in r.specifier] == ["=="] for r in locked)
    names = [canonicalize_name(r.name) for r in locked]
    assert len(names) == len(set(names))


def test_lock_holds_no_cuda_build(locked: list[Requirement]) -> None:
    heavy = [r.name for r in locked if re.match(r"torch|nvidia|triton|cuda", r.name)]
    assert heavy == []


def test_environment_yml_is_what_pyproject_makes_of_it(root: Path, lock_tool: ModuleType) -> None:
    made = lock_tool.environment(lock_tool.project())
    assert (root / "environment.yml").read_text(encoding="utf-8") == made, "run make lock"


def test_environment_yml_lists_every_requirement_once_with_the_same_bounds(
    root: Path, lock_tool: ModuleType
) -> None:
    listed = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pip = next(item["pip"] for item in listed if isinstance(item, dict))
    back = {conda: name for name, conda in lock_tool.CONDA_NAMES.items()}
    found = [Requirement(item) for item in [*listed, *pip] if isinstance(item, str) and item[:2] != "--"]
    bounds = {back.get(r.name, r.name): r.specifier for r in found if r.name not in ("pip", "python")}
    assert bounds == {r.name: r.specifier for r in asked(lock_tool, "learning", "test")}


def test_conda_users_get_the_cpu_build_of_pytorch(root: Path) -> None:
    listed = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    assert listed["channels"] == ["conda-forge"]
    assert any(isinstance(item, str) and item.startswith("pytorch-cpu==") for item in listed["dependencies"])
