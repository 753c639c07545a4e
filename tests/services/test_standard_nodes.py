"""The cached standard address space: complete, rebuilt when damaged, never shared between servers."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from asyncua import ua
from asyncua.server.address_space import NodeData
from asyncua.sync import Client
from fake_plant import FakePlant

from harness.services import OpcUaService
from harness.services.opcua import standard_nodes


@pytest.fixture(scope="module")
def pristine() -> bytes:
    standard_nodes.standard_nodes()
    if not standard_nodes.image_path().exists():
        pytest.skip("the cache directory cannot be written")
    return standard_nodes.image_path().read_bytes()


@pytest.fixture(scope="module")
def built() -> dict[ua.NodeId, NodeData]:
    return standard_nodes._fresh_nodes()


@pytest.fixture(scope="module")
def small(built: dict[ua.NodeId, NodeData]) -> dict[ua.NodeId, NodeData]:
    return dict(list(built.items())[:20])


@pytest.fixture
def own_cache(tmp_path: Path, pristine: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An image of its own in a new cache directory, with nothing in memory yet."""
    monkeypatch.setattr(standard_nodes, "user_cache", lambda: tmp_path)
    monkeypatch.setattr(standard_nodes, "_kept", None)
    path = standard_nodes.image_path()
    path.write_bytes(pristine)
    path.chmod(0o600)
    return path


def test_the_cached_nodes_are_those_that_asyncua_builds(built: dict[ua.NodeId, NodeData]) -> None:
    cached = standard_nodes.standard_nodes()
    assert set(cached) == set(built)
    for key in list(built)[::50]:
        assert pickle.dumps(cached[key]) == pickle.dumps(pickle.loads(pickle.dumps(built[key])))


def test_each_server_has_nodes_of_its_own() -> None:
    one, other = standard_nodes.standard_nodes(), standard_nodes.standard_nodes()
    server = ua.NodeId(ua.ObjectIds.Server)
    assert one[server] is one[server]
    assert one[server] is not other[server]


def test_a_deleted_node_stays_deleted_and_an_unknown_one_is_absent() -> None:
    nodes, server = standard_nodes.standard_nodes(), ua.NodeId(ua.ObjectIds.Server)
    before = len(nodes)
    del nodes[server]
    assert server not in nodes
    assert nodes.get(server) is None
    assert len(nodes) == len(list(nodes)) == before - 1
    assert ua.NodeId("Server", 2) not in nodes
    with pytest.raises(KeyError):
        nodes[ua.NodeId(999_999)]


def spoil(path: Path, kind: str) -> None:
    data = bytearray(path.read_bytes())
    if kind == "empty":
        data.clear()
    elif kind == "cut short":
        del data[len(data) // 2 :]
    elif kind == "header cut":
        del data[5:]
    elif kind == "one bit":
        data[len(data) // 3] ^= 1
    elif kind == "another format":
        data[7] ^= 1
    path.write_bytes(data)
    if kind == "writable by others":
        path.chmod(0o666)
    if kind == "missing":
        path.unlink()


@pytest.mark.parametrize(
    "kind", ["empty", "cut short", "header cut", "one bit", "another format", "writable by others", "missing"]
)
def test_an_image_that_cannot_be_trusted_is_made_anew(
    own_cache: Path, small: dict[ua.NodeId, NodeData], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standard_nodes, "_fresh_nodes", lambda: small)
    spoil(own_cache, kind)
    assert len(standard_nodes.standard_nodes()) == 20
    assert own_cache.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in own_cache.parent.iterdir()] == [own_cache.name]
    monkeypatch.setattr(standard_nodes, "_kept", None)
    monkeypatch.setattr(standard_nodes, "_build", lambda: pytest.fail("it was not cached"))
    assert len(standard_nodes.standard_nodes()) == 20


def test_without_a_cache_directory_the_nodes_are_kept_in_memory(
    tmp_path: Path, small: dict[ua.NodeId, NodeData], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a directory")
    monkeypatch.setattr(standard_nodes, "user_cache", lambda: tmp_path / "file" / "cache")
    monkeypatch.setattr(standard_nodes, "_kept", None)
    monkeypatch.setattr(standard_nodes, "_fresh_nodes", lambda: small)
    assert len(standard_nodes.standard_nodes()) == 20
    monkeypatch.setattr(standard_nodes, "_fresh_nodes", lambda: pytest.fail("built twice"))
    assert len(standard_nodes.standard_nodes()) == 20


def test_a_client_can_browse_and_read_the_whole_standard_address_space() -> None:
    with OpcUaService(FakePlant()) as service, Client(service.endpoint.url) as client:
        types = client.get_node(ua.ObjectIds.BaseObjectType).get_children()
        assert len(types) > 50
        assert client.get_node(ua.ObjectIds.Server_ServerStatus).read_value().State == ua.ServerState.Running


def test_the_image_belongs_to_the_user() -> None:
    path = standard_nodes.image_path()
    assert path.stat().st_uid == os.getuid()
