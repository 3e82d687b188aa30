"""Node: nodemailer, whose SES transport sends raw mails by v2 and which speaks SMTP, and both SDKs of AWS."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sesmail.local import LocalSes
from tests.servers.conftest import need

from .conftest import SENDER, SHOP, driven
from .environments import node_with

pytestmark = pytest.mark.server

ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"
TEXT = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}}
PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(range(256))

Asked = tuple[str, str, object]
Node = Callable[..., Any]


@pytest.fixture(scope="session")
def folder() -> Path:
    return node_with(Path(__file__).parent / "node", "node")


@pytest.fixture
def node(folder: Path, surroundings: dict[str, str]) -> Node:
    """Do some calls in one process, and give what came of each."""

    def run(*asked: Asked) -> Any:
        return driven([need("node"), folder / "call.mjs"], asked, surroundings)

    return run


def in_base64(data: bytes) -> dict[str, str]:
    return {"$base64": b64encode(data).decode()}


# ── nodemailer ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_nodemailer_sends_a_mail_with_everything(shop: LocalSes, node: Node) -> None:
    mail = {
        "from": {"name": "Schöner Shop", "address": f"orders@{SHOP}"},
        "to": f"Ada Lovelace <{ADA}>, {BOB}",
        "bcc": EVE,
        "replyTo": f"help@{SHOP}",
        "subject": "Grüße № 42 – 你好",
        "text": "Schöne Grüße\n",
        "html": "<p>Schöne Grüße <img src='cid:logo'></p>",
        "headers": {"X-Order": "42"},
        "attachments": [
            {"filename": "logo.png", "content": in_base64(PNG), "cid": "logo", "contentDisposition": "inline"},
            {"filename": "Übersicht.csv", "content": "größe;1\n"},
        ],
        "ses": {"EmailTags": [{"Name": "campaign", "Value": "spring"}], "ConfigurationSetName": "main"},
    }
    _, info = node(
        ("sesv2", "CreateConfigurationSet", {"ConfigurationSetName": "main"}), ("nodemailer", "sendMail", mail)
    )

    (sent,) = shop.sent
    email = sent.email
    assert info["response"] == sent.message_id
    assert info["messageId"] == f"<{sent.message_id}@email.amazonses.com>"
    assert info["envelope"] == {"from": f"orders@{SHOP}", "to": [ADA, BOB, EVE]}
    assert sent.recipients == (ADA, BOB, EVE)
    assert (sent.configuration_set, sent.tags) == ("main", {"campaign": "spring"})
    assert email.sender is not None
    assert (email.sender.name, email.sender.email) == ("Schöner Shop", f"orders@{SHOP}")
    assert [(one.name, one.email) for one in email.to] == [("Ada Lovelace", ADA), ("", BOB)]
    assert [one.email for one in email.reply_to] == [f"help@{SHOP}"]
    assert email.subject == "Grüße № 42 – 你好"
    assert email.text is not None
    assert email.text.splitlines() == ["Schöne Grüße"]
    assert email.html is not None
    assert email.html.rstrip() == "<p>Schöne Grüße <img src='cid:logo'></p>"
    logo, table = email.attachments
    assert (logo.name, logo.inline, logo.content_id, logo.data) == ("logo.png", True, "logo", PNG)
    assert (table.name, table.inline, table.data) == ("Übersicht.csv", False, "größe;1\n".encode())
    assert dict(email.headers)["X-Order"] == "42"
    assert EVE.encode() not in sent.raw


def test_nodemailer_finds_that_it_can_reach_ses(ses: LocalSes, node: Node) -> None:
    """It sends a mail that SES must reject, and is content with the rejection."""
    assert node(("nodemailer", "verify", None)) == [True]
    assert ses.sent == ()


def test_nodemailer_hands_on_the_error_of_the_sdk(ses: LocalSes, node: Node) -> None:
    (answer,) = node(("nodemailer", "sendMail", {"from": SENDER, "to": ADA, "text": "x"}))

    error = answer["error"]
    assert (error["name"], error["status"], error["known"]) == ("MessageRejected", 400, True)
    assert error["message"].endswith(f"in region US-EAST-1: {SENDER}, orders@{SHOP}, {ADA}")


# ── nodemailer by SMTP ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def by_smtp(folder: Path, tmp_path: Path) -> Iterator[tuple[LocalSes, Node]]:
    """A box that speaks SMTP, and calls of nodemailer's SMTP transport in one process."""
    with LocalSes(sandbox=False, rate=1000, smtp=True) as ses:
        ses.identity(SHOP).verify()
        surroundings = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **ses.smtp.environment}

        def run(*asked: tuple[dict[str, object], str, object]) -> Any:
            return driven([need("node"), folder / "smtp.mjs"], asked, surroundings)

        yield ses, run


