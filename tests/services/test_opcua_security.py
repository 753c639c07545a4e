"""Users, roles and the encrypted endpoint of the OPC UA server."""

from __future__ import annotations

import asyncio
import datetime
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from asyncua import Client, ua
from asyncua.crypto.cert_gen import (
    dump_private_key_as_pem,
    generate_private_key,
    generate_self_signed_app_certificate,
)
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from fake_plant import FakePlant

from harness.errors import BadArgument
from harness.services import OpcUaService, User
from harness.services.opcua.certificates import server_identity
from harness.services.users import Role

CLIENT_URI = "urn:test:client"
SV = "ns=2;s=Reactor.R101.Temperature.SV"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpcUaService]:
    folder = tmp_path_factory.mktemp("identity") / "own"
    with OpcUaService(FakePlant(), anonymous="viewer", identity=folder) as service:
        yield service


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("good"))


def make_certificate(folder: Path, *, uri: str = CLIENT_URI, days: float = 10) -> tuple[Path, Path]:
    key = generate_private_key()
    names = [x509.UniformResourceIdentifier(uri)]
    certificate = generate_self_signed_app_certificate(
        key, "client", {}, names, [ExtendedKeyUsageOID.CLIENT_AUTH], days=days
    )
    (folder / "cert.der").write_bytes(certificate.public_bytes(Encoding.DER))
    (folder / "key.pem").write_bytes(dump_private_key_as_pem(key))
    return folder / "cert.der", folder / "key.pem"


async def connect(
    service: OpcUaService, pair: tuple[Path, Path] | None, name: str = "", password: str = ""
) -> Client:
    client = Client(service.endpoint.secure_url or "", timeout=5)
    client.application_uri = CLIENT_URI
    if pair is not None:
        await client.set_security(
            SecurityPolicyBasic256Sha256, *pair, server_certificate=service.endpoint.certificate
        )
    if name:
        client.set_user(name)
        client.set_password(password)
    await client.connect()
    return client


async def written(
    service: OpcUaService, pair: tuple[Path, Path] | None, name: str = "", password: str = ""
) -> str:
    client = await connect(service, pair, name, password)
    try:
        await client.get_node(SV).write_value(351.0)
    except ua.UaStatusCodeError as error:
        return type(error).__name__
    finally:
        await client.disconnect()
    return "Good"


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize(("name", "result"), [("operator", "Good"), ("viewer", "BadUserAccessDenied")])
def test_an_operator_writes_and_a_viewer_only_reads(
    service: OpcUaService, good: tuple[Path, Path], name: str, result: str, encrypted: bool
) -> None:
    password = service.endpoint.users[name].password
    assert asyncio.run(written(service, good if encrypted else None, name, password)) == result


def test_an_anonymous_viewer_reads_but_does_not_write(service: OpcUaService) -> None:
    async def scenario() -> float:
        client = await connect(service, None)
        async with client:
            return float(await client.get_node(SV).read_value())

    assert asyncio.run(scenario()) > 0
    assert asyncio.run(written(service, None)) == "BadUserAccessDenied"


@pytest.mark.parametrize(
    ("name", "password"), [("operator", "guess"), ("admin", ""), ("admin", "x"), ("plant", "")]
)
def test_a_wrong_password_or_an_unknown_name_is_refused(
    service: OpcUaService, good: tuple[Path, Path], name: str, password: str
) -> None:
    with pytest.raises(ua.uaerrors.BadUserAccessDenied):
        asyncio.run(connect(service, good, name, password))


def test_a_certificate_of_another_application_is_refused(service: OpcUaService, tmp_path: Path) -> None:
    pair = make_certificate(tmp_path, uri="urn:somebody:else")
    with pytest.raises(ua.uaerrors.BadCertificateUriInvalid):
        asyncio.run(connect(service, pair, "operator", service.endpoint.users["operator"].password))


