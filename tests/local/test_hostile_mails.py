"""Whatever comes as a mail is taken or refused: never an error of our own, and what is taken reaches somebody whole."""

from __future__ import annotations

import email.policy
from email import message_from_bytes
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.faults import Fault
from tests.local.asking import ask, box, request, send_raw

BOX = box()
FRAGMENTS = (
    "From: ada@example.com",
    "From: ",
    "To: ada@example.org",
    "To: Ada <ada@example.org>, bob@example.org",
    "Bcc: eve@example.org",
    "Return-Path: <>",
    "Sender: ada@example.com",
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Type: message/rfc822",
    "Content-Type: text/plain; charset=nothing; name*=utf-8''a%ff.exe",
    'Content-Disposition: attachment; filename="a.exe',
    "Content-Transfer-Encoding: base64",
    "X-SES-MESSAGE-TAGS: a=b, c, =d,",
    "X-SES-CONFIGURATION-SET: ",
    "X-SES-SOURCE-ARN: arn:aws:ses:eu-west-1:123456789012:identity/x.example",
    " folded",
    "\tfolded",
    ":",
    "--b",
    "--b--",
    "",
    "=?utf-8?q?=ff?=",
)
lines = st.sampled_from(FRAGMENTS) | st.text(max_size=20)
raws = st.lists(lines, max_size=12).map("\r\n".join) | st.lists(lines, max_size=12).map("\n".join)
texts = st.text(max_size=20) | st.sampled_from(["a\r\nX: y", '"', "a;b", "=?utf-8?q?a?=", "é" * 20, "\ud7ff", "<a>"])


@given(raws.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=60))
def test_any_bytes_are_taken_or_refused(data: bytes) -> None:
    for operation, service, params in (
        ("SendEmail", "sesv2", {"Content": {"Raw": {"Data": data}}}),
        ("SendRawEmail", "ses", {"RawMessage": {"Data": data}, "Destinations": ["ada@example.org"]}),
    ):
        _taken(operation, service, params)


contents = st.fixed_dictionaries(
    {"Data": st.text(max_size=40) | st.just("a" * 2000) | st.just("a\r\n.\r\nb")},
    optional={"Charset": st.sampled_from(["UTF-8", "ISO-8859-1", "us-ascii", "utf-16", "nothing", "idna", "hex", ""])},
)
files = st.fixed_dictionaries(
    {"FileName": texts, "RawContent": st.binary(max_size=40)},
    optional={
        "ContentType": st.sampled_from(["text/plain", "message/rfc822", "multipart/mixed", "a/b; c=d", "/"]) | texts,
        "ContentId": texts,
        "ContentDescription": texts,
        "ContentDisposition": st.sampled_from(["ATTACHMENT", "INLINE"]),
        "ContentTransferEncoding": st.sampled_from(["SEVEN_BIT", "BASE64", "QUOTED_PRINTABLE"]),
    },
)
simple_mails = st.fixed_dictionaries(
    {
        "Subject": contents,
        "Body": st.fixed_dictionaries({}, optional={"Text": contents, "Html": contents}),
        "Attachments": st.lists(files, max_size=2),
        "Headers": st.lists(st.fixed_dictionaries({"Name": texts, "Value": texts}), max_size=2),
    }
)


@given(simple_mails)
def test_any_simple_mail_is_taken_or_refused(content: dict[str, Any]) -> None:
    whom = {"FromEmailAddress": "ada@example.com", "Destination": {"ToAddresses": ["ada@example.org"]}}
    if not _taken("SendEmail", "sesv2", {"Content": {"Simple": content}, **whom}):
        return

    head, _, _ = list(BOX.ledger)[-1].raw.partition(b"\r\n\r\n")
    allowed = {"return-path", "message-id", "date", "from", "to", "subject", "mime-version"}
    allowed |= {header["Name"].lower() for header in content["Headers"]}
    names = {line.split(b":")[0].decode().lower() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")}
    assert {name for name in names if not name.startswith("content-")} <= allowed


@given(files)
def test_a_file_that_is_taken_comes_out_whole(file: dict[str, Any]) -> None:
    content = {"Subject": {"Data": "a"}, "Body": {"Text": {"Data": "b"}}, "Attachments": [file]}
    whom = {"FromEmailAddress": "ada@example.com", "Destination": {"ToAddresses": ["ada@example.org"]}}
    if not _taken("SendEmail", "sesv2", {"Content": {"Simple": content}, **whom}):
        return

    mail = message_from_bytes(list(BOX.ledger)[-1].raw, policy=email.policy.compat32)
    parts: Any = mail.get_payload()
    assert [part.get_content_disposition() for part in parts] == [
        None,
        file.get("ContentDisposition", "ATTACHMENT").lower(),
    ]
    if parts[1].get_content_maintype() not in ("multipart", "message"):  # the parser would take those apart
        taken = parts[1].get_payload(decode=True)
        assert taken == file["RawContent"] or with_crlf(taken) == with_crlf(file["RawContent"])


def with_crlf(data: bytes) -> bytes:
    """Line ends of text may change on their way."""
    return b"\r\n".join(data.splitlines())


def test_a_mail_that_no_email_can_hold_is_told_all_the_same() -> None:
    """Two authors, and a subject of a control character: one such mail must not hide the others."""
    asked = box()
    send_raw(
        asked, b"From: a@example.com, b@example.com\r\nTo: c@example.org\r\nSubject: =?utf-8?q?=C2=80?=\r\n\r\nHi\r\n"
    )
    send_raw(asked, b"From: a@example.com\r\nTo: c@example.org\r\n" + b"X-A: a\r\n" * 8180 + b"\r\nHi\r\n")

    assert request(asked, "GET", "/_sesmail/sent").status == 200
    assert request(asked, "GET", "/_sesmail/events").status == 200
    assert [mail.subject for mail in asked.ledger] == ["\x80", ""]


def _taken(operation: str, service: str, params: dict[str, Any]) -> bool:
    try:
        ask(BOX, operation, service, **params)
    except Fault:
        return False
    assert BOX.events.all()[-1].payload
    assert list(BOX.ledger)[-1].subject is not None
    return True
