"""Sends, and what a mail may be: content, charsets, headers, parts, lent identities, and who is in the envelope."""

from __future__ import annotations

from typing import Any

import pytest

from sesmail.local.handles import IdentityHandle
from sesmail.local.identities import Identity
from tests.local.asking import RAW, REGION, ask, box, refusal, request, send_raw

DOMAIN = {"EmailIdentity": "example.com"}
POLICY = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ses:*", "Resource": "*"}}'


@pytest.mark.parametrize("content", [{}, {"Raw": {"Data": b""}, "Simple": {"Subject": {"Data": ""}, "Body": {}}}])
def test_a_mail_is_of_one_kind(content: dict[str, Any]) -> None:
    assert "exactly one of" in refusal(box(), "SendEmail", Content=content).message


def test_a_simple_mail_needs_a_sender() -> None:
    simple = {"Simple": {"Subject": {"Data": "a"}, "Body": {"Text": {"Data": "b"}}}}

    assert "FromEmailAddress" in refusal(box(), "SendEmail", Content=simple, Destination={}).message


def test_an_account_may_lend_its_identity() -> None:
    asked = box()
    owner = asked.region(REGION, "210987654321")
    arn = owner.arn("identity", "shop.example")
    raw = b"From: a@shop.example\r\nTo: ada@example.org\r\n\r\nHi"

    def said(given: str = arn) -> str:
        return refusal(asked, "SendEmail", Content={"Raw": {"Data": raw}}, FromEmailAddressIdentityArn=given).message

    assert "not a verified identity" in said()
    lent = Identity("shop.example", 0.0)
    owner.identities.add(lent)
    assert "not a verified identity" in said()
    lent.verify(asked.clock.now())
    assert "is not authorized to perform `ses:SendRawEmail'" in said()
    lent.policies["all"] = POLICY
    lent.policies["none of his"] = POLICY.replace("Allow", "Deny").replace(
        '"Resource"', '"Condition": {"StringEquals": {"ses:FromAddress": "bob@shop.example"}}, "Resource"'
    )
    bob = raw.replace(b"a@shop", b"bob@shop")
    fault = refusal(asked, "SendEmail", Content={"Raw": {"Data": bob}}, FromEmailAddressIdentityArn=arn)
    assert fault.v2 == ("AccessDeniedException", 403), "one policy that denies outweighs all that allow"
    assert send_raw(asked, raw, FromEmailAddressIdentityArn=arn)
    assert send_raw(asked, b"X-SES-SOURCE-ARN: " + arn.encode() + b"\r\n" + raw)
    eve = refusal(
        asked,
        "SendEmail",
        Content={"Raw": {"Data": raw.replace(b"shop.example", b"eve.example")}},
        FromEmailAddressIdentityArn=arn,
    )
    assert "is not verified" in eve.message, "lent is one identity and not all"
    for wrong in ("shop.example", "arn:aws:ses:eu-west-1:210987654321:configuration-set/a"):
        assert "Invalid identity ARN" in said(wrong)


def test_an_envelope_of_one_list_is_told_apart_by_the_headers() -> None:
    asked = box()
    raw = (
        b"From: shop@example.com\r\nTo: Ada <ada@EXAMPLE.org>, bob@example.org\r\n"
        b"Cc: cy@example.org, Bob <bob@example.org>\r\n\r\nHello\r\n"
    )
    everybody = ["eve@example.org", "cy@example.org", "bob@example.org", "ada@example.org"]
    ask(asked, "SendRawEmail", "ses", RawMessage={"Data": raw}, Destinations=everybody)
    (mail,) = asked.ledger

    assert mail.to == ("bob@example.org", "ada@example.org")
    assert (mail.cc, mail.bcc) == (("cy@example.org",), ("eve@example.org",))


def test_an_account_may_lend_its_identity_for_bounces_only() -> None:
    asked = box()
    owner = asked.region(REGION, "210987654321")
    lent = Identity("bounces.example", 0.0, policies={"all": POLICY})
    lent.verify(asked.clock.now())
    owner.identities.add(lent)
    arn = owner.arn("identity", "bounces.example")
    back: dict[str, Any] = {"FeedbackForwardingEmailAddress": "all@bounces.example"}
    v1: dict[str, Any] = {"RawMessage": {"Data": RAW}, "Source": "all@bounces.example"}

    assert "is not verified" in refusal(asked, "SendEmail", Content={"Raw": {"Data": RAW}}, **back).message
    assert send_raw(asked, **back, FeedbackForwardingEmailAddressIdentityArn=arn)
    assert ask(asked, "SendRawEmail", "ses", **v1, ReturnPathArn=arn)
    assert send_raw(asked, b"X-SES-RETURN-PATH-ARN: " + arn.encode() + b"\r\n" + RAW, **back)
    assert {mail.return_path for mail in asked.ledger} == {"all@bounces.example"}
    from_there = RAW.replace(b"shop@example.com", b"shop@bounces.example")
    only = {"FeedbackForwardingEmailAddressIdentityArn": arn}
    assert "is not verified" in refusal(asked, "SendEmail", Content={"Raw": {"Data": from_there}}, **only).message


