"""What must hold on a line: refused when the transport is built, not when the first mail goes out."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest

from sesmail.errors import SetupError
from sesmail.lines.line import Place
from sesmail.local import LocalSes
from sesmail.transports.smtp.login import Login
from sesmail.transports.smtp.terms import NAMELESS, Terms, own_name
from sesmail.transports.smtp.trust import Trust

LOGIN = Login("user", "password")


def terms(host: Any = "mail.example.com", port: Any = 587, **other: Any) -> Terms:
    return Terms(**{"place": Place(host, port), "tls": "starttls", "trust": Trust(), **other})


@pytest.mark.parametrize(
    "host", ["a", "mail.example.com", "xn--bcher-kva.example", "10.0.0.1", "::1", "fe80::1", "a_b"]
)
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    assert terms(host).place.host == host


@pytest.mark.parametrize(
    "host",
    ["", " ", "a b", "a\r\nb", "a\n", "bücher.example", "a/b", "a@b", "-a", "a:25 ", "[::1]", "a?b", None, 5, b"a"],
)
def test_what_is_no_host_is_refused(host: Any) -> None:
    with pytest.raises(SetupError, match="host is"):
        terms(host)


@pytest.mark.parametrize("port", [0, -1, 65536, "25", 25.0, True, None, "25\r\n"])
def test_what_is_no_port_is_refused(port: Any) -> None:
    with pytest.raises(SetupError, match="port is"):
        terms(port=port)


def test_an_unknown_tls_is_refused() -> None:
    with pytest.raises(SetupError, match="starttls, implicit, none"):
        terms(tls="tls")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine_may_hear_a_password_in_clear(host: str) -> None:
    assert terms(host, tls="none", login=LOGIN).login is LOGIN


@pytest.mark.parametrize(
    "host",
    [
        "mail.example.com",
        "127.evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.localhost",
        "evil127.0.0.1",
        "10.0.0.1",
        "::2",
    ],
)
def test_another_machine_hears_a_password_in_clear_only_if_you_say_so(host: str) -> None:
    with pytest.raises(SetupError, match="in clear"):
        terms(host, tls="none", login=LOGIN)

    assert terms(host, tls="none", login=LOGIN, login_in_clear=True).login is LOGIN
    assert terms(host, tls="none").login is None
    assert terms(host, login=LOGIN).login is LOGIN


def test_a_local_name_is_checked() -> None:
    assert terms(local_name="app.example.com").local_name == "app.example.com"
    with pytest.raises(SetupError, match="local_name"):
        terms(local_name="a\r\nMAIL FROM:<eve@example.org>")


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("app.example.com", "app.example.com"),
        ("app", NAMELESS),
        ("localhost", NAMELESS),
        ("10.0.0.1", NAMELESS),
        ("a_b.example.com", NAMELESS),
        ("app.example.com\n", NAMELESS),
        ("bücher.example", NAMELESS),
        ("", NAMELESS),
        ("a." * 200 + "com", NAMELESS),
    ],
)
def test_a_machine_without_a_full_name_says_its_address(own: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: own)

    assert own_name() == said
    assert terms().local_name == said


def test_terms_are_printed_without_secrets() -> None:
    assert "password" not in repr(terms(login=Login("hunter2", "hunter2")))
    assert "hunter2" not in repr(terms(login=Login("hunter2", "hunter2")))


# ── trust ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    with LocalSes(smtp=True) as ses:
        file = tmp_path_factory.mktemp("ca") / "ca.pem"
        file.write_text(ses.smtp.ca_pem)
    return str(file)


def test_certificates_are_read_once_and_not_before(ca_file: str) -> None:
    trust = Trust(ca_file=ca_file)
    was_ready = trust.is_ready
    context = trust.context()

    assert (was_ready, trust.is_ready) == (False, True)
    assert trust.context() is context


@pytest.mark.parametrize("own", [False, True])
def test_names_and_certificates_are_checked(ca_file: str, own: bool) -> None:
    context = Trust(ca_file=ca_file if own else "").context()

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert bool(context.get_ca_certs()) or not own


def test_a_file_stands_in_the_place_of_the_systems_authorities(ca_file: str) -> None:
    (authority,) = Trust(ca_file=ca_file).context().get_ca_certs()

    assert "sesmail local CA" in str(authority["subject"])


def test_a_context_of_yours_is_taken_as_it_is(ca_file: str) -> None:
    context = ssl.create_default_context()

    assert Trust(context=context).is_ready
    assert Trust(context=context).context() is context
    with pytest.raises(SetupError, match="one of them"):
        Trust(ca_file=ca_file, context=context)


def test_a_file_that_is_not_there_is_refused_when_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no file at ca_file") as caught:
        Trust(ca_file=str(tmp_path / "hunter2.pem"))

    assert "hunter2" not in str(caught.value)


def test_a_file_that_holds_no_certificate_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")

    with pytest.raises(SetupError, match="no certificate in PEM"):
        Trust(ca_file=str(file)).context()


def test_two_who_ask_at_once_both_get_one_that_works(ca_file: str) -> None:
    trust, found = Trust(ca_file=ca_file), []
    threads = [threading.Thread(target=lambda: found.append(trust.context())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert all(context.get_ca_certs() for context in found)