HELLO = {"from": SENDER, "to": f"Ada <{ADA}>", "cc": BOB, "bcc": EVE, "subject": "Grüße", "text": "Hello\n.\n..\n"}


def test_nodemailer_sends_by_smtp_with_both_kinds_of_tls(by_smtp: tuple[LocalSes, Node]) -> None:
    ses, run = by_smtp
    answers = run(({}, "sendMail", HELLO), ({"secure": True}, "sendMail", HELLO), ({"secure": True}, "verify", None))

    assert [answer["response"] for answer in answers[:2]] == [f"250 Ok {mail.message_id}" for mail in ses.sent]
    assert answers[2] is True
    for mail in ses.sent:
        assert (mail.to, mail.cc, mail.bcc, mail.subject) == ((ADA,), (BOB,), (EVE,), "Grüße")
        assert mail.email.text == "Hello\n.\n..\n"
        assert EVE.encode() not in mail.raw


@pytest.mark.parametrize("method", ["PLAIN", "LOGIN"])
def test_nodemailer_logs_in_by_smtp_either_way(by_smtp: tuple[LocalSes, Node], method: str) -> None:
    ses, run = by_smtp
    right, wrong = run(
        ({"authMethod": method}, "sendMail", HELLO),
        ({"authMethod": method, "auth": {"user": ses.smtp.user, "pass": "wrong"}}, "sendMail", HELLO),
    )

    assert right["accepted"] == [ADA, BOB, EVE]
    assert (wrong["error"]["code"], wrong["error"]["responseCode"]) == ("EAUTH", 535)
    assert wrong["error"]["response"] == "535 Authentication Credentials Invalid"


def test_a_pool_of_nodemailer_sends_many_mails(by_smtp: tuple[LocalSes, Node]) -> None:
    ses, run = by_smtp
    (answers,) = run(({"pool": True, "maxConnections": 3, "maxMessages": 10}, "sendMail", [HELLO] * 60))

    assert {answer["response"] for answer in answers} == {f"250 Ok {mail.message_id}" for mail in ses.sent}
    assert len(ses.sent) == 60


def test_nodemailer_is_told_what_ses_refuses_by_smtp(by_smtp: tuple[LocalSes, Node]) -> None:
    ses, run = by_smtp
    ses.chaos.throttle()
    ses.chaos.reset()
    ses.chaos.break_tls("unknown_ca", skip=2)
    to = {"envelope": {"from": f"orders@{SHOP}", "to": [ADA, "nobody@a..example"]}}
    throttled, lost, distrusted, partly = run(
        ({}, "sendMail", HELLO),
        ({"secure": True}, "sendMail", HELLO),
        ({}, "sendMail", HELLO),
        ({}, "sendMail", {**HELLO, **to}),
    )

    assert throttled["error"]["response"] == "454 Throttling failure: Maximum sending rate exceeded"
    assert throttled["error"]["responseCode"] == 454
    assert (lost["error"]["code"], distrusted["error"]["code"]) == ("ESOCKET", "ESOCKET")
    assert "certificate" in distrusted["error"]["message"]
    assert (partly["accepted"], partly["rejected"]) == ([ADA], ["nobody@a..example"])
    assert [mail.recipients for mail in ses.sent] == [(ADA, BOB, EVE), (ADA,)]