def test_a_return_path_that_must_be_there_is_waited_for() -> None:
    asked = box()
    mail_from = {"MailFromDomain": "mail.example.com", "BehaviorOnMxFailure": "REJECT_MESSAGE"}
    ask(asked, "PutEmailIdentityMailFromAttributes", **DOMAIN, **mail_from)

    fault = refusal(asked, "SendEmail", Content={"Raw": {"Data": RAW}})
    assert fault.v2 == ("MailFromDomainNotVerifiedException", 400)
    IdentityHandle(asked, REGION, "example.com").verify_mail_from()
    assert send_raw(asked)


def test_a_header_that_asks_for_what_is_not_here_is_named() -> None:
    for name in ("X-SES-FOO", "X-SES-SOURCE"):
        raw = f"From: a@example.com\r\nTo: b@example.org\r\n{name}: a\r\n\r\nHi".encode()
        fault = refusal(box(), "SendEmail", Content={"Raw": {"Data": raw}})
        assert fault.v2 == ("NotImplementedHere", 501)
        assert name in fault.message


def test_a_reply_that_ses_could_not_give_is_our_own_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = box()
    monkeypatch.setattr(asked.region(REGION), "ip_warmup", "yes")

    with pytest.raises(AssertionError, match="dedicatedIpAutoWarmupEnabled"):
        ask(asked, "GetAccount")


def test_an_operation_that_the_installed_botocore_has_not_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    from sesmail.local.models.service import Service

    service = Service.of("sesv2")
    fewer = {name: raw for name, raw in service._raw_operations.items() if name != "GetAccount"}
    monkeypatch.setattr(service, "_raw_operations", fewer)

    assert refusal(box(), "GetAccount").v2 == ("NotImplementedHere", 501)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"From: a@example.com\r\nTo: b@example.org\r\nF\xe9: a\r\n\r\nHi", "is no header"),
        (b"From: a@example.com\r\nTo: b@example.org\r\nTwo words: a\r\n\r\nHi", "is no header"),
        (b"From: a@example.com\r\nTo: b@example.org\r\n: a\r\n\r\nHi", "Empty header names are illegal."),
    ],
)
def test_a_header_has_a_name(raw: bytes, text: str) -> None:
    assert text in refusal(box(), "SendEmail", Content={"Raw": {"Data": raw}}).message


def test_parts_in_parts_without_end_are_refused() -> None:
    parts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(60))
    raw = b"From: a@example.com\r\nTo: b@example.org\r\n" + parts

    assert "nested more than 10 deep" in refusal(box(), "SendEmail", Content={"Raw": {"Data": raw}}).message


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "undefined", "rot13", "utf-16", "unicode_escape", "a\0b", "base64"]
)
def test_a_charset_is_one_of_mail(name: str) -> None:
    """Python has codecs that take minutes for a page of text."""
    simple = {"Subject": {"Data": "a"}, "Body": {"Text": {"Data": "\u65e5" * 5000, "Charset": name}}}
    sender: dict[str, Any] = {"FromEmailAddress": "a@example.com", "Destination": {"ToAddresses": ["b@example.org"]}}

    assert (
        "The charset of the plain is unknown"
        in refusal(box(), "SendEmail", Content={"Simple": simple}, **sender).message
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Shift_JIS", "日本語のメール = 1"),
        ("EUC-JP", "日本語 ä"),
        ("iso-2022-jp", "日本語"),
        ("gb18030", "你好"),
        ("big5", "你好"),
        ("euc-kr", "안녕"),
        ("koi8-r", "привет"),
        ("windows-1252", "naïve – €"),
        ("ISO-8859-15", "naïve €"),
        ("utf-8", "日本語 " + "x" * 2000),
        ("us-ascii", "plain " + "x" * 2000),
    ],
)
def test_text_arrives_in_its_charset(name: str, text: str) -> None:
    asked = box()
    content = {"Data": text, "Charset": name}
    simple = {"Subject": {"Data": text[:20], "Charset": name}, "Body": {"Text": content, "Html": content}}
    sender: dict[str, Any] = {"FromEmailAddress": "a@example.com", "Destination": {"ToAddresses": ["b@example.org"]}}
    ask(asked, "SendEmail", Content={"Simple": simple}, **sender)

    (mail,) = asked.ledger
    assert (mail.subject, mail.email.text, mail.email.html) == (text[:20], text, text)


