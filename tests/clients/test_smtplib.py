"""smtplib of the standard library, and one mail by all five ways: what SES takes is the same however it comes."""

from __future__ import annotations

import dataclasses
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest

from sesmail import Email, Envelope, mime
from sesmail.local import BoxClock, LocalSes
from sesmail.local.ledger import SentMail
from sesmail.local.trouble import Trouble

from .boto import Client
from .conftest import NOW, SENDER, SHOP

FROM = f"orders@{SHOP}"
ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"
MAIL = f"From: {SENDER}\r\nTo: {ADA}\r\nSubject: Hello\r\n\r\nHello Ada\r\n"


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(clock=BoxClock(at=NOW), smtp=True) as ses:
        yield ses


@contextmanager
def connected(ses: LocalSes, *, login: bool = True) -> Iterator[smtplib.SMTP]:
    """By STARTTLS."""
    client = smtplib.SMTP(ses.smtp.host, ses.smtp.port, timeout=20)
    try:
        client.starttls(context=ses.smtp.ssl_context())
        if login:
            client.login(ses.smtp.user, ses.smtp.password)
        yield client
    finally:
        client.close()


# ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_is_sent_with_everything(shop: LocalSes) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Cc"], message["Bcc"] = SENDER, f"Ada <{ADA}>", BOB, EVE
    message["Subject"] = "Grüße № 42"
    message["X-SES-MESSAGE-TAGS"] = "campaign=spring"
    message.set_content("Schöne Grüße\n.\n..\n")
    message.add_attachment(bytes(range(256)), maintype="image", subtype="png", filename="Übersicht.png")
    with connected(shop) as client:
        refused = client.send_message(message)
        code, text = client.noop()

    (sent,) = shop.sent
    assert (refused, code, text) == ({}, 250, b"Ok")
    assert (sent.to, sent.cc, sent.bcc) == ((ADA,), (BOB,), (EVE,))
    assert (sent.subject, sent.email.text) == ("Grüße № 42", "Schöne Grüße\n.\n..\n")
    assert [(file.name, file.data) for file in sent.email.attachments] == [("Übersicht.png", bytes(range(256)))]
    assert dict(sent.tags) == {"campaign": "spring"}
    assert EVE.encode() not in sent.raw


def test_a_mail_of_ours_arrives_as_it_was_written(shop: LocalSes) -> None:
    mail = Email(
        sender=SENDER, to=ADA, bcc=EVE, subject="Grüße", text=".\n..\nSchön\n" * 50, attachments={"a.bin": b"\r\n.\r\n"}
    )
    content, envelope = mime.write(mail), Envelope.of(mail)
    with connected(shop) as client:
        client.sendmail(FROM, [one.email for one in envelope.recipients], content.to_bytes())

    (sent,) = shop.sent
    assert sent.recipients == (ADA, EVE)
    assert sent.raw.partition(b"\r\n\r\n")[2] == content.to_bytes().partition(b"\r\n\r\n")[2]


def test_the_reply_to_a_mail_is_its_id(shop: LocalSes) -> None:
    with connected(shop) as client:
        client.mail(FROM)
        client.rcpt(ADA)
        code, text = client.data(MAIL)

    assert (code, text.decode()) == (250, f"Ok {shop.sent[0].message_id}")


def test_many_mails_go_by_one_connection_over_tls_from_the_first_byte(shop: LocalSes) -> None:
    context = ssl.create_default_context(cafile=shop.smtp.ca_file)
    with smtplib.SMTP_SSL(shop.smtp.host, shop.smtp.tls_port, context=context, timeout=20) as client:
        client.login(shop.smtp.user, shop.smtp.password)
        for _ in range(20):
            client.sendmail(FROM, [ADA], MAIL)

    assert len(shop.sent) == 20


@pytest.mark.parametrize("initial", [True, False])
@pytest.mark.parametrize("mechanism", ["plain", "login"])
def test_both_logins_work(shop: LocalSes, mechanism: str, initial: bool) -> None:
    with connected(shop, login=False) as client:
        client.ehlo()
        client.user, client.password = shop.smtp.user, shop.smtp.password
        answer = client.auth(mechanism, getattr(client, f"auth_{mechanism}"), initial_response_ok=initial)

    assert answer == (235, b"Authentication successful")


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_password_is_refused(shop: LocalSes) -> None:
    with connected(shop, login=False) as client, pytest.raises(smtplib.SMTPAuthenticationError) as caught:
        client.login(shop.smtp.user, shop.client_options["aws_secret_access_key"])

    assert (caught.value.smtp_code, caught.value.smtp_error) == (535, b"Authentication Credentials Invalid")


