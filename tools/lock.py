"""Derives `requirements.lock` and `environment.yml` from pyproject.toml, the one list of dependencies.

`make lock` writes both, with the newest versions that pyproject.toml allows where the lock file does not
have a fitting one already; `make lock UPGRADE=1` takes the newest of all. Tests hold both files equal to
pyproject.toml.
"""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from _installer import ROOT, find_uv
from packaging.requirements import Requirement

# What conda-forge has under which name; everything else comes through pip. Compiled libraries that share
# others (BLAS, OpenSSL) are better taken from one place, and torch's CPU build needs no further index there.
CONDA_NAMES = {
    "cryptography": "cryptography",
    "matplotlib": "matplotlib-base",
    "numba": "numba",
    "numpy": "numpy",
    "pandas": "pandas",
    "pydantic": "pydantic",
    "scipy": "scipy",
    "torch": "pytorch-cpu",
}

LOCK_HEADER = """\
# The exact versions that the book was built and tested with, for Python 3.11 to 3.13 on Linux.
# Made by `make lock` from pyproject.toml, with its extra `test`; do not edit.
# torch is left out: see "PyTorch" in README.md.
"""

ENVIRONMENT_HEADER = """\
# For conda users: conda env create -f environment.yml
# Made by `make lock` from pyproject.toml; do not edit.
name: digital-twin-course
channels:
  - conda-forge
"""


def main() -> None:
    """Write both files."""
    lock(ROOT / "requirements.lock", upgrade="--upgrade" in sys.argv)
    (ROOT / "environment.yml").write_text(environment(project()), encoding="utf-8")


def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def lock(path: Path, *, upgrade: bool) -> None:
    """One version of each package for all Pythons, so that the numbers in the book are the same on each."""
    uv, env = find_uv()
    command = [uv, "pip", "compile", "pyproject.toml", "--extra", "test", "--universal", "--quiet"]
    command += ["--python-version", "3.11", "--fork-strategy", "fewest", "--no-header", "--no-annotate"]
    command += ["--output-file", str(path), *(["--upgrade"] if upgrade else [])]
    # Its output file is also its input: the versions to keep.
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    path.write_text(LOCK_HEADER + path.read_text(encoding="utf-8"), encoding="utf-8")


def environment(table: dict[str, Any]) -> str:
    """The text of environment.yml.

    Args:
        table: The table `project` of pyproject.toml.
    """
    extras = table["optional-dependencies"]
    wanted = [Requirement(text) for text in [*table["dependencies"], *extras["learning"], *extras["test"]]]
    conda = [f"{CONDA_NAMES[r.name]}{r.specifier}" for r in wanted if r.name in CONDA_NAMES]
    pip = [str(r) for r in wanted if r.name not in CONDA_NAMES]
    lines = ["dependencies:", _item(f"python{table['requires-python']}"), *map(_item, sorted(conda))]
    lines += [_item("pip"), "  - pip:", *(f"  {_item(text)}" for text in [*sorted(pip), "--editable ."])]
    return ENVIRONMENT_HEADER + "\n".join(lines) + "\n"


def _item(text: str) -> str:
    """A line of a YAML list; quoted, as `>` would else begin a block."""
    return f'  - "{text}"' if ">" in text or "=" in text else f"  - {text}"


if __name__ == "__main__":
    main()
