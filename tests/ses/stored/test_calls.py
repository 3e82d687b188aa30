"""The parameters of a mail that SES makes itself, as botocore's model takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.validate import validate_parameters

from sesmail import Address, Email, Envelope, Outgoing, SesOptions
from sesmail.errors import Unsupported
from sesmail.ses.call import Call
from sesmail.ses.stored.calls import entries_of, stored_call
from sesmail.ses.stored.content import StoredRow, StoredTemplate
from tests.ses.client.direct.test_body import MODELS

ADA = StoredRow(to="Ada Löwe <ada@example.org>", cc="eve@example.org", bcc="bob@example.org", data={"name": "Ada"})
BEN = StoredRow(
    to="ben@example.org",
    data={"name": "Ben"},
    headers={"X-Kind": "own"},
    tags={"kind": "own"},
    unsubscribe="https://example.com/u/ben",
)


def outgoing(*rows: StoredRow, people: Envelope | None = None, data: Any = (), **fields: Any) -> Outgoing:
    to = [address for row in rows for address in row.recipients]
    mail = Email(**{"sender": "Shop <shop@example.com>", "to": to, **fields})
    content = StoredTemplate("news", rows, dict(data))
    return Outgoing(mail, people or Envelope.of(mail), content, mail.ses)


def call_of(mail: Outgoing) -> Call:
    call = stored_call(mail, entries_of(mail))
    model = MODELS["sesv2"].operation_model(call.operation)
    validate_parameters(dict(call.parameters), model.input_shape)
    return call


def envelope(*to: str) -> Envelope:
    return Envelope(Address("shop@example.com"), tuple(map(Address, to)))


def test_one_row_is_a_mail_and_several_are_a_bulk() -> None:
    one, two = call_of(outgoing(ADA, data={"week": 7})), call_of(outgoing(ADA, BEN, data={"week": 7}))

    assert one.operation == "SendEmail"
    assert one.parameters["Content"] == {
        "Template": {"TemplateName": "news", "TemplateData": '{"week": 7, "name": "Ada"}'}
    }
    assert one.parameters["Destination"] == {
        "ToAddresses": ["=?utf-8?b?QWRhIEzDtndl?= <ada@example.org>"],
        "CcAddresses": ["eve@example.org"],
        "BccAddresses": ["bob@example.org"],
    }
    assert two.operation == "SendBulkEmail"
    assert two.parameters["DefaultContent"] == {"Template": {"TemplateName": "news", "TemplateData": "{}"}}
    entries: Any = two.parameters["BulkEmailEntries"]
    first, second = entries
    assert first["Destination"] == one.parameters["Destination"]
    replaced = second["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"]
    assert json.loads(replaced) == {"week": 7, "name": "Ben"}
    assert second["ReplacementTags"] == [{"Name": "kind", "Value": "own"}]
    assert second["ReplacementHeaders"] == [
        {"Name": "List-Unsubscribe", "Value": "<https://example.com/u/ben>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
        {"Name": "X-Kind", "Value": "own"},
    ]


def test_what_is_said_for_all_goes_with_both() -> None:
    fields: dict[str, Any] = {
        "reply_to": ["help@example.com"],
        "tags": {"kind": "all", "a": "b"},
        "headers": {"x-kind": "all", "X-A": "é"},
        "ses": SesOptions(configuration_set="main", tenant="acme", from_arn="arn:a", feedback_address="b@example.com"),
    }
    one, two = call_of(outgoing(BEN, **fields)), call_of(outgoing(ADA, BEN, **fields))

    for call in (one, two):
        assert call.parameters["FromEmailAddress"] == "Shop <shop@example.com>"
        assert call.parameters["ReplyToAddresses"] == ["help@example.com"]
        assert call.parameters["ConfigurationSetName"] == "main"
        assert call.parameters["TenantName"] == "acme"
        assert call.parameters["FromEmailAddressIdentityArn"] == "arn:a"
        assert call.parameters["FeedbackForwardingEmailAddress"] == "b@example.com"
    tags = [{"Name": "kind", "Value": "all"}, {"Name": "a", "Value": "b"}]
    assert two.parameters["DefaultEmailTags"] == tags
    assert one.parameters["EmailTags"] == [{"Name": "kind", "Value": "own"}, {"Name": "a", "Value": "b"}]
    headers = one.parameters["Content"]["Template"]["Headers"]  # type: ignore[index]
    assert [header["Name"] for header in headers] == ["List-Unsubscribe", "List-Unsubscribe-Post", "X-Kind", "X-A"]
    shared = two.parameters["DefaultContent"]["Template"]["Headers"]  # type: ignore[index]
    assert shared == [{"Name": "x-kind", "Value": "all"}, {"Name": "X-A", "Value": "=?utf-8?b?w6k=?="}]


def test_the_envelope_decides_who_is_left_of_each_row() -> None:
    mail = outgoing(ADA, BEN, people=envelope("bob@example.org", "eve@example.org"))
    call = call_of(mail)

    assert call.operation == "SendEmail"
    assert call.parameters["Destination"] == {
        "CcAddresses": ["eve@example.org"],
        "BccAddresses": ["bob@example.org"],
    }
    assert [(entry.index, len(entry.recipients)) for entry in entries_of(mail)] == [(0, 2)]


def test_one_row_goes_to_whom_the_envelope_names_instead() -> None:
    mail = outgoing(ADA, people=envelope("dev@example.com"))

    assert call_of(mail).parameters["Destination"] == {"ToAddresses": ["dev@example.com"]}


def test_several_rows_for_somebody_else_are_refused_with_the_cure() -> None:
    for people in (envelope("dev@example.com"), envelope("ben@example.org", "dev@example.com")):
        with pytest.raises(Unsupported, match="send one row in a call") as caught:
            entries_of(outgoing(ADA, BEN, people=people))
        assert "dev" not in str(caught.value)


def test_a_contact_list_goes_with_one_row_only() -> None:
    ses = SesOptions(contact_list="readers", topic="news")

    assert call_of(outgoing(ADA, ses=ses)).parameters["ListManagementOptions"] == {
        "ContactListName": "readers",
        "TopicName": "news",
    }
    with pytest.raises(Unsupported, match="contact list") as caught:
        call_of(outgoing(ADA, BEN, ses=ses))
    assert caught.value.field == "ses.contact_list"


def test_headers_that_ses_does_not_take_beside_a_template_are_refused_by_name() -> None:
    many = {f"X-{number}": "a" for number in range(16)}
    few = {f"X-{number}": "a" for number in range(13)}
    for rows, headers, said in [
        ((ADA,), many, "16 headers"),
        ((ADA, BEN), many, "16 headers"),
        ((BEN,), few, "16 headers"),
        ((ADA,), {"X-Long": "a" * 996}, "X-Long"),
        ((ADA,), {"X-None": ""}, "X-None"),
    ]:
        with pytest.raises(Unsupported, match=said):
            call_of(outgoing(*rows, headers=headers))
    call_of(outgoing(ADA, BEN, headers=few))


def test_a_row_with_metadata_of_its_own_has_none_of_the_others() -> None:
    own = StoredRow(to="eve@example.org", metadata={"order": 42, "who": "Évé"})
    parameters: Any = call_of(outgoing(own, StoredRow(to="zoe@example.org"), metadata={"order": 0})).parameters

    assert parameters["DefaultContent"]["Template"]["Headers"] == [{"Name": "X-Metadata", "Value": '{"order": 0}'}]
    entries = parameters["BulkEmailEntries"]
    (header,) = entries[0]["ReplacementHeaders"]
    assert header["Name"] == "X-Metadata"
    assert json.loads(header["Value"]) == {"order": 42, "who": "Évé"}
    assert "ReplacementHeaders" not in entries[1]


def test_a_row_with_another_way_to_leave_has_no_one_click_of_the_others() -> None:
    by_mail = StoredRow(to="ada@example.org", unsubscribe="mailto:leave@example.com")
    by_click = StoredRow(to="eve@example.org", unsubscribe="https://example.com/eve")
    fields: dict[str, Any] = {"unsubscribe": "https://example.com/u", "headers": {"X-Kind": "all"}}
    alone: Any = call_of(outgoing(by_mail, **fields)).parameters["Content"]
    assert [header["Name"] for header in alone["Template"]["Headers"]] == ["List-Unsubscribe", "X-Kind"]

    parameters: Any = call_of(outgoing(by_mail, by_click, StoredRow(to="zoe@example.org"), **fields)).parameters
    assert parameters["DefaultContent"]["Template"]["Headers"] == [{"Name": "X-Kind", "Value": "all"}]
    own = [[header["Value"] for header in entry["ReplacementHeaders"]] for entry in parameters["BulkEmailEntries"]]
    assert own[0] == ["<mailto:leave@example.com>"]
    assert own[1] == ["<https://example.com/eve>", "List-Unsubscribe=One-Click"]
    assert own[2] == ["<https://example.com/u>", "List-Unsubscribe=One-Click"]

    parameters = call_of(outgoing(by_click, StoredRow(to="zoe@example.org"), **fields)).parameters
    assert len(parameters["DefaultContent"]["Template"]["Headers"]) == 3