def test_an_expired_certificate_is_refused(service: OpcUaService, tmp_path: Path) -> None:
    pair = make_certificate(tmp_path, days=1 / 86400)
    time.sleep(1.1)  # The builder makes no certificate that is already over.
    with pytest.raises(ua.uaerrors.BadCertificateTimeInvalid):
        asyncio.run(connect(service, pair, "operator", service.endpoint.users["operator"].password))


def test_a_client_that_pins_another_server_does_not_get_through(
    service: OpcUaService, good: tuple[Path, Path], tmp_path: Path
) -> None:
    wrong, _ = make_certificate(tmp_path)

    async def scenario() -> None:
        client = Client(service.endpoint.url, timeout=2)
        client.application_uri = CLIENT_URI
        await client.set_security(SecurityPolicyBasic256Sha256, *good, server_certificate=wrong)
        await client.connect()

    with pytest.raises((ua.UaError, OSError, TimeoutError, asyncio.TimeoutError)):
        asyncio.run(scenario())


def test_with_anonymous_off_the_open_endpoint_only_tells_where_the_other_is(good: tuple[Path, Path]) -> None:
    async def scenario(service: OpcUaService) -> None:
        probe = Client(service.endpoint.url)
        offered = await probe.connect_and_get_server_endpoints()
        assert [row.SecurityMode for row in offered] == [ua.MessageSecurityMode.SignAndEncrypt]
        operator = service.endpoint.users["operator"]
        assert await written(service, good, "operator", operator.password) == "Good"
        with pytest.raises(ua.UaError):
            await connect(service, good)
        with pytest.raises((ua.UaError, ConnectionError)):
            await written(service, None, "operator", operator.password)
        with pytest.raises((ua.UaError, ConnectionError)):
            await written(service, None)

    with OpcUaService(FakePlant(), anonymous="off") as service:
        asyncio.run(scenario(service))


def test_the_certificate_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    first = server_identity(tmp_path / "own")
    assert server_identity(tmp_path / "own").certificate == first.certificate
    key = next(path for path in (tmp_path / "own").iterdir() if path.suffix == ".pem")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["own"]
    left = first.certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    assert left > datetime.timedelta(days=600)


@pytest.mark.parametrize("name", ["server.der", "server.pem"])
@pytest.mark.parametrize("content", [None, b"", b"garbage"])
def test_a_damaged_certificate_is_made_anew(tmp_path: Path, name: str, content: bytes | None) -> None:
    first = server_identity(tmp_path / "own")
    if content is None:
        (tmp_path / "own" / name).unlink()
    else:
        (tmp_path / "own" / name).write_bytes(content)
    second = server_identity(tmp_path / "own")
    assert second.certificate != first.certificate
    assert second.key.public_key() == second.certificate.public_key()


def test_own_users_replace_the_built_in_ones() -> None:
    users = (User("ada", "lovelace", Role.OPERATOR),)
    with OpcUaService(FakePlant(), anonymous="viewer", users=users) as service:
        assert asyncio.run(written(service, None, "ada", "lovelace")) == "Good"
        with pytest.raises(ua.uaerrors.BadUserAccessDenied):
            asyncio.run(connect(service, None, "operator", "lovelace"))


def test_passwords_are_fresh_for_each_service_and_not_in_its_repr() -> None:
    with OpcUaService(FakePlant()) as one, OpcUaService(FakePlant()) as other:
        for name, user in one.endpoint.users.items():
            assert user.password != other.endpoint.users[name].password
            assert user.password not in repr(user) + repr(one.endpoint)


@pytest.mark.parametrize("policy", ["admin", "", "OFF", None])
def test_an_unknown_policy_for_anonymous_clients_is_explained(policy: str) -> None:
    with pytest.raises(BadArgument, match="operator, viewer, off"):
        OpcUaService(FakePlant(), anonymous=policy)


def test_two_users_of_one_name_are_explained() -> None:
    twins = (User("ada", "1"), User("ada", "2"))
    with pytest.raises(BadArgument, match="share a name"):
        OpcUaService(FakePlant(), users=twins)