def test_without_tls_nothing_is_sent(shop: LocalSes) -> None:
    with smtplib.SMTP(shop.smtp.host, shop.smtp.port, timeout=20) as client:
        with pytest.raises(smtplib.SMTPSenderRefused) as caught:
            client.sendmail(FROM, [ADA], MAIL)
        with pytest.raises(smtplib.SMTPAuthenticationError, match="STARTTLS"):
            client.login(shop.smtp.user, shop.smtp.password)

    assert (caught.value.smtp_code, caught.value.smtp_error) == (530, b"Must issue a STARTTLS command first")


def test_without_a_login_nothing_is_sent(shop: LocalSes) -> None:
    with connected(shop, login=False) as client, pytest.raises(smtplib.SMTPSenderRefused) as caught:
        client.sendmail(FROM, [ADA], MAIL)

    assert (caught.value.smtp_code, caught.value.smtp_error) == (530, b"Authentication required")


def test_of_some_recipients_the_bad_ones_are_refused(shop: LocalSes) -> None:
    with connected(shop) as client:
        refused = client.sendmail(FROM, [ADA, "nobody", "a@b..example"], MAIL)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(FROM, ["nobody"], MAIL)

    assert refused == {
        "nobody": (553, b"<nobody> address unknown"),
        "a@b..example": (553, b"<a@b..example> address unknown"),
    }
    assert [mail.recipients for mail in shop.sent] == [(ADA,)]


def test_a_mail_of_who_is_not_verified_is_rejected(ses: LocalSes) -> None:
    with connected(ses) as client, pytest.raises(smtplib.SMTPDataError) as caught:
        client.sendmail(FROM, [ADA], MAIL)

    assert caught.value.smtp_code == 554
    assert f"in region US-EAST-1: {SENDER}, {FROM}, {ADA}'" in str(caught.value)


def test_a_mail_that_is_too_large_is_refused_by_its_size(shop: LocalSes) -> None:
    with connected(shop) as client, pytest.raises(smtplib.SMTPSenderRefused) as caught:
        client.sendmail(FROM, [ADA], MAIL + "x" * 76 * 600_000)

    assert (caught.value.smtp_code, caught.value.smtp_error) == (552, b"Message is too long.")


def test_a_rate_that_is_exceeded_and_a_quota_that_is_used_up_are_told(shop: LocalSes) -> None:
    shop.account.rate, shop.account.quota = 1, 2
    with connected(shop) as client:
        client.sendmail(FROM, [ADA], MAIL)
        with pytest.raises(smtplib.SMTPDataError, match=r"454.*Throttling failure: Maximum sending rate exceeded"):
            client.sendmail(FROM, [ADA], MAIL)
        shop.clock.advance(1)
        client.sendmail(FROM, [ADA], MAIL)
        with pytest.raises(smtplib.SMTPDataError, match=r"454.*Throttling failure: Daily message quota exceeded"):
            client.sendmail(FROM, [ADA], MAIL)
        shop.clock.advance(hours=24)
        client.sendmail(FROM, [ADA], MAIL)

    assert len(shop.sent) == 3


# ── what goes wrong on purpose ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("step", "code", "error"),
    [
        ("connect", 421, smtplib.SMTPConnectError),
        ("starttls", 421, smtplib.SMTPResponseException),
        ("auth", 421, smtplib.SMTPServerDisconnected),  # it tries the other login at once
        ("mail", 421, smtplib.SMTPSenderRefused),
        ("rcpt", 421, smtplib.SMTPRecipientsRefused),
        ("rcpt", 450, smtplib.SMTPRecipientsRefused),
        ("data", 421, smtplib.SMTPDataError),
        ("data", 451, smtplib.SMTPDataError),
        ("message", 421, smtplib.SMTPDataError),
        ("message", 554, smtplib.SMTPDataError),
    ],
)
def test_a_reply_on_purpose_is_heard_at_its_step(shop: LocalSes, step: str, code: int, error: type[Exception]) -> None:
    shop.chaos.reply(code, on=step)
    with pytest.raises(error, match=rf"{code}|closed"):
        _send(shop)

    assert shop.sent == ()
    _send(shop)
    assert len(shop.sent) == 1


