"""The standard OPC UA address space, ready in milliseconds instead of two seconds.

asyncua builds its 6174 standard nodes anew for every server, by running 3 MB of generated code; that is
nearly all of its start-up time. Few of them are ever looked at. So the nodes are built once on a machine,
each is pickled by itself into one *image* file in the user's cache directory, and a server maps that file
and unpickles a node when it is first touched. (asyncua's own shelf cache has the same idea, but one
`dbm` look-up a node and string keys make it slower than no cache.)

The image is named after the versions it depends on, written to a temporary file and renamed, and carries
a checksum; one that is missing, damaged, or not the user's own is built again. Where the cache directory
cannot be written, the image is kept in memory, and only the first server of a process pays.
"""

# asyncua's annotations do not fit its own use: plain ints for its UInt32, names it does not re-export.
# mypy: disable-error-code="arg-type,attr-defined,no-untyped-call"

from __future__ import annotations

import logging
import marshal
import mmap
import os
import pickle
import stat
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Any

import asyncua
import platformdirs
from asyncua import ua
from asyncua.server.address_space import AddressSpace, NodeData, NodeManagementService

from harness.services.collector import paused_collector

APP = "digital-twin-course"
FORMAT = 1
_HEADER = Struct("<8sII")
_MAGIC = b"uanodes" + bytes([FORMAT])

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_kept: Image | None = None


class StandardNodes(dict[ua.NodeId, NodeData]):
    """The nodes of one server: its own, and the standard ones as they are touched."""

    def __init__(self, image: Image) -> None:
        super().__init__()
        self._image = image
        self._waiting = dict(image.index)

    def __missing__(self, key: ua.NodeId) -> NodeData:
        place = self._waiting.pop(key.Identifier, None) if key.NamespaceIndex == 0 else None
        if place is None:
            raise KeyError(key)
        node = self[key] = self._image.node(place)
        return node

    def get(self, key: ua.NodeId, default: Any = None) -> Any:
        """Like `self[key]`, which `dict.get` is not: it passes over `__missing__`."""
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (
            isinstance(key, ua.NodeId) and key.NamespaceIndex == 0 and key.Identifier in self._waiting
        )

    def __delitem__(self, key: ua.NodeId) -> None:
        self[key]
        super().__delitem__(key)

    def __iter__(self) -> Iterator[ua.NodeId]:
        for identifier in list(self._waiting):
            self[ua.NodeId(identifier)]
        return super().__iter__()

    def __len__(self) -> int:
        return super().__len__() + len(self._waiting)

    def keys(self) -> Any:
        """All node ids; this unpickles all nodes."""
        return dict.fromkeys(self).keys()


@dataclass(frozen=True, slots=True)
class Image:
    """The pickled nodes, and where each one lies.

    Attributes:
        index: (start, end) of each node's pickle in `blob`, by its numeric id in namespace 0.
        blob: The pickles, one after the other.
    """

    index: dict[Any, tuple[int, int]]
    blob: bytes | mmap.mmap

    def node(self, place: tuple[int, int]) -> NodeData:
        """A fresh copy of one node."""
        node: NodeData = pickle.loads(self.blob[slice(*place)])
        return node


def standard_nodes() -> StandardNodes:
    """The standard address space for one more server."""
    return StandardNodes(_image())


def user_cache() -> Path:
    """The directory of this project in the user's cache directory."""
    return platformdirs.user_cache_path(APP)


def image_path() -> Path:
    """Where the image is kept; versions that could change a pickle are part of its name."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return user_cache() / f"opcua-nodes-{asyncua.__version__}-py{python}-v{FORMAT}.bin"


def _image() -> Image:
    global _kept
    with _lock:
        if _kept is None:
            _kept = _load(image_path()) or _build()
        return _kept


def _load(path: Path) -> Image | None:
    """The image in a file, or None when it is not there or cannot be trusted."""
    try:
        with path.open("rb") as file:
            if not _is_ours(file.fileno()):
                return None
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    return _parse(mapped)


def _is_ours(file: int) -> bool:
    # A pickle runs code: take it only from a file that nobody else could have written.
    about = os.fstat(file)
    return about.st_uid == os.getuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _parse(mapped: mmap.mmap) -> Image | None:
    if len(mapped) < _HEADER.size:
        return None
    magic, index_size, checksum = _HEADER.unpack(mapped[: _HEADER.size])
    body = memoryview(mapped)[_HEADER.size :]
    with body:
        if magic != _MAGIC or zlib.crc32(body) != checksum:
            return None
        start = _HEADER.size + index_size
        index = {key: (start + a, start + b) for key, (a, b) in marshal.loads(body[:index_size]).items()}
    return Image(index, mapped)


def _build() -> Image:
    """Build the nodes as asyncua does, and keep their image in the cache directory."""
    _log.info("Building the standard OPC UA address space, once on this machine")
    with paused_collector():
        pieces = {nodeid.Identifier: pickle.dumps(node, 5) for nodeid, node in _fresh_nodes().items()}
    index, end = {}, 0
    for identifier, piece in pieces.items():
        index[identifier] = (end, end + len(piece))
        end += len(piece)
    blob = b"".join(pieces.values())
    _save(index, blob)
    return Image(index, blob)


def _fresh_nodes() -> dict[ua.NodeId, NodeData]:
    from asyncua.server.standard_address_space import standard_address_space

    space = AddressSpace()
    standard_address_space.fill_address_space(NodeManagementService(space))
    return space._nodes


def _save(index: dict[Any, tuple[int, int]], blob: bytes) -> None:
    path, head = image_path(), marshal.dumps(index)
    header = _HEADER.pack(_MAGIC, len(head), zlib.crc32(blob, zlib.crc32(head)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # mkstemp makes the file readable and writable for its owner alone.
        file, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(file, "wb") as out:
            out.writelines((header, head, blob))
        Path(temporary).replace(path)
    except OSError as error:
        _log.info("The OPC UA address space is not cached on disk: %s", error)
