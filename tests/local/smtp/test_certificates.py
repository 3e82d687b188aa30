"""Certificates and TLS: what clients that check must accept, and what they must not."""

from __future__ import annotations

import os
import ssl
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from sesmail.errors import MissingExtra
from sesmail.local import LocalSes
from sesmail.local.smtp.certificates import Certificates, require_cryptography
from sesmail.local.smtp.tls import REFUSED, Tls

NAMES = ["localhost", "127.0.0.1", "::1", "email-smtp.eu-west-1.amazonaws.com"]


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates(NAMES)


class Visitor:
    """A client's side of TLS, without a socket."""

    def __init__(self, host: str, context: ssl.SSLContext) -> None:
        self.inbox, self.outbox = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.inside = context.wrap_bio(self.inbox, self.outbox, server_hostname=host)

    def shake(self, tls: Tls) -> None:
        """Go through the handshake, as far as it goes."""
        while True:
            try:
                self.inside.do_handshake()
            except ssl.SSLWantReadError:
                tls.receive(self.outbox.read())
                self.inbox.write(tls.unsent())
            else:
                tls.receive(self.outbox.read())
                return


def strict(certificates: Certificates) -> ssl.SSLContext:
    """As Python 3.13 checks by default."""
    context = ssl.create_default_context(cadata=certificates.ca_pem)
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    return context


def opened(certificates: Certificates, host: str = "localhost", fault: str = "") -> tuple[Visitor, Tls]:
    visitor, tls = Visitor(host, strict(certificates)), Tls(certificates.context(fault))
    visitor.shake(tls)
    return visitor, tls


@pytest.mark.parametrize("host", NAMES)
def test_strict_clients_take_the_certificate_for_every_name(certificates: Certificates, host: str) -> None:
    visitor, tls = opened(certificates, host)

    assert tls.is_ready
    assert visitor.inside.version() == "TLSv1.3"


def test_an_old_tls_is_not_spoken(certificates: Certificates) -> None:
    context = strict(certificates)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    visitor, tls = Visitor("localhost", context), Tls(certificates.context())

    with pytest.raises(ssl.SSLError):
        visitor.shake(tls)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("expired", "certificate has expired"),
        ("wrong_host", "Hostname mismatch"),
        ("unknown_ca", "unable to get local issuer certificate"),
    ],
)
def test_clients_that_check_see_what_is_wrong(certificates: Certificates, fault: str, reason: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        opened(certificates, fault=fault)
    assert certificates.context(fault) is certificates.context(fault)


def test_a_ca_is_good_for_one_door_only(certificates: Certificates) -> None:
    visitor, tls = Visitor("localhost", strict(Certificates(NAMES))), Tls(certificates.context())

    with pytest.raises(ssl.SSLCertVerificationError):
        visitor.shake(tls)


def test_no_key_is_left_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = Certificates(NAMES)
    made.context("expired")

    assert list(tmp_path.rglob("*")) == []
    assert "PRIVATE" not in made.ca_pem
    assert "PRIVATE" not in repr(made._authority)


def test_a_key_is_in_a_folder_of_its_owner_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name == "nt":
        pytest.skip("folders have no modes")
    seen: list[tuple[int, str]] = []

    def watched(context: ssl.SSLContext, certfile: Path) -> None:
        seen.append((certfile.parent.stat().st_mode & 0o777, str(certfile.parent)))

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
    Certificates(NAMES)

    ((mode, folder),) = seen
    assert mode == 0o700
    assert not Path(folder).exists()


def test_what_is_missing_is_told_when_the_box_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    LocalSes()

    for build in (require_cryptography, lambda: LocalSes(smtp=True)):
        with pytest.raises(MissingExtra, match=r'SMTP in the box needs .*: pip install "sesmail\[local\]"') as caught:
            build()
        assert (caught.value.package, caught.value.extra) == ("cryptography", "local")


# ── TLS without a socket ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [1, 100, 16_384, 100_000])
def test_what_goes_in_comes_out(certificates: Certificates, size: int) -> None:
    visitor, tls = opened(certificates)
    data = os.urandom(size)
    visitor.inside.write(data)
    wire = visitor.outbox.read()
    said = b"".join(tls.receive(wire[start : start + 1000]) for start in range(0, len(wire), 1000))
    visitor.inbox.write(tls.wrap(data[::-1]))
    heard = b""
    while len(heard) < size:
        heard += visitor.inside.read(size)

    assert said == data
    assert heard == data[::-1]


def test_a_handshake_may_come_byte_by_byte(certificates: Certificates) -> None:
    visitor, tls = Visitor("localhost", strict(certificates)), Tls(certificates.context())
    while not tls.is_ready:
        with suppress(ssl.SSLWantReadError):
            visitor.inside.do_handshake()
        for byte in visitor.outbox.read():
            assert tls.receive(bytes([byte])) == b""
        visitor.inbox.write(tls.unsent())

    visitor.inside.write(b"EHLO a\r\n")
    assert tls.receive(visitor.outbox.read()) == b"EHLO a\r\n"


@pytest.mark.parametrize("plain", [b"EHLO evil\r\n", b"\0" * 100, b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_tls_is_an_error(certificates: Certificates, plain: bytes) -> None:
    with pytest.raises(ssl.SSLError):
        Tls(certificates.context()).receive(plain)


def test_noise_inside_tls_is_an_error(certificates: Certificates) -> None:
    visitor, tls = opened(certificates)
    visitor.inside.write(b"NOOP\r\n")
    wire = bytearray(visitor.outbox.read())
    wire[-1] ^= 1

    with pytest.raises(ssl.SSLError):
        tls.receive(bytes(wire))
    assert tls.unsent(), "an alert for the peer"


def test_a_goodbye_is_heard(certificates: Certificates) -> None:
    visitor, tls = opened(certificates)
    visitor.inside.write(b"QUIT\r\n")
    with pytest.raises(ssl.SSLWantReadError):
        visitor.inside.unwrap()

    assert tls.receive(visitor.outbox.read()) == b"QUIT\r\n"
    assert tls.is_over


def test_a_refusal_is_an_alert(certificates: Certificates) -> None:
    visitor = Visitor("localhost", strict(certificates))
    with pytest.raises(ssl.SSLWantReadError):
        visitor.inside.do_handshake()
    visitor.inbox.write(REFUSED)

    with pytest.raises(ssl.SSLError, match=r"(?i)handshake.failure"):
        visitor.inside.do_handshake()
