"""The kernel's calls that a learner's code may not make, as a filter that the kernel itself applies.

Name spaces and limits bound what most calls can do. What they do not bound is refused: memory that belongs to
no process and so counts for none, keys that outlive a box, other processes' memory and descriptors, and the
parts of the kernel that no exercise needs and that attackers like best.
"""

from __future__ import annotations

import errno
import os
import platform
import struct
from functools import cache

_X86_64, _AARCH64 = 0xC000003E, 0xC00000B7
_ARCHITECTURES = {"x86_64": (_X86_64, 0, 9), "aarch64": (_AARCH64, 1, 222)}
"""By machine: the kernel's word for it, the column of the table below, and the number of `mmap`."""

_REFUSED = {
    # Memory that no process need map: it would count for nobody.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    # Keys, which belong to the session of the grader.
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # Other processes' memory and descriptors.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    # Name spaces and mounts.
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    # Large parts of the kernel that no exercise needs.
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
}

_LOAD, _AND, _EQUAL, _NOT_BELOW, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FLAGS_AT = 0, 4, 16 + 3 * 8
_ALLOWED, _FAILS = 0x7FFF0000, 0x00050000
_X32 = 0x40000000
_SHARED_ANONYMOUS = 0x21
"""MAP_SHARED and MAP_ANONYMOUS: such memory stays when it is let go of, and then counts for nobody."""


@cache
def program() -> bytes:
    """The filter, as the kernel and bubblewrap take it; empty on a machine whose numbers are unknown here."""
    known = _ARCHITECTURES.get(platform.machine())
    if known is None:
        return b""
    architecture, column, mmap = known
    refused = [numbers[column] for numbers in _REFUSED.values()]
    return b"".join(
        (
            _step(_LOAD, _ARCHITECTURE_AT),
            _step(_EQUAL, architecture, 1, 0),
            _fails(errno.ENOSYS),
            _step(_LOAD, _NUMBER_AT),
            _step(_NOT_BELOW, _X32, 0, 1),
            _fails(errno.ENOSYS),
            *(step for number in refused for step in (_step(_EQUAL, number, 0, 1), _fails(errno.EPERM))),
            _step(_EQUAL, mmap, 1, 0),
            _step(_RETURN, _ALLOWED),
            _step(_LOAD, _FLAGS_AT),
            _step(_AND, _SHARED_ANONYMOUS),
            _step(_EQUAL, _SHARED_ANONYMOUS, 0, 1),
            _fails(errno.EPERM),
            _step(_RETURN, _ALLOWED),
        )
    )


def as_file() -> int:
    """A descriptor that the filter can be read from."""
    ours, theirs = os.pipe()
    os.write(theirs, program())
    os.close(theirs)
    return ours


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """An instruction: `struct sock_filter` of <linux/filter.h>."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _fails(number: int) -> bytes:
    return _step(_RETURN, _FAILS | number)
