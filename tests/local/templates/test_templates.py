"""Stored templates and the mails made of them: kept by both APIs, rendered as SES does, and told when that fails."""

from __future__ import annotations

import json
from email import message_from_string, policy
from typing import Any

import pytest

from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.handles import IdentityHandle
from sesmail.local.ledger import SentMail
from sesmail.local.models.service import Service
from tests.local.answers import codes_of, refused
from tests.local.asking import REGION, ask, box, refusal

NAME = "order"
CONTENT = {"Subject": "Order {{number}}", "Text": "Hello {{name}}", "Html": "<p>Hello <b>{{name}}</b>"}
IN_V1 = {"SubjectPart": CONTENT["Subject"], "TextPart": CONTENT["Text"], "HtmlPart": CONTENT["Html"]}
DATA = {"number": 7, "name": "Ada <3"}
TO = {"ToAddresses": ["ada@example.org"]}
SENDER = "shop@example.com"
MISSING = "Attribute 'name' is not present in the rendering data."


def with_template(content: dict[str, str] = CONTENT, **options: Any) -> Box:
    asked = box(**options)
    ask(asked, "CreateEmailTemplate", TemplateName=NAME, TemplateContent=content)
    return asked


def by_v2(data: object = DATA, **more: Any) -> Call:
    template = {"TemplateName": NAME, "TemplateData": json.dumps(data), **more}
    params = {"FromEmailAddress": SENDER, "Destination": TO, "Content": {"Template": template}}
    return Call("sesv2", "SendEmail", params, REGION)


def by_v1(data: object = DATA, **more: Any) -> Call:
    params = {"Source": SENDER, "Destination": TO, "Template": NAME, "TemplateData": json.dumps(data), **more}
    return Call("ses", "SendTemplatedEmail", params, REGION)


def inline(data: object = DATA, **more: Any) -> Call:
    template = {"TemplateContent": CONTENT, "TemplateData": json.dumps(data), **more}
    params = {"FromEmailAddress": SENDER, "Destination": TO, "Content": {"Template": template}}
    return Call("sesv2", "SendEmail", params, REGION)


def last(asked: Box) -> SentMail:
    return list(asked.ledger)[-1]


# ── kept ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_template_of_v2_is_one_of_v1_and_back() -> None:
    asked = with_template()
    assert ask(asked, "GetTemplate", "ses", TemplateName=NAME) == {"Template": {"TemplateName": NAME, **IN_V1}}
    ask(asked, "CreateTemplate", "ses", Template={"TemplateName": "other", **IN_V1})
    told = ask(asked, "GetEmailTemplate", TemplateName="other")
    assert (told["TemplateName"], told["TemplateContent"], told.get("Tags", [])) == ("other", CONTENT, [])


def test_an_update_takes_the_place_of_all_that_was_there() -> None:
    asked = with_template()
    ask(asked, "UpdateEmailTemplate", TemplateName=NAME, TemplateContent={"Subject": "only"})
    only = {"TemplateName": NAME, "SubjectPart": "only"}
    assert ask(asked, "GetTemplate", "ses", TemplateName=NAME)["Template"] == only
    ask(asked, "UpdateTemplate", "ses", Template={"TemplateName": NAME, "SubjectPart": "one"})

    assert ask(asked, "GetEmailTemplate", TemplateName=NAME)["TemplateContent"] == {"Subject": "one"}


def test_templates_are_listed_newest_first_and_in_pages() -> None:
    asked = box()
    for name in ("a", "b", "c"):
        ask(asked, "CreateEmailTemplate", TemplateName=name, TemplateContent=CONTENT)
        asked.clock.advance(60)
    first = ask(asked, "ListEmailTemplates", PageSize=2)
    rest = ask(asked, "ListEmailTemplates", PageSize=2, NextToken=first["NextToken"])
    by_v1 = ask(asked, "ListTemplates", "ses", MaxItems=2)

    assert [one["TemplateName"] for one in first["TemplatesMetadata"]] == ["c", "b"]
    assert rest == {"TemplatesMetadata": [{"TemplateName": "a", "CreatedTimestamp": 1_800_000_000.0}]}
    assert [one["Name"] for one in by_v1["TemplatesMetadata"]] == ["c", "b"]
    assert "NextToken" not in ask(asked, "ListTemplates", "ses")


