"""SmtpTransport and a real server: Postfix with TLS and a login. What arrives, and what is said where it does not."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, groupby
from typing import Any, Literal

import pytest

from sesmail import Address, AsyncMailer, Attachment, Envelope, Mailer, Outcome, SendResult, mime
from sesmail.errors import (
    AuthFailed,
    ConnectFailed,
    Rejected,
    SendError,
    SesmailError,
    TooLarge,
    Unavailable,
    Unsupported,
)
from sesmail.testing import CuttingProxy, Flow, Plan
from sesmail.transports import SmtpTransport

from .postfix_with_login import IDLE_S, LARGEST, PASSWORD, USER, PostfixWithLogin, postfix_with_login
from .samples import SAMPLES

pytestmark = pytest.mark.server

COLOURS = ("Mailer", "AsyncMailer")
SENDER = "sender@example.com"
# By how it looks on a line where nothing is encrypted.
CREDENTIALS = (
    PASSWORD.encode(),
    USER.encode(),
    *(b64encode(text.encode()) for text in (PASSWORD, USER, f"\0{USER}\0{PASSWORD}")),
)
_numbers = count()


@pytest.fixture(scope="session")
def server() -> Iterator[PostfixWithLogin]:
    with postfix_with_login() as server:
        yield server


class Sending:
    """One mailer of either colour, for tests that say the same of both."""

    def __init__(self, colour: str, transport: SmtpTransport) -> None:
        self._runner = asyncio.Runner()  # one loop, so that connections are kept between two sends
        self._is_awaited = colour == "AsyncMailer"
        self._awaited, self._blocking = AsyncMailer(transport, sender=SENDER), Mailer(transport, sender=SENDER)

    def send(self, *args: Any, **fields: Any) -> SendResult:
        if self._is_awaited:
            return self._runner.run(self._awaited.send(*args, **fields))
        return self._blocking.send(*args, **fields)

    def send_many(self, mails: Any, concurrency: int) -> int:
        if self._is_awaited:
            return self._runner.run(self._awaited.send_many(mails, concurrency=concurrency)).sent
        with ThreadPoolExecutor(concurrency) as pool:
            return sum(not result.failed for result in pool.map(lambda mail: self._blocking.send(**mail), mails))

    def close(self) -> None:
        self._runner.run(self._awaited.close())
        self._blocking.close()

    def end(self) -> None:
        self.close()
        self._runner.close()


Open = Callable[..., Sending]


@pytest.fixture(params=COLOURS)
def opened(request: pytest.FixtureRequest, server: PostfixWithLogin) -> Iterator[Open]:
    """A mailer for a port by its name in `SERVICES`, or for a proxy in front of it."""
    all_of_them: list[Sending] = []

    def open_one(service: str, *, at: CuttingProxy | None = None, **settings: Any) -> Sending:
        tls: Literal["implicit", "starttls"] = "implicit" if service == "implicit" else "starttls"
        usual = {"user": USER, "password": PASSWORD, "tls": tls, "ca_file": server.ca_file}
        port = at.port if at else server.ports[service]
        all_of_them.append(Sending(request.param, SmtpTransport("127.0.0.1", port, **(usual | settings))))
        return all_of_them[-1]

    yield open_one
    for one in all_of_them:
        one.end()


@pytest.fixture
def ada() -> str:
    """An address of this test alone."""
    return f"ada{next(_numbers)}@example.org"


def error_of(sending: Sending, **fields: Any) -> SesmailError:
    with pytest.raises(SesmailError) as caught:
        sending.send(**fields)
    said = f"{caught.value!r} {vars(caught.value)} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert PASSWORD not in said
    assert USER not in said
    return caught.value


def connections(server: PostfixWithLogin, service: str, since: int) -> int:
    return len(re.findall(rf"postfix/{service}/smtpd\[\d+\]: connect from", server.log()[since:]))


# ── what arrives ─────────────────────────────────────────────────────────────────────────────────────────────────

_BOUNDARY = re.compile(rb"=_[0-9a-f]{24}")


@pytest.mark.parametrize("service", ["starttls", "implicit"])
def test_every_sample_arrives_byte_for_byte(server: PostfixWithLogin, opened: Open, service: str, ada: str) -> None:
    since = len(server.log())
    sending = opened(service)
    for email in SAMPLES.values():
        result = sending.send(email, envelope=Envelope(Address(SENDER), (Address(ada),)))
        assert result.message_id_header == email.message_id
        assert re.fullmatch(r"[0-9A-Za-z]{6,}", result.message_id)  # of Postfix's queue
        assert f"{result.message_id}: client=" in server.logged(f"{result.message_id}: client=", since=since)

    arrived = server.arrived(ada)
    assert len(arrived) == len(SAMPLES)
    written = [mime.write(email) for email in SAMPLES.values()]
    assert _normal(arrived) == _normal(
        (content.as_utf8() if content.needs_smtputf8 else content).to_bytes().replace(b"\r\n", b"\n")
        for content in written
    )
    log = server.log()[since:]
    assert "TLS connection established" in log
    assert f"sasl_method=PLAIN, sasl_username={USER}" in log
    assert connections(server, service, since) == 1, "one is enough for all"
    assert "warning" not in log
    assert "improper command pipelining" not in log


def _normal(mails: Any) -> list[bytes]:
    return sorted(_BOUNDARY.sub(b"=_", mail) for mail in mails)


def test_a_server_with_login_alone_is_logged_in_to(server: PostfixWithLogin, opened: Open, ada: str) -> None:
    since = len(server.log())

    assert opened("login only").send(to=ada, text="Hello").failed == ()
    assert len(server.arrived(ada)) == 1
    assert f"sasl_method=LOGIN, sasl_username={USER}" in server.logged("sasl_username", since=since)


def test_addresses_beyond_ascii_go_by_smtputf8(server: PostfixWithLogin, opened: Open) -> None:
    number = next(_numbers)
    zoe, sender = f"zoë{number}@bücher.example", f"größe{number}@example.com"
    result = opened("starttls").send(sender=("Größe", sender), to=[("Zoë", zoe)], subject="Grüße", text="Grüße\n")

    assert [one.address.local for one in result.recipients] == [f"zoë{number}"]
    (mail,) = server.arrived(f"zoë{number}@xn--bcher-kva.example")
    assert f"From: Größe <{sender}>\n".encode() in mail
    assert f"zoë{number}@".encode() in mail
    assert mime.read(mail).subject == "Grüße"


def test_without_smtputf8_such_an_address_is_refused_and_others_are_not(
    server: PostfixWithLogin, opened: Open, ada: str
) -> None:
    sending = opened("no smtputf8")
    error = error_of(sending, to=[ada, "zoë@example.org"], text="Hello")

    assert isinstance(error, Unsupported)
    assert server.arrived(ada) == []
    assert sending.send(to=ada, subject="Grüße", text="Grüße").failed == ()
    assert len(server.arrived(ada)) == 1


# ── how it is said ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("service", "turns"), [("starttls", 2), ("implicit", 2), ("no pipelining", 6)])
def test_pipelining_is_used_where_it_is_offered(
    server: PostfixWithLogin, opened: Open, service: str, turns: int, ada: str
) -> None:
    """All of an envelope is one word under it, and MAIL, each RCPT, DATA and the mail are one each without it."""
    since = len(server.log())
    spoken: list[float] = []

    async def listen(who: float) -> None:
        spoken.append(who)

    us, them = 1.0, 2.0
    plan = Plan(to_server=Flow(delay_s=us), to_client=Flow(delay_s=them))
    with CuttingProxy("127.0.0.1", server.ports[service], plan, pause=listen) as proxy:
        sending = opened(service, at=proxy)
        sending.send(to=ada, text="The first one shakes hands.")
        spoken.clear()
        result = sending.send(to=ada, cc="charles@example.org", bcc="zoe@example.org", text="Hello")
        order = [who for who, _ in groupby(spoken)]
        sending.close()

    assert result.failed == ()
    assert order == [us, them] * turns
    assert "improper command pipelining" not in server.log()[since:]


def test_four_connections_carry_two_hundred_mails_of_eight_threads(
    server: PostfixWithLogin, opened: Open, ada: str
) -> None:
    since = len(server.log())
    sending = opened("starttls", max_connections=4, messages_per_connection=1000)
    sent = sending.send_many([{"to": ada, "subject": f"mail {n}", "text": f"Text {n}"} for n in range(200)], 8)
    sending.close()

    assert sent == 200
    mails = [mime.read(mail) for mail in server.arrived(ada)]
    assert sorted(mail.subject for mail in mails) == sorted(f"mail {n}" for n in range(200))
    assert all((mail.text or "").strip() == f"Text {mail.subject.split()[1]}" for mail in mails)
    log = server.logged("quit=1", since=since)
    assert 1 < connections(server, "starttls", since) <= 4
    assert log.count("SASL PLAIN authentication failed") == 0


def test_a_connection_is_opened_anew_after_its_mails_and_takes_leave(
    server: PostfixWithLogin, opened: Open, ada: str
) -> None:
    since = len(server.log())
    sending = opened("starttls", messages_per_connection=3)
    for number in range(7):
        sending.send(to=ada, subject=str(number))
    sending.close()

    server.logged("mail=1 rcpt=1 data=1 quit=1", since=since)
    assert connections(server, "starttls", since) == 3
    assert server.log()[since:].count("mail=3 rcpt=3 data=3 quit=1") == 2
    assert "lost connection" not in server.log()[since:]
    assert len(server.arrived(ada)) == 7


# ── who may send ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("service", ["starttls", "implicit", "login only"])
@pytest.mark.parametrize("wrong", [{"password": "correct horse"}, {"user": "ada@mail.example"}])
def test_a_wrong_login_sends_nothing(
    server: PostfixWithLogin, opened: Open, service: str, wrong: dict[str, str], ada: str
) -> None:
    since = len(server.log())
    error = error_of(opened(service, **wrong), to=ada, text="Hello")

    assert isinstance(error, AuthFailed)
    assert (error.code, error.stage, error.outcome) == ("535 5.7.8", "auth", Outcome.NOT_SENT)
    assert not error.retryable
    log = server.logged("authentication failed", since=since)
    assert "mail=" not in log, "not even begun"
    assert server.arrived(ada) == []


def test_whoever_does_not_log_in_is_refused(server: PostfixWithLogin, opened: Open, ada: str) -> None:
    error = error_of(opened("starttls", user="", password=""), to=ada, text="Hello")

    assert isinstance(error, Rejected)
    assert (error.code, error.stage, error.outcome) == ("554 5.7.1", "mail", Outcome.REFUSED)
    assert server.arrived(ada) == []


# ── no TLS, no mail ──────────────────────────────────────────────────────────────────────────────────────────────


def assert_not_sent_in_clear(error: SesmailError, proxy: CuttingProxy) -> None:
    assert isinstance(error, ConnectFailed)
    assert (error.stage, error.outcome, error.retryable) == ("connect", Outcome.NOT_SENT, False)
    (passage,) = proxy.passages
    for secret in (*CREDENTIALS, b"AUTH", b"MAIL FROM", b"@example.org", b"Hello Ada"):
        assert secret not in passage.data_to_server


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("no tls", "does not offer STARTTLS"),
        ("broken tls", "TLS failed: sslv3 alert handshake failure"),
        ("another's tls", "the certificate is not accepted: unable to get local issuer certificate"),
        ("another host's tls", "certificate is not valid for '127.0.0.1'"),
    ],
)
def test_without_tls_as_asked_for_nothing_is_said(
    server: PostfixWithLogin, opened: Open, service: str, said: str, ada: str
) -> None:
    since = len(server.log())
    with CuttingProxy("127.0.0.1", server.ports[service], keep_data=True) as proxy:
        error = error_of(opened(service, at=proxy), to=ada, text="Hello Ada")
        proxy.join()

        assert_not_sent_in_clear(error, proxy)
        assert b"EHLO" in proxy.passages[0].data_to_server, "the proxy sees what is in clear"
    assert said in str(error)
    assert "auth=" not in server.logged("disconnect", since=since)
    assert server.arrived(ada) == []


@pytest.mark.parametrize("service", ["starttls", "implicit"])
def test_an_authority_that_the_system_does_not_know_is_not_trusted(
    server: PostfixWithLogin, opened: Open, service: str, ada: str
) -> None:
    with CuttingProxy("127.0.0.1", server.ports[service], keep_data=True) as proxy:
        error = error_of(opened(service, at=proxy, ca_file=""), to=ada, text="Hello Ada")
        proxy.join()

        assert_not_sent_in_clear(error, proxy)
    assert "the certificate is not accepted" in str(error)
    assert server.arrived(ada) == []


@pytest.mark.parametrize(
    ("service", "tls", "cure"), [("starttls", "implicit", "tls='starttls'"), ("implicit", "starttls", "tls='implicit'")]
)
def test_the_port_of_the_other_kind_of_tls_is_told(
    server: PostfixWithLogin, opened: Open, service: str, tls: str, cure: str, ada: str
) -> None:
    with CuttingProxy("127.0.0.1", server.ports[service], keep_data=True) as proxy:
        error = error_of(opened(service, at=proxy, tls=tls, read_timeout_s=0.5), to=ada, text="Hello Ada")
        (passage,) = proxy.passages

    assert isinstance(error, ConnectFailed)
    assert error.outcome is Outcome.NOT_SENT
    assert cure in str(error)
    assert not any(secret in passage.data_to_server for secret in CREDENTIALS)


def test_a_login_is_never_said_where_tls_is_left_out(server: PostfixWithLogin, opened: Open, ada: str) -> None:
    """Postfix offers none before TLS, and we do not insist."""
    with CuttingProxy("127.0.0.1", server.ports["starttls"], keep_data=True) as proxy:
        error = error_of(opened("starttls", at=proxy, tls="none"), to=ada, text="Hello Ada")
        proxy.join()
        (passage,) = proxy.passages

    assert isinstance(error, AuthFailed)
    assert not any(secret in passage.data_to_server for secret in CREDENTIALS)
    assert server.arrived(ada) == []


def test_behind_tls_nobody_sees_login_or_mail(server: PostfixWithLogin, opened: Open, ada: str) -> None:
    with CuttingProxy("127.0.0.1", server.ports["starttls"], keep_data=True) as proxy:
        sending = opened("starttls", at=proxy)
        sending.send(to=ada, text="Hello Ada")
        sending.close()
        proxy.join()
        (passage,) = proxy.passages

    in_clear = re.match(rb"EHLO [^\r\n]+\r\nSTARTTLS\r\n\x16\x03", passage.data_to_server)
    assert in_clear, passage.data_to_server[:200]
    assert not any(secret in passage.data_to_server for secret in (*CREDENTIALS, b"AUTH", b"Hello Ada"))
    assert len(server.arrived(ada)) == 1


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("service", ["starttls", "no pipelining"])
def test_each_recipient_has_an_outcome(server: PostfixWithLogin, opened: Open, service: str, ada: str) -> None:
    sending = opened(service)
    bob = f"bob{next(_numbers)}@example.org"
    people = ["nobody@example.org", ada, "full@example.org", bob]
    result = sending.send(to=people[:2], bcc=people[2:], subject="For whom it may reach", text="Hello")

    outcomes = [(one.address.email, one.outcome, type(one.error)) for one in result.recipients]
    assert outcomes == [
        ("nobody@example.org", Outcome.REFUSED, Rejected),
        (ada, Outcome.SENT, type(None)),
        ("full@example.org", Outcome.NOT_SENT, Unavailable),
        (bob, Outcome.SENT, type(None)),
    ]
    errors = [one.error for one in result.failed]
    assert [error.code for error in errors if isinstance(error, SendError)] == ["550 5.1.1", "452 4.2.2"]
    assert [error.retryable for error in errors if isinstance(error, SendError)] == [False, True]
    assert [error.recipients for error in errors if isinstance(error, SendError)] == [(people[0],), (people[2],)]
    assert len(server.arrived(ada)) == len(server.arrived(bob)) == 1
    assert server.arrived("nobody@example.org") == server.arrived("full@example.org") == []
    assert sending.send(to=ada, text="The next one").failed == ()


@pytest.mark.parametrize("service", ["starttls", "no pipelining"])
def test_where_nobody_is_accepted_it_raises_and_the_next_mail_goes_out(
    server: PostfixWithLogin, opened: Open, service: str, ada: str
) -> None:
    since = len(server.log())
    sending = opened(service)
    error = error_of(sending, to=["nobody@example.org", "full@example.org"], text="Hello")

    assert isinstance(error, Unavailable), "for one of them it may help to try again"
    assert (error.code, error.stage, error.outcome) == ("452 4.2.2", "mail", Outcome.NOT_SENT)
    assert sending.send(to=ada, subject="The next one").failed == ()
    (mail,) = server.arrived(ada)
    assert mime.read(mail).subject == "The next one"
    assert connections(server, service.replace(" ", "-"), since) == 1


def large(ada: str) -> dict[str, Any]:
    return {"to": ada, "attachments": [Attachment("large.bin", bytes(LARGEST))]}


def test_what_is_too_large_is_refused_before_it_is_sent(server: PostfixWithLogin, opened: Open, ada: str) -> None:
    with CuttingProxy("127.0.0.1", server.ports["starttls"], keep_data=True) as proxy:
        sending = opened("starttls", at=proxy)
        error = error_of(sending, **large(ada))

        assert isinstance(error, TooLarge)
        assert error.limit == LARGEST < error.size
        assert proxy.passages[0].to_server < 5000
        assert sending.send(to=ada, subject="The next one").failed == ()
    (mail,) = server.arrived(ada)
    assert mime.read(mail).subject == "The next one"


def test_what_is_too_large_for_a_server_that_does_not_tell_is_refused_in_the_end(
    server: PostfixWithLogin, opened: Open, ada: str
) -> None:
    sending = opened("no size")
    error = error_of(sending, **large(ada))

    assert isinstance(error, Rejected)
    assert (error.code, error.stage, error.outcome, error.retryable) == ("552 5.3.4", "reply", Outcome.REFUSED, False)
    assert "larger than the server or the mailbox takes" in str(error)
    assert sending.send(to=ada, subject="The next one").failed == ()
    (mail,) = server.arrived(ada)
    assert mime.read(mail).subject == "The next one"


# ── a server that leaves ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_waits_no_longer_costs_no_mail(server: PostfixWithLogin, opened: Open, ada: str) -> None:
    assert IDLE_S < 30, "we would keep it for longer"
    since = len(server.log())
    sending = opened("impatient", idle_s=30)
    sending.send(to=ada, subject="before")
    server.logged("timeout after", since=since)
    sending.send(to=ada, subject="after")

    assert connections(server, "impatient", since) == 2
    assert sorted(mime.read(mail).subject for mail in server.arrived(ada)) == ["after", "before"]


def test_a_server_that_was_stopped_and_started_gets_the_next_mail(
    server: PostfixWithLogin, opened: Open, ada: str
) -> None:
    sending = opened("starttls")
    sending.send(to=ada, subject="before")
    server.stop()
    server.start()
    sending.send(to=ada, subject="after")
    server.stop()
    try:
        error = error_of(sending, to=ada, subject="in between")
    finally:
        server.start()
    sending.send(to=ada, subject="at last")

    assert isinstance(error, ConnectFailed)
    assert (error.outcome, error.retryable) == (Outcome.NOT_SENT, True)
    assert sorted(mime.read(mail).subject for mail in server.arrived(ada)) == ["after", "at last", "before"]
