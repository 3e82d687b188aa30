"""The control: the ledger, and what a console would do, for programs that are not in the same Python."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sesmail.local.box import Box
from sesmail.local.chaos import Chaos
from sesmail.local.control.control import CONTROLS
from sesmail.local.endpoint import Endpoint
from sesmail.local.http.message import HttpRequest
from sesmail.local.lists.subscriptions import Subscription
from sesmail.local.trouble import Kind
from tests.local.asking import REGION, ask, box, refusal, request, send_raw

CONTROL = "/_sesmail/"


def _said(asked: Box, method: str, target: str, body: object = b"", status: int = 200) -> Any:
    reply = request(asked, method, CONTROL + target, body)
    assert reply.status == status, reply.body
    return json.loads(reply.body)


def test_the_ledger_can_be_read() -> None:
    asked = box()
    message_id = send_raw(asked, Destination={"ToAddresses": ["ada@example.org"], "BccAddresses": ["eve@example.org"]})
    listed = _said(asked, "GET", "sent")

    assert listed["total"] == 1
    (mail,) = listed["sent"]
    assert mail["messageId"] == message_id
    assert (mail["to"], mail["bcc"], mail["subject"]) == (["ada@example.org"], ["eve@example.org"], "Hello")
    assert (mail["region"], mail["operation"]) == (REGION, "SendEmail")
    another = send_raw(asked)
    assert b"To: ada@" in request(asked, "GET", f"{CONTROL}sent/{another}").body
    raw = request(asked, "GET", f"{CONTROL}sent/{message_id}")
    assert raw.headers["Content-Type"] == "message/rfc822"
    assert raw.body.endswith(b"\r\n\r\nHello Ada\r\n")
    assert len(raw.body) == mail["size"]
    kinds = [event["eventType"] for event in _said(asked, "GET", "events")["events"]]
    assert kinds == ["Send", "Delivery"] * 2
    _said(asked, "DELETE", "sent")
    assert _said(asked, "GET", "sent") == {"total": 2, "sent": []}
    assert "no mail of this id" in _said(asked, "GET", f"sent/{message_id}", status=404)["message"]


def test_identities_are_verified_and_fail() -> None:
    asked = box()
    for deed, status in (("verify", "SUCCESS"), ("fail", "FAILED")):
        target = f"identities/ada%2Bx@example.org?region={REGION}"
        assert _said(asked, "POST", target, {"do": deed}) == {"identity": "ada+x@example.org", "status": status}

    wrong = _said(asked, "POST", "identities/a.example", {"do": "verify_mail_from"}, 409)
    assert "has no MAIL FROM domain" in wrong["message"]
    ask(asked, "CreateEmailIdentity", EmailIdentity="b.example")
    ask(asked, "PutEmailIdentityMailFromAttributes", EmailIdentity="b.example", MailFromDomain="mail.b.example")
    for deed, status in (("verify_mail_from", "SUCCESS"), ("fail_mail_from", "FAILED")):
        _said(asked, "POST", f"identities/b.example?region={REGION}", {"do": deed})
        about = ask(asked, "GetEmailIdentity", EmailIdentity="b.example")
        assert about["MailFromAttributes"]["MailFromDomainStatus"] == status


def test_the_account_is_changed() -> None:
    asked = box(sandbox=True)
    where = f"account?region={REGION}"

    assert _said(asked, "POST", where, {}) == {
        "sandbox": True,
        "quota": -1,
        "rate": 1e6,
        "suspended": False,
    }
    assert _said(asked, "POST", where, {"production": True, "quota": 9, "rate": 2}) == {
        "sandbox": False,
        "quota": 9,
        "rate": 2,
        "suspended": False,
    }
    details = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://example.com"}
    ask(asked, "PutAccountDetails", region="us-east-1", **details)
    _said(asked, "POST", "account?region=us-east-1", {"review": "denied"})
    assert ask(asked, "GetAccount", region="us-east-1")["Details"]["ReviewDetails"]["Status"] == "DENIED"
    assert _said(asked, "POST", where, {"suspended": True})["suspended"] is True
    assert refusal(asked, "SendEmail", Content={"Raw": {"Data": b""}}).v2 == ("AccountSuspendedException", 400)
    _said(asked, "POST", where, {"suspended": False})
    assert send_raw(asked)
    assert _said(asked, "POST", where, {"production": False})["sandbox"] is True


def test_other_accounts_and_regions_are_named() -> None:
    asked = box()
    named = "region=eu-central-1&account=210987654321"
    _said(asked, "POST", f"identities/example.org?{named}", {"do": "verify"})
    _said(asked, "POST", f"account?{named}", {"production": True})
    send_raw(asked)

    assert not asked.region("eu-central-1", "210987654321").sandbox
    assert asked.region("eu-central-1", "210987654321").identities.get("example.org")
    assert len(_said(asked, "GET", f"sent?region={REGION}")["sent"]) == 1
    assert _said(asked, "GET", f"sent?{named}")["sent"] == []
    assert _said(asked, "GET", "events?account=210987654321")["events"] == []


def test_the_clock_is_moved() -> None:
    asked = box()

    assert _said(asked, "POST", "clock", {"advance": 60}) == {"now": 1_800_000_060}
    for seconds, text in ((-1, "not back"), ("60", "is a number"), (None, "is a number"), (1e300, "centuries")):
        assert text in _said(asked, "POST", "clock", {"advance": seconds}, 400)["message"]


def test_the_page_names_every_request() -> None:
    page = (Path(__file__).parents[2] / "docs" / "local.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+) /_sesmail/(\w+)(/\{\w+\})?` \|", page, re.MULTILINE)

    assert {(method, kind, bool(name)) for method, kind, name in rows} == set(CONTROLS)


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "text"),
    [
        ("GET", "", b"", 404, "the control knows: GET /_sesmail/sent, "),
        ("PUT", "sent", b"", 404, "the control knows"),
        ("GET", "sent/a/b", b"", 404, "no mail of this id"),
        ("POST", "clock", b"{", 400, "no JSON object"),
        ("POST", "clock", b"[" * 100_000, 400, "no JSON object"),
        ("POST", "clock", b"[]", 400, "no JSON object"),
        ("POST", "clock", {"advanced": 1}, 400, "unknown field 'advanced'; known are advance"),
        ("POST", "account", {"prod": True}, 400, "unknown field 'prod'"),
        ("POST", "account", {"production": "false"}, 400, "the field production is true or false"),
        ("POST", "account", {"suspended": "true"}, 400, "the field suspended is true or false"),
        ("POST", "account", {"quota": "abc"}, 400, "the field quota is a number"),
        ("POST", "account", {"quota": True}, 400, "the field quota is a number"),
        ("POST", "account", {"rate": -3}, 400, "rate is a number of recipients a second"),
        ("POST", "account", {"review": "granted"}, 400, 'the field review is "denied"'),
        ("POST", "account", b'{"rate": NaN}', 400, "the field rate is a number"),
        ("POST", "identities/a.example", {"do": "sing"}, 400, "the field do is one of verify, fail"),
        ("POST", "identities/a.example", {"do": []}, 400, "the field do is one of verify, fail"),
        ("POST", "identities/no%20name", {"do": "verify"}, 409, "can be no identity"),
    ],
)
def test_what_the_control_does_not_understand_it_says(
    method: str, target: str, body: object, status: int, text: str
) -> None:
    assert text in _said(box(), method, target, body, status)["message"]


# ── links of contact lists ───────────────────────────────────────────────────────────────────────────────────────


def test_a_link_of_a_list_asks_first_and_leaves_with_one_click() -> None:
    asked = box()
    ask(asked, "CreateContactList", ContactListName="news")
    send_raw(asked, ListManagementOptions={"ContactListName": "news"})
    raw = next(iter(asked.ledger)).raw
    link = raw.partition(b"List-Unsubscribe: <http://sesmail.local")[2].partition(b">")[0].decode()

    page = request(asked, "GET", link)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"ada@example.org gets no more of news." in page.body
    assert b'<form method="post">' in page.body
    contact = {"ContactListName": "news", "EmailAddress": "ada@example.org"}
    assert not ask(asked, "GetContact", **contact)["UnsubscribeAll"], "a look changes nothing"
    done = request(asked, "POST", link, b"List-Unsubscribe=One-Click")
    assert (done.status, done.body) == (200, b"ada@example.org gets no more of news.")
    assert ask(asked, "GetContact", **contact)["UnsubscribeAll"]
    ask(asked, "DeleteContactList", ContactListName="news")
    assert request(asked, "POST", link).status == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_no_link_of_a_list_is_refused(method: str) -> None:
    assert "no unsubscribe link" in _said(box(), method, "unsubscribe/x", status=400)["message"]


def test_a_page_shows_names_as_text() -> None:
    link = Subscription("123456789012", REGION, "<b>", "", "<i>@example.org", "0100").token
    page = request(box(), "GET", f"{CONTROL}unsubscribe/{link}").body

    assert b"&lt;i&gt;@example.org gets no more of &lt;b&gt;." in page


# ── chaos ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_trouble_can_be_made_and_ended() -> None:
    asked = box()
    endpoint = Endpoint(asked, region=REGION)

    def said(method: str, body: object = b"", status: int = 200) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = endpoint.answer(HttpRequest(method, f"{CONTROL}chaos", {}, data))
        assert reply.status == status, reply.body
        return json.loads(reply.body)

    said("POST", {"kind": "throttle", "on": "GetAccount", "seed": 3})
    armed = said("POST", {"kind": "reply", "code": 454, "on": "rcpt", "times": None})["armed"]
    assert armed == [
        {"kind": "throttle", "on": "GetAccount", "times": 1, "skip": 0, "chance": 1.0},
        {"kind": "reply", "on": "rcpt", "times": None, "skip": 0, "chance": 1.0, "code": 454, "text": ""},
    ]
    throttled = endpoint.answer(HttpRequest("GET", "/v2/email/account"))
    assert (throttled.status, b"Rate exceeded" in throttled.body) == (400, True)
    (happened,) = said("GET")["happened"]
    assert (happened["kind"], happened["step"]) == ("throttle", "GetAccount")
    assert said("DELETE") == {"armed": [], "happened": []}
    assert said("POST", {"seed": 7})["armed"] == []


def test_the_seed_decides() -> None:
    endpoint = Endpoint(box(), region=REGION)
    body = {"kind": "throttle", "on": "GetAccount", "chance": 0.5, "times": None, "seed": 7}
    endpoint.answer(HttpRequest("POST", f"{CONTROL}chaos", {}, json.dumps(body).encode()))
    met = [endpoint.answer(HttpRequest("GET", "/v2/email/account")).status == 400 for _ in range(24)]
    same = Chaos(seed=7)
    same.throttle(chance=0.5, times=None)

    assert met == [same.meet("x", ("send",), {Kind.THROTTLE}) is not None for _ in range(24)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"kind": "throttel"}, "did you mean 'throttle'"),
        ({"kind": "throttle", "tims": 2}, "did you mean 'times'"),
        ({"times": 2}, "chaos has no option ''"),
        ({"kind": "throttle", "times": "x"}, "times of a trouble is a whole number"),
        ({"kind": "throttle", "seed": "x"}, "the field seed is a number"),
    ],
)
def test_trouble_that_nobody_knows_is_refused(body: object, reason: str) -> None:
    assert reason in _said(box(), "POST", "chaos", body, 400)["message"]