def test_a_template_can_be_removed() -> None:
    asked = with_template()
    ask(asked, "DeleteEmailTemplate", TemplateName=NAME)
    ask(asked, "DeleteTemplate", "ses", TemplateName=NAME)

    assert ask(asked, "ListEmailTemplates") == {"TemplatesMetadata": []}


@pytest.mark.skipif(
    "Tags" not in Service.of("sesv2").operation("CreateEmailTemplate").takes.members,
    reason="this botocore knows no tags of templates",
)
def test_it_may_have_tags() -> None:
    asked = box()
    tags = [{"Key": "team", "Value": "shop"}]
    ask(asked, "CreateEmailTemplate", TemplateName=NAME, TemplateContent=CONTENT, Tags=tags)

    assert ask(asked, "GetEmailTemplate", TemplateName=NAME)["Tags"] == tags


@pytest.mark.parametrize("service", ["sesv2", "ses"])
def test_what_is_not_there_is_missed(service: str) -> None:
    operations = {
        "sesv2": ("GetEmailTemplate", "UpdateEmailTemplate", "DeleteEmailTemplate", "TestRenderEmailTemplate"),
        "ses": ("GetTemplate", "UpdateTemplate", "TestRenderTemplate"),
    }
    for operation in operations[service]:
        params: dict[str, Any] = {"TemplateName": "x"}
        if operation == "UpdateTemplate":
            params = {"Template": {"TemplateName": "x", "SubjectPart": "x"}}
        if operation == "UpdateEmailTemplate":
            params |= {"TemplateContent": {"Subject": "x"}}
        if "Render" in operation:
            params |= {"TemplateData": "{}"}
        answer, said = refused(box(), Call(service, operation, params, REGION))

        assert answer == {"sesv2": ("NotFoundException", 404), "ses": ("TemplateDoesNotExist", 400)}[service]
        assert said == "Template x does not exist."


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a b", {"Subject": "x"}, "other than 1 to 64 of"),
        ("x" * 65, {"Subject": "x"}, "other than 1 to 64 of"),
        (NAME, {"Subject": "x", "Text": "x" * 512_000}, "larger than 500 KB"),
        (NAME, {"Subject": "x", "Text": "ü" * 256_000}, "larger than 500 KB"),
        (NAME, {"Subject": "x", "Text": "{{#if a}}"}, "if"),
        (NAME, {"Subject": "{{", "Text": "x"}, ""),
        (NAME, {"Subject": "x", "Html": "{{> nobody}}"}, "nobody"),
    ],
)
def test_what_can_be_no_template_is_refused(name: str, content: dict[str, str], reason: str) -> None:
    asked = box()
    by_v2, said = refused(
        asked, Call("sesv2", "CreateEmailTemplate", {"TemplateName": name, "TemplateContent": content}, REGION)
    )
    in_v1 = {"TemplateName": name, **{f"{part}Part": text for part, text in content.items()}}
    by_v1, _ = refused(asked, Call("ses", "CreateTemplate", {"Template": in_v1}, REGION))

    assert (by_v2, by_v1) == (("BadRequestException", 400), ("InvalidTemplate", 400))
    assert reason in said
    assert asked.region(REGION).templates == {}


def test_a_name_is_given_once() -> None:
    asked = with_template()
    create = Call("ses", "CreateTemplate", {"Template": {"TemplateName": NAME, **IN_V1}}, REGION)

    assert refused(asked, create)[0] == ("AlreadyExists", 400)
    assert refusal(asked, "CreateEmailTemplate", TemplateName=NAME, TemplateContent=CONTENT).v2[0] == (
        "AlreadyExistsException"
    )


def test_there_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sesmail.local.templates.shelf.MOST_TEMPLATES", 1)
    fault = refusal(with_template(), "CreateEmailTemplate", TemplateName="other", TemplateContent=CONTENT)

    assert fault.v2[0] == "LimitExceededException"


