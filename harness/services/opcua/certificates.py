"""The OPC UA server's own certificate, made at first use and kept in the user's cache directory.

It is self-signed: a client that wants to be sure pins it (`Endpoint.certificate`). Key and certificate
are made in a directory of their own that is renamed into place whole, so that two programs starting at
once cannot mix their halves.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from asyncua.crypto.cert_gen import (
    dump_private_key_as_pem,
    generate_private_key,
    generate_self_signed_app_certificate,
)
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from harness.services.opcua.standard_nodes import user_cache

APPLICATION_URI = "urn:digital-twin-course:plant"
LIFETIME_DAYS = 730
RENEWED_BEFORE = datetime.timedelta(days=30)

_CERTIFICATE, _KEY = "server.der", "server.pem"


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its private key.

    Attributes:
        certificate: The certificate.
        key: Its private key.
        path: Where the certificate lies, DER.
    """

    certificate: x509.Certificate
    key: RSAPrivateKey
    path: Path


def server_identity(folder: Path | None = None) -> Identity:
    """The server's certificate and key from a folder; made when missing, damaged or about to expire.

    Args:
        folder: Folder of its own for the two files; one in the user's cache directory when left out.
    """
    place = folder or user_cache() / "opcua-identity"
    found = _load(place)
    if found is None:
        _make(place)
        found = _load(place)
    if found is None:
        raise OSError(f"The certificate in {place} cannot be read back")
    return found


def _load(folder: Path) -> Identity | None:
    """What is in the folder, if it is whole, belongs together and is valid for a while."""
    try:
        certificate = x509.load_der_x509_certificate((folder / _CERTIFICATE).read_bytes())
        # Our own key needs no check of its primes, which takes 30 ms; that it fits is checked below.
        pem = (folder / _KEY).read_bytes()
        key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    except (OSError, ValueError):
        return None
    soon = datetime.datetime.now(datetime.UTC) + RENEWED_BEFORE
    fits = isinstance(key, RSAPrivateKey) and key.public_key() == certificate.public_key()
    if not fits or certificate.not_valid_after_utc < soon or not isinstance(key, RSAPrivateKey):
        return None
    return Identity(certificate, key, folder / _CERTIFICATE)


def _make(folder: Path) -> None:
    key = generate_private_key()
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=folder.name))
    try:
        file = os.open(fresh / _KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as out:
            out.write(dump_private_key_as_pem(key))
        (fresh / _CERTIFICATE).write_bytes(_signed(key).public_bytes(Encoding.DER))
        _put(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _put(fresh: Path, folder: Path) -> None:
    try:
        fresh.rename(folder)
    except OSError:
        if _load(folder) is not None:
            return  # Another program was faster, and its pair is as good as ours.
        for name in (_KEY, _CERTIFICATE):
            (fresh / name).replace(folder / name)


def _signed(key: RSAPrivateKey) -> x509.Certificate:
    names: list[x509.GeneralName] = [
        x509.UniformResourceIdentifier(APPLICATION_URI),
        *(x509.DNSName(name) for name in dict.fromkeys(("localhost", socket.gethostname()))),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    return generate_self_signed_app_certificate(
        key,
        "Digital twin course: plant",
        {"organizationName": "Digital twin course"},
        names,
        [ExtendedKeyUsageOID.SERVER_AUTH],
        days=LIFETIME_DAYS,
    )
