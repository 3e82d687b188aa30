"""Replies: what an answer means, held to what botocore makes of it; and that no answer is a crash."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import pytest
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from sesmail.ses.call import ApiFault, Call, Reply
from sesmail.ses.client.direct.answer import Answer
from sesmail.ses.client.direct.replies import reply_of
from tests.ses.client.direct.test_body import MODELS

V2 = Call("sesv2", "SendEmail", {})
V1 = Call("ses", "SendRawEmail", {})
ACCOUNT = Call("sesv2", "GetAccount", {})
ID = "0100018f0c9d2b3a-1c2d3e4f-5a6b-7c8d-9e0f-112233445566-000000"


def answer(status: int, body: str | bytes, **headers: str) -> Answer:
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Answer(status, pairs, body if isinstance(body, bytes) else body.encode())


def fault(call: Call, got: Answer) -> ApiFault:
    with pytest.raises(ApiFault) as caught:
        reply_of(call, got)
    assert (caught.value.operation, caught.value.service) == (call.operation, call.service)
    return caught.value


# ── yes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

XML = (
    '<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">\n  <SendRawEmailResult>\n'
    "    <MessageId>{0}</MessageId>\n  </SendRawEmailResult>\n  <ResponseMetadata>\n    <RequestId>r-1</RequestId>\n"
    "  </ResponseMetadata>\n</SendRawEmailResponse>\n"
)


@pytest.mark.parametrize(
    "body", ['{{"MessageId":"{0}"}}', '{{ "MessageId" : "{0}" }}', '\n{{"A":1,"MessageId":"{0}"}}\n']
)
def test_a_mail_that_was_taken_has_an_id(body: str) -> None:
    for header in ("x_amzn_requestid", "X_AMZN_RequestId"):
        reply = reply_of(V2, answer(200, body.format(ID), **{header: "r-1"}))
        assert (reply.values["MessageId"], reply.request_id) == (ID, "r-1")


def test_a_mail_that_v1_took_has_an_id() -> None:
    reply = reply_of(V1, answer(200, XML.format(ID)))
    assert (dict(reply.values), reply.request_id) == ({"MessageId": ID}, "r-1")
    assert reply_of(V1, answer(200, XML.format(ID), x_amzn_requestid="r-2")).request_id == "r-2"


def test_an_account_is_read_as_it_is() -> None:
    values = {"SendQuota": {"Max24HourSend": 200.0}, "ProductionAccessEnabled": False, "Name": 'é"'}
    assert reply_of(ACCOUNT, answer(200, json.dumps(values))).values == values
    assert reply_of(ACCOUNT, answer(200, "")).values == {}


def test_a_call_of_v1_without_a_result_is_a_yes() -> None:
    call = Call("ses", "VerifyEmailIdentity", {})
    text = "<VerifyEmailIdentityResponse>{}</VerifyEmailIdentityResponse>"
    assert reply_of(call, answer(200, text.format("<VerifyEmailIdentityResult/>"))).values == {}
    assert reply_of(call, answer(200, text.format("<ResponseMetadata/>"))).values == {}


NO_YES = [
    "", "{}", '{"MessageId":""}', '{"MessageId":1}', '{"MessageId":null}', '{"MessageId":["a"]}', "[]", "1", "null",
    '"x"', "{", "<html><title>Sign in</title></html>", '{"MessageId":"a', '{"MessageId":"a b"}',
    '{"MessageId":"a\\nb"}', "\xff\xfe", '{"MessageId":"' + "x" * 201 + '"}', "[" * 100_000,
    '{"MessageId":"\\ud800"}', "9" * 5000,
]  # fmt: skip
NO_YES_V1 = [
    "", "no", "<a/>", "<SendRawEmailResponse/>", XML.format(""), XML.format("a b"), XML.format("<a/>"),
    XML.format("x" * 201), XML.format(ID).replace("SendRawEmailRes", "SendEmailRes"),
    "<SendRawEmailResponse>x</SendRawEmailResponse>",
    "<SendRawEmailResponse><SendRawEmailResult>x</SendRawEmailResult></SendRawEmailResponse>", XML.format(ID)[:-3],
    "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", f"<html>{XML.format(ID)}</html>",
    XML.format(ID).replace("SendRawEmailResponse", "html"), '{"MessageId":"a"}',
]  # fmt: skip


@pytest.mark.parametrize(("call", "body"), [*((V2, body) for body in NO_YES), *((V1, body) for body in NO_YES_V1)])
def test_a_yes_without_an_id_may_be_a_yes_and_is_no_crash(call: Call, body: str) -> None:
    caught = fault(call, answer(200, body.encode("latin-1")))
    assert (caught.code, caught.status, caught.message) == ("", 200, "the answer cannot be read")


# ── no ───────────────────────────────────────────────────────────────────────────────────────────────────────────

ERROR = (
    '<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>{0}</Code>'
    "<Message>{1}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
)
TYPE = "x_amzn_errortype"
NO: list[tuple[Call, int, dict[str, str], str, str, str]] = [
    (V2, 400, {TYPE: "MessageRejected"}, '{"message":"Not verified."}', "MessageRejected", "Not verified."),
    (V2, 400, {TYPE: "MessageRejected:http://internal.amazon.com/x"}, '{"Message":"No"}', "MessageRejected", "No"),
    (V2, 429, {}, '{"__type":"com.amazonaws.ses#TooManyRequests","message":"Slow"}', "TooManyRequests", "Slow"),
    (V2, 400, {}, '{"code":"BadRequestException"}', "BadRequestException", ""),
    (V2, 503, {TYPE: "ServiceUnavailable"}, "", "ServiceUnavailable", ""),
    (V2, 403, {}, '{"message":{"a":1},"__type":7}', "", ""),
    (V2, 404, {TYPE: "NotFoundException"}, '{"message":"a\\u0000\\u001b[31m"}', "NotFoundException", "a\0\x1b[31m"),
    (V1, 400, {}, ERROR.format("Throttling", "Maximum sending rate."), "Throttling", "Maximum sending rate."),
    (V1, 403, {}, ERROR.format("AccessDenied", "a &lt;b&gt;"), "AccessDenied", "a <b>"),
    (V1, 400, {}, ERROR.format("<a/>", "x"), "", "x"),
    (V1, 500, {}, "<ErrorResponse><Error>x</Error></ErrorResponse>", "", ""),
    (V1, 503, {}, "<html><Error><Code>Throttling</Code></Error></html>", "", ""),
]


@pytest.mark.parametrize(("call", "status", "headers", "body", "code", "message"), NO)
def test_a_no_says_its_code(
    call: Call, status: int, headers: dict[str, str], body: str, code: str, message: str
) -> None:
    caught = fault(call, answer(status, body, x_amzn_requestid="r-1", **headers))
    assert (caught.code, caught.message, caught.status, caught.request_id) == (code, message, status, "r-1")


PAGES = [
    (502, "<html><head><TITLE>502 Bad Gateway</title></head>", "502 Bad Gateway"),
    (301, "", ""),
    (407, "<title>\xff\xfe</title>", "\ufffd\ufffd"),
    (500, "{" * 500, ""),
    (504, "<title>" + "x" * 300, "x" * 200),
    (413, " " * 5000 + "<title>too far down</title>", ""),
]


@pytest.mark.parametrize("call", [V2, V1])
@pytest.mark.parametrize(("status", "body", "message"), PAGES)
def test_a_page_of_a_stranger_is_a_no_without_a_code(call: Call, status: int, body: str, message: str) -> None:
    caught = fault(call, answer(status, body.encode("latin-1")))
    assert (caught.code, caught.message, caught.status) == ("", message, status)


@pytest.mark.parametrize(
    ("header", "value", "pause_s"),
    [
        ("retry_after", "3", 3.0),
        ("Retry_After", " 120 ", 120.0),
        ("x_amz_retry_after", "1500", 1.5),
        ("retry_after", "99999999", 86_400),
        ("retry_after", "Fri, 31 Dec 1999 23:59:59 GMT", None),
        ("retry_after", "-1", None),
        ("retry_after", "1e3", None),
        ("retry_after", "9" * 400, None),
        ("retry_after", "\xb2", None),
        ("date", "3", None),
    ],
)
def test_a_pause_that_is_asked_for_is_told(header: str, value: str, pause_s: float | None) -> None:
    assert fault(V2, answer(503, "{}", **{header: value})).retry_after_s == pause_s


@pytest.mark.parametrize("request_id", ["a b", "a\tb", "x" * 201, "é"])
def test_what_is_no_id_of_a_request_is_not_told_as_one(request_id: str) -> None:
    assert fault(V2, answer(400, "{}", x_amzn_requestid=request_id)).request_id == ""
    assert reply_of(V2, answer(200, f'{{"MessageId":"{ID}"}}', x_amzn_requestid=request_id)).request_id == ""


def test_what_is_said_has_a_bound() -> None:
    caught = fault(V2, answer(400, json.dumps({"message": "x" * 500_000}), x_amzn_errortype="A"))
    assert len(caught.message) == 65_536


# ── as botocore, and whatever else ───────────────────────────────────────────────────────────────────────────────

words = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x24F, exclude_characters="\x7f"), max_size=20)
codes = st.from_regex(r"[A-Za-z]{1,20}", fullmatch=True)


def by_botocore(call: Call, got: Answer) -> dict[str, Any]:
    operation = MODELS[call.service].operation_model(call.operation)
    parser = create_parser({"sesv2": "rest-json", "ses": "query"}[call.service])
    headers = {name.decode(): value.decode("latin-1") for name, value in got.headers}
    response = {"body": got.body, "headers": headers, "status_code": got.status}
    parsed: dict[str, Any] = parser.parse(response, operation.output_shape)
    return parsed


@given(
    code=codes,
    space=st.sampled_from(["", "com.amazonaws.ses#"]),
    tail=st.sampled_from(["", ":http://x/y#z"]),
    message=words,
    in_header=st.booleans(),
    name=st.sampled_from(["message", "Message"]),
)
def test_any_no_of_v2_is_what_botocore_makes_of_it(
    code: str, space: str, tail: str, message: str, in_header: bool, name: str
) -> None:
    body = {name: message} if in_header else {name: message, "__type": space + code}
    headers = {"x_amzn_errortype": code + tail} if in_header else {}
    got = answer(400, json.dumps(body), **headers)
    theirs = by_botocore(V2, got)["Error"]
    caught = fault(V2, got)
    assert (caught.code, caught.message) == (theirs["Code"], theirs["Message"])


@given(code=codes, message=words)
def test_any_no_of_v1_is_what_botocore_makes_of_it(code: str, message: str) -> None:
    got = answer(400, ERROR.format(code, escape(message)))
    theirs = by_botocore(V1, got)["Error"]
    caught = fault(V1, got)
    assert (caught.code, caught.message) == (theirs["Code"], theirs.get("Message") or "")


@given(message_id=st.from_regex(r"[0-9a-f-]{1,70}", fullmatch=True))
def test_any_yes_is_what_botocore_makes_of_it(message_id: str) -> None:
    for call, body in ((V2, json.dumps({"MessageId": message_id})), (V1, XML.format(message_id))):
        got = answer(200, body)
        assert reply_of(call, got).values["MessageId"] == by_botocore(call, got)["MessageId"] == message_id


@given(
    call=st.sampled_from([V2, V1, ACCOUNT]),
    status=st.integers(200, 599),
    body=st.one_of(
        st.binary(max_size=80), st.sampled_from([*NO_YES, *NO_YES_V1]).map(lambda text: text.encode("latin-1"))
    ),
    headers=st.lists(
        st.tuples(
            st.sampled_from([b"x-amzn-errortype", b"X-AMZN-RequestId", b"retry-after", b"x-amz-retry-after", b"x"]),
            st.binary(max_size=20),
        ),
        max_size=4,
    ),
)
def test_whatever_comes_back_is_a_reply_or_a_fault(
    call: Call, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]]
) -> None:
    try:
        reply = reply_of(call, Answer(status, headers, body))
    except ApiFault:
        return
    assert isinstance(reply, Reply)
    assert 200 <= status < 300


@pytest.mark.parametrize(
    "body", [b"<title>" * 150_000, b'{"MessageId":"' + b"x" * 1_000_000, b"{ " * 500_000, b"<a>" * 300_000]
)
def test_a_hostile_answer_takes_no_time(body: bytes) -> None:
    for call in (V2, V1):
        for status in (200, 500):
            begun = time.perf_counter()
            fault(call, Answer(status, [], body))
            assert time.perf_counter() - begun < 0.5