# ── sent ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("call", [by_v2(), by_v1(), inline()], ids=["v2", "v1", "inline"])
def test_a_mail_is_made_of_a_template_and_data(call: Call) -> None:
    asked = with_template()
    answer = asked.handle(call)
    mail = last(asked)

    assert (mail.message_id, mail.operation) == (answer["MessageId"], call.operation)
    assert (mail.sender, mail.to) == (SENDER, ("ada@example.org",))
    assert (mail.subject, mail.email.text) == ("Order 7", "Hello Ada <3")
    assert mail.email.html == "<p>Hello <b>Ada <3</b>", "SES escapes nothing"
    assert [event.kind for event in asked.events.all()] == ["Send", "Delivery"]


@pytest.mark.parametrize("content", [{}, {"Text": "only"}, {"Html": "<p>only"}])
def test_a_body_may_be_missing(content: dict[str, str]) -> None:
    asked = with_template({"Subject": "only", **content})
    asked.handle(by_v2())

    assert last(asked).raw.count(b"only") == 1 + len(content)


@pytest.mark.parametrize("content", [{}, {"Text": "x"}, {"Subject": "", "Text": "x"}])
def test_a_template_that_is_kept_has_a_subject(content: dict[str, str]) -> None:
    asked = box()
    fault = refusal(asked, "CreateEmailTemplate", TemplateName=NAME, TemplateContent=content)

    assert (fault.v2[0], fault.v1[0]) == ("BadRequestException", "InvalidParameterValue")
    assert fault.message == "The subject must be specified."


def test_content_that_comes_along_needs_none() -> None:
    asked = box()
    template = {"TemplateContent": {"Text": "only"}}
    ask(asked, "SendEmail", FromEmailAddress=SENDER, Destination=TO, Content={"Template": template})

    assert last(asked).subject == ""


def test_letters_of_all_kinds_come_through() -> None:
    asked = with_template({"Subject": "Grüße, {{name}}", "Text": "邮 {{name}}"})
    asked.handle(by_v2({"name": "Zoë 🎉"}))

    assert (last(asked).subject, last(asked).email.text) == ("Grüße, Zoë 🎉", "邮 Zoë 🎉")


def test_headers_and_files_come_along_by_v2() -> None:
    asked = with_template()
    file = {"FileName": "a.txt", "RawContent": b"content"}
    asked.handle(by_v2(Headers=[{"Name": "X-Order", "Value": "7"}], Attachments=[file]))

    assert b"\r\nX-Order: 7\r\n" in last(asked).raw
    assert [part.name for part in last(asked).email.attachments] == ["a.txt"]


def test_a_template_may_be_named_by_its_arn() -> None:
    asked = with_template()
    arn = f"arn:aws:ses:{REGION}:123456789012:template/{NAME}"
    whom: dict[str, Any] = {"FromEmailAddress": SENDER, "Destination": TO}
    ask(asked, "SendEmail", **whom, Content={"Template": {"TemplateArn": arn, "TemplateData": json.dumps(DATA)}})
    asked.handle(by_v1(TemplateArn=arn))
    other = {"Template": {"TemplateArn": arn.replace(REGION, "us-east-1"), "TemplateData": "{}"}}

    assert [mail.subject for mail in asked.ledger] == ["Order 7", "Order 7"]
    assert refusal(asked, "SendEmail", **whom, Content=other).v2 == ("NotFoundException", 404)


@pytest.mark.parametrize(
    ("call", "name"),
    [(by_v2({"number": 7}), NAME), (by_v1({"number": 7}), NAME), (inline({"number": 7}), "")],
    ids=["v2", "v1", "inline"],
)
def test_what_is_missing_is_told_later(call: Call, name: str) -> None:
    asked = with_template()
    destination = {
        "Enabled": True,
        "MatchingEventTypes": ["RENDERING_FAILURE"],
        "SnsDestination": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:x"},
    }
    of_main: dict[str, Any] = {"ConfigurationSetName": "main"}
    ask(asked, "CreateConfigurationSet", **of_main)
    about: dict[str, Any] = {"EventDestinationName": "topic", "EventDestination": destination}
    ask(asked, "CreateConfigurationSetEventDestination", **of_main, **about)
    answer = asked.handle(Call(call.service, call.operation, {**call.params, **of_main}, REGION))
    (event,) = asked.events.all()

    assert answer["MessageId"] == last(asked).message_id
    assert last(asked).fates == {"ada@example.org": "Rendering Failure"}
    assert event.payload["eventType"] == "Rendering Failure"
    assert event.payload["failure"] == {"templateName": name, "errorMessage": MISSING}
    assert event.takers == ("topic",)
    assert ask(asked, "GetAccount")["SendQuota"]["SentLast24Hours"] == 1
    assert last(asked).email.text == "Hello {{name}}", "what could not be rendered, as it stands there"


