"""boto3 sends: simple and raw, by both APIs, and the ledger holds what a recipient would get."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from sesmail.local import LocalSes

from .boto import Client
from .conftest import NOW, SENDER

ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"
PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(range(256))
MESSAGE_ID = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-000000")


def simple(**more: object) -> dict[str, object]:
    content = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}, **more}
    return {"Simple": content}


def raw(*lines: str) -> dict[str, object]:
    return {"Raw": {"Data": "\r\n".join(lines).encode()}}


# ── simple ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_simple_mail_of_v2_has_everything(shop: LocalSes, v2: Client) -> None:
    answer = v2.send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": [f"Ada L <{ADA}>"], "CcAddresses": [BOB], "BccAddresses": [EVE]},
        ReplyToAddresses=["help@shop.example", "Desk <desk@shop.example>"],
        FeedbackForwardingEmailAddress="bounces@shop.example",
        EmailTags=[{"Name": "campaign", "Value": "spring"}],
        Content={
            "Simple": {
                "Subject": {"Data": "Grüße № 42", "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": "Schöne Grüße\r\n", "Charset": "UTF-8"},
                    "Html": {"Data": "<p>Schöne <b>Grüße</b> <img src='cid:logo'></p>", "Charset": "ISO-8859-1"},
                },
                "Headers": [{"Name": "X-Order", "Value": "42"}, {"Name": "List-Unsubscribe", "Value": "<https://x>"}],
                "Attachments": [
                    {
                        "FileName": "logo.png",
                        "RawContent": PNG,
                        "ContentType": "image/png",
                        "ContentDisposition": "INLINE",
                        "ContentId": "logo",
                        "ContentTransferEncoding": "BASE64",
                    },
                    {
                        "FileName": "Übersicht.csv",
                        "RawContent": "größe;1\r\n".encode(),
                        "ContentType": "text/csv",
                        "ContentDescription": "Überblick",
                        "ContentTransferEncoding": "QUOTED_PRINTABLE",
                    },
                ],
            }
        },
    )

    (mail,) = shop.sent
    assert MESSAGE_ID.fullmatch(answer["MessageId"])
    assert (mail.message_id, mail.service, mail.operation) == (answer["MessageId"], "sesv2", "SendEmail")
    assert (mail.sender, mail.return_path) == (SENDER, "bounces@shop.example")
    assert (mail.to, mail.cc, mail.bcc) == ((ADA,), (BOB,), (EVE,))
    assert (mail.tags, mail.at) == ({"campaign": "spring"}, NOW)
    email = mail.email
    assert (str(email.sender), email.subject) == (SENDER, "Grüße № 42")
    assert [(one.name, one.email) for one in (*email.to, *email.cc, *email.bcc)] == [("Ada L", ADA), ("", BOB)]
    assert [one.email for one in email.reply_to] == ["help@shop.example", "desk@shop.example"]
    assert email.text is not None
    assert email.text.splitlines() == ["Schöne Grüße"]
    assert email.html == "<p>Schöne <b>Grüße</b> <img src='cid:logo'></p>"
    logo, table = email.attachments
    assert (logo.name, logo.content_type, logo.inline, logo.content_id) == ("logo.png", "image/png", True, "logo")
    assert logo.data == PNG
    assert (table.name, table.content_type, table.inline) == ("Übersicht.csv", "text/csv", False)
    assert table.data.splitlines() == ["größe;1".encode()]
    assert dict(email.headers)["X-Order"] == "42"
    assert EVE.encode() not in mail.raw


def test_a_simple_mail_of_v1_has_everything(shop: LocalSes, v1: Client) -> None:
    answer = v1.send_email(
        Source=SENDER,
        Destination={"ToAddresses": [ADA], "CcAddresses": [BOB], "BccAddresses": [EVE]},
        ReplyToAddresses=["help@shop.example"],
        ReturnPath="bounces@shop.example",
        Tags=[{"Name": "campaign", "Value": "spring"}],
        Message={
            "Subject": {"Data": "Grüße", "Charset": "UTF-8"},
            "Body": {
                "Text": {"Data": "a=b&c+d%41 größer\n", "Charset": "UTF-8"},
                "Html": {"Data": "<p>1 &lt; 2</p>"},
            },
        },
    )

    (mail,) = shop.sent
    assert (mail.message_id, mail.service) == (answer["MessageId"], "ses")
    assert (mail.to, mail.cc, mail.bcc) == ((ADA,), (BOB,), (EVE,))
    assert (mail.return_path, mail.tags) == ("bounces@shop.example", {"campaign": "spring"})
    assert mail.email.subject == "Grüße"
    assert mail.email.text is not None
    assert mail.email.text.rstrip() == "a=b&c+d%41 größer"
    assert mail.email.html == "<p>1 &lt; 2</p>"
    assert [one.email for one in mail.email.reply_to] == ["help@shop.example"]
    assert EVE.encode() not in mail.raw


@pytest.mark.parametrize("kind", ["ToAddresses", "CcAddresses", "BccAddresses"])
def test_one_recipient_of_any_kind_is_enough(shop: LocalSes, v1: Client, v2: Client, kind: str) -> None:
    v2.send_email(FromEmailAddress=SENDER, Destination={kind: [ADA]}, Content=simple())
    v1.send_email(Source=SENDER, Destination={kind: [ADA]}, Message=simple()["Simple"])

    assert [mail.recipients for mail in shop.sent] == [(ADA,), (ADA,)]
    assert [b"To:" in mail.raw for mail in shop.sent] == [kind == "ToAddresses"] * 2


def test_a_body_may_be_empty(shop: LocalSes, v2: Client) -> None:
    v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [ADA]}, Content=simple(Body={}))

    assert shop.sent[-1].email.subject == "Hello"
    assert not (shop.sent[-1].email.text or "").strip()


def test_fifty_recipients_are_not_too_many(shop: LocalSes, v2: Client) -> None:
    everybody = [f"{n}@example.org" for n in range(50)]
    to = {"ToAddresses": everybody[:20], "CcAddresses": everybody[20:40], "BccAddresses": everybody[40:]}
    v2.send_email(FromEmailAddress=SENDER, Destination=to, Content=simple())

    assert shop.sent[-1].recipients == tuple(everybody)
    assert v2.get_account()["SendQuota"]["SentLast24Hours"] == 50.0


# ── raw ──────────────────────────────────────────────────────────────────────────────────────────────────────────

RAW = (
    f"From: {SENDER}",
    f"To: Ada <{ADA}>, {BOB}",
    f"Bcc: {EVE}",
    "Subject: =?utf-8?b?R3LDvMOfZQ==?=",
    "Date: Thu, 1 Jan 1970 00:00:00 +0000",
    "Message-ID: <mine@shop.example>",
    "Return-Path: <bounces@shop.example>",
    "X-SES-MESSAGE-TAGS: campaign=spring, size=big",
    "X-Order: 42",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    "SGFsbMO2Cg==",
    "",
)


@pytest.mark.parametrize("service", ["ses", "sesv2"])
def test_a_raw_mail_says_itself_who_it_is_for(shop: LocalSes, v1: Client, v2: Client, service: str) -> None:
    asked = raw(*RAW)
    answer = v1.send_raw_email(RawMessage=asked["Raw"]) if service == "ses" else v2.send_email(Content=asked)

    (mail,) = shop.sent
    delivered = message_from_bytes(mail.raw)
    assert mail.message_id == answer["MessageId"]
    assert (mail.to, mail.cc, mail.bcc) == ((ADA, BOB), (), (EVE,))
    assert (mail.sender, mail.return_path) == (SENDER, "bounces@shop.example")
    assert mail.tags == {"campaign": "spring", "size": "big"}
    assert mail.email.subject == "Grüße"
    assert mail.email.text == "Hallö\n"
    assert delivered["X-Order"] == "42"
    assert delivered["Message-ID"] == f"<{mail.message_id}@email.amazonses.com>"
    assert mail.email.date == datetime.fromtimestamp(NOW, UTC)
    assert not {"bcc", "x-ses-message-tags"} & {name.lower() for name in delivered}


def test_parameters_of_v2_come_before_headers(shop: LocalSes, v2: Client) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    v2.send_email(
        FromEmailAddress="Other <other@shop.example>",
        Destination={"ToAddresses": ["x@example.net"], "BccAddresses": ["y@example.net"]},
        ReplyToAddresses=["help@shop.example"],
        FeedbackForwardingEmailAddress="feedback@shop.example",
        ConfigurationSetName="main",
        EmailTags=[{"Name": "only", "Value": "this"}],
        Content=raw("Reply-To: nobody@example.org", "X-SES-CONFIGURATION-SET: missing", *RAW),
    )

    (mail,) = shop.sent
    assert (mail.sender, mail.return_path) == ("Other <other@shop.example>", "feedback@shop.example")
    assert (mail.to, mail.cc, mail.bcc) == (("x@example.net",), (), ("y@example.net",))
    assert (mail.configuration_set, mail.tags) == ("main", {"only": "this"})
    assert [one.email for one in mail.email.to] == [ADA, BOB]  # what it shows, not where it goes
    assert [one.email for one in mail.email.reply_to] == ["help@shop.example"]


def test_parameters_of_v1_come_before_headers(shop: LocalSes, v1: Client) -> None:
    v1.create_configuration_set(ConfigurationSet={"Name": "main"})
    v1.send_raw_email(
        Source="feedback@shop.example",
        Destinations=["x@example.net"],
        ConfigurationSetName="main",
        Tags=[{"Name": "only", "Value": "this"}],
        RawMessage=raw(*RAW)["Raw"],
    )

    (mail,) = shop.sent
    assert (mail.sender, mail.return_path) == (SENDER, "feedback@shop.example")
    assert mail.recipients == ("x@example.net",)
    assert (mail.configuration_set, mail.tags) == ("main", {"only": "this"})


def test_a_header_names_the_configuration_set(shop: LocalSes, v1: Client, v2: Client) -> None:
    v1.create_configuration_set(ConfigurationSet={"Name": "main"})
    v2.send_email(Content=raw("X-SES-CONFIGURATION-SET: main", *RAW))

    assert shop.sent[-1].configuration_set == "main"
    assert b"X-SES" not in shop.sent[-1].raw


def test_any_bytes_travel(shop: LocalSes, v1: Client, v2: Client) -> None:
    head = f"From: {SENDER}\nTo: {ADA}\nSubject: x\nContent-Transfer-Encoding: 8bit\n\n".encode()
    body = bytes(set(range(256)) - {10, 13}) + b"\xff\xfe+/=%&\n"
    v1.send_raw_email(RawMessage={"Data": head + body})
    v2.send_email(Content={"Raw": {"Data": head + body}})

    for mail in shop.sent:
        assert mail.raw.partition(b"\r\n\r\n")[2] == body.replace(b"\n", b"\r\n")


def test_v2_takes_what_is_too_large_for_v1(shop: LocalSes, v2: Client) -> None:
    large = b"\r\n".join([*(line.encode() for line in RAW[:-2]), *([b"x" * 998] * 11_000)])
    v2.send_email(Content={"Raw": {"Data": large}})

    assert len(shop.sent[-1].raw) > 10 * 2**20


# ── what becomes of it ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_simulator_plays_every_fate(ses: LocalSes, v2: Client) -> None:
    ses.identity("orders@shop.example").verify()
    fates = {
        "success": "Delivery",
        "bounce": "Bounce",
        "complaint": "Complaint",
        "ooto": "Delivery",
        "suppressionlist": "Bounce",
        "success+label": "Delivery",
    }
    to = [f"{name}@simulator.amazonses.com" for name in fates]
    v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": to}, Content=simple())

    assert ses.sent[-1].fates == dict(zip(to, fates.values(), strict=True))
    assert [event.kind for event in ses.events] == ["Send", "Delivery", "Bounce", "Complaint", "Bounce"]


def test_a_client_in_many_threads_gets_as_many_ids(shop: LocalSes, v2: Client) -> None:
    def send(n: int) -> str:
        to = {"ToAddresses": [f"{n}@example.org"]}
        return str(v2.send_email(FromEmailAddress=SENDER, Destination=to, Content=simple())["MessageId"])

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(send, range(100)))

    assert len({*ids}) == 100
    assert {mail.message_id: mail.to[0] for mail in shop.sent} == {ids[n]: f"{n}@example.org" for n in range(100)}