# ── the SDK for v2 ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sdk_sends_by_v2(shop: LocalSes, node: Node) -> None:
    file = {"FileName": "logo.png", "RawContent": in_base64(PNG), "ContentTransferEncoding": "BASE64"}
    raw = f"From: {SENDER}\r\nTo: {ADA}\r\nSubject: Raw\r\n\r\nHallo \xf6\r\n".encode("latin-1")
    simple = {**TEXT, "Headers": [{"Name": "X-Order", "Value": "42"}], "Attachments": [file]}
    to = {"ToAddresses": [ADA], "BccAddresses": [EVE]}
    one, two = node(
        ("sesv2", "SendEmail", {"FromEmailAddress": SENDER, "Destination": to, "Content": {"Simple": simple}}),
        ("sesv2", "SendEmail", {"Content": {"Raw": {"Data": in_base64(raw)}}}),
    )

    first, second = shop.sent
    assert [first.message_id, second.message_id] == [one["MessageId"], two["MessageId"]]
    assert one["$metadata"]["httpStatusCode"] == 200
    assert one["$metadata"]["requestId"]
    assert (first.recipients, second.recipients) == ((ADA, EVE), (ADA,))
    assert first.email.attachments[0].data == PNG
    assert second.raw.endswith(b"\r\n\r\nHallo \xf6\r\n")


def test_the_sdk_tends_identities_by_v2(shop: LocalSes, node: Node) -> None:
    name = "user+tag/b@example.com"
    shop.identity(name).verify()
    made, shown, listed, first, *_, gone = node(
        ("sesv2", "CreateEmailIdentity", {"EmailIdentity": "example.org", "Tags": [{"Key": "a", "Value": "ö"}]}),
        ("sesv2", "GetEmailIdentity", {"EmailIdentity": name}),
        ("sesv2", "ListEmailIdentities", {}),
        ("sesv2", "ListEmailIdentities", {"PageSize": 2}),
        ("sesv2", "PutEmailIdentityDkimAttributes", {"EmailIdentity": "example.org", "SigningEnabled": False}),
        (
            "sesv2",
            "PutEmailIdentityMailFromAttributes",
            {"EmailIdentity": SHOP, "MailFromDomain": f"bounce.{SHOP}", "BehaviorOnMxFailure": "REJECT_MESSAGE"},
        ),
        ("sesv2", "DeleteEmailIdentity", {"EmailIdentity": "example.org"}),
    )

    assert len(made["DkimAttributes"]["Tokens"]) == 3
    assert (shown["IdentityType"], shown["VerifiedForSendingStatus"]) == ("EMAIL_ADDRESS", True)
    assert shown["VerificationInfo"]["LastSuccessTimestamp"] == "2027-01-15T08:00:00.000Z"
    assert [one["IdentityName"] for one in listed["EmailIdentities"]] == ["example.org", SHOP, name]
    assert len(first["EmailIdentities"]) == 2
    assert first["NextToken"]
    assert gone["$metadata"]["httpStatusCode"] == 200
    assert shop.identity("example.org").status == "MISSING"


