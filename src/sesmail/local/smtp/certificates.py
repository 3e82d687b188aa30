"""Certificates: a CA that lives as long as the door is open, what it signs, and what it should not have signed.

Keys are in memory only, but for the moment in which the standard library reads one, which it does from a file alone: it
is in a folder of the owner's, and gone at once.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from sesmail.errors import MissingExtra

_LIFE = timedelta(days=397)  # the longest that strict clients take
_BEFORE = timedelta(days=1)  # for clocks that are a little behind
_LONG_AGO = timedelta(days=500)


def require_cryptography() -> None:
    """Say so when it is missing, before anything is opened."""
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise MissingExtra(package="cryptography", extra="local", purpose="SMTP in the box") from error


class Certificates:
    """One CA, and TLS contexts for a server with certificates by it.

    >>> from sesmail.local.smtp.certificates import Certificates
    >>> Certificates(["localhost", "127.0.0.1"]).ca_pem.splitlines()[0]
    '-----BEGIN CERTIFICATE-----'
    """

    def __init__(self, hosts: Sequence[str]) -> None:
        self._hosts = hosts
        self._authority = _issued("sesmail local CA")
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.ca_pem = self._authority.certificate.decode()
        self.context()

    def context(self, fault: str = "") -> ssl.SSLContext:
        """The server's side. A fault is ``expired``, ``wrong_host`` or ``unknown_ca``; made when it is asked for."""
        if fault not in self._contexts:
            self._contexts[fault] = _context(self._leaf(fault))
        return self._contexts[fault]

    def _leaf(self, fault: str) -> _Issued:
        authority = _issued("a CA that nobody knows") if fault == "unknown_ca" else self._authority
        hosts = ["another-host.invalid"] if fault == "wrong_host" else self._hosts
        since = datetime.now(UTC) - (_LONG_AGO if fault == "expired" else _BEFORE)
        return _issued("sesmail local SMTP", by=authority, hosts=hosts, since=since)


@dataclass(frozen=True, slots=True)
class _Issued:
    """A certificate and its key, as PEM."""

    certificate: bytes
    key: bytes = field(repr=False)


def _issued(
    name: str, *, by: _Issued | None = None, hosts: Sequence[str] = (), since: datetime | None = None
) -> _Issued:
    """A new key, and a certificate for these hosts; without anybody who signs it, that of a CA.

    With all extensions that Python's strict verification asks for (RFC 5280 4.2.1).
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization as to
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    signer = to.load_pem_private_key(by.key, password=None) if by else key
    assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101 - we made it
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.load_pem_x509_certificate(by.certificate).subject if by else subject
    since = since or datetime.now(UTC) - _BEFORE
    is_ca = by is None
    unused = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
    usage = x509.KeyUsage(
        digital_signature=not is_ca,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
        **unused,
    )
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), True),
        (usage, True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False),
    ]
    if hosts:
        names: list[x509.GeneralName] = [
            x509.IPAddress(ip_address(host)) if _is_ip(host) else x509.DNSName(host) for host in hosts
        ]
        extensions.append((x509.SubjectAlternativeName(names), False))
        extensions.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), since, since + _LIFE
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    certificate = builder.sign(signer, SHA256()).public_bytes(to.Encoding.PEM)
    return _Issued(certificate, key.private_bytes(to.Encoding.PEM, to.PrivateFormat.PKCS8, to.NoEncryption()))


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _context(leaf: _Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with TemporaryDirectory(prefix="sesmail-") as folder:  # for its owner only
        file = Path(folder) / "key.pem"
        file.write_bytes(leaf.key + leaf.certificate)
        context.load_cert_chain(file)
    return context
