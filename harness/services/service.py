"""The face that every service shares: start, endpoint, stop, and logs when something fails.

    ServiceError     it did not start, answer or stop; the message ends with its last log lines
    └── PortBusy     another program listens on the port asked for
    WrongState       started twice, or used before start or after stop

A service that failed to start is stopped already.
"""

from __future__ import annotations

import errno
import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.errors import BadArgument, PortBusy, ServiceError, WrongState
from harness.services.users import User

LOOPBACK = "127.0.0.1"
LOG_LINES_KEPT = 500
LOG_LINES_SHOWN = 8
PORT_MAX = 65535

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a service can be reached, and how to log in.

    Attributes:
        url: Address for a client without encryption.
        host: Its host.
        port: Its port.
        users: The users by name, with their passwords.
        secure_url: Address of the encrypted endpoint, when there is one.
        certificate: The server's certificate, DER, for a client that wants to pin it.
    """

    url: str
    host: str
    port: int
    users: Mapping[str, User] = field(default_factory=dict, repr=False)
    secure_url: str | None = None
    certificate: Path | None = None


class Service(ABC):
    """A protocol service: started once, stopped once.

    Args:
        port: Port to listen on; 0 takes a free one.
    """

    name = "service"

    def __init__(self, *, port: int = 0) -> None:
        if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= PORT_MAX:
            raise BadArgument(
                "A port is a whole number from 0 to 65535", value=port, remedy="0 takes a free one"
            )
        self._port = port
        self._endpoint: Endpoint | None = None
        self._ended = False
        self.logs: deque[str] = deque(maxlen=LOG_LINES_KEPT)

    @property
    def running(self) -> bool:
        """Whether it is between start and stop."""
        return self._endpoint is not None and not self._ended

    @property
    def endpoint(self) -> Endpoint:
        """Where to reach it.

        Raises:
            WrongState: If it is not running.
        """
        if self._endpoint is None or self._ended:
            raise WrongState(f"The {self.name} is not running", remedy=self._next_step())
        return self._endpoint

    def start(self) -> Endpoint:
        """Start it and return once a client can connect.

        Raises:
            WrongState: If it was started before.
            PortBusy: If another program has the port.
            ServiceError: If it did not come up.
        """
        if self._endpoint is not None or self._ended:
            raise WrongState(f"The {self.name} was started before", remedy="Make a new one to start again")
        try:
            self._endpoint = self._open()
        except BaseException:
            # Also after Ctrl-C: whatever got started must not outlive the attempt.
            self.stop()
            raise
        return self._endpoint

    def stop(self) -> None:
        """Stop it and free its port, whatever its clients do. A second call does nothing."""
        if not self._ended:
            self._ended = True
            self._close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @abstractmethod
    def _open(self) -> Endpoint:
        """Bring the service up; ready when it returns."""

    @abstractmethod
    def _close(self) -> None:
        """Bring it down from any state, in bounded time."""

    def _next_step(self) -> str:
        return "It was stopped: make a new one" if self._ended else "Call start() first"

    def _failure(self, what: str, *, remedy: str = "") -> ServiceError:
        """An error of this service, with the end of its log."""
        tail = list(self.logs)[-LOG_LINES_SHOWN:]
        shown = " Its last log lines: " + " | ".join(tail) if tail else ""
        return ServiceError(f"The {self.name} {what}", remedy=remedy + shown)

    def _busy(self, port: int) -> PortBusy:
        return PortBusy(
            f"The {self.name} cannot listen on port",
            value=port,
            remedy="Another program has it: stop that, choose another port, or give port=0 for a free one",
        )

    def _refused_port(self, error: OSError) -> ServiceError:
        """The error for a port that could not be had."""
        if error.errno in (errno.EADDRINUSE, None):
            return self._busy(self._port)
        return self._failure(f"cannot listen on port {self._port} ({error.strerror})", remedy="Give port=0")


def start_all(services: Sequence[Service]) -> list[Endpoint]:
    """Start services side by side; if one fails, stop the others and raise its error.

    Args:
        services: Services not yet started.

    Returns:
        Their endpoints, in the same order.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(services)), thread_name_prefix="start") as pool:
        attempts = [pool.submit(service.start) for service in services]
        try:
            return [attempt.result() for attempt in attempts]
        except BaseException:
            for attempt in attempts:
                attempt.cancel()
            pool.shutdown(wait=True)
            stop_all(services)
            raise


def stop_all(services: Iterable[Service]) -> None:
    """Stop services, last first; a failure to stop one does not keep the others running."""
    errors: list[Exception] = []
    for service in reversed(list(services)):
        try:
            service.stop()
        except Exception as error:  # noqa: BLE001 — the first one is raised below, when all are stopped
            _log.exception("The %s did not stop cleanly", service.name)
            errors.append(error)
    if errors:
        raise errors[0]
