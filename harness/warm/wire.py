"""Messages between a client and its fork server: JSON datagrams, with file descriptors beside them.

The socket pair is of the kind SEQPACKET: it keeps messages apart, and tells each end when the other is gone.

    client to server    {"launch": id, "become": "...", "argv": [...], "env": {...}, "cwd": "..."} with
                        stdout, stderr and, for what is no kernel, a channel of its own
                        {"signal": number, "pid": pid}
    server to client    {"ready": seconds}, or {"failed": why}
                        {"launched": id, "pid": pid}, {"stale": id} or {"refused": id, "why": why}
                        {"exited": pid, "code": code}
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from typing import Any

Message = dict[str, Any]
LONGEST_BYTES = 1 << 20
_MOST_DESCRIPTORS = 3


def send(channel: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """Send one message.

    Raises:
        OSError: If the other end is gone, or the message is longer than the socket takes.
    """
    data = json.dumps(message).encode()
    # A client may be gone at any moment; that is an error here, and no signal.
    socket.send_fds(channel, [data], list(descriptors), socket.MSG_NOSIGNAL)


def receive(channel: socket.socket) -> tuple[Message | None, list[int]]:
    """The next message and its descriptors; None when the other end is gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(channel, LONGEST_BYTES, _MOST_DESCRIPTORS)
    except ConnectionError:
        return None, []
    return (json.loads(data) if data else None), descriptors
