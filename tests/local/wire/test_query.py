"""SES v1's language: forms in, XML out."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from tests.local.asking import ask, box, form, request

NAMESPACE = "{http://ses.amazonaws.com/doc/2010-12-01/}"


def _texts(body: bytes, name: str) -> list[str]:
    return [found.text or "" for found in ET.fromstring(body).iter(f"{NAMESPACE}{name}")]


def test_a_result_is_wrapped_with_a_request_id() -> None:
    reply = form(box(), Action="GetSendQuota")

    root = ET.fromstring(reply.body)
    assert root.tag == f"{NAMESPACE}GetSendQuotaResponse"
    assert [child.tag for child in root] == [f"{NAMESPACE}GetSendQuotaResult", f"{NAMESPACE}ResponseMetadata"]
    assert _texts(reply.body, "MaxSendRate") == ["1000000.0"]
    assert _texts(reply.body, "RequestId") == [reply.headers["x-amzn-RequestId"]]


def test_an_operation_without_a_result_has_no_wrapper() -> None:
    reply = form(box(), Action="UpdateAccountSendingEnabled", Enabled="false")

    assert [child.tag for child in ET.fromstring(reply.body)] == [f"{NAMESPACE}ResponseMetadata"]


def test_lists_maps_and_flags_become_elements() -> None:
    asked = box()
    ask(asked, "CreateEmailIdentity", EmailIdentity="a.example")
    fields = {"Identities.member.1": "a.example", "Identities.member.2": "missing.example"}
    body = form(asked, Action="GetIdentityDkimAttributes", **fields).body

    assert _texts(body, "key") == ["a.example"]
    assert _texts(body, "DkimEnabled") == ["true"]
    assert len(_texts(body, "member")) == 3


def test_moments_are_iso_8601() -> None:
    asked = box()
    raw = {"RawMessage.Data": "RnJvbTogYUBleGFtcGxlLmNvbQpUbzogYUBleGFtcGxlLm9yZwoKaGkK"}
    assert form(asked, Action="SendRawEmail", **raw).status == 200

    assert _texts(form(asked, Action="GetSendStatistics").body, "Timestamp") == ["2027-01-15T08:00:00.000Z"]


def test_an_error_has_type_code_message_and_facts() -> None:
    reply = form(box(), Action="DescribeConfigurationSet", ConfigurationSetName="a<b>&\x01")

    assert reply.status == 400
    assert _texts(reply.body, "Type") == ["Sender"]
    assert _texts(reply.body, "Code") == ["ConfigurationSetDoesNotExist"]
    assert _texts(reply.body, "Message") == ["Configuration set <a<b>&\ufffd> does not exist."]
    assert _texts(reply.body, "ConfigurationSetName") == ["a<b>&\ufffd"]


def test_a_form_may_come_in_the_query() -> None:
    target = "/?" + urlencode({"Action": "GetSendQuota", "Version": "2010-12-01"})

    assert request(box(), "GET", target).status == 200


def test_sts_is_told_by_its_version() -> None:
    reply = form(box(), Action="GetCallerIdentity", Version="2011-06-15")

    assert b"<Account>123456789012</Account>" in reply.body
    assert b'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"' in reply.body


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({}, "InvalidAction", "The field Action names no operation of ses 2010-12-01: "),
        ({"Action": "Sing"}, "InvalidAction", "The field Action names no operation of ses 2010-12-01: Sing"),
        ({"Version": "1"}, "InvalidAction", "The field Version names no service here; known are 2010-12-01 and"),
        ({"Version.a": "1", "Version": ""}, "MalformedInput", "The parameter Version.a cannot be read"),
        ({"Action.a": "1"}, "InvalidAction", "names no operation"),
        ({"Action": "SendBounce"}, "NotImplementedHere", "ses SendBounce is not implemented here"),
        ({"Action": "VerifyEmailIdentity"}, "ValidationError", "Value null at 'emailAddress' failed to satisfy"),
        ({"Action": "GetSendQuota", "Colour": "red"}, "NotImplementedHere", "The parameter Colour"),
        ({"Action": "VerifyEmailIdentity", "EmailAddress.a": "b"}, "MalformedInput", "The parameter EmailAddress"),
        ({"Action": "UpdateAccountSendingEnabled", "Enabled": "yes"}, "MalformedInput", "The parameter Enabled"),
        ({"Action": "ListIdentities", "MaxItems": "1.5"}, "MalformedInput", "The parameter MaxItems"),
        ({"Action": "SendEmail", "Destination": "ada"}, "MalformedInput", "The parameter Destination"),
        ({"Action": "SendRawEmail", "RawMessage.Data": "?"}, "MalformedInput", "The blob at RawMessage.Data"),
        ({"Action": "SendRawEmail", "RawMessage.Data": "é"}, "MalformedInput", "The blob at RawMessage.Data"),
        ({"Action": "SendRawEmail", "Destinations": "a"}, "MalformedInput", "The parameter Destinations"),
        ({"Action": "SendRawEmail", "Destinations.member.x": "a"}, "MalformedInput", "The parameter Destinations"),
        ({"Action": "SendRawEmail", "Destinations.element.1": "a"}, "MalformedInput", "The parameter Destinations"),
        ({"Action": "a", "B": "1", "B.c": "2"}, "MalformedInput", "The parameter B.c"),
        ({"Action": "a", "B.c": "1", "B": "2"}, "MalformedInput", "The parameter B"),
        ({"Action": "a", ".".join("a" * 100): "1"}, "InvalidAction", "names no operation"),
    ],
)
def test_a_form_that_says_something_else_is_refused(fields: dict[str, str], code: str, text: str) -> None:
    reply = form(box(), **fields)

    assert _texts(reply.body, "Code") == [code]
    assert text in _texts(reply.body, "Message")[0]
    assert reply.status == (501 if code == "NotImplementedHere" else 400)


@pytest.mark.parametrize("body", [b"\xff", b"a=%ff", b"&".join(b"a%d=b" % n for n in range(5001)), b"<?xml?>", b"{}"])
def test_a_body_that_is_no_form_is_refused(body: bytes) -> None:
    reply = request(box(), "POST", "/", body)

    assert reply.status == 400
    assert _texts(reply.body, "Code") in (["MalformedInput"], ["InvalidAction"])


def test_an_empty_list_is_a_field_without_a_value() -> None:
    raw = {"RawMessage.Data": "RnJvbTogYUBleGFtcGxlLmNvbQpUbzogYUBleGFtcGxlLm9yZwoKaGkK"}

    assert form(box(), Action="SendRawEmail", Destinations="", **raw).status == 200
    assert form(box(), Action="SendRawEmail", RawMessage="").status == 400


def test_no_answer_is_broken_xml() -> None:
    """What a client says comes back in errors, so it must not end an element."""
    for text in (
        "</Message>",
        "]]>",
        "<!--",
        "&#0;",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ):
        reply = form(box(), Action="VerifyDomainIdentity", Domain=text)
        assert re.match(rb"<ErrorResponse ", reply.body)
        assert _texts(reply.body, "Code") == ["InvalidParameterValue"]
