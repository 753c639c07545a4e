"""What a fork does to step into a box, and what it gives up before it runs a learner's code."""

from __future__ import annotations

import ctypes
import os
import resource

from harness.grading.box import syscalls
from harness.grading.box.limits import Limits

_libc = ctypes.CDLL(None, use_errno=True)
_NAME_SPACES = 0x10000000 | 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000 | 0x02000000
"""User, mount, process, network, IPC, host name, control group: CLONE_NEW… of <sched.h>."""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = (
    1,
    4,
    22,
    24,
    38,
)
_SECCOMP_MODE_FILTER = 2
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63
_MOST_DESCRIPTORS = 1 << 20
_STEP_BYTES = 8


def die_with_parent(signal: int) -> None:
    """Be sent a signal when the parent process ends."""
    _prctl(_PR_SET_PDEATHSIG, signal)


def enter(process: int) -> None:
    """Step into the name spaces of a process; its children are then in them altogether.

    Raises:
        OSError: If the kernel refuses.
    """
    descriptor = os.pidfd_open(process)
    try:
        if _libc.setns(descriptor, _NAME_SPACES):
            code = ctypes.get_errno()
            raise OSError(code, f"setns: {os.strerror(code)}")
    finally:
        os.close(descriptor)


def give_up_privileges() -> None:
    """Drop every capability for good.

    Raises:
        OSError: If the kernel refuses.
    """
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # beyond the kernel's last one: refused
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()):
        code = ctypes.get_errno()
        raise OSError(code, f"capset: {os.strerror(code)}")
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_DUMPABLE, 1)  # so that the keeper may read how much memory it takes


def refuse_calls() -> None:
    """Give up the kernel's calls that `syscalls` names, for good; privileges must have been given up before.

    Raises:
        OSError: If the kernel refuses.
    """
    steps = syscalls.program()
    if not steps:
        return
    kept = ctypes.create_string_buffer(steps, len(steps))
    filtering = _Filter(len(steps) // _STEP_BYTES, ctypes.addressof(kept))
    if _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filtering), 0, 0):
        code = ctypes.get_errno()
        raise OSError(code, f"prctl {_PR_SET_SECCOMP}: {os.strerror(code)}")


class _Filter(ctypes.Structure):
    """`struct sock_fprog` of <linux/filter.h>."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def limit(limits: Limits, *, process: int = 0) -> None:
    """Set the limits that the kernel keeps for each process.

    Args:
        limits: The limits.
        process: Whose; this process's by default.
    """
    memory = _address_space_bytes() + limits.memory_bytes
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_RTPRIO, 0),
    ):
        resource.prlimit(process, kind, (most, most))


def keep_only(*descriptors: int) -> None:
    """Close every descriptor but these."""
    kept = sorted(descriptors)
    for last, following in zip([-1, *kept], [*kept, _MOST_DESCRIPTORS], strict=True):
        if last + 1 < following:  # CPython takes the empty range from 0 to 0 for all there are
            os.closerange(last + 1, following)


def _address_space_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0):
        code = ctypes.get_errno()
        raise OSError(code, f"prctl {option}: {os.strerror(code)}")