def _send(ses: LocalSes) -> None:
    with connected(ses) as client:
        client.sendmail(FROM, [ADA], MAIL)


@pytest.mark.parametrize("step", ["connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "message"])
@pytest.mark.parametrize("trouble", ["reset", "cut_answer", "garbage"])
def test_a_connection_may_break_at_every_step(shop: LocalSes, step: str, trouble: str) -> None:
    shop.chaos.arm(Trouble.of(trouble, on=step))
    try:
        _send(shop)
    except (smtplib.SMTPException, OSError):
        is_told = False
    else:
        is_told = True

    assert shop.chaos.happened
    # To noise behind AUTH smtplib says AUTH once more, and takes it that it is logged in already.
    assert is_told == ((step, trouble) == ("auth", "garbage"))
    assert len(shop.sent) == (step == "message" or is_told), "taken, and the client does not know"
    _send(shop)


# ── one mail by all five ways ────────────────────────────────────────────────────────────────────────────────────

PEOPLE: dict[str, Any] = {"ToAddresses": [ADA], "CcAddresses": [BOB], "BccAddresses": [EVE]}
SUBJECT, TEXT, HTML = {"Data": "Hello"}, {"Data": "Hello Ada\r\n"}, {"Data": "<p>Hello Ada</p>\r\n"}
BOUNCES = f"bounces@{SHOP}"


def test_a_mail_is_the_same_by_all_ways(shop: LocalSes, v1: Client, v2: Client) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    tags = [{"Name": "campaign", "Value": "spring"}]
    by_v2 = {"ConfigurationSetName": "main", "EmailTags": tags, "FeedbackForwardingEmailAddress": BOUNCES}
    by_v1 = {"ConfigurationSetName": "main", "Tags": tags}
    content = {"Subject": SUBJECT, "Body": {"Text": TEXT, "Html": HTML}}
    v2.send_email(FromEmailAddress=SENDER, Destination=PEOPLE, Content={"Simple": content}, **by_v2)
    raw = _as_written(shop.sent[0])
    v2.send_email(Content={"Raw": {"Data": raw}}, Destination=PEOPLE, **by_v2)
    v1.send_email(Source=SENDER, Destination=PEOPLE, Message=content, ReturnPath=BOUNCES, **by_v1)
    v1.send_raw_email(RawMessage={"Data": raw}, Source=BOUNCES, Destinations=[ADA, BOB, EVE], **by_v1)
    asked = b"X-SES-CONFIGURATION-SET: main\r\nX-SES-MESSAGE-TAGS: campaign=spring\r\n"
    with connected(shop) as client:
        client.sendmail(BOUNCES, [ADA, BOB, EVE], asked + raw)

    entries = [_comparable(mail) for mail in shop.sent]
    assert [(mail.service, mail.operation) for mail in shop.sent] == [
        ("sesv2", "SendEmail"),
        ("sesv2", "SendEmail"),
        ("ses", "SendEmail"),
        ("ses", "SendRawEmail"),
        ("smtp", "SendRawEmail"),
    ]
    assert len(entries) == 5
    for entry in entries[1:]:
        assert entry == entries[0]
    assert entries[0]["bcc"] == (EVE,)
    told = [
        [(event.kind, event.recipients, event.takers) for event in shop.events if event.mail is mail]
        for mail in shop.sent
    ]
    assert told == told[:1] * 5


def _as_written(mail: SentMail) -> bytes:
    """Without what SES writes on top of a mail."""
    head, _, body = mail.raw.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.startswith((b"Return-Path:", b"Message-ID:", b"Date:"))]
    return b"\r\n".join((*kept, b"", body))


def _comparable(mail: SentMail) -> dict[str, object]:
    fields = {field.name: getattr(mail, field.name) for field in dataclasses.fields(mail)}
    for name in ("number", "message_id", "at", "service", "operation"):
        del fields[name]
    raw = mail.raw.replace(mail.message_id.encode(), b"ID")
    # Whoever writes a simple mail draws its boundary.
    found = re.search(rb'boundary="([^"]+)"', raw)
    assert found
    return {**fields, "raw": raw.replace(found[1], b"BOUNDARY")}
