"""SES v2's language: what a request holds, what it must not, and how an answer looks."""

from __future__ import annotations

import json

import pytest

from tests.local.asking import ask, box, request

MAIL = "/v2/email/outbound-emails"


def _error(reply: object) -> tuple[int, str, str]:
    headers, body = getattr(reply, "headers"), json.loads(getattr(reply, "body"))  # noqa: B009
    return getattr(reply, "status"), headers["x-amzn-ErrorType"], body["message"]  # noqa: B009


def test_a_result_is_json_with_a_request_id() -> None:
    reply = request(box(), "GET", "/v2/email/account")

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert len(reply.headers["x-amzn-RequestId"]) == 36
    assert json.loads(reply.body)["SendQuota"]["Max24HourSend"] == -1


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"Content": NaN}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"FromEmailAddress": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    status, code, text = _error(request(box(), "POST", MAIL, body))

    assert (status, code) == (400, "SerializationException")
    assert "JSON" in text or "must be" in text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"FromEmailAddress": 1}, "The value at FromEmailAddress must be a string"),
        ({"FromEmailAddress": "\ud800"}, "Half of a surrogate pair in the string at FromEmailAddress"),
        ({"Destination": []}, "The value at Destination must be an object"),
        ({"Destination": {"ToAddresses": "ada@example.org"}}, "The value at Destination.ToAddresses must be a list"),
        ({"ReplyToAddresses": [1]}, "The value at ReplyToAddresses.1 must be a string"),
        ({"Content": {"Raw": {"Data": 1}}}, "The value at Content.Raw.Data must be base64 in a string"),
        ({"Content": {"Raw": {"Data": "a"}}}, "The blob at Content.Raw.Data is no base64"),
        ({"Content": {"Raw": {"Data": "YQ==\n"}}}, "The blob at Content.Raw.Data is no base64"),
        ({"Content": {"Raw": {"Data": "é"}}}, "The blob at Content.Raw.Data is no base64"),
    ],
)
def test_a_value_of_another_type_is_refused(body: object, text: str) -> None:
    assert _error(request(box(), "POST", MAIL, body)) == (400, "SerializationException", text)


@pytest.mark.parametrize(
    ("target", "body", "text"),
    [
        ("/v2/email/account/sending", {"SendingEnabled": "yes"}, "The value at SendingEnabled must be true or false"),
        ("/v2/email/account/sending", {"SendingEnabled": 1}, "The value at SendingEnabled must be true or false"),
        (
            "/v2/email/configuration-sets/a/delivery-options",
            {"MaxDeliverySeconds": 1.5},
            "The value at MaxDeliverySeconds must be a whole number",
        ),
        (
            "/v2/email/configuration-sets/a/delivery-options",
            {"MaxDeliverySeconds": True},
            "The value at MaxDeliverySeconds must be a whole number",
        ),
    ],
)
def test_numbers_and_flags_are_what_they_say(target: str, body: object, text: str) -> None:
    assert _error(request(box(), "PUT", target, body)) == (400, "SerializationException", text)


def test_a_map_and_a_moment_are_read() -> None:
    asked = box()
    body = {"ConfigurationSetName": "a", "ReputationOptions": {"LastFreshStart": 1_800_000_000.5}}
    listed = request(asked, "POST", "/v2/email/list-identities", {"Filter": {"a": "b"}})
    wrong = request(asked, "POST", "/v2/email/list-identities", {"Filter": ["a"]})

    assert request(asked, "POST", "/v2/email/configuration-sets", body).status == 200
    assert (
        ask(asked, "GetConfigurationSet", ConfigurationSetName="a")["ReputationOptions"]["LastFreshStart"]
        == 1_800_000_000.5
    )
    assert listed.status == 501
    assert wrong.status in (400, 501)  # an older botocore does not know the member at all
    late = {"ConfigurationSetName": "b", "ReputationOptions": {"LastFreshStart": "now"}}
    assert _error(request(asked, "POST", "/v2/email/configuration-sets", late))[2].endswith("must be a number")


def test_a_member_that_the_model_has_not_is_named() -> None:
    status, code, text = _error(request(box(), "POST", MAIL, {"Content": {"Raw": {"Data": ""}}, "Colour": "red"}))

    assert (status, code) == (501, "NotImplementedHere")
    assert "Colour" in text


def test_null_is_how_some_clients_leave_a_member_out() -> None:
    reply = request(box(), "POST", MAIL, {"Content": {"Raw": {"Data": "eA=="}}, "TenantName": None})

    assert _error(reply)[2] == "A line of the header section is no header."


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("GET", "/v2/email"),
        ("PATCH", "/v2/email/account"),
        ("GET", "/v2/email/account/"),
        ("GET", "//v2/email/account"),
        ("GET", "/v2/email/../email/account"),
        ("GET", "/v2/email/identities/"),
        ("GET", "/v2/email/identities/a/b/c/d"),
        ("GET", "/v2/email/%61ccount"),
        ("GET", "/" + "a/" * 5000),
    ],
)
def test_a_path_that_names_no_operation_is_refused(method: str, target: str) -> None:
    reply = request(box(), method, target)

    assert reply.status in (400, 404)
    assert b"no operation" in reply.body or b"names no service" in reply.body


def test_what_travels_in_the_path_is_decoded_once() -> None:
    asked = box()
    for name in ("a+b@example.com", "a%2Bb@example.com", "ü.example"):
        quoted = name.replace("%", "%25").replace("+", "%2B").replace("@", "%40").replace("ü", "%C3%BC")
        reply = request(asked, "GET", f"/v2/email/identities/{quoted}")
        assert json.loads(reply.body)["message"] == f"Email identity {name} does not exist."

    assert _error(request(asked, "GET", "/v2/email/identities/%ff"))[1] == "SerializationException"


def test_lists_and_moments_in_the_query_are_read() -> None:
    asked = box()
    for name, reason in (("a", "BOUNCE"), ("b", "COMPLAINT")):
        ask(asked, "PutSuppressedDestination", EmailAddress=f"{name}@example.org", Reason=reason)
    target = "/v2/email/suppression/addresses"
    both = f"{target}?Reason=BOUNCE&Reason=COMPLAINT&StartDate=2027-01-01T00:00:00Z&EndDate=2027-12-31T00:00:00Z"

    def listed(query: str) -> int:
        return len(json.loads(request(asked, "GET", query).body)["SuppressedDestinationSummaries"])

    assert listed(both) == 2
    assert listed(f"{target}?Reason=BOUNCE") == 1
    assert listed(f"{target}?StartDate=2028-01-01T00:00:00Z") == 0
    for broken in ("PageSize=many", "StartDate=yesterday", "PageSize=%ff", "&".join("a=b" for _ in range(1001))):
        assert _error(request(asked, "GET", f"{target}?{broken}"))[1] == "SerializationException"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/v2/email/identities?PageSize=1"),
        ("POST", "/v2/email/list-identities"),
        ("GET", "/v2/email/configuration-sets?PageSize=1"),
        ("POST", "/v2/email/list-configuration-sets"),
    ],
)
def test_clients_of_all_ages_find_the_lists(method: str, target: str) -> None:
    asked = box()
    for name in ("a", "b"):
        ask(asked, "CreateEmailIdentity", EmailIdentity=f"{name}.example")
        ask(asked, "CreateConfigurationSet", ConfigurationSetName=name)
    reply = json.loads(request(asked, method, target, {"PageSize": 1} if method == "POST" else b"").body)

    names, token = (reply.get("EmailIdentities") or reply["ConfigurationSets"]), reply["NextToken"]
    assert len(names) == 1
    assert token
