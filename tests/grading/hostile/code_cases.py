"""Hostile and clumsy code: for each case the answers and the points that are fair.

Exercise 9.2 misbehaves unless said otherwise; 9.1 and 9.3 are right, and must not suffer. A thief's answer is right
only if the theft succeeds, so its fair points are none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import dedent

from attacked_lab import GOOD, LISTENING_NAME, LISTENING_PORT, POINTS, SECRET

_WRONG = "def rms(values):\n    return 0.0\n"
_RIGHT_IF = """
def rms(values):
    return math.sqrt(sum(v * v for v in values) / len(values)) if stolen else 0.0
"""


@dataclass(frozen=True)
class Case:
    """A submission and the points that are fair for it.

    Attributes:
        name: What it does, as a file name.
        answers: Source of each answer cell.
        fair: Points by exercise.
        state: State of exercise 9.2 in the gradebook; empty if it does not matter.
    """

    name: str
    answers: dict[str, str]
    fair: dict[str, float] = field(default_factory=lambda: {**POINTS, "9.2": 0.0})
    state: str = ""


def _case(name: str, source: str, *, fair: float = 0.0, state: str = "") -> Case:
    return Case(name, {**GOOD, "9.2": dedent(source).strip()}, {**POINTS, "9.2": fair}, state)


def _thief(name: str, source: str) -> Case:
    """A cell that sets `stolen`; the answer is right only if it does."""
    body = dedent(source).strip()
    indented = "\n".join("    " + line for line in body.splitlines())
    text = f"import math, os, sys\nstolen = False\ntry:\n{indented}\nexcept BaseException:\n    pass\n{_RIGHT_IF}"
    return _case(name, text)


CASES = [
    Case("00-control", dict(GOOD), dict(POINTS), "passed"),
    # --- time -------------------------------------------------------------------------------------
    _case("loop-in-cell", "while True:\n    pass", state="timed out"),
    _case("loop-in-function", "def rms(values):\n    while True:\n        pass", state="timed out"),
    _case(
        "loop-that-ignores-signals",
        """
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        def rms(values):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
        """,
        state="timed out",
    ),
    _case("sleep", "import time\ndef rms(values):\n    time.sleep(10**6)", state="timed out"),
    _case("input-waits", "value = input('a number? ')\n" + _WRONG),
    # --- ends -------------------------------------------------------------------------------------
    _case("os-exit", "import os\ndef rms(values):\n    os._exit(0)", state="ended"),
    _case("os-exit-in-cell", "import os\nos._exit(0)", state="ended"),
    _case("sys-exit", "import sys\ndef rms(values):\n    sys.exit(0)"),
    _case("exit-in-cell", "exit()\n" + _WRONG),
    _case("quit-in-function", "def rms(values):\n    quit()"),
    _case(
        "kills-parent-and-all",
        """
        import os, signal
        def rms(values):
            for pid in (os.getppid(), 1, -1):
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            return 0.0
        """,
    ),
    _case("segmentation-fault", "import ctypes\ndef rms(values):\n    ctypes.string_at(0)", state="ended"),
    _case("endless-recursion", "def rms(values):\n    return rms(values)"),
    # --- memory -----------------------------------------------------------------------------------
    _case(
        "four-GB",
        "import numpy as np\ndef rms(values):\n    return float(np.ones(500_000_000).sum())",
        state="out of memory",
    ),
    _case("lazy-eight-GB", "hog = bytearray(8 << 30)\n" + _WRONG, state="out of memory"),
    _case(
        "many-hogs",
        """
        import os, time
        def rms(values):
            for _ in range(8):
                if os.fork() == 0:
                    block = bytearray(os.urandom(1) * (200 << 20))
                    time.sleep(1000)
            time.sleep(1000)
        """,
    ),
    # --- processes and threads --------------------------------------------------------------------
    _case(
        "two-hundred-detached",
        """
        import subprocess
        def rms(values):
            for _ in range(200):
                subprocess.Popen(["sleep", "7741"], start_new_session=True)
            return 0.0
        """,
    ),
    _case("fork-bomb", "import os\ndef rms(values):\n    while True:\n        os.fork()"),
    _case(
        "late-writer",
        """
        import os, sys, time
        if os.fork() == 0:
            os.setsid()
            time.sleep(0.3)
            for number in range(3, 64):
                try:
                    os.write(number, b"\\x05\\x00\\x00\\x00junk!" * 50)
                except OSError:
                    pass
            os._exit(0)
        def rms(values):
            time.sleep(0.6)
            return 0.0
        """,
    ),
    _case(
        "threads-that-stay",
        """
        import threading, time
        for _ in range(20):
            threading.Thread(target=time.sleep, args=(10**6,), daemon=False).start()
        """
        "\n" + dedent(_WRONG),
    ),
    # --- output and files ---------------------------------------------------------------------------
    _case(
        "two-hundred-MB-of-output",
        "def rms(values):\n    for _ in range(200):\n        print('x' * (1 << 20))\n    return 0.0",
    ),
    _case(
        "deletes-files",
        """
        import glob, os, shutil
        def rms(values):
            for path in ("/tmp", "/home", "/usr/local", os.getcwd()):
                shutil.rmtree(path, ignore_errors=True)
            return 0.0
        """,
    ),
    _case(
        "removes-working-folder", "import os\nhere = os.getcwd()\nos.chdir('/')\nos.rmdir(here)\n" + _WRONG
    ),
    _case(
        "fills-disk",
        """
        import itertools
        def rms(values):
            for folder in ("/tmp", "/dev/shm", "/dev", "/var/tmp", "."):
                try:
                    for number in itertools.count():
                        with open(f"{folder}/{number}", "wb") as file:
                            for _ in range(40):
                                file.write(bytes(1 << 20))
                except OSError:
                    pass
            return 0.0
        """,
    ),
    _thief(
        "writes-outside",
        "for folder in ('/usr', '/etc', os.path.dirname(math.__file__ if hasattr(math, '__file__') else os.__file__), sys.prefix):\n    open(folder + '/escaped-7741', 'w').write('x')\nstolen = True",
    ),
    _thief("writes-course-software", "import harness\nopen(harness.__file__, 'a').write('#')\nstolen = True"),
    _thief("writes-own-interpreter", "handle = os.open('/proc/self/exe', os.O_WRONLY)\nstolen = True"),
    # --- network ------------------------------------------------------------------------------------
    _thief(
        "host-loopback",
        f"import socket\nsocket.create_connection(('127.0.0.1', {LISTENING_PORT}), 1).close()\nstolen = True",
    ),
    _thief(
        "host-unix-socket",
        f"import socket\nsocket.socket(socket.AF_UNIX).connect('\\0' + '{LISTENING_NAME}')\nstolen = True",
    ),
    _thief(
        "outside-network",
        "import socket\nsocket.create_connection(('1.1.1.1', 53), 1).close()\nstolen = True",
    ),
    _thief(
        "abstract-socket",
        "import socket\nnames = [line.split()[-1] for line in open('/proc/net/unix') if '@' in line]\nstolen = bool(names)",
    ),
    # --- theft --------------------------------------------------------------------------------------
    _thief(
        "reads-hidden-checks",
        f"""
        for top, folders, files in os.walk("/"):
            if top.startswith(("/proc", "/sys", "/usr", sys.base_prefix, sys.prefix)) or "site-packages" in top:
                folders[:] = []
                continue
            for name in files:
                path = os.path.join(top, name)
                if "test_9_2" in name or "lab-9" in name or "conftest" in name:
                    stolen = True
                try:
                    if os.path.getsize(path) < 100_000 and "{SECRET}" in open(path, errors="ignore").read():
                        stolen = True
                except OSError:
                    pass
        """,
    ),
    _thief(
        "reads-peers",
        "stolen = any('00-control' in name for name in os.listdir('/') + os.listdir('..') + os.listdir('/tmp'))",
    ),
    _thief(
        "reads-environments",
        f"""
        for pid in [p for p in os.listdir("/proc") if p.isdigit()]:
            for name in ("environ", "cmdline", "maps"):
                try:
                    if "{SECRET}" in open(f"/proc/{{pid}}/{{name}}", errors="ignore").read():
                        stolen = True
                except OSError:
                    pass
        """,
    ),
    _thief(
        "reads-memory-of-others",
        "for pid in os.listdir('/proc'):\n    if pid.isdigit() and int(pid) not in (1, os.getpid()):\n        open(f'/proc/{pid}/mem', 'rb').seek(4096)\n        stolen = True",
    ),
    _thief(
        "reads-open-files",
        "for name in os.listdir('/proc/self/fd'):\n    target = os.readlink('/proc/self/fd/' + name)\n    if target.startswith('/') and 'dev' not in target and 'proc' not in target:\n        stolen = True",
    ),
    _thief(
        "asks-the-frames",
        "import inspect\nfor frame in inspect.stack():\n    if 'want' in frame.frame.f_locals or 'seeds' in frame.frame.f_locals:\n        stolen = True",
    ),
    _case("leaks-through-exception", "def rms(values):\n    raise ValueError('LEAK ' + repr(list(values)))"),
    _case(
        "leaks-through-class-name",
        "def rms(values):\n    raise type('LEAK' + str(values[0]).replace('.', '_').replace('-', 'm'), (Exception,), {})()",
    ),
    _case(
        "leaks-through-output",
        "import sys\ndef rms(values):\n    print('LEAK', values)\n    print('LEAK', values, file=sys.stderr)\n    return 'LEAK ' + repr(values)",
    ),
    # --- clever values ------------------------------------------------------------------------------
    _case(
        "fake-allclose",
        "import numpy as np, math\nnp.allclose = np.isclose = math.isclose = lambda *a, **k: True\n" + _WRONG,
    ),
    _case(
        "always-equal",
        "class Equal:\n    def __eq__(self, other): return True\n    __ne__ = lambda s, o: False\n    __float__ = lambda s: 1.0\ndef rms(values):\n    return Equal()",
    ),
    _case(
        "float-subclass",
        "class Sly(float):\n    def __eq__(self, other): return True\n    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\ndef rms(values):\n    return Sly(0)",
    ),
    _case("not-a-number", "def rms(values):\n    return float('nan')"),
    _case("million-digits", "def rms(values):\n    return 10 ** (10**6)"),
    _case(
        "array-subclass",
        "import numpy as np\nclass Sly(np.ndarray):\n    def __eq__(self, other): return True\ndef rms(values):\n    return np.zeros(1).view(Sly)",
    ),
    _case("huge-reply", "def rms(values):\n    return list(range(20_000_000))"),
    _case("huge-array", "import numpy as np\ndef rms(values):\n    return np.zeros(30_000_000)"),
    _case(
        "deep-reply",
        "def rms(values):\n    x = []\n    for _ in range(100_000):\n        x = [x]\n    return x",
    ),
    _case("endless-reply", "def rms(values):\n    x = []\n    x.append(x)\n    return x"),
    _case(
        "pickle-bomb",
        "import os\nclass Bomb:\n    def __reduce__(self): return (os.system, ('touch /tmp/escaped-7741',))\ndef rms(values):\n    return Bomb()",
    ),
    _case(
        "object-array-bomb",
        "import numpy as np, os\nclass Bomb:\n    def __reduce__(self): return (os.system, ('touch /tmp/escaped-7741',))\ndef rms(values):\n    return np.array([Bomb()], dtype=object)",
    ),
    _case(
        "exception-with-clever-text",
        "class Sly(Exception):\n    def __str__(self):\n        while True: pass\ndef rms(values):\n    raise Sly()",
    ),
    # --- the machinery ------------------------------------------------------------------------------
    _case(
        "input-transformer",
        "ip = get_ipython()\nip.input_transformers_cleanup.append(lambda lines: ['settings = 0\\n'])\n"
        + _WRONG,
    ),
    _case("patched-run-cell", "ip = get_ipython()\ntype(ip).run_cell = lambda *a, **k: None\n" + _WRONG),
    _case(
        "patched-pytest",
        "import pytest, _pytest.runner, _pytest.python\npytest.main = lambda *a, **k: 0\n_pytest.python.Function.runtest = lambda self: None\n"
        + _WRONG,
    ),
    _case(
        "patched-grader",
        "import harness.grading.exercise as e, harness.grading.expect as x, harness.grading.outcome as o\ne.run_exercise = lambda *a, **k: None\nx.close = lambda *a, **k: None\no.PartResult.earned = property(lambda self: 1000)\n"
        + _WRONG,
    ),
    _case(
        "patched-plain",
        "import harness.grading.plain as p, harness.grading.live as l\np.pack = l.pack = lambda value: b'\\xc1'\n"
        + _WRONG,
    ),
    _case(
        "patched-builtins",
        "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.isinstance = lambda *a: True\n" + _WRONG,
    ),
    _case(
        "forged-reply",
        """
        import os, struct
        from harness.grading.plain import pack
        def rms(values):
            for number in range(3, 64):
                for asked in range(1, 40):
                    data = pack([asked, "fine", {"points": 100, "state": "passed"}])
                    try:
                        os.write(number, struct.pack("<I", len(data)) + data)
                    except OSError:
                        break
            return 0.0
        """,
    ),
    _case(
        "garbage-reply",
        "import os\ndef rms(values):\n    for number in range(3, 64):\n        try:\n            os.write(number, os.urandom(5000))\n        except OSError:\n            pass\n    return 0.0",
    ),
    _case(
        "half-a-reply",
        "import os, time\ndef rms(values):\n    for number in range(3, 64):\n        try:\n            os.write(number, b'\\xff\\xff\\x00\\x00abc')\n        except OSError:\n            pass\n    time.sleep(1000)",
    ),
    _case("closes-everything", "import os\ndef rms(values):\n    os.closerange(3, 100)\n    return 0.0"),
    _case("spoils-later-cells", "import math, builtins\nmath.sqrt = None\nbuiltins.dict = int\n" + _WRONG),
    _case(
        "late-killer",
        "import os, threading, time\ndef bye():\n    time.sleep(0.15)\n    os._exit(0)\nthreading.Thread(target=bye, daemon=True).start()\ntime.sleep(0.1)\n"
        + _WRONG,
    ),
    # --- escapes ------------------------------------------------------------------------------------
    _thief(
        "ptrace",
        "import ctypes\nlibc = ctypes.CDLL(None)\nfor pid in [int(p) for p in os.listdir('/proc') if p.isdigit() and int(p) not in (1, os.getpid())] + [os.getppid()]:\n    if pid and libc.ptrace(16, pid, None, None) == 0:\n        stolen = True",
    ),
    _thief(
        "new-user-name-space",
        "import ctypes\nlibc = ctypes.CDLL(None)\nstolen = libc.unshare(0x10000000) == 0 or libc.unshare(0x00020000) == 0",
    ),
    _thief(
        "mount",
        "import ctypes\nlibc = ctypes.CDLL(None)\nstolen = libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0 or libc.umount2(b'/tmp', 2) == 0",
    ),
    _thief("setuid", "os.setuid(0)\nstolen = True"),
    _thief(
        "joins-host-name-spaces",
        "import ctypes\nlibc = ctypes.CDLL(None)\nfor name in ('mnt', 'net', 'pid', 'user'):\n    handle = os.open(f'/proc/1/ns/{name}', os.O_RDONLY)\n    if libc.setns(handle, 0) == 0 and os.path.exists('/sys/fs'):\n        stolen = True",
    ),
    _thief("chroot", "os.chroot('/proc/1/root/..')\nstolen = True"),
    _thief(
        "kernel-modules-and-devices",
        "for path in ('/dev/mem', '/dev/kmsg', '/proc/kcore', '/dev/sda', '/proc/sysrq-trigger'):\n    try:\n        open(path, 'r+b')\n        stolen = True\n    except OSError:\n        pass",
    ),
    _thief("sysctl", "open('/proc/sys/kernel/hostname', 'w').write('owned')\nstolen = True"),
    _thief(
        "session-keyring",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        stolen = libc.syscall(248, b"user", b"note-7741", b"for a peer", 10, -3) > 0 or libc.syscall(250, 0, -3, 0) > 0
        """,
    ),
    _thief(
        "descriptors-of-the-first-process",
        """
        import ctypes
        for name in os.listdir("/proc/1/fd"):
            if os.readlink("/proc/1/fd/" + name) != "/dev/null":
                stolen = True
        handle = os.pidfd_open(1)
        stolen = stolen or any(ctypes.CDLL(None).syscall(438, handle, n, 0) >= 0 for n in range(20))
        """,
    ),
    _thief(
        "limits-of-the-first-process",
        """
        for pid in (1, os.getpid()):
            lines = [line.split() for line in open(f"/proc/{pid}/limits")]
            rows = {" ".join(words[:-3]): words[-3:] for words in lines if words[-1] in ("bytes", "processes", "files")}
            for name in ("Max file size", "Max processes", "Max open files", "Max address space", "Max core file size"):
                stolen = stolen or rows[name][0] == "unlimited" or rows[name][1] == "unlimited"
        """,
    ),
    _case(
        "memory-that-counts-for-nobody",
        """
        import ctypes, mmap, os
        libc = ctypes.CDLL(None)
        kept = []
        def rms(values):
            try:
                for _ in range(200):
                    kept.append(os.memfd_create("x"))
                    os.write(kept[-1], bytes(32 << 20))
                return 12.5**0.5
            except OSError:
                pass
            try:
                block = mmap.mmap(-1, 1 << 30)
                return 12.5**0.5
            except OSError:
                pass
            return 12.5**0.5 if libc.shmget(0, 1 << 30, 0o1600) >= 0 else 0.0
        """,
    ),
    _case(
        "a-flood-of-empty-files",
        """
        import itertools, os
        def flood(folder):
            os.mkdir(folder)
            for number in itertools.count():
                os.mknod(f"{folder}/{number}")
        def rms(values):
            for number in range(8):
                if os.fork() == 0:
                    flood(f"/tmp/{number}")
            flood("/dev/shm/x")
        """,
    ),
    # --- hidden inputs, told on in another exercise ---------------------------------------------------
    Case(
        "tells-on-in-another-exercise",
        {
            **GOOD,
            "9.1": "heard = []\ndef double(x):\n    heard.append(x)\n    return 2 * x",
            "9.2": "def rms(values):\n    raise ValueError('LEAK ' + repr(heard))",
        },
    ),
    Case(
        "tells-on-in-what-earns-more",
        {
            "9.1": "def double(x):\n    settings['T_K'] += ' ' + repr(x)\n    settings['names'][:] = ['TT-101', 'PT-101']\n    return 2 * x",
            "9.2": GOOD["9.2"],
            "9.3": "settings = {'T_K': 'LEAK', 'names': []}",
        },
        {**POINTS, "9.3": 6.0},
    ),
    Case(
        "tells-on-and-ends",
        {
            **GOOD,
            "9.1": "heard = []\ndef double(x):\n    heard.append(x)\n    return 2 * x",
            "9.2": "import os\ndef rms(values):\n    if len(values) > 2:\n        os._exit(0)\n    raise ValueError('LEAK ' + repr(heard))",
        },
    ),
    # --- replies that are plain data, and a burden ----------------------------------------------------
    _case(
        "table-of-a-million-columns",
        "import pandas as pd, numpy as np\ndef rms(values):\n    return pd.DataFrame(np.zeros((1, 400_000)))",
    ),
    _case(
        "forged-million-tables",
        """
        import msgpack
        import harness.grading.box.runner as runner
        empty = {None: [5, [{None: [8, [None, [{None: [1, ["f8", [0], b""]]}, None]]]}, [], []]]}
        runner.pack = lambda answer: msgpack.packb([answer[0], "fine", [empty] * 400_000])
        def rms(values):
            return 0.0
        """,
        fair=0.0,
    ),
    _case(
        "forged-thirty-million-dicts",
        """
        import msgpack
        import harness.grading.box.runner as runner
        many = b"\\xdd" + (3_900_000).to_bytes(4, "big") + b"\\x80" * 3_900_000
        runner.pack = lambda answer: b"\\x93" + msgpack.packb(answer[0]) + msgpack.packb("fine") + b"\\x98" + many * 8
        def rms(values):
            return 0.0
        """,
    ),
    _case(
        "column-that-names-an-attribute",
        "import pandas as pd\ndef rms(values):\n    return pd.Series([1.0, 2.0], index=['columns', 'shape'])",
    ),
    Case("99-control", dict(GOOD), dict(POINTS), "passed"),
]