def test_the_sdk_walks_through_lists_of_v2(shop: LocalSes, node: Node) -> None:
    names = [f"{n}.shop.example" for n in range(4)]
    for name in names:
        shop.identity(name).verify()
    puts = [
        ("sesv2", "PutSuppressedDestination", {"EmailAddress": f"{n}@x.example", "Reason": "BOUNCE"}) for n in "abc"
    ]
    since = {"$date": "2027-01-15T08:00:00Z"}
    asked = {"pageSize": 2, "Reasons": ["BOUNCE", "COMPLAINT"], "StartDate": since, "EndDate": since}
    *_, identities, suppressed = node(
        *puts,
        ("sesv2Pages", "ListEmailIdentities", {"pageSize": 3}),
        ("sesv2Pages", "ListSuppressedDestinations", asked),
    )

    found = [[one["IdentityName"] for one in page["EmailIdentities"]] for page in identities]
    assert found == [names[:3], [names[3], SHOP]]
    addresses = [[one["EmailAddress"] for one in page["SuppressedDestinationSummaries"]] for page in suppressed]
    assert addresses == [["a@x.example", "b@x.example"], ["c@x.example"]]


def test_the_sdk_tends_the_account_by_v2(ses: LocalSes, node: Node) -> None:
    request = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://shop.example", "ProductionAccessEnabled": True}
    _, again, account = node(
        ("sesv2", "PutAccountDetails", request),
        ("sesv2", "PutAccountDetails", request),
        ("sesv2", "GetAccount", {}),
    )

    error = again["error"]
    assert (error["name"], error["status"], error["known"]) == ("ConflictException", 409, True)
    assert account["SendQuota"] == {"Max24HourSend": 200, "MaxSendRate": 1, "SentLast24Hours": 0}
    assert (account["ProductionAccessEnabled"], account["Details"]["ReviewDetails"]["Status"]) == (False, "PENDING")


_MAIL = {"FromEmailAddress": SENDER, "Destination": {"ToAddresses": [ADA]}, "Content": {"Simple": TEXT}}
_V1_MAIL = {"Source": SENDER, "Destination": {"ToAddresses": [ADA]}, "Message": TEXT}


def test_refusals_have_the_form_of_the_sdk(shop: LocalSes, node: Node) -> None:
    """Their name, whether the SDK has a class for it, the HTTP status."""
    shop.account.rate = 1
    many = {"ToAddresses": [f"{n}@example.org" for n in range(51)]}
    _, *answers = node(
        ("sesv2", "SendEmail", _MAIL),
        ("sesv2", "SendEmail", _MAIL),
        ("ses", "SendEmail", _V1_MAIL),
        ("sesv2", "SendEmail", {**_MAIL, "Destination": many}),
        ("ses", "SendEmail", {**_V1_MAIL, "Destination": many}),
        ("sesv2", "GetEmailIdentity", {"EmailIdentity": "nobody@example.org"}),
        ("sesv2", "CreateEmailIdentity", {"EmailIdentity": SHOP}),
        ("sesv2", "ListEmailIdentities", {"NextToken": "made up"}),
        ("ses", "SendEmail", {**_V1_MAIL, "Source": "x@other.example"}),
        ("ses", "SendEmail", {**_V1_MAIL, "ConfigurationSetName": "none"}),
        ("sesv2", "ListImportJobs", {}),
        ("ses", "ListReceiptFilters", {}),
    )

    errors = [answer["error"] for answer in answers]
    assert [(error["name"], error["known"], error["status"]) for error in errors] == [
        ("TooManyRequestsException", True, 429),
        ("Throttling", False, 400),
        ("BadRequestException", True, 400),
        ("InvalidParameterValue", False, 400),
        ("NotFoundException", True, 404),
        ("AlreadyExistsException", True, 400),
        ("InvalidNextTokenException", True, 400),
        ("MessageRejected", True, 400),
        ("ConfigurationSetDoesNotExistException", True, 400),
        ("NotImplementedHere", False, 501),
        ("NotImplementedHere", False, 501),
    ]
    assert errors[0]["message"] == errors[1]["message"] == "Maximum sending rate exceeded."
    assert errors[8]["ConfigurationSetName"] == "none"


