"""JupyterLab on the learner's labs, with settings of its own.

All that this JupyterLab reads and writes of settings lies in one folder, `work/.jupyter`: a double click
opens a lab as a notebook, nothing asks for news or for another build, and the user's own Jupyter is neither
read nor changed. Kernels are forked from a warm process (`harness.warm`).
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from harness.errors import PortBusy, ServiceError
from harness.grading.files import write_atomically
from harness.warm import PROVISIONER

SETTINGS = ".jupyter"
_LOOPBACK = "127.0.0.1"
_AS_NOTEBOOK = {"markdown": "Jupytext Notebook", "myst": "Jupytext Notebook"}
_OVERRIDES = {
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": _AS_NOTEBOOK},
    # Else a cell that runs before the kernel has come up asks which kernel to take.
    "@jupyterlab/notebook-extension:tracker": {"autoStartDefaultKernel": True},
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "doNotDisturbMode": False,
        "fetchNews": "false",
    },
}
_PAGE = {
    "buildCheck": False,
    "buildAvailable": False,
    "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True},
}


def prepare(folder: Path) -> dict[str, str]:
    """Write JupyterLab's settings, and give the environment to start it in.

    Args:
        folder: The folder that JupyterLab shows.
    """
    home = folder / SETTINGS
    config = home / "config"
    files = {
        config / "labconfig" / "default_setting_overrides.json": _OVERRIDES,
        config / "labconfig" / "page_config.json": _PAGE,
        config / "jupyter_lab_config.json": _server_options(folder),
    }
    for file, content in files.items():
        write_atomically(file, (json.dumps(content, indent=1) + "\n").encode())
    return {**_without_jupyter(), **_places(home, config), **_warm()}


def _server_options(folder: Path) -> dict[str, Any]:
    """A token is asked for, as Jupyter does by itself; nothing here switches it off."""
    return {
        "ServerApp": {
            "ip": _LOOPBACK,
            "root_dir": str(folder),
            # The server's own default is longer than what its web server takes, of which it would warn.
            "tornado_settings": {"ws_ping_timeout": 30_000},
            # Jupyter refuses to start as root, as which everything runs in many a container.
            "allow_root": os.geteuid() == 0,
        },
        "LabApp": {"extension_manager": "readonly", "news_url": None},
        "LanguageServerManager": {"autodetect": False},
        # Kernels are reached over TCP; encrypted, so that no other user of the machine can listen or write.
        "MultiKernelManager": {"transport_encryption": "auto"},
        "ContentsManager": {"allow_hidden": False},
    }


def _places(home: Path, config: Path) -> dict[str, str]:
    return {
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def _without_jupyter() -> dict[str, str]:
    """The environment without what would make it the user's own Jupyter, or one without a token."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))}


def _warm() -> dict[str, str]:
    """Warm kernels, where they are installed; an unknown name would leave JupyterLab without kernels."""
    known = entry_points(group="jupyter_client.kernel_provisioners").names
    return {"JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER} if PROVISIONER in known else {}


def command(*, port: int, browser: bool) -> list[str]:
    """The command that starts JupyterLab.

    Args:
        port: Port to listen on; 0 takes 8888, or the next free one.
        browser: Whether a browser is opened.
    """
    options = ["--log-level=WARN", *([] if browser else ["--no-browser"])]
    if port:
        options += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    return [sys.executable, "-m", "harness.grading.learner.server", *options]


def check_port(port: int) -> None:
    """Make sure that a port can be listened on.

    Raises:
        PortBusy: If another program does.
        ServiceError: If the system does not grant it.
    """
    import errno
    import socket

    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((_LOOPBACK, port))
    except OSError as error:
        kind = PortBusy if error.errno == errno.EADDRINUSE else ServiceError
        remedy = "Leave --port out to take a free one"
        raise kind(f"The port cannot be used ({error.strerror})", value=port, remedy=remedy) from error
