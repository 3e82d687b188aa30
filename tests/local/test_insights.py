"""Insights: what became of a mail, for each of its recipients."""

from __future__ import annotations

from typing import Any

import pytest

from sesmail.local.box import Box
from sesmail.local.handles import IdentityHandle
from sesmail.local.lists.subscriptions import Subscription, unsubscribe
from tests.local.answers import codes_of
from tests.local.asking import RAW, REGION, ask, box, refusal, send_raw
from tests.local.lists.test_contacts import NOW

UNSENT = "Amazon SES did not send the message to this address"
GONE = "smtp; 550 5.1.1 user unknown"


def told(asked: Box, message_id: str) -> dict[str, list[tuple[str, Any]]]:
    """Kinds and details of events by recipient."""
    insights = ask(asked, "GetMessageInsights", MessageId=message_id)["Insights"]
    return {one["Destination"]: [(event["Type"], event.get("Details")) for event in one["Events"]] for one in insights}


def test_a_mail_is_told_with_all_its_recipients() -> None:
    asked = box()
    ask(asked, "PutSuppressedDestination", EmailAddress="bad@example.org", Reason="BOUNCE")
    everybody = {
        "ToAddresses": ["ada@example.org", "bad@example.org"],
        "CcAddresses": ["bounce@simulator.amazonses.com"],
        "BccAddresses": ["complaint@simulator.amazonses.com", "ada@example.org"],
    }
    sender: dict[str, Any] = {"FromEmailAddress": "Shop <shop@example.com>", "EmailTags": [{"Name": "a", "Value": "b"}]}
    sent = send_raw(asked, Destination=everybody, **sender)
    send_raw(asked)
    about = ask(asked, "GetMessageInsights", MessageId=sent)

    assert {name: value for name, value in about.items() if name != "Insights"} == {
        "MessageId": sent,
        "FromEmailAddress": "shop@example.com",
        "Subject": "Hello",
        "EmailTags": [{"Name": "a", "Value": "b"}],
    }
    bounce = {"BounceType": "PERMANENT", "BounceSubType": "General", "DiagnosticCode": GONE}
    listed = {"BounceType": "PERMANENT", "BounceSubType": "OnAccountSuppressionList", "DiagnosticCode": UNSENT}
    assert told(asked, sent) == {
        "ada@example.org": [("SEND", None), ("DELIVERY", None)],
        "bad@example.org": [("SEND", None), ("BOUNCE", {"Bounce": listed})],
        "bounce@simulator.amazonses.com": [("SEND", None), ("BOUNCE", {"Bounce": bounce})],
        "complaint@simulator.amazonses.com": [
            ("SEND", None),
            ("DELIVERY", None),
            ("COMPLAINT", {"Complaint": {"ComplaintFeedbackType": "abuse"}}),
        ],
    }


def test_a_subject_that_is_none_or_too_long_for_the_model_is_left_out_or_cut() -> None:
    asked = box()
    without = send_raw(asked, RAW.replace(b"Subject: Hello\r\n", b""))
    fold = b"Hello" + b"\r\n a" * 600
    long = send_raw(asked, RAW.replace(b"Hello\r\n\r\n", fold + b"\r\n\r\n"))

    assert "Subject" not in ask(asked, "GetMessageInsights", MessageId=without)
    assert len(ask(asked, "GetMessageInsights", MessageId=long)["Subject"]) == 998


def test_an_address_that_is_too_long_for_the_model_is_cut() -> None:
    asked = box()
    address = f"{'a' * 400}@example.org"
    sent = send_raw(asked, Destination={"ToAddresses": [address]})

    assert list(told(asked, sent)) == [address[:320]]
    assert told(asked, sent)[address[:320]] == [("SEND", None), ("DELIVERY", None)]


def test_leaving_a_list_is_told_with_its_own_time() -> None:
    asked = box()
    ask(asked, "CreateContactList", ContactListName="news")
    sent = send_raw(asked, ListManagementOptions={"ContactListName": "news"})
    asked.clock.advance(90)
    unsubscribe(asked, Subscription("123456789012", REGION, "news", "", "ada@example.org", sent).token)
    (one,) = ask(asked, "GetMessageInsights", MessageId=sent)["Insights"]

    assert [(event["Type"], event["Timestamp"]) for event in one["Events"]] == [
        ("SEND", NOW),
        ("DELIVERY", NOW),
        ("SUBSCRIPTION", NOW + 90),
    ]


@pytest.mark.parametrize("region", [REGION, "us-east-1"])
def test_a_mail_of_elsewhere_is_not_found(region: str) -> None:
    asked = box()
    IdentityHandle(asked, "us-east-1", "example.com").verify()
    sent = send_raw(asked, region="us-east-1")
    if region == REGION:
        fault = refusal(asked, "GetMessageInsights", region=region, MessageId=sent)
        assert fault.v2 == ("NotFoundException", 404)
        assert fault.v2[0] in codes_of("sesv2", "GetMessageInsights")
    else:
        assert ask(asked, "GetMessageInsights", region=region, MessageId=sent)["MessageId"] == sent
        asked.ledger.clear()
        assert refusal(asked, "GetMessageInsights", region=region, MessageId=sent).v2[0] == "NotFoundException"