@pytest.mark.parametrize("kind", ["multipart/mixed", "message/rfc822", "Message/delivery-status"])
def test_an_attachment_is_no_part_that_holds_others(kind: str) -> None:
    file = {"FileName": "a.txt", "RawContent": b"x", "ContentType": kind}
    simple = {"Subject": {"Data": "a"}, "Body": {"Text": {"Data": "b"}}, "Attachments": [file]}
    sender: dict[str, Any] = {"FromEmailAddress": "a@example.com", "Destination": {"ToAddresses": ["b@example.org"]}}

    assert "cannot be a" in refusal(box(), "SendEmail", Content={"Simple": simple}, **sender).message


def test_what_was_read_is_what_is_written() -> None:
    asked = box()
    send_raw(asked, FromEmailAddress="  Shop <shop@example.com> ")

    (mail,) = asked.ledger
    assert b"\r\nFrom: Shop <shop@example.com>\r\nTo: " in mail.raw
    for broken in ("shop@example.com\r\n", "shop@example.com\u2028", "shop@example.com\r\nBcc: eve@example.org"):
        fault = refusal(asked, "SendEmail", Content={"Raw": {"Data": RAW}}, FromEmailAddress=broken)
        assert fault.v2 == ("BadRequestException", 400)


@pytest.mark.parametrize("address", [" ada@example.org", "Ada <ada@example.org>", "ada@example.org\n"])
def test_the_suppression_list_is_of_addresses(address: str) -> None:
    fault = refusal(box(), "PutSuppressedDestination", EmailAddress=address, Reason="BOUNCE")

    assert fault.v2 == ("BadRequestException", 400)


def test_a_mail_has_so_many_parts() -> None:
    parts = b"--b\r\n\r\nx\r\n" * 501
    head = b"From: a@example.com\r\nTo: b@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"

    assert "more than 500 parts" in refusal(box(), "SendEmail", Content={"Raw": {"Data": head + parts}}).message


def test_a_refusal_is_not_much_longer_than_its_request() -> None:
    fault = refusal(box(), "SendEmail", Content={"Raw": {"Data": RAW}}, EmailTags=[{}] * 20_000)

    assert fault.message.startswith("10 validation errors detected: ")
    assert len(fault.message) < 2000


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/v2/email/identities?NextToken=cGFnZTo5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", b""),
        ("/", b"Version=2010-12-01&Action=ListIdentities&MaxItems=" + b"9" * 5000),
        ("/v2/email/identities?PageSize=" + "9" * 5000, b""),
    ],
)
def test_a_number_has_an_end(target: str, body: bytes) -> None:
    assert request(box(), "POST" if body else "GET", target, body).status == 400


def test_a_blind_copy_is_in_the_envelope_and_in_no_byte() -> None:
    asked = box()
    raw = RAW.replace(b"Subject:", b"Bcc: Eve <eve@example.org>,\r\n bob@example.org\r\nSubject:")
    send_raw(asked, raw)
    ask(asked, "SendRawEmail", "ses", RawMessage={"Data": raw})
    send_raw(asked, raw, Destination={"ToAddresses": ["zoe@example.org"]})

    everybody = {"ada@example.org", "eve@example.org", "bob@example.org"}
    assert [set(mail.recipients) for mail in asked.ledger] == [everybody, everybody, {"zoe@example.org"}]
    for mail in asked.ledger:
        assert b"\nbcc" not in mail.raw.lower(), "and not what an id in hexadecimal may hold"
        assert b"eve@" not in mail.raw


def test_a_name_counts_where_ses_writes_it() -> None:
    """What only becomes the envelope may have any name; what becomes a header must be ASCII."""
    asked = box()
    name = "Zoë <zoe@example.org>"
    send_raw(asked, Destination={"ToAddresses": [name], "BccAddresses": [name]})
    ask(asked, "SendRawEmail", "ses", Source="Zoë <shop@example.com>", Destinations=[name], RawMessage={"Data": RAW})

    assert [mail.recipients for mail in asked.ledger] == [("zoe@example.org",) * 2, ("zoe@example.org",)]
    for written in ({"FromEmailAddress": "Zoë <shop@example.com>"}, {"ReplyToAddresses": [name]}):
        assert "Non ASCII" in refusal(asked, "SendEmail", Content={"Raw": {"Data": RAW}}, **written).message


def test_a_virus_is_told_of_as_a_reject() -> None:
    asked = box()
    virus = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\r\n"
    send_raw(asked, RAW + virus)
    told, rejected = (event.payload for event in asked.events.all())

    assert (told["eventType"], told["send"]) == ("Send", {})
    assert (rejected["eventType"], rejected["reject"]) == ("Reject", {"reason": "Bad content"})
