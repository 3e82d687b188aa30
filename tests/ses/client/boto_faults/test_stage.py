"""How far a call had come, told by where its error was raised: real sockets, real TLS, real proxies."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sesmail.errors import ConnectFailed, ConnectionLost, Outcome, SendError
from sesmail.lines.patience import Patience
from sesmail.local import LocalSes
from sesmail.local.smtp.certificates import Certificates
from sesmail.ses.client.boto import BotoClient
from sesmail.ses.client.boto_faults.naming import by_class, is_one
from sesmail.ses.client.boto_faults.stage import Stage, links, stage_of
from sesmail.testing.loopback import Loopback
from tests.ses.client.boto.asking import KEYS, Ask, both_colours, host_and_port, send
from tests.ses.client.doors import tls_door


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, quota=-1, rate=1e9) as ses:
        ses.identity("example.com").verify()
        yield ses


@pytest.fixture
def silent() -> Iterator[tuple[str, int]]:
    """A server that takes connections and neither reads nor says anything."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()


def failed(url: str, ask: Ask, *, connect_s: float = 5.0, region: str = "us-east-1", **fields: Any) -> SendError:
    boto = BotoClient(
        region=region, credentials=KEYS, endpoint_url=url, patience=Patience(connect_s=connect_s, read_s=5)
    )
    with pytest.raises(SendError) as caught:
        ask(boto, send(**fields))
    boto.close()
    return caught.value


def facts(error: SendError) -> tuple[str, str, Outcome, bool]:
    return type(error).__name__, error.stage, error.outcome, error.retryable


@both_colours
def test_nobody_there(ask: Ask) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    error = failed(f"http://127.0.0.1:{port}", ask)

    assert facts(error) == ("ConnectFailed", "connect", Outcome.NOT_SENT, True)
    assert str(error) == f"127.0.0.1:{port}: nobody answers there: Connection refused (connect); nothing was sent"


@both_colours
def test_no_such_name_asks_whether_the_region_is_right(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failed("", ask, region="eu-wset-1")

    assert facts(error) == ("ConnectFailed", "connect", Outcome.NOT_SENT, True)
    assert "email.eu-wset-1.amazonaws.com: the name is not known: Name or service not known; " in str(error)
    assert "did you mean eu-west-1?" in str(error)
    assert "no Region" not in str(failed("", ask, region="eu-west-1"))


@both_colours
def test_a_certificate_that_nobody_trusts(ses: LocalSes, ask: Ask) -> None:
    with tls_door(host_and_port(ses)[1], Certificates(["127.0.0.1"]).context()) as door:
        error = failed(f"https://127.0.0.1:{door.port}", ask)

    assert facts(error) == ("ConnectFailed", "connect", Outcome.NOT_SENT, False)
    assert "TLS failed: the certificate is not accepted: " in str(error)


@both_colours
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_trust_that_cannot_be_read(
    silent: tuple[str, int], ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(file))
    error = failed("https://{}:{}".format(*silent), ask)

    assert facts(error) == ("ConnectFailed", "connect", Outcome.NOT_SENT, False)
    assert "TLS failed" in str(error)


@both_colours
def test_a_handshake_that_nobody_answers_sent_nothing(silent: tuple[str, int], ask: Ask) -> None:
    """For botocore, that is a time-out of reading."""
    error = failed("https://{}:{}".format(*silent), ask, connect_s=0.2)

    assert facts(error) == ("ConnectFailed", "connect", Outcome.NOT_SENT, True)
    assert type(error.__cause__).__name__ == "ReadTimeoutError"


@both_colours
def test_a_request_that_could_not_be_said_to_its_end_sent_nothing(silent: tuple[str, int], ask: Ask) -> None:
    error = failed("http://{}:{}".format(*silent), ask, connect_s=0.3, attachments={"a.bin": bytes(9_000_000)})

    assert facts(error) == ("TimedOut", "data", Outcome.NOT_SENT, True)
    assert type(error.__cause__).__name__ == "ConnectionClosedError"


@both_colours
def test_a_proxy_that_is_not_there(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:hunter2@127.0.0.1:{port}")
    error = failed("https://email.example", ask)

    assert facts(error) == ("ConnectFailed", "connect", Outcome.NOT_SENT, True)
    assert f"127.0.0.1:{port}: nobody answers there: Connection refused" in str(error)
    assert "hunter2" not in f"{error} {error!r}"


@both_colours
def test_a_proxy_that_goes_away_with_the_request(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """For urllib3, and so for botocore, no connection to it came about: it closes the connection and then looks."""

    async def serve(peer: socket.socket, _: int) -> None:
        await asyncio.get_running_loop().sock_recv(peer, 65536)

    proxy = Loopback(serve, name="proxy")
    proxy.start()
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.host}:{proxy.port}")
    error = failed("http://email.example", ask)
    proxy.stop()

    assert type(error.__cause__).__name__ == "ProxyConnectionError"
    assert facts(error) == ("ConnectionLost", "reply", Outcome.UNKNOWN, False)
    assert f"{proxy.host}:{proxy.port}: the line broke" in str(error)


def test_how_an_earlier_mail_failed_says_nothing_of_this_one(ses: LocalSes) -> None:
    """Who sends again in the ``except`` of a failure has that failure in the context of the next."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    ses.chaos.reset(when="after")
    keys = {"region": "us-east-1", "credentials": KEYS}
    first = BotoClient(endpoint_url=f"http://127.0.0.1:{port}", **keys)  # type: ignore[arg-type]
    second = BotoClient(endpoint_url=ses.url, **keys)  # type: ignore[arg-type]
    try:
        first.call(send())
    except ConnectFailed:
        with pytest.raises(ConnectionLost) as caught:
            second.call(send())
    first.close()
    second.close()

    assert facts(caught.value) == ("ConnectionLost", "reply", Outcome.UNKNOWN, False)
    assert len(ses.sent) == 1


# ── how it is told ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_links_are_causes_and_what_is_wrapped_each_once() -> None:
    inner, cause, wrapped = OSError("inner"), KeyError("cause"), ValueError("wrapped")
    outer = RuntimeError("outer", inner)
    outer.__cause__ = cause
    outer.__context__ = TypeError("context")
    outer.kwargs = {"error": wrapped, "more": "text"}  # type: ignore[attr-defined]
    inner.__cause__ = outer

    assert list(links(outer)) == [outer, cause, wrapped, inner]


def test_links_have_an_end() -> None:
    error = ValueError()
    for _ in range(1000):
        error = ValueError(error)

    assert len(list(links(error))) == 20


def test_an_error_that_was_raised_elsewhere_has_no_stage() -> None:
    with pytest.raises(ValueError, match="no number") as caught:
        raise ValueError("no number")
    assert stage_of(caught.value) is None


def test_what_is_called_like_a_class_of_botocore_is_none() -> None:
    class ConnectionError(Exception):  # noqa: A001
        """Of somebody else."""

    assert by_class(ConnectionError(), {"ConnectionError": Stage.CONNECT}) is None
    assert not is_one(ConnectionError(), "ConnectionError")
