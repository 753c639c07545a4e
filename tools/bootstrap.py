"""Makes `.venv`, the project's environment, with nothing but Python 3.11 or later.

uv (`_installer.py` says how it gets here) installs the exact versions of `requirements.lock`, then the
project itself. A stamp in `.venv` remembers what was installed: a second run returns at once, a changed
lock file installs the difference, and an interrupted installation is made anew.

Run by the Makefile; by hand: `python3 tools/bootstrap.py`. It uses the standard library alone, and
syntax that an old Python can read far enough to say that it is too old.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager

from _installer import NEEDED_MB, OWN, ROOT, Trouble, find_uv, run, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "installed.stamp"
UNFINISHED = VENV / "installation.unfinished"

OLDEST, TOO_NEW = (3, 11), (3, 14)

NO_FITTING_PYTHON = """\
Python {}.{} does not fit; 3.11, 3.12 or 3.13 is needed and none is on the PATH.
Install one (Debian 12, Ubuntu 24.04 or later: apt-get install python3), or name it:
    make book PYTHON=/path/to/python3.12"""


def main():
    """Bring the environment up to date; the exit code for the shell."""
    try:
        use_a_fitting_python()
        with only_one_at_a_time():
            if not up_to_date():
                install()
    except (Trouble, OSError) as trouble:
        print(f"\nbootstrap: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbootstrap: interrupted; the next run starts the installation anew.", file=sys.stderr)
        return 130
    return 0


def use_a_fitting_python():
    """Go on under another Python of this machine when this one does not fit."""
    if OLDEST <= sys.version_info[:2] < TOO_NEW:
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        path = shutil.which(name)
        # A version manager's shim can be on the PATH and still refuse to run.
        if path and subprocess.run([path, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            os.execv(path, [path, *sys.argv])
    raise Trouble(NO_FITTING_PYTHON.format(*sys.version_info[:2]))


@contextmanager
def only_one_at_a_time():
    """Two `make`s at once would install over each other; the second waits for the first."""
    OWN.mkdir(exist_ok=True)
    with open(str(OWN / "lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def up_to_date():
    """Whether `.venv` holds what is asked for and still works."""
    return STAMP.exists() and STAMP.read_text() == fingerprint() and PYTHON.exists()


def fingerprint():
    """Of all that the environment is made from; the folder too, which its scripts name."""
    parts = [str(ROOT), str(sys.version_info[:2]), LOCK.read_text(), (ROOT / "pyproject.toml").read_text()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def install():
    """Make or update the environment, showing each step."""
    start_s = time.monotonic()
    check_disk()
    say("1/4 looking for uv, the installer")
    uv, env = find_uv()
    say("2/4 preparing .venv with Python {}.{}.{}".format(*sys.version_info[:3]))
    prepare_venv(uv, env)
    say("3/4 installing the packages of requirements.lock (the longest step, about a minute)")
    install_into_venv = [uv, "pip", "install", "--python", str(PYTHON), "--compile-bytecode"]
    run(*install_into_venv, "-r", str(LOCK), env=env)
    say("4/4 installing the project itself, editable")
    run(*install_into_venv, "--no-deps", "-e", str(ROOT), env=env)
    UNFINISHED.unlink()
    STAMP.write_text(fingerprint())
    say(f"the environment is ready after {time.monotonic() - start_s:.0f} s")


def prepare_venv(uv, env):
    """Keep a sound `.venv`; make it anew after an interruption, or for another Python."""
    of_this_python = (VENV / "lib" / "python{}.{}".format(*sys.version_info[:2])).exists()
    if UNFINISHED.exists() or not (of_this_python and PYTHON.exists()):
        # The real path: this Python may be the one in the `.venv` that is about to go.
        python = os.path.realpath(sys.executable)
        run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", python, str(VENV), env=env)
    UNFINISHED.touch()
    if STAMP.exists():
        STAMP.unlink()


def check_disk():
    """Refuse to start what cannot end."""
    free_MB = shutil.disk_usage(str(ROOT)).free // 1_000_000
    if not VENV.exists() and free_MB < NEEDED_MB:
        raise Trouble(f"{free_MB} MB are free on the disk of {ROOT}; about {NEEDED_MB} MB are needed.")


if __name__ == "__main__":
    sys.exit(main())