def test_what_comes_to_light_only_with_the_data_is_told_later_too() -> None:
    """A partial that is defined in a branch which is not taken; loops that print more than anybody sends."""
    out_of_reach = '{{#if no}}{{#*inline "footer"}}{{/inline}}{{/if}}{{> footer}}'
    endless = "{{#each xs}}{{#each ../xs}}{{#each ../xs}}x{{/each}}{{/each}}{{/each}}"
    for text, reason in ((out_of_reach, "footer"), (endless, "")):
        asked = with_template({"Subject": "x", "Text": text})
        asked.handle(by_v2({"xs": [1] * 300}))
        (event,) = asked.events.all()

        assert event.kind == "Rendering Failure"
        assert reason in event.payload["failure"]["errorMessage"]


@pytest.mark.parametrize("data", ["", "x", "[]", "null", "1", '"x"', "{", "{'a': 1}", '{"a": NaN}', "[" * 10_000])
@pytest.mark.parametrize("call", [by_v2(), by_v1(), inline()], ids=["v2", "v1", "inline"])
def test_data_are_a_json_object(call: Call, data: str) -> None:
    params = {**call.params}
    if call.service == "ses":
        params["TemplateData"] = data
    else:
        params["Content"] = {"Template": {**params["Content"]["Template"], "TemplateData": data}}
    answer, said = refused(with_template(), Call(call.service, call.operation, params, REGION))

    assert answer == {"sesv2": ("BadRequestException", 400), "ses": ("InvalidParameterValue", 400)}[call.service]
    assert said == "The template data is no JSON object."


def test_data_have_a_limit() -> None:
    asked = with_template()
    asked.handle(by_v1({"name": "x", "number": 1, "unused": "y" * 262_000}))

    assert refused(asked, by_v1({"name": "x", "number": 1, "unused": "y" * 262_144}))[0] == ("ValidationError", 400)


def test_a_line_end_in_a_subject_is_refused() -> None:
    fault = refusal(with_template(), "SendEmail", **by_v2({"number": "7\r\nBcc: eve@example.org", "name": "x"}).params)

    assert fault.message == "The subject contains control characters."


@pytest.mark.parametrize(
    "template",
    [{}, {"TemplateName": NAME, "TemplateContent": CONTENT}, {"TemplateName": NAME, "TemplateArn": "arn:aws:ses:x"}],
)
def test_a_template_is_said_in_exactly_one_way(template: dict[str, Any]) -> None:
    asked = with_template()
    params: dict[str, Any] = {"FromEmailAddress": SENDER, "Destination": TO, "Content": {"Template": template}}

    assert "exactly one of TemplateName, TemplateArn" in refusal(asked, "SendEmail", **params).message


@pytest.mark.parametrize("text", ["{{#if name}}x{{/if}}", "{{#each a}}x{{/each}}", "{{> x}}"])
def test_content_that_comes_along_is_simple(text: str) -> None:
    content = {"Template": {"TemplateContent": {"Text": text}}}
    params: dict[str, Any] = {"FromEmailAddress": SENDER, "Destination": TO, "Content": content}

    assert refusal(box(), "SendEmail", **params).v2 == ("BadRequestException", 400)


def test_a_mail_needs_a_sender_and_a_template_that_is_there() -> None:
    asked = box()
    assert refused(asked, by_v1())[0] == ("TemplateDoesNotExist", 400)
    assert refused(asked, by_v2())[0] == ("NotFoundException", 404)
    params = {name: value for name, value in by_v2().params.items() if name != "FromEmailAddress"}

    assert refusal(with_template(), "SendEmail", **params).message == "Missing required parameter: FromEmailAddress"


