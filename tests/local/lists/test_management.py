"""Mails of contact lists: who gets them, who comes onto the list, and how somebody leaves it by the link."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local import BoxClock, LocalSes
from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.faults import Fault
from sesmail.local.ledger import SentMail
from sesmail.local.lists.contacts import OPT_IN, OPT_OUT
from sesmail.local.lists.subscriptions import Subscription, unsubscribe
from sesmail.mime.parts import Part
from tests.local.answers import codes_of, refused
from tests.local.asking import RAW, REGION, ask, box, send_raw
from tests.local.lists.test_contacts import NEWS, NOW, listed, topic, wish

if TYPE_CHECKING:
    from pathlib import Path

SIMPLE = {
    "Subject": {"Data": "Hello"},
    "Body": {
        "Text": {"Data": "Leave: {{amazonSESUnsubscribeUrl}}"},
        "Html": {"Data": "<a href='{{amazonSESUnsubscribeUrl}}'>Leave</a>"},
    },
}
ADA = "ada@example.org"
HEADER = "X-SES-LIST-MANAGEMENT-OPTIONS"


@pytest.fixture
def asked() -> Box:
    """A list with a topic that people get unless they say no, and one that they must ask for."""
    made = box()
    ask(made, "CreateContactList", **NEWS, Topics=[topic("offers"), topic("events", OPT_OUT)])
    return made


def options(name: str) -> dict[str, Any]:
    return {"ListManagementOptions": {**NEWS, **({"TopicName": name} if name else {})}}


def said_in(header: str, raw: bytes = RAW) -> bytes:
    return f"{HEADER}: {header}\r\n".encode() + raw


def put(asked: Box, address: str, *preferences: dict[str, str], gone: bool = False) -> None:
    person = {**NEWS, "EmailAddress": address, "UnsubscribeAll": gone}
    ask(asked, "CreateContact", **person, TopicPreferences=preferences)


def sent(asked: Box) -> SentMail:
    return list(asked.ledger)[-1]


def token_in(asked: Box) -> str:
    link = Part.parse(sent(asked).raw).header("list-unsubscribe")
    found = re.fullmatch(r"<http://sesmail\.local/_sesmail/unsubscribe/([A-Za-z0-9_-]+)>", link)
    assert found, link
    return found[1]


# ── who gets a mail ──────────────────────────────────────────────────────────────────────────────────────────────


def _by_v2_raw(asked: Box, name: str) -> None:
    send_raw(asked, **options(name))


def _by_v2_simple(asked: Box, name: str) -> None:
    people: dict[str, Any] = {"FromEmailAddress": "shop@example.com", "Destination": {"ToAddresses": [ADA]}}
    ask(asked, "SendEmail", Content={"Simple": SIMPLE}, **people, **options(name))


def _by_header(asked: Box, name: str) -> None:
    send_raw(asked, said_in(f"news; topic={name}" if name else "news"))


def _by_v1_header(asked: Box, name: str) -> None:
    ask(asked, "SendRawEmail", "ses", RawMessage={"Data": said_in(f" news ;Topic = {name}" if name else "news")})


WAYS = [_by_v2_raw, _by_v2_simple, _by_header, _by_v1_header]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("name", "preferences", "gone", "fate"),
    [
        ("", [], False, "Delivery"),
        ("", [], True, "Bounce"),
        ("", [wish("offers", OPT_OUT)], False, "Delivery"),
        ("offers", [], False, "Delivery"),
        ("offers", [wish("offers", OPT_OUT)], False, "Bounce"),
        ("events", [], False, "Bounce"),
        ("events", [wish("events", OPT_IN)], False, "Delivery"),
        ("events", [wish("events", OPT_IN)], True, "Bounce"),
    ],
)
def test_who_does_not_want_a_mail_is_not_written_to(
    asked: Box, way: Any, name: str, preferences: list[dict[str, str]], gone: bool, fate: str
) -> None:
    put(asked, ADA, *preferences, gone=gone)
    way(asked, name)

    assert sent(asked).fates == {ADA: fate}
    assert [event.kind for event in asked.events.all()] == ["Send", fate]
    assert HEADER.encode() not in sent(asked).raw


def test_the_bounce_says_why_and_the_mail_counts(asked: Box) -> None:
    put(asked, ADA, gone=True)
    send_raw(asked, **options(""))

    bounce = asked.events.all()[-1].payload["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Permanent", "UnsubscribedRecipient")
    assert ask(asked, "GetAccount")["SendQuota"]["SentLast24Hours"] == 1


@pytest.mark.parametrize(("name", "fate"), [("", "Delivery"), ("offers", "Delivery"), ("events", "Bounce")])
def test_who_is_not_on_the_list_comes_onto_it(asked: Box, name: str, fate: str) -> None:
    send_raw(asked, **options(name))
    send_raw(asked, **options(name))

    assert listed(asked) == [ADA]
    assert [mail.fates for mail in asked.ledger] == [{ADA: fate}] * 2
    contact = ask(asked, "GetContact", **NEWS, EmailAddress=ADA)
    assert (contact["TopicPreferences"], contact["CreatedTimestamp"]) == ([], NOW)


def test_each_recipient_has_a_fate_of_its_own(asked: Box) -> None:
    put(asked, "gone@example.org", gone=True)
    ask(asked, "PutSuppressedDestination", EmailAddress="bad@example.org", Reason="BOUNCE")
    everybody = ["gone@example.org", "bad@example.org", "new@example.org", "bounce@simulator.amazonses.com"]
    send_raw(asked, Destination={"ToAddresses": everybody[:2], "BccAddresses": everybody[2:]}, **options(""))

    told = [(event.kind, event.recipients, event.facts.get("bounce")) for event in asked.events.all()]
    kinds = {recipients: bounce and bounce["bounceSubType"] for _, recipients, bounce in told[1:]}
    assert kinds == {
        ("gone@example.org",): "UnsubscribedRecipient",
        ("bad@example.org",): "OnAccountSuppressionList",
        ("new@example.org",): None,
        ("bounce@simulator.amazonses.com",): "General",
    }
    assert listed(asked) == everybody


def test_parameters_count_before_the_header(asked: Box) -> None:
    put(asked, ADA, wish("offers", OPT_OUT))
    send_raw(asked, said_in("no; topic=no"), **options("offers"))
    send_raw(asked, said_in("news; topic=offers"), ListManagementOptions=NEWS)
    send_raw(asked, said_in(" "))

    assert [mail.fates[ADA] for mail in asked.ledger] == ["Bounce", "Delivery", "Delivery"]
    assert b"List-Unsubscribe" not in sent(asked).raw, "an empty header asks for nothing"


BAD, NOT_FOUND = ("BadRequestException", 400), ("NotFoundException", 404)


@pytest.mark.parametrize(
    ("params", "answer", "text"),
    [
        (options("no"), NOT_FOUND, "List: news doesn't contain Topic: no"),
        ({"ListManagementOptions": {"ContactListName": "no"}}, NOT_FOUND, "List with name: no doesn't exist."),
        ("no", NOT_FOUND, "List with name: no"),
        ("news; topic=no", NOT_FOUND, "Topic: no"),
        ("news;", BAD, "Invalid header X-SES-LIST-MANAGEMENT-OPTIONS"),
        ("news; topic=", BAD, "Invalid header"),
        ("news; topics=offers", BAD, "Invalid header"),
        ("; topic=offers", BAD, "Invalid header"),
    ],
)
def test_what_a_mail_cannot_be_sent_for(asked: Box, params: Any, answer: tuple[str, int], text: str) -> None:
    by_header = isinstance(params, str)
    content = {"Content": {"Raw": {"Data": said_in(params) if by_header else RAW}}}
    came, said = refused(asked, Call("sesv2", "SendEmail", content if by_header else {**content, **params}, REGION))

    assert came == answer
    assert text in said
    assert came[0] in codes_of("sesv2", "SendEmail")
    assert (len(asked.ledger), listed(asked)) == (0, [])


def test_a_mail_that_is_refused_enrols_nobody(asked: Box) -> None:
    asked.region(REGION).limit(0.0, None)
    call = Call("sesv2", "SendEmail", {"Content": {"Raw": {"Data": RAW}}, **options("")}, REGION)

    assert "quota exceeded" in refused(asked, call)[1]
    assert listed(asked) == []


# ── the link ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", WAYS)
def test_a_mail_to_one_has_a_link(asked: Box, way: Any) -> None:
    way(asked, "offers")

    said = Subscription.parse(token_in(asked))
    assert said == Subscription("123456789012", REGION, "news", "offers", ADA, sent(asked).message_id)
    assert Part.parse(sent(asked).raw).header("list-unsubscribe-post") == "List-Unsubscribe=One-Click"


def test_the_link_stands_in_both_texts(asked: Box) -> None:
    _by_v2_simple(asked, "")
    link = f"http://sesmail.local/_sesmail/unsubscribe/{token_in(asked)}"

    assert sent(asked).email.text == f"Leave: {link}"
    assert sent(asked).email.html == f"<a href='{link}'>Leave</a>"


@pytest.mark.parametrize("by_name", [True, False])
def test_a_template_may_hold_the_placeholder(asked: Box, by_name: bool) -> None:
    texts = {"Subject": "Hello {{name}}", "Text": "Leave: {{amazonSESUnsubscribeUrl}}"}
    ask(asked, "CreateEmailTemplate", TemplateName="hello", TemplateContent=texts)
    template = {"TemplateName": "hello"} if by_name else {"TemplateContent": texts}
    people: dict[str, Any] = {"FromEmailAddress": "shop@example.com", "Destination": {"ToAddresses": [ADA]}}
    content = {"Template": {**template, "TemplateData": '{"name": "Ada"}'}}
    ask(asked, "SendEmail", Content=content, **people, **options(""))
    link = f"http://sesmail.local/_sesmail/unsubscribe/{token_in(asked)}"
    ask(asked, "SendEmail", Content=content, **people)

    first, second = asked.ledger
    assert (first.subject, first.email.text) == ("Hello Ada", f"Leave: {link}")
    assert second.fates == {ADA: "Rendering Failure"}, "without a list it is a variable like others"


def test_a_box_that_knows_its_place_leads_there(asked: Box) -> None:
    asked.url = "http://127.0.0.1:1234"
    send_raw(asked, **options(""))

    assert b"\r\nList-Unsubscribe: <http://127.0.0.1:1234/_sesmail/unsubscribe/" in sent(asked).raw


@pytest.mark.parametrize(
    "params", [{}, {**options(""), "Destination": {"ToAddresses": [ADA], "BccAddresses": ["eve@example.org"]}}]
)
def test_a_mail_without_a_list_or_to_several_has_none(asked: Box, params: dict[str, Any]) -> None:
    raw = (
        RAW.replace(b"Subject", b"List-Unsubscribe: <mailto:mine@example.com>\r\nSubject")
        + b"{{amazonSESUnsubscribeUrl}}"
    )
    send_raw(asked, raw, **params)

    assert sent(asked).raw.endswith(b"{{amazonSESUnsubscribeUrl}}")
    assert b"List-Unsubscribe: <mailto:mine@example.com>\r\n" in sent(asked).raw
    assert b"List-Unsubscribe-Post" not in sent(asked).raw


# ── leaving by the link ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "still"), [("", {"": False, "offers": False, "events": False}), ("offers", {"": True, "offers": False})]
)
def test_the_link_leads_out_of_the_topic_or_of_all(asked: Box, name: str, still: dict[str, bool]) -> None:
    put(asked, ADA, wish("events", OPT_IN))
    send_raw(asked, **options(name))
    asked.clock.advance(60)
    left = unsubscribe(asked, token_in(asked))

    news = asked.region(REGION).contact_lists["news"]
    assert (left.address, left.contact_list, left.topic) == (ADA, "news", name)
    assert {each: news.wants(ADA, each) for each in still} == still
    assert ask(asked, "GetContact", **NEWS, EmailAddress=ADA)["LastUpdatedTimestamp"] == NOW + 60


def test_leaving_is_told_as_an_event_of_the_mail(asked: Box) -> None:
    put(asked, ADA, wish("events", OPT_IN))
    for name, kinds in (("main", ["SUBSCRIPTION"]), ("more", ["SEND"])):
        ask(asked, "CreateConfigurationSet", ConfigurationSetName=name)
        destination = {"Enabled": True, "MatchingEventTypes": kinds, "SnsDestination": {"TopicArn": "arn:t"}}
        where = {"ConfigurationSetName": name, "EventDestinationName": "topic"}
        ask(asked, "CreateConfigurationSetEventDestination", **where, EventDestination=destination)
    send_raw(asked, **options(""), ConfigurationSetName="main")
    asked.clock.advance(60)
    unsubscribe(asked, token_in(asked))

    event = asked.events.all()[-1]
    assert (event.kind, event.recipients, event.takers) == ("Subscription", (ADA,), ("topic",))
    assert event.mail == sent(asked)
    assert event.payload["eventType"] == "Subscription"
    assert event.payload["subscription"] == {
        "contactList": "news",
        "timestamp": "2027-01-15T08:01:00.000Z",
        "source": "UnsubscribeHeader",
        "newTopicPreferences": {
            "unsubscribeAll": True,
            "topicSubscriptionStatus": [
                {"topicName": "offers", "subscriptionStatus": "OptOut"},
                {"topicName": "events", "subscriptionStatus": "OptOut"},
            ],
        },
        "oldTopicPreferences": {
            "unsubscribeAll": False,
            "topicSubscriptionStatus": [
                {"topicName": "offers", "subscriptionStatus": "OptIn"},
                {"topicName": "events", "subscriptionStatus": "OptIn"},
            ],
        },
    }
    assert "ada@" not in repr(event)


def test_twice_is_as_once(asked: Box) -> None:
    send_raw(asked, **options("offers"))
    unsubscribe(asked, token_in(asked), source="Elsewhere")
    asked.clock.advance(60)
    unsubscribe(asked, token_in(asked))

    assert [event.kind for event in asked.events.all()] == ["Send", "Delivery", "Subscription"]
    assert asked.events.all()[-1].payload["subscription"]["source"] == "Elsewhere"
    assert ask(asked, "GetContact", **NEWS, EmailAddress=ADA)["LastUpdatedTimestamp"] == NOW


def test_a_link_outlives_its_mail(asked: Box) -> None:
    send_raw(asked, **options(""))
    token = token_in(asked)
    asked.ledger.clear()
    unsubscribe(asked, token)

    assert not asked.region(REGION).contact_lists["news"].wants(ADA, "")
    assert asked.events.all() == ()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"contact_list": "no"}, "The list of this unsubscribe link is no more"),
        ({"address": "eve@example.org"}, "or has not this contact"),
        ({"topic": "no"}, "The topic of this unsubscribe link is no more"),
        ({"account": "210987654321"}, "is no more"),
        ({"region": "us-east-1"}, "is no more"),
    ],
)
def test_a_link_to_what_is_no_more_says_so(asked: Box, change: dict[str, str], text: str) -> None:
    put(asked, ADA)
    ada = {"account": "123456789012", "region": REGION, "contact_list": "news", "topic": "offers", "address": ADA}
    wrong = Subscription(**{**ada, "message_id": "0100-1", **change})

    with pytest.raises(Fault, match=text) as caught:
        unsubscribe(asked, wrong.token)
    assert caught.value.v2 == NOT_FOUND
    assert asked.region(REGION).contact_lists["news"].wants(ADA, "offers")
    assert list(asked.regions) == [("123456789012", REGION)], "a link makes no Region"


def _spelled(said: object) -> str:
    return urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        *("", "a", "ä", "!!!", "_w", _spelled({"a": 1})),
        *(_spelled(["a"] * 5), _spelled(["a"] * 7), _spelled([1] * 6)),
        urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
)
def test_what_no_box_made_is_no_link(asked: Box, token: str) -> None:
    with pytest.raises(Fault, match="no unsubscribe link") as caught:
        unsubscribe(asked, token)

    assert caught.value.v2 == BAD


@given(st.text(max_size=40))
def test_any_token_is_a_link_or_a_fault(token: str) -> None:
    with pytest.raises(Fault):
        unsubscribe(Box(), token)


@given(st.builds(Subscription, *[st.text(max_size=30)] * 6))
def test_a_token_says_what_was_said(said: Subscription) -> None:
    assert Subscription.parse(said.token) == said
    assert re.fullmatch("[A-Za-z0-9_-]+", said.token)


# ── after a restart ──────────────────────────────────────────────────────────────────────────────────────────────


def _ses(folder: Path) -> LocalSes:
    return LocalSes(folder=folder, clock=BoxClock(at=NOW), region=REGION, sandbox=False, rate=100)


def test_lists_and_contacts_are_there_after_a_restart(tmp_path: Path) -> None:
    with _ses(tmp_path) as first:
        tags = [{"Key": "a", "Value": "b"}]
        ask(first.box, "CreateContactList", **NEWS, Topics=[topic("offers")], Description="All", Tags=tags)
        put(first.box, ADA, wish("offers", OPT_OUT), gone=True)

    second = _ses(tmp_path)
    assert second.box.regions == first.box.regions
    assert second.box.region(REGION).contact_lists["news"].topics[0].display_name == "Offers"


def test_who_came_onto_a_list_by_a_mail_or_left_it_is_known_to_a_box_that_was_killed(tmp_path: Path) -> None:
    killed = _ses(tmp_path)
    killed.identity("example.com").verify()
    ask(killed.box, "CreateContactList", **NEWS)
    send_raw(killed.box, **options(""))
    second = _ses(tmp_path)
    assert listed(second.box) == [ADA]
    assert len(second.sent) == 1
    unsubscribe(second.box, token_in(second.box))

    third = _ses(tmp_path)
    assert not third.box.region(REGION).contact_lists["news"].wants(ADA, "")
    assert ask(third.box, "GetAccount")["SendQuota"]["SentLast24Hours"] == 1
