"""Finds uv, the installer, by way of the ordinary clients that a machine has.

uv on the PATH is taken as it is. Else pip brings it, and pip is looked for in three places: beside this
Python; in a virtual environment that this Python makes; in Debian's signed package of pip's wheel, which
apt-get downloads without being root. Each client's own settings hold (`pip.conf`, `PIP_INDEX_URL`,
`PIP_FIND_LINKS`, `PIP_CERT`, `UV_*`, apt's sources), so no index is named here.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / ".bootstrap"  # uv, and the way to pip; kept apart because `.venv` may be made anew

UV_REQUIREMENT = "uv==0.13.9"
OLDEST_UV = (0, 9)  # of one that is on the PATH already
NEEDED_MB = 2500  # .venv and uv's cache, where they share a disk

NO_PIP = """\
this Python has neither pip nor ensurepip, and apt-get could not bring Debian's python3-pip-whl.
Check the network and run the same command again; or install python3-pip, python3-venv or uv first."""

STEP_FAILED = """\
this step ended with exit code {code}; its own words are above:
    {command}
If they speak of a connection, a name look-up or a certificate, this machine does not reach the package
index: check the network, or set PIP_INDEX_URL (a mirror), PIP_FIND_LINKS (a folder of wheels) or
SSL_CERT_FILE. Then run the same command again; what has arrived is kept."""


class Trouble(Exception):
    """What stopped the installation and what to do about it, for the reader of a terminal."""


def find_uv():
    """A uv to install with, and the environment variables that it shall run with."""
    on_path, own = shutil.which("uv"), OWN / "tools" / "bin" / "uv"
    if on_path and _uv_version(on_path) >= OLDEST_UV:
        return on_path, _uv_settings(pip=None)
    pip = _find_pip()
    if _uv_version(own) < OLDEST_UV:
        say(f"    pip brings {UV_REQUIREMENT}")
        shutil.rmtree(OWN / "tools", ignore_errors=True)
        quiet = ["--quiet", "--disable-pip-version-check", "--root-user-action", "ignore"]
        run(*pip, "install", *quiet, "--target", str(OWN / "tools"), UV_REQUIREMENT)
    return str(own), _uv_settings(pip)


def _uv_version(path):
    """The version as a pair of numbers; (0, 0) for what does not run."""
    if not os.access(path, os.X_OK):
        return (0, 0)
    match = re.search(r"(\d+)\.(\d+)", _output([path, "--version"]))
    return tuple(int(number) for number in match.groups()) if match else (0, 0)


def _uv_settings(pip):
    """The environment for uv, which reads neither `pip.conf` nor `PIP_*`: pip's settings under uv's names.

    Args:
        pip: The command that runs pip, asked for what its configuration files say;
            None to ask the environment variables alone.
    """
    env = dict(os.environ, UV_PYTHON_DOWNLOADS="never")
    index, links, cert = (_pip_setting(pip, name) for name in ("index-url", "find-links", "cert"))
    if index:
        env.setdefault("UV_DEFAULT_INDEX", index)
    if links:
        env.setdefault("UV_FIND_LINKS", ",".join(links.split()))
    if cert:
        env.setdefault("SSL_CERT_FILE", cert)
    return env


def _pip_setting(pip, name):
    """One of pip's settings; empty when it is not set."""
    value = os.environ.get("PIP_" + name.upper().replace("-", "_"), "")
    return value or (_output([*pip, "config", "get", "global." + name]).strip() if pip else "")


def _find_pip():
    """The command that runs a pip, from the first of three places that has one."""
    for look in (_pip_of_this_python, _pip_of_a_fresh_venv, _pip_of_debian):
        pip = look()
        if pip and _output([*pip, "--version"]):
            return pip
    raise Trouble(NO_PIP)


def _pip_of_this_python():
    """Beside this Python."""
    return [sys.executable, "-m", "pip"]


def _pip_of_a_fresh_venv():
    """From the wheel that most Pythons carry; Debian's does not without its python3-venv."""
    _output([sys.executable, "-m", "venv", "--clear", str(OWN / "venv")])
    python = OWN / "venv" / "bin" / "python"
    return [str(python), "-m", "pip"] if python.exists() else None


def _pip_of_debian():
    """From Debian's package of pip's wheel, unpacked here and not installed, so that no root is needed."""
    if not (_debian_wheels() or _unpack_debian_pip()):
        return None
    return [sys.executable, str(_debian_wheels()[-1] / "pip")]


def _debian_wheels():
    return sorted((OWN / "debian").glob("usr/share/python-wheels/pip-*.whl"))


def _unpack_debian_pip():
    """Whether Debian's package could be downloaded, with the machine's package lists or with fresh ones."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return False
    say("    no pip on this machine: apt-get downloads python3-pip-whl")
    with tempfile.TemporaryDirectory(dir=str(OWN)) as folder:
        if not (_apt_download(folder) or _apt_download(folder, *_fresh_lists(folder))):
            return False
        package = next(Path(folder).glob("python3-pip-whl_*.deb"))
        run("dpkg-deb", "-x", str(package), str(OWN / "debian"))
    return True


def _apt_download(folder, *options):
    command = ["apt-get", "-qq", *options, "download", "python3-pip-whl"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def _fresh_lists(folder):
    """Options for an apt-get with package lists of its own: a new machine may have none, or stale ones."""
    (Path(folder) / "lists" / "partial").mkdir(parents=True)
    own_lists = ["-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}"]
    say("    apt-get fetches package lists")
    # Without its sandbox user, who may not write into this folder.
    subprocess.run(["apt-get", "-qq", *own_lists, "-o", "APT::Sandbox::User=root", "update"], check=False)
    return own_lists


def run(*command, env=None):
    """Run an installer with its output shown; its failure ends the installation."""
    code = subprocess.run(command, env=env, check=False).returncode
    if code != 0:
        free_MB = shutil.disk_usage(str(ROOT)).free // 1_000_000
        if free_MB < NEEDED_MB // 10:
            raise Trouble(f"the disk is full: {free_MB} MB free, about {NEEDED_MB} MB needed.")
        raise Trouble(STEP_FAILED.format(code=code, command=" ".join(command)))


def _output(command):
    """What a command prints; nothing when it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def say(text):
    """Show a step."""
    print("bootstrap: " + text, flush=True)
