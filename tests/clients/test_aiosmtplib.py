"""aiosmtplib: many clients at once, both kinds of TLS, and what it makes of refusals and broken lines."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from email.message import EmailMessage
from typing import Any, TypeVar

import aiosmtplib
import pytest

from sesmail.local import BoxClock, LocalSes
from sesmail.local.smtp.options import SmtpOptions
from sesmail.local.trouble import Trouble

from .conftest import NOW, SENDER, SHOP

T = TypeVar("T")
ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"


@pytest.fixture
def ses(request: pytest.FixtureRequest) -> Iterator[LocalSes]:
    """Without PIPELINING, which SES does not offer, unless a test asks for it."""
    with LocalSes(clock=BoxClock(at=NOW), smtp=SmtpOptions(pipelining=getattr(request, "param", False))) as ses:
        yield ses


either_way = pytest.mark.parametrize("ses", [False, True], indirect=True, ids=["one by one", "pipelining"])


async def _settled(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    finally:
        for _ in range(20):  # a transport that is closed needs some turns of the loop to be so
            await asyncio.sleep(0.001)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(_settled(work))


def message(subject: str = "Hello") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Bcc"], made["Subject"] = SENDER, ADA, EVE, subject
    made.set_content("Hello Ada\n.\nBye\n")
    return made


def options(ses: LocalSes, *, wrapped: bool = False) -> dict[str, Any]:
    return {
        "hostname": "localhost",
        "port": ses.smtp.tls_port if wrapped else ses.smtp.port,
        "use_tls": wrapped,
        "tls_context": ses.smtp.ssl_context(),
        "username": ses.smtp.user,
        "password": ses.smtp.password,
        "timeout": 20,
    }


@either_way
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_message_is_sent(shop: LocalSes, wrapped: bool) -> None:
    errors, reply = run(aiosmtplib.send(message("Grüße"), **options(shop, wrapped=wrapped)))

    (sent,) = shop.sent
    assert (errors, reply) == ({}, f"Ok {sent.message_id}")
    assert (sent.to, sent.bcc, sent.subject) == ((ADA,), (EVE,), "Grüße")
    assert sent.email.text == "Hello Ada\n.\nBye\n"


@either_way
def test_many_clients_at_once_send_as_many_mails(shop: LocalSes) -> None:
    async def client(number: int) -> list[str]:
        async with aiosmtplib.SMTP(**options(shop, wrapped=number % 2 == 0)) as smtp:
            return [(await smtp.send_message(message(f"{number} {mail}")))[1] for mail in range(5)]

    async def all_of_them() -> list[list[str]]:
        return await asyncio.gather(*(client(number) for number in range(20)))

    replies = {reply for some in run(all_of_them()) for reply in some}
    assert replies == {f"Ok {mail.message_id}" for mail in shop.sent}
    assert len(replies) == 100


@either_way
def test_of_some_recipients_the_bad_ones_are_refused(shop: LocalSes) -> None:
    async def send() -> dict[str, aiosmtplib.SMTPResponse]:
        async with aiosmtplib.SMTP(**options(shop)) as smtp:
            return (await smtp.sendmail(f"orders@{SHOP}", [ADA, "nobody"], message().as_bytes()))[0]

    assert run(send()) == {"nobody": aiosmtplib.SMTPResponse(553, "<nobody> address unknown")}
    assert [mail.recipients for mail in shop.sent] == [(ADA,)]


def test_refusals_have_their_errors(ses: LocalSes) -> None:
    def send(**changes: Any) -> aiosmtplib.SMTPResponseException:
        with pytest.raises(aiosmtplib.SMTPResponseException) as caught:
            run(aiosmtplib.send(message(), **{**options(ses), **changes}))
        return caught.value

    rejected = send()
    wrong = send(password="wrong")
    ses.chaos.throttle()
    throttled = send()

    assert (type(rejected), rejected.code) == (aiosmtplib.SMTPDataError, 554)
    assert rejected.message.startswith("Message rejected: Email address is not verified.")
    assert (type(wrong), wrong.code, wrong.message) == (
        aiosmtplib.SMTPAuthenticationError,
        535,
        "Authentication Credentials Invalid",
    )
    assert (throttled.code, throttled.message) == (454, "Throttling failure: Maximum sending rate exceeded")


@pytest.mark.parametrize("step", ["connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "message"])
@pytest.mark.parametrize("trouble", ["reset", "reset,when=before", "cut_answer,at=2", "reply,code=421"])
def test_a_connection_may_break_at_every_step(shop: LocalSes, step: str, trouble: str) -> None:
    shop.chaos.arm(Trouble.parse(f"{trouble},on={step}"))
    with pytest.raises((aiosmtplib.SMTPException, OSError)):
        run(aiosmtplib.send(message(), **options(shop)))

    taken = step == "message" and trouble in ("reset", "cut_answer,at=2")
    assert len(shop.sent) == taken
    run(aiosmtplib.send(message(), **options(shop)))
    assert len(shop.sent) == taken + 1


@pytest.mark.parametrize("fault", ["expired", "wrong_host", "unknown_ca", "refused", "reset"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_broken_tls_sends_nothing(shop: LocalSes, fault: str, wrapped: bool) -> None:
    shop.chaos.break_tls(fault)
    with pytest.raises((aiosmtplib.SMTPException, OSError)):
        run(aiosmtplib.send(message(), **options(shop, wrapped=wrapped)))

    assert shop.sent == ()
    assert [mishap.trouble.fault for mishap in shop.chaos.happened] == [fault]


def test_a_late_reply_is_a_time_out(shop: LocalSes) -> None:
    async def send() -> None:
        smtp = aiosmtplib.SMTP(**{**options(shop), "timeout": 0.2})
        await smtp.connect()
        transport = smtp.transport
        assert isinstance(transport, asyncio.Transport)
        with pytest.raises(aiosmtplib.SMTPTimeoutError):
            await smtp.send_message(message())
        transport.abort()  # TLS would wait for a goodbye, and the door does not read while its reply is late

    shop.chaos.slow(60)
    run(send())

    assert len(shop.sent) == 1, "taken, and the client does not know"