@pytest.mark.parametrize(
    ("call", "allowed", "denied"),
    [
        (by_v1(), ["ses:SendTemplatedEmail"], "ses:SendTemplatedEmail"),
        (by_v2(), ["ses:SendEmail", "ses:SendTemplatedEmail"], "ses:SendTemplatedEmail"),
    ],
    ids=["v1", "v2"],
)
def test_the_caller_must_be_allowed_to(call: Call, allowed: list[str], denied: str) -> None:
    from dataclasses import replace

    from sesmail.local.keys import DEFAULT_KEY
    from sesmail.local.policy import Policy

    asked = with_template()
    own = asked.keys.owner(DEFAULT_KEY)
    for actions in (allowed, [action for action in allowed if action != denied] or ["ses:SendRawEmail"]):
        rule = {"Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}}
        asked.keys.add(replace(own, policy=Policy.parse(rule, principals=False)))
        if actions is allowed:
            asked.handle(call)
        else:
            assert f"not authorized to perform `{denied}'" in refused(asked, call)[1]


# ── tried ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("service", "operation"), [("sesv2", "TestRenderEmailTemplate"), ("ses", "TestRenderTemplate")]
)
def test_a_template_can_be_tried(service: str, operation: str) -> None:
    asked = with_template()
    told = ask(asked, operation, service, TemplateName=NAME, TemplateData=json.dumps(DATA))["RenderedTemplate"]
    mail = message_from_string(told, policy=policy.default)

    assert (mail["Subject"], mail["Date"]) == ("Order 7", "Fri, 15 Jan 2027 08:00:00 +0000")
    assert mail.get_content_type() == "multipart/alternative"
    texts = [part.get_content().strip() for part in mail.iter_parts()]
    assert texts == ["Hello Ada <3", "<p>Hello <b>Ada <3</b>"]
    assert len(asked.ledger) == 0


@pytest.mark.parametrize(
    ("data", "v1", "reason"),
    [
        ('{"number": 7}', "MissingRenderingAttribute", MISSING),
        ("[]", "InvalidRenderingParameter", "The template data is no JSON object."),
    ],
)
def test_a_trial_that_fails_says_why(data: str, v1: str, reason: str) -> None:
    asked = with_template()
    by_v1, said = refused(
        asked, Call("ses", "TestRenderTemplate", {"TemplateName": NAME, "TemplateData": data}, REGION)
    )
    by_v2 = refusal(asked, "TestRenderEmailTemplate", TemplateName=NAME, TemplateData=data)

    assert (by_v1, said) == ((v1, 400), reason)
    assert v1 in codes_of("ses", "TestRenderTemplate")
    assert (by_v2.v2, by_v2.message) == (("BadRequestException", 400), reason)


def test_a_trial_can_fail_otherwise_than_by_what_is_missing() -> None:
    asked = with_template({"Subject": "x", "Text": "{{#*inline 'p'}}{{> p}}{{/inline}}{{> p}}"})
    call = Call("ses", "TestRenderTemplate", {"TemplateName": NAME, "TemplateData": "{}"}, REGION)

    assert refused(asked, call)[0] == ("InvalidRenderingParameter", 400)


# ── many at once ─────────────────────────────────────────────────────────────────────────────────────────────────


def entry(address: str, data: object = None, **more: Any) -> dict[str, Any]:
    replaced = {"ReplacementTemplateData": json.dumps(data)} if data is not None else {}
    content = {"ReplacementEmailContent": {"ReplacementTemplate": replaced}} if replaced else {}
    return {"Destination": {"ToAddresses": [address]}, **content, **more}


def bulk(*entries: dict[str, Any], **more: Any) -> Call:
    default = {"Template": {"TemplateName": NAME, "TemplateData": json.dumps({"number": 0, "name": "friend"})}}
    params = {"FromEmailAddress": SENDER, "DefaultContent": default, "BulkEmailEntries": list(entries), **more}
    return Call("sesv2", "SendBulkEmail", params, REGION)


