"""One mail, however it goes to SES, is one mail: by either client, either API, raw or simple, and by SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings

from sesmail import Alternative, Attachment, Email, Envelope, Outgoing, SendResult, SesOptions, Unsubscribe, mime
from sesmail.errors import Unsupported
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.local.ledger import SentMail
from sesmail.local.smtp.options import SmtpOptions
from sesmail.ses.credentials import Credentials
from sesmail.transports import SesSmtpTransport, SesTransport, Transport
from tests.strategies import mails

KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
REGION = "us-east-1"


def _by_api(**settings: Any) -> Callable[[LocalSes], Transport]:
    return lambda ses: SesTransport(REGION, credentials=KEYS, endpoint_url=ses.url, **settings)


def _by_smtp(*, implicit: bool) -> Callable[[LocalSes], Transport]:
    def make(ses: LocalSes) -> Transport:
        access = ses.smtp
        return SesSmtpTransport(
            REGION,
            user=access.user,
            password=access.password,
            host=access.host,
            port=access.tls_port if implicit else access.port,
            tls="implicit" if implicit else "starttls",
            ca_file=access.ca_file,
        )

    return make


WAYS: Mapping[str, Callable[[LocalSes], Transport]] = {
    "raw v2, boto3": _by_api(client="boto3"),
    "raw v2, direct": _by_api(client="direct"),
    "raw v1, boto3": _by_api(client="boto3", api="v1"),
    "raw v1, direct": _by_api(client="direct", api="v1"),
    "simple v2, boto3": _by_api(client="boto3", content="simple"),
    "simple v2, direct": _by_api(client="direct", content="simple"),
    "simple v1, boto3": _by_api(client="boto3", api="v1", content="simple"),
    "simple v1, direct": _by_api(client="direct", api="v1", content="simple"),
    "SMTP, STARTTLS": _by_smtp(implicit=False),
    "SMTP, TLS": _by_smtp(implicit=True),
}
RAW = "raw v2, direct"


@pytest.fixture(scope="module")
def ses() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, quota=-1, rate=1e9, smtp=SmtpOptions(pipelining=True)) as ses:
        ses.identity("example.com").verify()
        import boto3

        boto = boto3.client("sesv2", **ses.client_options)
        boto.create_configuration_set(ConfigurationSetName="main")
        boto.create_contact_list(ContactListName="news")
        boto.create_tenant(TenantName="acme")
        for resource in ("configuration-set/main", "identity/example.com"):
            boto.create_tenant_resource_association(
                TenantName="acme", ResourceArn=f"arn:aws:ses:{REGION}:123456789012:{resource}"
            )
        boto.close()
        yield ses


@pytest.fixture(scope="module")
def ways(ses: LocalSes) -> Iterator[Mapping[str, Transport]]:
    made = {name: make(ses) for name, make in WAYS.items()}
    yield made
    for way in made.values():
        way.close()


SHOP = ("Müllers, Teeladen", "shop@example.com")
MAILS: Mapping[str, dict[str, Any]] = {
    "plain": {"subject": "Hello", "text": "Hello Ada\n.\n..\nFrom me\n"},
    "everything that simple takes": {
        "to": ["Ada <ada@example.org>", ("Zoë, née X", "zoe@bücher.example")],
        "cc": "bob@example.org",
        "bcc": ["eve@example.org", "archive@example.com"],
        "reply_to": [("Hilfe, bitte", "help@example.com"), "more@example.com"],
        "subject": "Ihre Bestellung № 42 🍵, ein langer Betreff, der auf keine Zeile passt, wie man ihn auch wendet",
        "text": "Grüße\n" * 100,
        "html": "<p>Grüße" * 300,
        "attachments": [
            Attachment("logo.png", bytes(range(256)), inline=True, content_id="logo@example.com"),
            Attachment("Übersicht.csv", "tea,grams\nSencha,100\n"),
            Attachment("a.bin", b"\r\n.\r\n" * 3000),
        ],
        "headers": {"X-Shop": "Tee & mehr, für alle"},
        "tags": {"campaign": "spring", "kind": "order"},
        "metadata": {"order": 42, "name": "Löwe"},
        "in_reply_to": "<1@example.com>",
        "references": [f"<{number}@example.com>" for number in range(20)],
        "unsubscribe": Unsubscribe("https://example.com/u/4711", mailto="leave@example.com"),
        "priority": "high",
        "auto_submitted": "auto-generated",
        "bulk": True,
        "ses": SesOptions(configuration_set="main"),
    },
    "for a tenant": {"text": "Hello", "ses": SesOptions(tenant="acme", configuration_set="main")},
    "an invitation": {"text": "Come", "alternatives": Alternative.calendar("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")},
    "a mail in a mail": {"attachments": [Attachment("inner.eml", b"Subject: inner\r\n\r\nHello\r\n")]},
    "blind copies only": {"to": (), "bcc": ["a@example.org", "b@example.org"], "text": "Hello"},
    "html only": {"html": "<h1>Hello</h1>"},
    "nothing": {},
}


def outgoing(**fields: Any) -> Outgoing:
    email = Email(**{"sender": SHOP, "to": "ada@example.org", **fields})
    return Outgoing(email, Envelope.of(email), mime.write(email), email.ses)


def seen(sent: SentMail) -> Mapping[str, object]:
    """What a recipient and the ledger see of a mail, but for its id and its time."""
    email = sent.email
    # SES writes a simple mail with its own hand; whose nesting need not be ours.
    fields = {name: getattr(email, name) for name in Email.__slots__ if name not in ("date", "message_id")}
    fields["attachments"] = {(one.name, one.content_type, one.content_id, one.data) for one in email.attachments}
    recipients = {name: set(getattr(sent, name)) for name in ("to", "cc", "bcc")}
    return {
        **fields,
        **{f"envelope {name}": addresses for name, addresses in recipients.items()},
        "return path": sent.return_path,
        "from": email.sender,
        "configuration set": sent.configuration_set,
        "own tags": {name: value for name, value in sent.tags.items() if not name.startswith("ses:")},
    }


def by_every_way(ses: LocalSes, ways: Mapping[str, Transport], mail: Outgoing) -> Mapping[str, Mapping[str, object]]:
    arrived = {}
    for name, way in ways.items():
        ses.forget()
        try:
            results = [way.send(mail), asyncio.run(_once(way, mail))]
        except Unsupported:
            assert name.startswith(("simple", "raw v1")), name
            continue
        assert [set(result.by_recipient) for result in results] == [set(results[0].by_recipient)] * 2
        assert [result.message_id for result in results] == [sent.message_id for sent in ses.sent]
        one, other = map(seen, ses.sent)
        assert one == other, "both colours"
        arrived[name] = one
    return arrived


async def _once(way: Transport, mail: Outgoing) -> SendResult:
    return await way.asend(mail)


@pytest.mark.parametrize("name", MAILS)
def test_one_mail_by_every_way(ses: LocalSes, ways: Mapping[str, Transport], name: str) -> None:
    arrived = by_every_way(ses, ways, outgoing(**MAILS[name]))

    for way, mail in arrived.items():
        assert mail == arrived[RAW], way
    assert {"raw v2, boto3", RAW, "SMTP, STARTTLS", "SMTP, TLS"} <= arrived.keys()
    if name in ("plain", "html only", "nothing", "blind copies only"):
        assert arrived.keys() == WAYS.keys()
    if name == "everything that simple takes":
        assert len(arrived) == len(WAYS) - 2, "v1 has bodies only"


def test_an_envelope_of_its_own_by_every_way(ses: LocalSes, ways: Mapping[str, Transport]) -> None:
    mail = outgoing(text="Hello")
    redirected = Envelope(mail.email.to[0].__class__("bounces@example.com"), (mail.email.to[0],))
    arrived = by_every_way(ses, ways, Outgoing(mail.email, redirected, mail.content, mail.ses))

    assert {mail["return path"] for mail in arrived.values()} == {"bounces@example.com"}
    assert arrived.keys() == WAYS.keys()


@settings(max_examples=max(10, settings().max_examples // 10))  # each is twenty sends
@given(mail=mails)
def test_any_mail_by_every_way(ses: LocalSes, ways: Mapping[str, Transport], mail: Email) -> None:
    # Files without an ending that SES blocks, and headers once: what a mailer would have held it to.
    mail = mail.replace(sender=SHOP, attachments=(), headers=(), unsubscribe=None)
    # Quotes before the @ SES refuses by any way.
    people = {name: [one for one in getattr(mail, name) if '"' not in one.email] for name in ("to", "cc", "reply_to")}
    mail = mail.replace(to=people["to"], cc=people["cc"], reply_to=people["reply_to"])
    arrived = by_every_way(ses, ways, Outgoing(mail, Envelope.of(mail), mime.write(mail), mail.ses))

    for way, one in arrived.items():
        assert one == arrived[RAW], way
