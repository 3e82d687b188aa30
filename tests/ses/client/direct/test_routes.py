"""Routes: where each operation goes, held to botocore's model."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import SetupError, Unsupported
from sesmail.ses.call import Call
from sesmail.ses.client.direct.origin import Origin
from sesmail.ses.client.direct.routes import Request, Routes
from tests.ses.client.direct.asking import GET_ACCOUNT, send
from tests.ses.client.direct.test_body import MODELS

ROUTES = Routes(Origin("https", "email.eu-west-1.amazonaws.com", 443))


def by_botocore(call: Call) -> dict[str, Any]:
    operation = MODELS["sesv2"].operation_model(call.operation)
    made: dict[str, Any] = create_serializer("rest-json").serialize_to_request(dict(call.parameters), operation)
    return made


def body_of(request: Request) -> bytes:
    return b"".join(request.body.pieces())


@pytest.mark.parametrize("operation", ["SendEmail", "GetAccount"])
def test_an_operation_goes_where_the_model_says(operation: str) -> None:
    request = ROUTES.request(Call("sesv2", operation, {}))
    http = MODELS["sesv2"].operation_model(operation).http
    assert (request.unsigned.method, request.target) == (http["method"], http["requestUri"])


OF_TEMPLATES = [
    Call("sesv2", "SendBulkEmail", {"DefaultContent": {}, "BulkEmailEntries": []}),
    Call("sesv2", "CreateEmailTemplate", {"TemplateName": "a", "TemplateContent": {"Subject": "x"}}),
    Call("sesv2", "UpdateEmailTemplate", {"TemplateName": "a/b", "TemplateContent": {"Subject": "x"}}),
    Call("sesv2", "GetEmailTemplate", {"TemplateName": "a?b"}),
    Call("sesv2", "DeleteEmailTemplate", {"TemplateName": "../a"}),
    Call("sesv2", "ListEmailTemplates", {}),
    Call("sesv2", "TestRenderEmailTemplate", {"TemplateName": "a b", "TemplateData": "{}"}),
]


@pytest.mark.parametrize("call", OF_TEMPLATES, ids=[call.operation for call in OF_TEMPLATES])
def test_calls_about_templates_go_as_botocore_sends_them(call: Call) -> None:
    request, theirs = ROUTES.request(call), by_botocore(call)
    assert (request.unsigned.method, request.target) == (theirs["method"], theirs["url_path"])
    assert body_of(request) == b"" if not theirs["body"] else json.loads(body_of(request)) == json.loads(theirs["body"])
    assert request.sends is (call.operation == "SendBulkEmail")


def test_a_page_of_templates_is_asked_for_in_the_query() -> None:
    request = ROUTES.request(Call("sesv2", "ListEmailTemplates", {"PageSize": 100, "NextToken": "a+b"}))
    assert request.target == "/v2/email/templates?NextToken=a%2Bb&PageSize=100"


@pytest.mark.parametrize("operation", ["GetEmailTemplate", "UpdateEmailTemplate", "GetEmailIdentity"])
def test_what_is_looked_for_by_name_needs_one(operation: str) -> None:
    with pytest.raises(SetupError, match="name"):
        ROUTES.request(Call("sesv2", operation, {}))


def test_two_operations_on_one_path_are_not_taken_for_each_other() -> None:
    routes = Routes(Origin("https", "email.eu-west-1.amazonaws.com", 443))
    listed = routes.request(Call("sesv2", "ListEmailTemplates", {}))
    made = routes.request(Call("sesv2", "CreateEmailTemplate", {"TemplateName": "a"}))
    assert (listed.unsigned.method, made.unsigned.method) == ("GET", "POST")


def test_a_mail_goes_as_json() -> None:
    request = ROUTES.request(Call("sesv2", "SendEmail", {"ConfigurationSetName": "all"}))
    assert request.unsigned.content_type == "application/json"
    assert json.loads(body_of(request)) == {"ConfigurationSetName": "all"}


def test_v1_goes_as_a_form_to_one_place() -> None:
    for operation in ("SendEmail", "SendRawEmail", "GetSendQuota"):
        request = ROUTES.request(Call("ses", operation, {"Source": "a@example.com"}))
        assert (request.unsigned.method, request.target) == ("POST", "/")
        assert request.unsigned.content_type == "application/x-www-form-urlencoded; charset=utf-8"
        assert parse_qs(body_of(request).decode())["Action"] == [operation]


def test_only_sends_put_a_mail_at_risk() -> None:
    for call in (send(), send("v1"), send("v1", "simple")):
        assert ROUTES.request(call).sends
    for call in (GET_ACCOUNT, Call("ses", "GetSendQuota", {})):
        assert not ROUTES.request(call).sends


# The advisory on swoosh (CVE-2026-54893): an address put into a path as it was.
HOSTILE = [
    "a@example.com", "../account", "a/../../account@example.com", "a?b=c@example.com", "a#b@example.com",
    "a%2f..@x.example", "a b@example.com", "é@example.com", "a\r\nHost: evil@x.example", "a;b@example.com", "...", "~",
    "a\\b@example.com",
]  # fmt: skip


@pytest.mark.parametrize("identity", HOSTILE)
def test_advisory_an_address_in_a_path_stays_one_piece_of_it(identity: str) -> None:
    request = ROUTES.request(Call("sesv2", "GetEmailIdentity", {"EmailIdentity": identity}))
    assert request.target.startswith("/v2/email/identities/")
    piece = request.target.removeprefix("/v2/email/identities/")
    assert not set(piece) & set("/?#\\;@ \r\n")
    assert unquote(piece) == identity


@given(identity=st.text(min_size=1).filter(lambda text: text not in (".", "..")))
def test_any_name_stands_in_a_path_as_botocore_puts_it(identity: str) -> None:
    call = Call("sesv2", "GetEmailIdentity", {"EmailIdentity": identity})
    try:
        identity.encode()
    except UnicodeEncodeError:
        with pytest.raises(SetupError):
            ROUTES.request(call)
        return
    request = ROUTES.request(call)
    assert request.target == by_botocore(call)["url_path"]
    assert body_of(request) == b""


@pytest.mark.parametrize("identity", ["", ".", "..", None, 1, b"a"])
def test_what_would_lead_out_of_a_path_is_refused(identity: object) -> None:
    with pytest.raises(SetupError, match="name"):
        ROUTES.request(Call("sesv2", "GetEmailIdentity", {"EmailIdentity": identity}))


def test_a_page_is_asked_for_in_the_query_in_the_order_of_the_signature() -> None:
    request = ROUTES.request(Call("sesv2", "ListEmailIdentities", {"PageSize": 10, "NextToken": "a b+/=é&"}))
    assert request.target == "/v2/email/identities?NextToken=a%20b%2B%2F%3D%C3%A9%26&PageSize=10"
    assert request.unsigned.query == request.target.partition("?")[2]
    assert request.unsigned.content_type == ""


def test_without_parameters_there_is_no_query() -> None:
    assert ROUTES.request(Call("sesv2", "ListEmailIdentities", {})).target == "/v2/email/identities"


def test_the_path_of_an_endpoint_comes_first() -> None:
    routes = Routes(Origin.parse("http://127.0.0.1:4579/ses/v3/", "endpoint_url"))
    assert routes.request(GET_ACCOUNT).target == "/ses/v3/v2/email/account"
    assert routes.request(send("v1")).target == "/ses/v3"
    assert routes.request(GET_ACCOUNT).unsigned.host == "127.0.0.1:4579"


def test_requests_that_are_always_equal_are_known_again() -> None:
    for call in (send(), send("v1"), GET_ACCOUNT):
        assert ROUTES.request(call).unsigned is ROUTES.request(call).unsigned


def test_an_operation_without_a_route_is_refused_by_name() -> None:
    with pytest.raises(Unsupported, match="DeleteEmailIdentity") as caught:
        ROUTES.request(Call("sesv2", "DeleteEmailIdentity", {}))
    assert caught.value.instead == ("the client boto3",)


def test_a_parameter_without_a_place_is_refused_and_never_left_out() -> None:
    with pytest.raises(Unsupported, match="the parameter Filter of ListEmailIdentities"):
        ROUTES.request(Call("sesv2", "ListEmailIdentities", {"Filter": {}}))
    with pytest.raises(Unsupported, match="the parameter Colour of GetAccount"):
        ROUTES.request(Call("sesv2", "GetAccount", {"Colour": "red"}))


def test_a_global_endpoint_is_not_signed_for() -> None:
    with pytest.raises(Unsupported, match="SigV4a") as caught:
        ROUTES.request(Call("sesv2", "SendEmail", {"EndpointId": "abcdef12.g3h"}))
    assert (caught.value.feature, caught.value.field) == ("endpoint_id", "ses.endpoint_id")
