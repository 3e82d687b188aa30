"""aiobotocore: both APIs at once, and many calls at the same time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sesmail.local import LocalSes

from .conftest import SENDER, SHOP, driven
from .environments import python_with

pytestmark = pytest.mark.server

DRIVER = Path(__file__).parent / "drivers" / "call_with_aiobotocore.py"
TEXT = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}}

Asked = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="session")
def python() -> Path:
    return python_with("aiobotocore", "aiobotocore>=3.10") / "python"


def v1_mail(n: int) -> Asked:
    return "ses", "send_email", {"Source": SENDER, "Destination": _to(n), "Message": TEXT}


def v2_mail(n: int) -> Asked:
    return "sesv2", "send_email", {"FromEmailAddress": SENDER, "Destination": _to(n), "Content": {"Simple": TEXT}}


def _to(n: int) -> dict[str, list[str]]:
    return {"ToAddresses": [f"{n}@example.org"]}


def test_many_mails_at_once_are_as_many_mails(shop: LocalSes, python: Path, surroundings: dict[str, str]) -> None:
    asked = [(v1_mail, v2_mail)[n % 2](n) for n in range(400)]
    answers = driven([python, "-I", DRIVER], asked, surroundings)

    by_id = {mail.message_id: mail for mail in shop.sent}
    assert len(by_id) == 400
    for n, answer in enumerate(answers):
        mail = by_id[answer["MessageId"]]
        assert (mail.to, mail.service) == ((f"{n}@example.org",), ("ses", "sesv2")[n % 2])


def test_of_many_at_once_only_the_quota_passes(shop: LocalSes, python: Path, surroundings: dict[str, str]) -> None:
    shop.account.quota = 30
    answers = driven([python, "-I", DRIVER], [(v1_mail, v2_mail)[n % 2](n) for n in range(100)], surroundings)

    refusals = {(answer["class"], answer["status"], answer["Message"]) for answer in answers if "class" in answer}
    assert len(shop.sent) == sum("MessageId" in answer for answer in answers) == 30
    assert refusals == {
        ("ClientError", 400, "Daily message quota exceeded."),
        ("LimitExceededException", 400, "Daily message quota exceeded."),
    }


def test_other_calls_answer_and_fail_as_they_should(shop: LocalSes, python: Path, surroundings: dict[str, str]) -> None:
    odd = "user+tag@example.com"
    shop.identity(odd).verify()
    asked: list[Asked] = [
        ("sesv2", "list_email_identities", {"PageSize": 1}),
        ("sesv2", "get_email_identity", {"EmailIdentity": odd}),
        ("ses", "list_identities", {"IdentityType": "Domain"}),
        ("ses", "get_identity_dkim_attributes", {"Identities": [SHOP]}),
        ("sesv2", "get_email_identity", {"EmailIdentity": "nobody@example.com"}),
        ("ses", "describe_configuration_set", {"ConfigurationSetName": "x"}),
    ]
    page, found, listed, dkim, missing, no_set = driven([python, "-I", DRIVER], asked, surroundings)

    assert len(page["EmailIdentities"]) == 1
    assert page["NextToken"]
    assert found["VerificationStatus"] == "SUCCESS"
    assert listed["Identities"] == [SHOP]
    assert dkim["DkimAttributes"][SHOP]["DkimVerificationStatus"] == "Success"
    assert (missing["class"], missing["status"]) == ("NotFoundException", 404)
    assert (no_set["class"], no_set["Code"]) == (
        "ConfigurationSetDoesNotExistException",
        "ConfigurationSetDoesNotExist",
    )
