"""Which independent clients are installed, and how a test says that one is missing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INSTALL = {
    "mosquitto_sub": "install your system's `mosquitto-clients` package",
    "mosquitto_pub": "install your system's `mosquitto-clients` package",
    "node": "run `make env`, which brings Node.js, or install it",
    "node-opcua": "run `npm ci` in tests/interop",
}


def find(name: str) -> str | None:
    """Path of a client's program; "node-opcua" is a package for `node`."""
    if name == "node-opcua":
        package = HERE / "node_modules" / "node-opcua-client" / "package.json"
        return str(package) if package.exists() else None
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def missing() -> dict[str, str]:
    """What is not installed, and what to do about each."""
    return {name: remedy for name, remedy in INSTALL.items() if find(name) is None}


def needs(*names: str) -> pytest.MarkDecorator:
    """Skip a test where a client is not installed, saying which and what to do."""
    absent = {name: INSTALL[name] for name in names if find(name) is None}
    reason = "; ".join(f"{name} is not installed: {remedy}" for name, remedy in absent.items())
    return pytest.mark.skipif(bool(absent), reason=reason)


def program(name: str) -> str:
    """Path of an installed client's program."""
    path = find(name)
    assert path is not None, INSTALL[name]
    return path
