"""The plant's OPC UA server.

```python
with OpcUaService(plant) as service:
    print(service.endpoint.url)          # opc.tcp://127.0.0.1:…/plant
    service.publish(samples, states)     # after each scan
```

Clients find the namespace `urn:digital-twin-course:instruments` at index 2, and in it the nodes that
`ua_nodes` draws. `ua_codes` lists which status code says what. Values carry the plant's time as source
time stamp and the wall clock's as server time stamp. Data-change subscriptions behave as the standard
says: without a filter, a client hears of a sample when its value or status changes, not when only the
time stamp does; a monitored item with a queue of 1 keeps the newest sample alone.

Set values, outputs and modes may be written by operators; the plant decides each write before it is
accepted (`ua_writes`). An accepted value can be read back at once and takes effect at the next scan.

One address serves two endpoints: an open one, and Basic256Sha256 with signing and encryption. Users are
"viewer" and "operator"; their passwords are in `Endpoint.users`. A client without a name is an operator
by default, because the plant is a laboratory; `anonymous="viewer"` makes it a reader, and
`anonymous="off"` turns the open endpoint off as well. A client's certificate may be self-signed, must be
in date and must carry the client's own application URI; who may write is decided by user and password.

`HARNESS_OPCUA_URL`, such as `opc.tcp://127.0.0.1:4840`, sets the address to listen on, so that a client
that is configured for one address (UA Expert, an aggregating server, a container's port) finds the plant
there. It cannot name a server of another maker: that server could not refuse what this plant refuses.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.errors import BadArgument
from harness.plant.samples import LoopState, Sample
from harness.services.collector import paused_collector
from harness.services.loop_thread import LoopThread, join_threads
from harness.services.port import PlantPort
from harness.services.service import LOOPBACK, Endpoint, Service
from harness.services.users import Access, User

if TYPE_CHECKING:
    from harness.services.opcua.server import PlantServer

URL_VARIABLE = "HARNESS_OPCUA_URL"
START_S = 30.0
STOP_S = 3.0
PUBLISH_S = 30.0

_numbers = itertools.count(1)


class OpcUaService(Service):
    """The plant's OPC UA server, in a thread of its own.

    Args:
        plant: The plant to show.
        port: Port to listen on; 0 takes a free one, or that of `HARNESS_OPCUA_URL`.
        anonymous: What a client without a name may do: "operator", "viewer" or "off".
        users: Who may log in; a viewer and an operator with random passwords when left out.
        identity: Folder for the server's certificate; the user's cache directory when left out.
    """

    name = "OPC UA server"

    def __init__(
        self,
        plant: PlantPort,
        *,
        port: int = 0,
        anonymous: str = "operator",
        users: Sequence[User] | None = None,
        identity: Path | None = None,
    ) -> None:
        super().__init__(port=port)
        self._plant, self._identity = plant, identity
        self._access = Access.of(users, anonymous)
        self._host = LOOPBACK
        if port == 0:
            self._host, self._port = _address(os.environ.get(URL_VARIABLE))
        self._thread: LoopThread | None = None
        self._server: PlantServer | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._executor_name = ""
        self._publishing = threading.Lock()

    def publish(self, samples: Sequence[Sample], states: Sequence[LoopState]) -> None:
        """Show what a scan delivered; returns when every monitored item has been notified.

        Args:
            samples: Samples in the order of their delivery.
            states: What the controllers show.

        Raises:
            WrongState: If the service is not running.
            ServiceError: If the server did not take them.
        """
        _ = self.endpoint
        if self._thread is None or self._server is None:
            raise self._failure("lost its server")
        try:
            with self._publishing:
                self._thread.call(self._server.publish(samples, states), timeout_s=PUBLISH_S)
        except TimeoutError:
            raise self._failure(f"did not take {len(samples)} samples in {PUBLISH_S:.0f} s") from None

    def _open(self) -> Endpoint:
        # Imported here: asyncua takes 0.4 s, and a program that never starts it need not pay.
        with paused_collector():
            from harness.services.opcua.certificates import server_identity
            from harness.services.opcua.server import PlantServer

        number = next(_numbers)
        identity = server_identity(self._identity)
        self._executor_name = f"opcua-{number}-writes"
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=self._executor_name)
        self._thread = LoopThread(f"opcua-{number}", loggers=("asyncua", "harness"), logs=self.logs)
        self._server = PlantServer(self._plant, self._access, identity, self._executor)
        port = self._listen(self._thread, self._server)
        url = f"opc.tcp://{self._host}:{port}/plant"
        return Endpoint(
            url=url,
            host=self._host,
            port=port,
            users={user.name: user for user in self._access.users},
            secure_url=url,
            certificate=identity.path,
        )

    def _listen(self, thread: LoopThread, server: PlantServer) -> int:
        try:
            return thread.call(server.start(self._host, self._port), timeout_s=START_S)
        except OSError as error:
            raise self._refused_port(error) from error
        except TimeoutError:
            raise self._failure(f"did not start in {START_S:.0f} s") from None

    def _close(self) -> None:
        if self._thread is not None:
            self._thread.stop(self._server.stop if self._server else None, timeout_s=STOP_S)
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            join_threads(self._executor_name, timeout_s=STOP_S)


def _address(url: str | None) -> tuple[str, int]:
    """Host and port to listen on, from the environment."""
    if not url:
        return LOOPBACK, 0
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme != "opc.tcp" or not parts.hostname or port is None:
        raise BadArgument(
            f"{URL_VARIABLE} is not an OPC UA address",
            value=url,
            remedy="Write it like opc.tcp://127.0.0.1:4840",
        )
    return parts.hostname, port
