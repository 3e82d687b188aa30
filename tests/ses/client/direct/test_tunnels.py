"""TLS and proxies, with real ones: what is proven, what is hidden, and what is not let through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sesmail.errors import ConnectFailed, ConnectionLost, Outcome
from sesmail.local import LocalSes
from sesmail.local.smtp.certificates import Certificates
from tests.ses.client.direct.asking import GET_ACCOUNT, Colour, box, client_of, send
from tests.ses.client.doors import Door, Proxy, tls_door


@pytest.fixture(scope="module")
def ses() -> Iterator[LocalSes]:
    with box() as made:
        yield made


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates(["127.0.0.1", "localhost"])


@pytest.fixture(autouse=True)
def trusted(ses: LocalSes, certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CA of the doors is trusted, and no other."""
    ses.forget()
    file = tmp_path / "ca.pem"
    file.write_text(certificates.ca_pem)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(file))


def port_of(ses: LocalSes) -> int:
    return int(ses.url.rpartition(":")[2])


def test_mails_go_by_tls_on_one_line(ses: LocalSes, certificates: Certificates, carry: Colour) -> None:
    for host in ("127.0.0.1", "localhost"):
        with tls_door(port_of(ses), certificates.context()) as door:
            with client_of(f"https://{host}:{door.port}") as client:
                for size in (1, 100, 30_000):
                    carry(client, send(text="a long line " * size))
            assert door.count == 1
    assert len(ses.sent) == 6


@pytest.mark.parametrize("fault", ["expired", "wrong_host", "unknown_ca"])
def test_a_peer_that_cannot_prove_itself_hears_nothing(
    ses: LocalSes, certificates: Certificates, carry: Colour, fault: str
) -> None:
    with tls_door(port_of(ses), certificates.context(fault)) as door:
        with client_of(f"https://127.0.0.1:{door.port}") as client, pytest.raises(ConnectFailed) as caught:
            carry(client, send())
        assert (caught.value.outcome, caught.value.retryable, caught.value.stage) == (
            Outcome.NOT_SENT,
            False,
            "connect",
        )
        assert "certificate" in str(caught.value)
    assert ses.sent == ()


def test_what_is_not_tls_is_a_fault_of_the_connection(ses: LocalSes, carry: Colour) -> None:
    url = f"https://127.0.0.1:{port_of(ses)}"
    with client_of(url) as client, pytest.raises(ConnectFailed) as caught:
        carry(client, send())
    assert (caught.value.outcome, caught.value.retryable) == (Outcome.NOT_SENT, False)


AFTERWORD = b'HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{"MessageId":"false"}'


def test_an_answer_that_nobody_asked_for_never_answers_the_next_mail(
    ses: LocalSes, certificates: Certificates, carry: Colour
) -> None:
    with tls_door(port_of(ses), certificates.context(), afterword=AFTERWORD) as door:
        with client_of(f"https://127.0.0.1:{door.port}") as client:
            for _ in range(3):
                reply = carry(client, send())
                assert reply.values["MessageId"] == ses.sent[-1].message_id
        assert door.count == 3


# ── through a proxy ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_goes_by_tls_through_a_proxy_that_reads_nothing(
    ses: LocalSes, certificates: Certificates, carry: Colour, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_door(port_of(ses), certificates.context()) as door, Proxy(door.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:w%40rd@127.0.0.1:{proxy.port}")
        with client_of("https://localhost:8443") as client:
            for _ in range(3):
                carry(client, send())
        assert proxy.heads == [
            b"CONNECT localhost:8443 HTTP/1.1\r\nhost: localhost:8443\r\nproxy-authorization: Basic bWU6d0ByZA=="
        ]
    assert len(ses.sent) == 3


def test_the_endpoint_proves_itself_through_the_proxy_too(
    ses: LocalSes, certificates: Certificates, carry: Colour, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_door(port_of(ses), certificates.context()) as door, Proxy(door.port) as proxy:
        monkeypatch.setenv("https_proxy", f"127.0.0.1:{proxy.port}")
        with client_of("https://another-host.example") as client, pytest.raises(ConnectFailed) as caught:
            carry(client, send())
        assert not caught.value.retryable
    assert ses.sent == ()


def test_a_proxy_that_lets_nobody_through_is_named(
    ses: LocalSes, carry: Colour, monkeypatch: pytest.MonkeyPatch
) -> None:
    for status, retryable in ((407, False), (503, True)):
        with Proxy(port_of(ses), answer=b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            with client_of("https://localhost:8443") as client, pytest.raises(ConnectFailed) as caught:
                carry(client, send())
            assert (caught.value.code, caught.value.retryable) == (str(status), retryable)


def test_advisory_what_a_proxy_puts_before_tls_is_never_an_answer(
    ses: LocalSes, certificates: Certificates, carry: Colour, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_door(port_of(ses), certificates.context()) as door, Proxy(door.port, after=AFTERWORD) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with client_of("https://localhost:8443") as client, pytest.raises(ConnectFailed):
            carry(client, send())
    assert ses.sent == ()


def test_a_proxy_for_http_relays(ses: LocalSes, carry: Colour, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy(port_of(ses)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:word@127.0.0.1:{proxy.port}")
        with client_of(f"http://localhost:{port_of(ses)}") as client:
            carry(client, GET_ACCOUNT)
        first, *_ = proxy.heads
    assert first.startswith(b"GET http://localhost:%d/v2/email/account HTTP/1.1\r\n" % port_of(ses))
    assert b"\r\nproxy-authorization: Basic bWU6d29yZA==" in first


def test_who_is_excepted_is_reached_without_a_proxy(
    ses: LocalSes, carry: Colour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
    with client_of(ses.url) as client:
        carry(client, send())
    assert len(ses.sent) == 1


def test_a_line_of_tls_that_is_torn_leaves_it_open(certificates: Certificates, carry: Colour) -> None:
    def handle(sock: object) -> None:
        with certificates.context().wrap_socket(sock, server_side=True) as inside:  # type: ignore[arg-type]
            inside.recv(65536)

    with Door(handle) as door:
        with client_of(f"https://127.0.0.1:{door.port}") as client, pytest.raises(ConnectionLost) as caught:
            carry(client, send())
        assert caught.value.outcome is Outcome.UNKNOWN