# ── the SDK for v1 ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sdk_sends_by_v1(shop: LocalSes, node: Node) -> None:
    raw = f"From: {SENDER}\r\nTo: nobody@example.net\r\n\r\na=b&c+d \xf6\r\n".encode("latin-1")
    one, two, quota, statistics = node(
        ("ses", "SendEmail", {**_V1_MAIL, "Tags": [{"Name": "campaign", "Value": "spring"}]}),
        ("ses", "SendRawEmail", {"Destinations": [BOB], "RawMessage": {"Data": in_base64(raw)}}),
        ("ses", "GetSendQuota", {}),
        ("ses", "GetSendStatistics", {}),
    )

    first, second = shop.sent
    assert [first.message_id, second.message_id] == [one["MessageId"], two["MessageId"]]
    assert (first.recipients, second.recipients) == ((ADA,), (BOB,))
    assert first.tags == {"campaign": "spring"}
    assert second.raw.endswith(b"\r\n\r\na=b&c+d \xf6\r\n")
    assert (quota["MaxSendRate"], quota["SentLast24Hours"]) == (1000, 2)
    (point,) = statistics["SendDataPoints"]
    assert (point["Timestamp"], point["DeliveryAttempts"]) == ("2027-01-15T08:00:00.000Z", 2)


def test_the_sdk_tends_identities_by_v1(shop: LocalSes, node: Node) -> None:
    names = [f"{n}.shop.example" for n in range(4)]
    for name in names:
        shop.identity(name).verify()
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": "*", "Action": "ses:SendEmail", "Resource": "*"},
        }
    )
    _, dkim, attributes, pages, waited, _, policies = node(
        ("ses", "VerifyEmailIdentity", {"EmailAddress": ADA}),
        ("ses", "VerifyDomainDkim", {"Domain": SHOP}),
        ("ses", "GetIdentityVerificationAttributes", {"Identities": [SHOP, ADA, "nobody@example.org"]}),
        ("sesPages", "ListIdentities", {"pageSize": 3, "IdentityType": "Domain"}),
        ("sesWaiter", "IdentityExists", {"Identities": [SHOP]}),
        ("ses", "PutIdentityPolicy", {"Identity": SHOP, "PolicyName": "all", "Policy": policy}),
        ("ses", "GetIdentityPolicies", {"Identity": SHOP, "PolicyNames": ["all"]}),
    )

    assert len(dkim["DkimTokens"]) == 3
    statuses = {name: one["VerificationStatus"] for name, one in attributes["VerificationAttributes"].items()}
    assert statuses == {SHOP: "Success", ADA: "Pending"}
    assert [page["Identities"] for page in pages] == [names[:3], [names[3], SHOP]]
    assert waited["state"] == "SUCCESS"
    assert policies["Policies"] == {"all": policy}


def test_a_set_of_v1_is_seen_by_v2(ses: LocalSes, node: Node) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:events"
    destination = {"Name": "one", "Enabled": True, "MatchingEventTypes": ["send", "bounce"]}
    _, _, listed, found, described = node(
        ("ses", "CreateConfigurationSet", {"ConfigurationSet": {"Name": "main"}}),
        (
            "ses",
            "CreateConfigurationSetEventDestination",
            {
                "ConfigurationSetName": "main",
                "EventDestination": {**destination, "SNSDestination": {"TopicARN": topic}},
            },
        ),
        ("sesv2", "ListConfigurationSets", {}),
        ("sesv2", "GetConfigurationSetEventDestinations", {"ConfigurationSetName": "main"}),
        (
            "ses",
            "DescribeConfigurationSet",
            {"ConfigurationSetName": "main", "ConfigurationSetAttributeNames": ["eventDestinations"]},
        ),
    )

    assert listed["ConfigurationSets"] == ["main"]
    (seen,) = found["EventDestinations"]
    assert (seen["Name"], seen["Enabled"], seen["SnsDestination"]) == ("one", True, {"TopicArn": topic})
    assert seen["MatchingEventTypes"] == ["SEND", "BOUNCE"]
    assert described["EventDestinations"] == [{**destination, "SNSDestination": {"TopicARN": topic}}]
