"""boto3 is refused: each refusal in the native form of both APIs, by every way to send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from sesmail.local import LocalSes

from .boto import Client, ClientError, client, refused
from .conftest import SENDER, SHOP

ADA = "ada@example.org"
TEXT = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}}
TOO_MANY = [f"{n}@example.org" for n in range(51)]


# ── ways to send ─────────────────────────────────────────────────────────────────────────────────────────────────


def _v2_simple(v2: Client, sender: str, to: list[str], more: dict[str, Any]) -> None:
    v2.send_email(FromEmailAddress=sender, Destination={"ToAddresses": to}, Content={"Simple": TEXT}, **more)


def _v2_raw(v2: Client, sender: str, to: list[str], more: dict[str, Any]) -> None:
    data = f"From: {sender}\r\nTo: {', '.join(to)}\r\n\r\nHello".encode()
    v2.send_email(Content={"Raw": {"Data": data}}, **more)


def _v1_simple(v1: Client, sender: str, to: list[str], more: dict[str, Any]) -> None:
    v1.send_email(Source=sender, Destination={"ToAddresses": to}, Message=TEXT, **more)


def _v1_raw(v1: Client, sender: str, to: list[str], more: dict[str, Any]) -> None:
    data = f"From: {sender}\r\n\r\nHello".encode()
    v1.send_raw_email(Destinations=to, RawMessage={"Data": data}, **more)


Way = Callable[[Client, str, list[str], dict[str, Any]], None]
WAYS: dict[str, tuple[str, Way]] = {
    "v2 simple": ("sesv2", _v2_simple),
    "v2 raw": ("sesv2", _v2_raw),
    "v1 simple": ("ses", _v1_simple),
    "v1 raw": ("ses", _v1_raw),
}


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────


def _pause_account(ses: LocalSes) -> None:
    with client(ses, "ses") as v1:
        v1.update_account_sending_enabled(Enabled=False)


def _make_set(ses: LocalSes, *, sends: bool) -> None:
    with client(ses, "sesv2") as v2:
        v2.create_configuration_set(ConfigurationSetName="main", SendingOptions={"SendingEnabled": sends})


def _demand_mail_from(ses: LocalSes) -> None:
    with client(ses, "sesv2") as v2:
        v2.put_email_identity_mail_from_attributes(
            EmailIdentity=SHOP, MailFromDomain=f"bounce.{SHOP}", BehaviorOnMxFailure="REJECT_MESSAGE"
        )


def _allow_only_looking(ses: LocalSes) -> None:
    ses.allow({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ses:Get*", "Resource": "*"}})


@dataclass(frozen=True, slots=True)
class Refusal:
    """What leads to it, and how each API says it. Where a class is the plain `ClientError`, its name is empty."""

    text: str
    v2: tuple[str, str, int]
    v1: tuple[str, str, int]
    arrange: Callable[[LocalSes], object] = lambda ses: None
    sender: str = SENDER
    to: list[str] = field(default_factory=lambda: [ADA])
    more: dict[str, Any] = field(default_factory=dict)


_REJECTED = ("MessageRejected", "MessageRejected", 400)
_BAD = ("BadRequestException", "BadRequestException", 400)
_INVALID = ("", "InvalidParameterValue", 400)
_NOT_FOUND = ("NotFoundException", "NotFoundException", 404)
_PAUSED = ("SendingPausedException", "SendingPausedException", 400)
_MAIL_FROM = ("MailFromDomainNotVerifiedException", "MailFromDomainNotVerifiedException", 400)

REFUSALS = {
    "sender is not verified": Refusal(
        "Email address is not verified. The following identities failed the check in region US-EAST-1:"
        " Bob <bob@other.example>, bob@other.example",
        _REJECTED,
        _REJECTED,
        sender="Bob <bob@other.example>",
    ),
    "account is paused": Refusal(
        "disabled",
        _PAUSED,
        ("AccountSendingPausedException", "AccountSendingPausedException", 400),
        _pause_account,
    ),
    "account is suspended": Refusal(
        "Sending paused for this account",
        ("AccountSuspendedException", "AccountSuspendedException", 400),
        _REJECTED,
        lambda ses: ses.account.suspend(),
    ),
    "set is missing": Refusal(
        "Configuration set <main> does not exist.",
        _NOT_FOUND,
        ("ConfigurationSetDoesNotExistException", "ConfigurationSetDoesNotExist", 400),
        more={"ConfigurationSetName": "main"},
    ),
    "set is paused": Refusal(
        "<main>",
        _PAUSED,
        ("ConfigurationSetSendingPausedException", "ConfigurationSetSendingPausedException", 400),
        lambda ses: _make_set(ses, sends=False),
        more={"ConfigurationSetName": "main"},
    ),
    "MAIL FROM is not verified": Refusal("Mail FROM domain is not verified", _MAIL_FROM, _MAIL_FROM, _demand_mail_from),
    "policy forbids": Refusal(
        f"on resource `arn:aws:ses:us-east-1:123456789012:identity/{SHOP}'",
        ("", "AccessDeniedException", 403),
        ("", "AccessDenied", 403),
        _allow_only_looking,
    ),
    "more than 50 recipients": Refusal("Recipient count exceeds 50.", _BAD, _INVALID, to=TOO_MANY),
    "no recipients": Refusal("There are no recipients specified", _BAD, _INVALID, to=[]),
    "no at sign": Refusal("Missing final '@domain'", _BAD, _INVALID, to=["ada"]),
    "no domain": Refusal("Missing domain", _BAD, _INVALID, to=["ada@"]),
    "no local part": Refusal("Missing local name", _BAD, _INVALID, to=["@example.org"]),
    "blank in local part": Refusal(
        "Local address contains control or whitespace", _BAD, _INVALID, to=["a b@x.example"]
    ),
    "umlaut in local part": Refusal("Local address contains control or whitespace", _BAD, _INVALID, to=["ä@x.example"]),
    "umlaut in domain": Refusal("Domain contains illegal character", _BAD, _INVALID, to=["a@ä.example"]),
    "blank in domain": Refusal("Domain contains control or whitespace", _BAD, _INVALID, to=["a@x .example"]),
    "sender has no domain": Refusal("Missing final '@domain'", _BAD, _INVALID, sender="orders"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("why", REFUSALS)
def test_a_refusal_has_its_native_form(shop: LocalSes, why: str, way: str) -> None:
    refusal, (service, send) = REFUSALS[why], WAYS[way]
    refusal.arrange(shop)
    name, code, status = refusal.v1 if service == "ses" else refusal.v2

    with client(shop, service) as api:
        expected = getattr(api.exceptions, name) if name else ClientError
        with refused(expected, code, status, refusal.text) as response:
            send(api, refusal.sender, refusal.to, refusal.more)
    assert shop.sent == ()
    assert response["Error"].get("Type") == ("Sender" if service == "ses" else None)


@pytest.mark.parametrize("way", WAYS)
def test_the_sandbox_names_everybody_who_is_not_verified(ses: LocalSes, way: str) -> None:
    service, send = WAYS[way]
    ses.identity("known@example.org").verify()
    to = ["known@example.org", ADA, "success@simulator.amazonses.com"]
    text = (
        "Email address is not verified. The following identities failed the check in region EU-WEST-1:"
        f" {SENDER}, orders@shop.example, known@example.org, {ADA}"
    )

    with (
        client(ses, service, region_name="eu-west-1") as there,
        refused(there.exceptions.MessageRejected, "MessageRejected", 400, text) as response,
    ):
        send(there, SENDER, to, {})
    assert response["Error"]["Message"] == text


def test_v1_tells_which_set(shop: LocalSes, v1: Client) -> None:
    expected = v1.exceptions.ConfigurationSetDoesNotExistException
    with refused(expected, "ConfigurationSetDoesNotExist", 400, "") as response:
        _v1_simple(v1, SENDER, [ADA], {"ConfigurationSetName": "größe"})

    assert response["ConfigurationSetName"] == "größe"


# ── too fast, too many ───────────────────────────────────────────────────────────────────────────────────────────

_TOO_FAST = {"sesv2": ("TooManyRequestsException", "TooManyRequestsException", 429), "ses": ("", "Throttling", 400)}
_TOO_MUCH = {"sesv2": ("LimitExceededException", "LimitExceededException", 400), "ses": ("", "Throttling", 400)}


@pytest.mark.parametrize("way", WAYS)
def test_the_rate_goes_into_debt_and_is_paid_by_waiting(shop: LocalSes, way: str) -> None:
    service, send = WAYS[way]
    shop.account.rate = 1
    name, code, status = _TOO_FAST[service]

    with client(shop, service) as api:
        expected = getattr(api.exceptions, name) if name else ClientError
        send(api, SENDER, [ADA, "bob@example.org"], {})
        for _ in range(2):
            with refused(expected, code, status, "Maximum sending rate exceeded."):
                send(api, SENDER, [ADA], {})
            shop.clock.advance(1)
        send(api, SENDER, [ADA], {})
    assert len(shop.sent) == 2


@pytest.mark.parametrize("way", WAYS)
def test_the_quota_counts_recipients_of_a_day(shop: LocalSes, way: str) -> None:
    service, send = WAYS[way]
    shop.account.quota = 3
    name, code, status = _TOO_MUCH[service]

    with client(shop, service) as api:
        expected = getattr(api.exceptions, name) if name else ClientError
        send(api, SENDER, [ADA, "bob@example.org"], {})
        with refused(expected, code, status, "Daily message quota exceeded."):
            send(api, SENDER, [ADA, "bob@example.org"], {})
        send(api, SENDER, [ADA], {})
        send(api, SENDER, ["success@simulator.amazonses.com"], {})
        with refused(expected, code, status, "Daily message quota exceeded."):
            send(api, SENDER, [ADA], {})
        shop.clock.advance(hours=24)
        send(api, SENDER, [ADA], {})


# ── what boto3 does not check ────────────────────────────────────────────────────────────────────────────────────

_FILE = {"FileName": "a.txt", "RawContent": b"x"}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"Headers": [{"Name": f"X-{n}", "Value": "x"} for n in range(16)]}, "length less than or equal to 15"),
        ({"Headers": [{"Name": "X Y", "Value": "x"}]}, "'content.simple.headers.1.member.name' failed to satisfy"),
        ({"Headers": [{"Name": "X" * 127, "Value": "x"}]}, "length less than or equal to 126"),
        ({"Headers": [{"Name": "X-A", "Value": "größe"}]}, "Member must satisfy regular expression pattern: [ -~]*"),
        ({"Headers": [{"Name": "X-A", "Value": "a\r\nBcc: eve@example.org"}]}, "regular expression pattern"),
        (
            {"Headers": [{"Name": "X-A", "Value": "x" * 1000}]},
            "member.value' failed to satisfy constraint: Member must have length",
        ),
        ({"Headers": [{"Name": "From", "Value": "x@example.org"}]}, "written by SES itself"),
        ({"Attachments": [{**_FILE, "FileName": "x" * 256}]}, "'content.simple.attachments.1.member.fileName'"),
        ({"Attachments": [{**_FILE, "ContentDisposition": "inline"}]}, "enum value set: [ATTACHMENT, INLINE]"),
        ({"Attachments": [{**_FILE, "RawContent": b"\xff"}]}, "no 7-bit text"),
        ({"Subject": {"Data": "größe", "Charset": "us-ascii"}}, "characters that us-ascii has not"),
        ({"Subject": {"Data": "a\nBcc: eve@example.org"}}, "control characters"),
        ({"Body": {"Text": {"Data": "x", "Charset": "klingon"}}}, "klingon"),
    ],
)
def test_v2_refuses_content_that_boto3_lets_pass(
    shop: LocalSes, v2: Client, content: dict[str, object], text: str
) -> None:
    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, text):
        v2.send_email(
            FromEmailAddress=SENDER,
            Destination={"ToAddresses": [ADA]},
            Content={"Simple": {**TEXT, **content}},
        )

    assert shop.sent == ()


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ({"Name": "größe", "Value": "x"}, "Invalid tag name <größe>"),
        ({"Name": "size", "Value": "a b"}, "Invalid tag value <a b>"),
        ({"Name": "size", "Value": "x" * 257}, "Invalid tag value"),
    ],
)
def test_a_tag_that_no_event_could_carry_is_refused(
    shop: LocalSes, v1: Client, v2: Client, tag: dict[str, str], text: str
) -> None:
    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, text):
        _v2_simple(v2, SENDER, [ADA], {"EmailTags": [tag]})
    with refused(ClientError, "InvalidParameterValue", 400, text):
        _v1_simple(v1, SENDER, [ADA], {"Tags": [tag]})


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (f"From: {SENDER}\r\nSubject: a\r\nSubject: b\r\n\r\n", "Duplicate header 'Subject'."),
        (f"From: {SENDER}\r\nno header\r\n\r\n", "no header"),
        (f"From: {SENDER}\r\n: x\r\n\r\n", "Empty header names are illegal."),
        (f"From: {SENDER}\r\nX-A: {'x ' * 40_000}\r\n\r\n", "Header section too long."),
        (f"From: {SENDER}\r\n\r\n{'x' * 999}", "longer than 998"),
        ("Subject: x\r\n\r\n", "Missing required header 'From'."),
    ],
)
def test_a_raw_mail_that_is_none_is_refused(shop: LocalSes, v1: Client, v2: Client, data: str, text: str) -> None:
    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, text):
        v2.send_email(Destination={"ToAddresses": [ADA]}, Content={"Raw": {"Data": data.encode()}})
    with refused(ClientError, "InvalidParameterValue", 400, text):
        v1.send_raw_email(Destinations=[ADA], RawMessage={"Data": data.encode()})


def test_an_attachment_of_a_kind_that_ses_blocks_is_refused(shop: LocalSes, v2: Client) -> None:
    files = {"Attachments": [{"FileName": "setup.EXE", "RawContent": b"x"}]}

    with refused(v2.exceptions.MessageRejected, "MessageRejected", 400, ".EXE is not supported"):
        v2.send_email(
            FromEmailAddress=SENDER, Destination={"ToAddresses": [ADA]}, Content={"Simple": {**TEXT, **files}}
        )


def test_v1_takes_no_more_than_ten_megabytes(shop: LocalSes, v1: Client) -> None:
    data = f"From: {SENDER}\r\n\r\n".encode() + b"x\r\n" * (10 * 2**20 // 3)

    with refused(ClientError, "InvalidParameterValue", 400, "Message length is more than 10485760 bytes long"):
        v1.send_raw_email(Destinations=[ADA], RawMessage={"Data": data})


def test_a_content_is_of_one_kind(shop: LocalSes, v2: Client) -> None:
    both = {"Simple": TEXT, "Raw": {"Data": b"x"}}

    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, "exactly one of"):
        v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [ADA]}, Content=both)


# ── what the box has not ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("service", "operation", "asked"),
    [
        ("sesv2", "list_recommendations", {}),
        ("sesv2", "list_import_jobs", {}),
        ("sesv2", "get_dedicated_ips", {}),
        ("sesv2", "list_multi_region_endpoints", {}),
        ("ses", "list_receipt_rule_sets", {}),
        ("ses", "list_receipt_filters", {}),
        ("sts", "get_session_token", {}),
    ],
)
def test_what_the_box_has_not_is_no_error_of_ses(
    ses: LocalSes, service: str, operation: str, asked: dict[str, object]
) -> None:
    with client(ses, service) as api, refused(ClientError, "NotImplementedHere", 501, "is not implemented here"):
        getattr(api, operation)(**asked)
