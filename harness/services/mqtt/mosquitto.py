"""An MQTT broker in a child process: Mosquitto, where it is installed.

It speaks MQTT 3.1.1 and 5 and is faster than the embedded broker. Its configuration lies in memory files
that only it can see, so that nothing is left on disk; and the kernel ends it when this process ends, even
by `kill -9`.
"""

from __future__ import annotations

import base64
import ctypes
import getpass
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.errors import ServiceError
from harness.services.mqtt.broker import Broker
from harness.services.mqtt.topics import WRITABLE
from harness.services.service import LOOPBACK, Endpoint
from harness.services.users import Anonymous, Role, User

START_S = 10.0
STOP_S = 0.5
TRIES = 5
HASH_ROUNDS = 101
"""Mosquitto's own number of PBKDF2 rounds; the passwords are random, so it matters little."""

_PR_SET_PDEATHSIG = 1


def installed() -> str | None:
    """Path of Mosquitto's broker, or None."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


class MosquittoBroker(Broker):
    """Mosquitto as a child process.

    Raises:
        ServiceError: On start, when Mosquitto is not installed.
    """

    name = "MQTT broker (Mosquitto)"
    _keeper: _Keeper | None = None

    def _open(self) -> Endpoint:
        program = installed()
        if program is None:
            raise ServiceError(
                "Mosquitto is not installed",
                remedy="Install your system's `mosquitto` package, or use MqttBroker, which needs nothing",
            )
        for attempt in range(TRIES):
            port = self._port or _free_port()
            self._keeper = _Keeper(self.logs.append)
            if self._keeper.start(lambda port=port: self._spawn(program, port)):  # type: ignore[misc]
                return self._endpoint_at(port)
            self._keeper.stop()
            if not any("Address already in use" in line for line in self.logs):
                raise self._failure("did not start")
            if self._port or attempt == TRIES - 1:
                break
            # Somebody took the free port between our finding it and Mosquitto's opening it: find another.
            self.logs.clear()
        raise self._busy(self._port or port)

    def _spawn(self, program: str, port: int) -> subprocess.Popen[bytes]:
        with (
            _memory_file("passwords", self._passwords()) as passwords,
            _memory_file("rules", self._rules()) as rules,
            _memory_file("config", self._config(port, passwords, rules)) as config,
        ):
            return subprocess.Popen(
                [program, "-c", f"/proc/self/fd/{config}"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(passwords, rules, config),
                # Safe beside other threads: it makes two system calls and takes no lock.
                preexec_fn=_die_with(os.getpid()),
            )

    def _config(self, port: int, passwords: int, rules: int) -> str:
        nameless = self._access.anonymous is not Anonymous.OFF
        return "\n".join(
            (
                f"listener {port} {LOOPBACK}",
                f"allow_anonymous {str(nameless).lower()}",
                f"password_file /proc/self/fd/{passwords}",
                f"acl_file /proc/self/fd/{rules}",
                # As root it would otherwise become another user, who may not open our memory files.
                f"user {getpass.getuser()}",
                "persistence false",
                "max_queued_messages 0",
                "max_inflight_messages 1000",
                "set_tcp_nodelay true",
                "log_dest stderr",
                "log_type error\nlog_type warning\nlog_type notice\nlog_type information",
                "connection_messages false",
                "",
            )
        )

    def _passwords(self) -> str:
        return "".join(f"{user.name}:{_hashed(user)}\n" for user in self._access.users)

    def _rules(self) -> str:
        nameless = self._access.role(None, None)
        lines = _topics(nameless) if nameless else []
        for user in self._access.users:
            lines += ["", f"user {user.name}", *_topics(user.role)]
        return "\n".join((*lines, ""))

    def _close(self) -> None:
        if self._keeper is not None:
            self._keeper.stop()


class _Keeper:
    """A thread that starts the child, reads its log, and stays until it has ended.

    The kernel's promise to end the child is tied to the *thread* that started it, so that thread must
    live as long as the child.
    """

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None
        self._settled = threading.Event()
        self._ready = False
        self._thread: threading.Thread | None = None

    def start(self, spawn: Callable[[], subprocess.Popen[bytes]]) -> bool:
        """Start the child; True once it says that it runs, False if it ended or took too long."""
        self._thread = threading.Thread(
            target=self._keep, args=(spawn,), name="mosquitto-keeper", daemon=True
        )
        self._thread.start()
        return self._settled.wait(START_S) and self._ready

    def stop(self) -> None:
        """End the child: politely, then by force."""
        # Mosquitto forgets a polite request that comes in its first millisecond, hence more than one.
        for ask in (subprocess.Popen.terminate, subprocess.Popen.terminate, subprocess.Popen.kill):
            if self._child is not None and self._child.poll() is None:
                ask(self._child)
            if self._thread is not None:
                self._thread.join(STOP_S)

    def _keep(self, spawn: Callable[[], subprocess.Popen[bytes]]) -> None:
        try:
            with spawn() as child:
                self._child = child
                for line in child.stderr or ():
                    self._read(line.decode(errors="replace").strip())
        except OSError as error:
            self._log(f"cannot be run: {error}")
        finally:
            self._settled.set()

    def _read(self, line: str) -> None:
        self._log(line)
        if line.endswith(" running"):
            self._ready = True
            self._settled.set()


def _die_with(parent: int) -> Callable[[], None]:
    """What the child does before it becomes Mosquitto: ask the kernel to end it with its parent."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # The parent ended before the kernel was asked.

    return ask


@contextmanager
def _memory_file(name: str, text: str) -> Iterator[int]:
    file = os.memfd_create(name)
    try:
        os.write(file, text.encode())
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _topics(role: Role) -> list[str]:
    return ["topic read #", *(f"topic write {allowed}" for allowed in WRITABLE[role])]


def _hashed(user: User) -> str:
    """A password as Mosquitto 2 keeps it: $7$ is PBKDF2 with SHA-512."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", user.password.encode(), salt, HASH_ROUNDS)
    return f"$7${HASH_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
