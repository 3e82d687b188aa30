"""Calls: what stands in the parameters of each way to send, and what none of them carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from hypothesis import given

from sesmail import Address, Alternative, Attachment, Email, Envelope, Outgoing, SesOptions, mime
from sesmail.errors import Unsupported
from sesmail.ses.call import Blob, Call
from sesmail.ses.calls import Api, Kind, send_call
from sesmail.ses.simple import MOST_HEADERS
from tests.strategies import mails

WAYS: tuple[tuple[Api, Kind], ...] = (("v2", "raw"), ("v2", "simple"), ("v1", "raw"), ("v1", "simple"))
ARN = "arn:aws:ses:eu-west-1:123456789012:identity/example.com"


def outgoing(envelope: Envelope | None = None, **fields: Any) -> Outgoing:
    email = Email(**{"sender": ("Müller, A.", "shop@example.com"), "to": "ada@example.org", "text": "Hello", **fields})
    return Outgoing(email, envelope or Envelope.of(email), mime.write(email), email.ses)


def going(return_path: str, *, to: str = "", bcc: str = "") -> Envelope:
    return Envelope(Address(return_path), Address.parse_list(to), bcc=Address.parse_list(bcc))


def parameters(way: tuple[Api, Kind], *args: Any, **fields: Any) -> Mapping[str, Any]:
    return send_call(outgoing(*args, **fields), api=way[0], kind=way[1]).parameters


EVERYTHING = SesOptions(
    configuration_set="main",
    tenant="acme",
    from_arn=ARN,
    return_path_arn=ARN,
    feedback_address="bounces@example.com",
    contact_list="news",
    topic="tea",
    endpoint_id="abcdef12.g3h",
)


# ── v2 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_raw_v2_has_its_recipients_apart_and_leaves_headers_alone() -> None:
    said = parameters(
        ("v2", "raw"),
        to="Ada <ada@example.org>",
        cc="bob@example.org",
        bcc=["eve@example.org", "zoe@bücher.example"],
        reply_to="help@example.com",
    )

    assert said["Destination"] == {
        "ToAddresses": ["ada@example.org"],
        "CcAddresses": ["bob@example.org"],
        "BccAddresses": ["eve@example.org", "zoe@xn--bcher-kva.example"],
    }
    assert said.keys() == {"Destination", "Content"}
    assert isinstance(said["Content"]["Raw"]["Data"], Blob)


def test_recipients_are_those_of_the_envelope() -> None:
    envelope = going("bounces@example.com", bcc="real@example.org")

    assert parameters(("v2", "raw"), envelope)["Destination"] == {"BccAddresses": ["real@example.org"]}
    assert parameters(("v1", "raw"), envelope)["Destinations"] == ["real@example.org"]


def test_a_return_path_of_its_own_is_the_address_for_feedback() -> None:
    elsewhere = going("bounces@example.com", to="ada@example.org")
    feedback = SesOptions(feedback_address="feedback@example.com")

    for kind in ("raw", "simple"):
        said = parameters(("v2", kind), elsewhere)
        assert said["FeedbackForwardingEmailAddress"] == "bounces@example.com"
        said = parameters(("v2", kind), elsewhere, ses=feedback)
        assert said["FeedbackForwardingEmailAddress"] == "feedback@example.com"
        assert "FeedbackForwardingEmailAddress" not in parameters(("v2", kind))
    assert parameters(("v1", "simple"), elsewhere)["ReturnPath"] == "bounces@example.com"
    assert parameters(("v1", "raw"), elsewhere)["Source"] == "bounces@example.com"
    assert parameters(("v1", "raw"), elsewhere, ses=feedback)["Source"] == "feedback@example.com"
    assert parameters(("v1", "raw"))["Source"] == "shop@example.com"


@pytest.mark.parametrize("kind", ["raw", "simple"])
def test_v2_says_every_option(kind: Kind) -> None:
    said = parameters(("v2", kind), tags={"campaign": "spring"}, ses=EVERYTHING)

    assert {name: value for name, value in said.items() if name not in ("Content", "Destination")} == {
        **({"FromEmailAddress": "=?utf-8?b?TcO8bGxlciwgQS4=?= <shop@example.com>"} if kind == "simple" else {}),
        "FromEmailAddressIdentityArn": ARN,
        "FeedbackForwardingEmailAddress": "bounces@example.com",
        "FeedbackForwardingEmailAddressIdentityArn": ARN,
        "EmailTags": [{"Name": "campaign", "Value": "spring"}],
        "ConfigurationSetName": "main",
        "TenantName": "acme",
        "ListManagementOptions": {"ContactListName": "news", "TopicName": "tea"},
        "EndpointId": "abcdef12.g3h",
    }


def test_v2_has_one_arn_for_the_sender() -> None:
    assert parameters(("v2", "raw"), ses=SesOptions(source_arn=ARN))["FromEmailAddressIdentityArn"] == ARN
    assert parameters(("v2", "raw"), ses=SesOptions(source_arn=ARN, from_arn=ARN))["FromEmailAddressIdentityArn"] == ARN
    with pytest.raises(Unsupported, match="one ARN") as caught:
        parameters(("v2", "raw"), ses=SesOptions(source_arn=ARN, from_arn=ARN + "x"))
    assert caught.value.field == "ses.from_arn"


# ── v1 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_v1_says_the_options_that_it_has() -> None:
    ses = SesOptions(configuration_set="main", source_arn=ARN, from_arn=ARN, return_path_arn=ARN)
    common = {
        "SourceArn": ARN,
        "ReturnPathArn": ARN,
        "Tags": [{"Name": "campaign", "Value": "spring"}],
        "ConfigurationSetName": "main",
    }
    raw = parameters(("v1", "raw"), tags={"campaign": "spring"}, ses=ses)
    simple = parameters(("v1", "simple"), tags={"campaign": "spring"}, ses=ses)

    assert {name: raw[name] for name in common} == {name: simple[name] for name in common} == common
    assert raw["FromArn"] == ARN
    assert simple["Source"] == "=?utf-8?b?TcO8bGxlciwgQS4=?= <shop@example.com>"


@pytest.mark.parametrize("kind", ["raw", "simple"])
@pytest.mark.parametrize("option", ["tenant", "contact_list", "endpoint_id"])
def test_v1_names_the_option_that_it_has_not(kind: Kind, option: str) -> None:
    options = SesOptions(**{option: "x"})

    with pytest.raises(Unsupported, match=f"has no {option}") as caught:
        parameters(("v1", kind), ses=options)
    assert (caught.value.feature, caught.value.field) == (option, f"ses.{option}")
    assert caught.value.instead


def test_v1_simple_has_no_second_arn() -> None:
    with pytest.raises(Unsupported, match="has no from_arn"):
        parameters(("v1", "simple"), ses=SesOptions(from_arn=ARN))


# ── simple ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_simple_v2_is_the_whole_mail() -> None:
    logo = Attachment("logo.png", b"\x89PNG", inline=True, content_id="logo@x")
    said = parameters(
        ("v2", "simple"),
        to=["Ada Lovelace <ada@example.org>"],
        reply_to="Zoë <help@example.com>",
        subject="Grüße",
        text="Hello\nAda",
        html="<p>Hello",
        attachments=[logo, Attachment("Ü.csv", "a,b")],
        headers={"X-Kind": "Bestätigung", "X-Plain": "plain text"},
        in_reply_to="<1@example.com>",
        unsubscribe="https://example.com/u/1",
        priority="high",
        metadata={"order": 42},
    )

    assert said["Destination"] == {"ToAddresses": ["Ada Lovelace <ada@example.org>"]}
    assert said["ReplyToAddresses"] == ["=?utf-8?b?Wm/Dqw==?= <help@example.com>"]
    assert said["Content"]["Simple"] == {
        "Subject": {"Data": "Grüße", "Charset": "UTF-8"},
        "Body": {
            "Text": {"Data": "Hello\r\nAda\r\n", "Charset": "UTF-8"},
            "Html": {"Data": "<p>Hello\r\n", "Charset": "UTF-8"},
        },
        "Headers": [
            {"Name": "In-Reply-To", "Value": "<1@example.com>"},
            {"Name": "References", "Value": "<1@example.com>"},
            {"Name": "List-Unsubscribe", "Value": "<https://example.com/u/1>"},
            {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
            {"Name": "X-Priority", "Value": "1 (Highest)"},
            {"Name": "Importance", "Value": "high"},
            {"Name": "X-Metadata", "Value": '{"order": 42}'},
            {"Name": "X-Kind", "Value": "=?utf-8?b?QmVzdMOkdGlndW5n?="},
            {"Name": "X-Plain", "Value": "plain text"},
        ],
        "Attachments": [
            {
                "FileName": "logo.png",
                "RawContent": b"\x89PNG",
                "ContentType": "image/png",
                "ContentDisposition": "INLINE",
                "ContentTransferEncoding": "BASE64",
                "ContentId": "logo@x",
            },
            {
                "FileName": "Ü.csv",
                "RawContent": b"a,b",
                "ContentType": "text/csv; charset=utf-8",
                "ContentDisposition": "ATTACHMENT",
                "ContentTransferEncoding": "BASE64",
            },
        ],
    }


def test_what_a_policy_has_added_is_among_the_headers() -> None:
    mail = outgoing()
    added = Outgoing(mail.email, mail.envelope, mail.content.with_headers([("X-Original-To", "ada")]), mail.ses)

    call = send_call(added, api="v2", kind="simple")
    content: Any = call.parameters["Content"]
    assert content["Simple"]["Headers"] == [{"Name": "X-Original-To", "Value": "ada"}]
    with pytest.raises(Unsupported, match="X-Original-To"):
        send_call(added, api="v1", kind="simple")


def test_long_headers_are_on_one_line() -> None:
    value = "word " * 60 + "end"
    said = parameters(("v2", "simple"), headers={"X-Long": value}, references=["<1@a.example>", "<2@a.example>"] * 5)
    headers = {one["Name"]: one["Value"] for one in said["Content"]["Simple"]["Headers"]}

    assert headers["X-Long"] == value
    assert headers["References"] == " ".join(["<1@a.example>", "<2@a.example>"] * 5)


def test_a_mail_without_a_body_has_an_empty_text() -> None:
    for api in ("v2", "v1"):
        said = parameters((api, "simple"), text=None)
        message = said["Content"]["Simple"] if api == "v2" else said["Message"]
        assert message["Body"] == {"Text": {"Data": "", "Charset": "UTF-8"}}


def _shown(content_id: str) -> Attachment:
    return Attachment("b", b"", inline=True, content_id=content_id)


TWO_OF_ONE = {"to": "ada@example.org", "cc": "ada@example.org"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"envelope": going("a@example.com", to="b@example.org")}, "to"),
        ({"envelope": going("a@example.com", bcc="ada@example.org")}, "to"),
        (TWO_OF_ONE, "to"),
        ({"alternatives": Alternative.calendar("BEGIN:VCALENDAR")}, "alternatives"),
        ({"headers": [(f"X-{number}", "1") for number in range(MOST_HEADERS + 1)]}, "headers"),
        ({"headers": {"X-A": "x" * 994}}, "headers"),
        ({"headers": {"X-A": "é" * 400}}, "headers"),
        ({"headers": {"X-A": ""}}, "headers"),
        ({"attachments": [Attachment("", b"x")]}, "attachments[0]"),
        ({"attachments": [Attachment("x" * 256, b"x")]}, "attachments[0]"),
        ({"attachments": [Attachment("a.eml", b"Subject: a\r\n\r\n")]}, "attachments[0]"),
        ({"attachments": [Attachment("a.bin", b"", content_type="application/" + "x" * 70)]}, "attachments[0]"),
        (
            {"attachments": [Attachment("a", b""), Attachment("b", b"", inline=True, content_id="x" * 79)]},
            "attachments[1]",
        ),
    ],
)
def test_simple_refuses_what_it_cannot_carry(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Unsupported, match=r"simple content cannot carry .*; send it as raw content") as caught:
        parameters(("v2", "simple"), **fields)
    assert (caught.value.field, caught.value.instead) == (field, ("raw content",))


def test_the_longest_that_simple_takes() -> None:
    parameters(
        ("v2", "simple"),
        headers=[("X-A", "x" * 400 + " " + "y" * 592), *((f"X-{number}", "1") for number in range(MOST_HEADERS - 1))],
        attachments=[
            Attachment("x" * 255, b"", content_type="application/" + "x" * 66, inline=True, content_id="x" * 78)
        ],
    )


@pytest.mark.parametrize("fields", [{"attachments": {"a.txt": "a"}}, {"headers": {"X-A": "a"}}, {"bulk": True}])
def test_simple_v1_has_bodies_only(fields: dict[str, Any]) -> None:
    parameters(("v2", "simple"), **fields)
    with pytest.raises(Unsupported):
        parameters(("v1", "simple"), **fields)


# ── any mail ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _model(service: str, version: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2", version))


MODELS = {"sesv2": _model("sesv2", "2019-09-27"), "ses": _model("ses", "2010-12-01")}


def held_to_the_model(call: Call) -> None:
    shape = MODELS[call.service].operation_model(call.operation).input_shape
    report = ParamValidator().validate(_whole(call.parameters), shape)

    assert not report.has_errors(), report.generate_report()
    assert set(call.parameters) <= set(shape.members), "botocore overlooks what it does not know"


def _whole(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return value.to_bytes() if isinstance(value, Blob) else value


@given(email=mails)
def test_any_mail_is_refused_or_a_call_that_the_model_takes(email: Email) -> None:
    mail = Outgoing(email, Envelope.of(email), mime.write(email), email.ses)
    for api, kind in WAYS:
        try:
            call = send_call(mail, api=api, kind=kind)
        except Unsupported:
            assert kind == "simple"
            continue

        held_to_the_model(call)
        assert "secret-bcc" not in repr(call)
        if kind == "simple":
            _all_texts(call.parameters, _is_on_one_line)


def _all_texts(value: Any, check: Callable[[str, str], None], name: str = "") -> None:
    if isinstance(value, Mapping):
        for key, one in value.items():
            _all_texts(one, check, key)
    elif isinstance(value, list):
        for one in value:
            _all_texts(one, check, name)
    elif isinstance(value, str):
        check(name, value)


def _is_on_one_line(name: str, text: str) -> None:
    if name not in ("Data", "FileName"):
        assert text.isascii(), name
    if name != "Data":
        assert not any(ord(character) < 32 or ord(character) == 127 for character in text), name
