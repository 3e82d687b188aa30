"""The AWS CLI and templates: every operation of both APIs from a shell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sesmail.local import LocalSes

from .awscli import Aws, printed
from .conftest import SENDER

pytestmark = pytest.mark.server

ADA = "ada@example.org"
BODY = {"Subject": "Order {{number}}", "Text": "Hello {{name}}", "Html": "<b>{{name}}</b>"}
IN_V1 = {"TemplateName": "order", **{f"{part}Part": text for part, text in BODY.items()}}
DATA = json.dumps({"number": 7, "name": "Ada"})
ORDER = ("--template-name", "order")
WELCOME = ("--template-name", "welcome")
VERIFICATION = (
    *WELCOME,
    *("--from-email-address", "orders@shop.example"),
    *("--template-subject", "Is this you?"),
    *("--template-content", "<p>Welcome</p>"),
    *("--success-redirection-url", "https://shop.example/yes"),
    *("--failure-redirection-url", "https://shop.example/no"),
)


def done(aws: Aws, *arguments: str) -> None:
    ended = aws(*arguments)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def as_json(value: Any) -> str:
    return json.dumps(value)


def test_v2_keeps_and_sends_templates(shop: LocalSes, aws: Aws) -> None:
    done(aws, "sesv2", "create-email-template", *ORDER, "--template-content", as_json({"Subject": "x"}))
    done(aws, "sesv2", "update-email-template", *ORDER, "--template-content", as_json(BODY))
    told = printed(aws("sesv2", "get-email-template", *ORDER))
    listed = printed(aws("sesv2", "list-email-templates"))
    tried = printed(aws("sesv2", "test-render-email-template", *ORDER, "--template-data", DATA))
    content = as_json({"Template": {"TemplateName": "order", "TemplateData": DATA}})
    whom = ("--from-email-address", SENDER)
    sent = printed(aws("sesv2", "send-email", *whom, "--destination", f"ToAddresses={ADA}", "--content", content))
    entries = as_json([{"Destination": {"ToAddresses": [ADA]}}, {"Destination": {"ToAddresses": ["no address"]}}])
    bulk = printed(
        aws("sesv2", "send-bulk-email", *whom, "--default-content", content, "--bulk-email-entries", entries)
    )
    done(aws, "sesv2", "delete-email-template", *ORDER)

    assert told["TemplateContent"] == BODY
    assert [one["TemplateName"] for one in listed["TemplatesMetadata"]] == ["order"]
    assert "Subject: Order 7" in tried["RenderedTemplate"]
    assert [one["Status"] for one in bulk["BulkEmailEntryResults"]] == ["SUCCESS", "INVALID_PARAMETER"]
    assert [mail.message_id for mail in shop.sent] == [
        sent["MessageId"],
        bulk["BulkEmailEntryResults"][0]["MessageId"],
    ]
    assert {mail.subject for mail in shop.sent} == {"Order 7"}


def test_v1_keeps_and_sends_templates(shop: LocalSes, aws: Aws) -> None:
    done(aws, "ses", "create-template", "--template", as_json({"TemplateName": "order", "SubjectPart": "x"}))
    done(aws, "ses", "update-template", "--template", as_json(IN_V1))
    told = printed(aws("ses", "get-template", *ORDER))
    listed = printed(aws("ses", "list-templates"))
    tried = printed(aws("ses", "test-render-template", *ORDER, "--template-data", DATA))
    whom = ("--source", SENDER, "--template", "order")
    to = ("--destination", f"ToAddresses={ADA}")
    sent = printed(aws("ses", "send-templated-email", *whom, *to, "--template-data", DATA))
    many = as_json([{"Destination": {"ToAddresses": [ADA]}}])
    data = ("--default-template-data", DATA)
    bulk = printed(aws("ses", "send-bulk-templated-email", *whom, *data, "--destinations", many))
    done(aws, "ses", "delete-template", *ORDER)

    assert told["Template"] == IN_V1
    assert [one["Name"] for one in listed["TemplatesMetadata"]] == ["order"]
    assert "<b>Ada</b>" in tried["RenderedTemplate"]
    assert [mail.message_id for mail in shop.sent] == [sent["MessageId"], bulk["Status"][0]["MessageId"]]


@pytest.mark.parametrize("api", ["sesv2", "ses"])
def test_custom_verification(shop: LocalSes, aws: Aws, api: str) -> None:
    name = "custom-verification-email-template"
    done(aws, api, f"create-{name}", *VERIFICATION)
    done(aws, api, f"update-{name}", *VERIFICATION, "--template-subject", "Really you?")
    told = printed(aws(api, f"get-{name}", *WELCOME))
    listed = printed(aws(api, f"list-{name}s"))["CustomVerificationEmailTemplates"]
    sent = printed(aws(api, "send-custom-verification-email", "--email-address", ADA, *WELCOME))
    done(aws, api, f"delete-{name}", *WELCOME)

    assert (told["TemplateSubject"], told["TemplateContent"]) == ("Really you?", "<p>Welcome</p>")
    assert [one["TemplateName"] for one in listed] == ["welcome"]
    assert (shop.sent[-1].message_id, shop.verification_mails[-1].address) == (sent["MessageId"], ADA)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sesv2", "get-email-template", *ORDER], "(NotFoundException)"),
        (["ses", "get-template", *ORDER], "(TemplateDoesNotExist)"),
        (["ses", "get-custom-verification-email-template", *WELCOME], "(CustomVerificationEmailTemplateDoesNotExist)"),
        (["ses", "create-custom-verification-email-template", *VERIFICATION], "(FromEmailAddressNotVerified)"),
    ],
)
def test_a_refusal_is_told_on_stderr(ses: LocalSes, aws: Aws, arguments: list[str], said: str) -> None:
    ended = aws(*arguments)

    assert (ended.returncode, ended.stdout) == (255, "")
    assert said in ended.stderr
