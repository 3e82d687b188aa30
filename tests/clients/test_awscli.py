"""The AWS CLI, which finds the box by its environment: what it prints, and how it fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sesmail.local import LocalSes

from .awscli import Aws, printed
from .conftest import SENDER, SHOP

pytestmark = pytest.mark.server

ADA = "ada@example.org"
REFUSED = 255  # of version 1, which is the one on PyPI; version 2 says 254

UNVERIFIED = "Email address is not verified. The following identities failed the check in region "


def test_it_knows_who_it_is(aws: Aws) -> None:
    assert printed(aws("sts", "get-caller-identity"))["Arn"] == "arn:aws:iam::123456789012:user/local"


def test_v2_sends_a_simple_mail_from_a_file(shop: LocalSes, aws: Aws, tmp_path: Path) -> None:
    asked = {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": [ADA], "BccAddresses": ["eve@example.org"]},
        "Content": {
            "Simple": {
                "Subject": {"Data": "Grüße", "Charset": "UTF-8"},
                "Body": {"Text": {"Data": "Schöne Grüße", "Charset": "UTF-8"}},
                "Headers": [{"Name": "X-Order", "Value": "42"}],
            }
        },
        "EmailTags": [{"Name": "campaign", "Value": "spring"}],
    }
    (tmp_path / "mail.json").write_text(json.dumps(asked), "utf-8")
    answer = printed(aws("sesv2", "send-email", "--cli-input-json", "file://mail.json"))

    (mail,) = shop.sent
    assert (mail.message_id, mail.recipients) == (answer["MessageId"], (ADA, "eve@example.org"))
    assert (mail.email.subject, mail.tags) == ("Grüße", {"campaign": "spring"})
    assert mail.email.text is not None
    assert mail.email.text.rstrip() == "Schöne Grüße"


RAW = f"From: {SENDER}\nTo: {ADA}\nSubject: Hello\n\nHello Ada\n"


@pytest.mark.parametrize(
    ("arguments", "raw"),
    [
        (["sesv2", "send-email", "--content", "file://mail.json"], {"Raw": {"Data": RAW}}),
        (["ses", "send-raw-email", "--raw-message", "file://mail.json"], {"Data": RAW}),
    ],
)
def test_a_raw_mail_is_sent_from_a_file(
    shop: LocalSes, aws: Aws, tmp_path: Path, arguments: list[str], raw: dict[str, object]
) -> None:
    (tmp_path / "mail.json").write_text(json.dumps(raw), "utf-8")
    answer = printed(aws(*arguments))

    (mail,) = shop.sent
    assert (mail.message_id, mail.to, mail.email.text) == (answer["MessageId"], (ADA,), "Hello Ada\n")


def test_v1_sends_by_its_short_options(shop: LocalSes, aws: Aws) -> None:
    words = ["--from", SENDER, "--to", ADA, "bob@example.org", "--cc", "cy@example.org", "--bcc", "eve@example.org"]
    answer = printed(aws("ses", "send-email", *words, "--subject", "Hello, Ada", "--text", "a, b", "--html", "<p>a"))

    (mail,) = shop.sent
    assert mail.message_id == answer["MessageId"]
    assert mail.recipients == (ADA, "bob@example.org", "cy@example.org", "eve@example.org")
    assert (mail.email.subject, mail.email.text, mail.email.html) == ("Hello, Ada", "a, b", "<p>a")


def test_identities_are_made_and_shown(ses: LocalSes, aws: Aws) -> None:
    name = "user+tag@example.com"
    made = printed(aws("sesv2", "create-email-identity", "--email-identity", SHOP))
    ses.identity(name).verify()
    shown = printed(aws("sesv2", "get-email-identity", "--email-identity", name))
    waited = aws("ses", "wait", "identity-exists", "--identities", name)
    gone = aws("sesv2", "delete-email-identity", "--email-identity", SHOP)

    assert len(made["DkimAttributes"]["Tokens"]) == 3
    assert (shown["VerificationStatus"], shown["Policies"]) == ("SUCCESS", {})
    assert (waited.returncode, gone.returncode, gone.stdout) == (0, 0, "")
    assert ses.identity(SHOP).status == "MISSING"


def test_lists_are_walked_through(shop: LocalSes, aws: Aws) -> None:
    names = [f"{n}.shop.example" for n in range(4)]
    for name in names:
        shop.identity(name).verify()
    first = printed(aws("sesv2", "list-email-identities", "--page-size", "3"))
    second = printed(aws("sesv2", "list-email-identities", "--page-size", "3", "--next-token", first["NextToken"]))
    by_v1 = printed(aws("ses", "list-identities", "--page-size", "2"))
    some = printed(aws("ses", "list-identities", "--max-items", "3", "--page-size", "2"))
    rest = printed(aws("ses", "list-identities", "--starting-token", some["NextToken"]))

    found = [one["IdentityName"] for page in (first, second) for one in page["EmailIdentities"]]
    assert found == [*names, SHOP]
    assert by_v1["Identities"] == some["Identities"] + rest["Identities"] == [*names, SHOP]


def test_the_suppression_list_is_kept(shop: LocalSes, aws: Aws) -> None:
    done = aws("sesv2", "put-suppressed-destination", "--email-address", ADA, "--reason", "COMPLAINT")
    query = "SuppressedDestinationSummaries[].[EmailAddress,Reason]"
    listed = aws(
        "sesv2", "list-suppressed-destinations", "--reasons", "COMPLAINT", "--query", query, "--output", "text"
    )

    assert (done.returncode, done.stdout) == (0, "")
    assert listed.stdout.split() == [ADA, "COMPLAINT"]


def test_the_account_is_shown_and_asks_for_production(ses: LocalSes, aws: Aws) -> None:
    words = ["--mail-type", "TRANSACTIONAL", "--website-url", "https://shop.example", "--production-access-enabled"]
    asked = aws("sesv2", "put-account-details", *words)
    account = printed(aws("sesv2", "get-account"))
    quota = printed(aws("ses", "get-send-quota"))

    assert (asked.returncode, account["Details"]["ReviewDetails"]["Status"]) == (0, "PENDING")
    assert account["SendQuota"] == quota == {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 0.0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["sesv2", "get-email-identity", "--email-identity", "nobody@example.com"],
            "(NotFoundException) when calling the GetEmailIdentity operation: Email identity nobody@example.com does",
        ),
        (
            ["ses", "send-email", "--from", "x@other.example", "--to", ADA, "--subject", "x", "--text", "x"],
            f"(MessageRejected) when calling the SendEmail operation: {UNVERIFIED}US-EAST-1: x@other.example, {ADA}",
        ),
        (["ses", "describe-configuration-set", "--configuration-set-name", "x"], "(ConfigurationSetDoesNotExist)"),
        (["sesv2", "list-recommendations"], "(NotImplementedHere)"),
        (
            ["sts", "assume-role", "--role-arn", "arn:aws:iam::123456789012:role/x", "--role-session-name", "me"],
            "(AccessDenied) when calling the AssumeRole operation",
        ),
    ],
)
def test_a_refusal_is_told_on_stderr(ses: LocalSes, aws: Aws, arguments: list[str], said: str) -> None:
    done = aws(*arguments)

    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert said in done.stderr
