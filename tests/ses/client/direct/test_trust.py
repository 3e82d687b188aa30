"""Trust: which certificates the environment means, and contexts that are built once."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from sesmail.errors import SetupError
from sesmail.local.smtp.certificates import Certificates
from sesmail.ses.client.direct.origin import Origin
from sesmail.ses.client.direct.trust import bundle_from, context
from sesmail.ses.client.direct.way import Way

ORIGIN = Origin("https", "email.eu-west-1.amazonaws.com", 443)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    file.write_text(Certificates(["localhost"]).ca_pem)
    return file


@pytest.fixture
def unknown() -> Iterator[None]:
    """No context was built before."""
    context.cache_clear()
    yield
    context.cache_clear()


def test_the_bundle_is_the_one_that_botocore_would_take(bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_text("")
    assert bundle_from({}) == ""
    assert bundle_from({"REQUESTS_CA_BUNDLE": str(other)}) == str(other)
    assert bundle_from({"AWS_CA_BUNDLE": str(bundle), "REQUESTS_CA_BUNDLE": str(other)}) == str(bundle)


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_bundle_that_is_not_there_is_refused_when_the_way_is_chosen(name: str, tmp_path: Path) -> None:
    for path in ("", "  ", "/nonexistent/ca.pem", str(tmp_path)):
        with pytest.raises(SetupError, match=f"{name} names no file"):
            Way.to(ORIGIN, {name: path})


@pytest.mark.parametrize("content", [b"", b"no certificate", b"\0\xff" * 100, b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_bundle_without_certificates_is_refused_when_the_way_is_chosen(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(content)
    with pytest.raises(SetupError, match=r"no certificates to be read in .*ca\.pem"):
        Way.to(ORIGIN, {"AWS_CA_BUNDLE": str(file)})


def test_a_bundle_is_the_only_one_that_is_trusted(bundle: Path) -> None:
    made = Way.to(ORIGIN, {"AWS_CA_BUNDLE": str(bundle)}).tls()
    assert made.cert_store_stats()["x509_ca"] == 1
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_in_clear_no_bundle_is_looked_for() -> None:
    Way.to(Origin("http", "127.0.0.1", 4579), {"AWS_CA_BUNDLE": "/nonexistent"})


@pytest.mark.usefixtures("unknown")
def test_a_context_is_built_when_it_is_needed_and_once() -> None:
    ways = [Way.to(ORIGIN, {}), Way.to(Origin("https", "email.us-east-1.amazonaws.com", 443), {})]
    assert context.cache_info().currsize == 0
    assert ways[0].tls() is ways[1].tls()
    assert (ways[0].tls().verify_mode, ways[0].tls().check_hostname) == (ssl.CERT_REQUIRED, True)
    assert ways[0].tls().minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.usefixtures("unknown")
def test_where_the_system_has_no_certificates_botocores_are_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert context().cert_store_stats()["x509_ca"] > 50


@pytest.mark.usefixtures("unknown")
def test_where_the_system_has_a_folder_of_certificates_it_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundle: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    monkeypatch.setenv("SSL_CERT_DIR", str(bundle.parent))
    assert context().cert_store_stats()["x509_ca"] == 0, "those of a folder are looked for by name"


@pytest.mark.usefixtures("unknown")
def test_where_the_system_has_a_file_of_certificates_it_is_taken(monkeypatch: pytest.MonkeyPatch, bundle: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert context().cert_store_stats()["x509_ca"] == 1


@pytest.mark.parametrize(
    ("origin", "environ", "text"),
    [
        (ORIGIN, {}, "email.eu-west-1.amazonaws.com:443"),
        (
            ORIGIN,
            {"HTTPS_PROXY": "http://me:word@p.example"},
            "email.eu-west-1.amazonaws.com:443 through the proxy p.example:80",
        ),
    ],
)
def test_a_way_is_told_without_secrets(origin: Origin, environ: dict[str, str], text: str) -> None:
    assert str(Way.to(origin, environ)) == text