def bulk_v1(*addresses: str, data: object = None, **more: Any) -> Call:
    replaced = {"ReplacementTemplateData": json.dumps(data)} if data is not None else {}
    destinations = [{"Destination": {"ToAddresses": [address]}, **replaced} for address in addresses]
    default = json.dumps({"number": 0, "name": "friend"})
    params = {"Source": SENDER, "Template": NAME, "DefaultTemplateData": default, "Destinations": destinations, **more}
    return Call("ses", "SendBulkTemplatedEmail", params, REGION)


def test_each_entry_is_a_mail_of_its_own_with_its_own_data() -> None:
    asked = with_template()
    results = asked.handle(
        bulk(
            entry("ada@example.org", {"number": 1, "name": "Ada"}),
            entry("bob@example.org", {}),
            entry("cy@example.org"),
            entry("dee@example.org", {"number": 4}),
        )
    )["BulkEmailEntryResults"]
    mails = list(asked.ledger)

    assert [one["Status"] for one in results] == ["SUCCESS"] * 4
    assert [one["MessageId"] for one in results] == [mail.message_id for mail in mails]
    assert [mail.to for mail in mails] == [(f"{name}@example.org",) for name in ("ada", "bob", "cy", "dee")]
    assert [mail.subject for mail in mails[:3]] == ["Order 1", "Order 0", "Order 0"]
    assert mails[3].fates == {"dee@example.org": "Rendering Failure"}, "what an entry says takes the place of all"


def test_entries_have_tags_and_headers_of_their_own() -> None:
    asked = with_template()
    call = bulk(
        entry(
            "ada@example.org",
            ReplacementTags=[{"Name": "kind", "Value": "b"}],
            ReplacementHeaders=[{"Name": "x-order", "Value": "7"}, {"Name": "X-More", "Value": "1"}],
        ),
        DefaultEmailTags=[{"Name": "kind", "Value": "a"}, {"Name": "team", "Value": "shop"}],
    )
    headers = [{"Name": "X-Order", "Value": "0"}]
    call.params["DefaultContent"]["Template"]["Headers"] = headers
    asked.handle(call)
    head = last(asked).raw.partition(b"\r\n\r\n")[0].lower()

    assert last(asked).tags == {"kind": "b", "team": "shop"}
    assert (head.count(b"x-order:"), b"x-order: 7" in head, b"x-more: 1" in head) == (1, True, True)


def test_a_bulk_call_of_v1_ends_entry_by_entry() -> None:
    asked = with_template()
    statuses = asked.handle(bulk_v1("ada@example.org", "no address", "bob@example.org"))["Status"]

    assert [one["Status"] for one in statuses] == ["Success", "InvalidParameterValue", "Success"]
    assert statuses[1]["Error"] == "Missing final '@domain'"
    assert [mail.to for mail in asked.ledger] == [("ada@example.org",), ("bob@example.org",)]
    assert {mail.subject for mail in asked.ledger} == {"Order 0"}
    asked.handle(bulk_v1("cy@example.org", data={"number": 3, "name": "Cy"}))
    assert last(asked).subject == "Order 3"


def test_who_is_not_verified_is_refused_alone_in_the_sandbox() -> None:
    asked = with_template(sandbox=True, quota=200, rate=100)
    IdentityHandle(asked, REGION, "ada@example.org").verify()
    results = asked.handle(bulk(entry("bob@example.org"), entry("ada@example.org")))["BulkEmailEntryResults"]

    assert [one["Status"] for one in results] == ["MESSAGE_REJECTED", "SUCCESS"]
    assert results[0]["Error"].endswith("in region EU-WEST-1: bob@example.org")
    assert "MessageId" not in results[0]


def test_a_quota_that_ends_within_a_call_is_told_by_entry() -> None:
    asked = with_template(quota=2)
    results = asked.handle(bulk(*[entry("ada@example.org")] * 4))["BulkEmailEntryResults"]

    assert [one["Status"] for one in results] == ["SUCCESS"] * 2 + ["ACCOUNT_DAILY_QUOTA_EXCEEDED"] * 2
    assert refused(asked, bulk(entry("ada@example.org")))[0] == ("LimitExceededException", 400)


def test_a_rate_that_ends_within_a_call_is_told_by_entry() -> None:
    asked = with_template(rate=2)
    statuses = asked.handle(bulk_v1(*["ada@example.org"] * 3))["Status"]

    assert [one["Status"] for one in statuses] == ["Success", "Success", "AccountThrottled"]
    assert refused(asked, bulk_v1("ada@example.org"))[0] == ("Throttling", 400)


@pytest.mark.parametrize(
    ("prepare", "v2", "v1"),
    [
        (("PutAccountSendingAttributes", {"SendingEnabled": False}), "SendingPausedException", "AccountSendingPaused"),
        (("DeleteEmailTemplate", {"TemplateName": NAME}), "NotFoundException", "TemplateDoesNotExist"),
    ],
)
def test_what_stops_every_entry_stops_the_call(prepare: tuple[str, dict[str, Any]], v2: str, v1: str) -> None:
    asked = with_template()
    ask(asked, prepare[0], **prepare[1])

    assert refused(asked, bulk(entry("ada@example.org")))[0][0] == v2
    assert refused(asked, bulk_v1("ada@example.org"))[0][0].startswith(v1)


@pytest.mark.parametrize(
    ("prepare", "more", "code"),
    [
        (None, {"ConfigurationSetName": "nobody"}, "NotFoundException"),
        (("DeleteEmailTemplate", {"TemplateName": NAME}), {}, "NotFoundException"),
        (("PutAccountSendingAttributes", {"SendingEnabled": False}), {}, "SendingPausedException"),
    ],
)
def test_so_it_does_behind_entries_that_have_faults_of_their_own(
    prepare: tuple[str, dict[str, Any]] | None, more: dict[str, Any], code: str
) -> None:
    asked = with_template()
    if prepare:
        ask(asked, prepare[0], **prepare[1])
    broken = {"ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": "["}}}
    call = bulk(entry("ada@example.org", **broken), entry("ada@example.org"), **more)

    assert refused(asked, call)[0][0] == code
    assert len(asked.ledger) == 0


def test_what_has_no_status_of_its_own_failed() -> None:
    """Only the second entry asks for a header that the box does not obey."""
    asked = with_template()
    header = {"Name": "X-SES-NOBODY-KNOWS", "Value": "x"}
    results = asked.handle(bulk(entry("ada@example.org"), entry("bob@example.org", ReplacementHeaders=[header])))[
        "BulkEmailEntryResults"
    ]

    assert [one["Status"] for one in results] == ["SUCCESS", "FAILED"]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (bulk(*[entry("ada@example.org")] * 51), "Destination count exceeds 50."),
        (bulk_v1(*["ada@example.org"] * 51), "Recipient count exceeds 50."),
        (bulk(entry("ada@example.org"), DefaultContent={}), "DefaultContent must hold a Template."),
        (
            bulk(entry("ada@example.org"), DefaultContent={"Template": {"TemplateName": NAME, "TemplateData": "x"}}),
            "The template data is no JSON object.",
        ),
        (bulk_v1("ada@example.org", DefaultTemplateData="x"), "The template data is no JSON object."),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_whole(call: Call, reason: str) -> None:
    asked = with_template()

    assert refused(asked, call)[1] == reason
    assert len(asked.ledger) == 0


def test_fifty_go_at_once() -> None:
    asked = with_template()
    results = asked.handle(bulk(*[entry("ada@example.org")] * 50))["BulkEmailEntryResults"]

    assert len({one["MessageId"] for one in results}) == 50


def test_bulk_needs_its_two_rights() -> None:
    from dataclasses import replace

    from sesmail.local.keys import DEFAULT_KEY
    from sesmail.local.policy import Policy

    asked = with_template()
    own = asked.keys.owner(DEFAULT_KEY)
    for missing in ("ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"):
        both = {"ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"}
        rule = {"Statement": {"Effect": "Allow", "Action": sorted(both - {missing}), "Resource": "*"}}
        asked.keys.add(replace(own, policy=Policy.parse(rule, principals=False)))

        assert f"`{missing}'" in refused(asked, bulk(entry("ada@example.org")))[1]
