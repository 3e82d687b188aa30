"""Contact lists: who is on one, what they want, and what the operations answer when something cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.lists.contacts import OPT_IN, OPT_OUT, Contact, ContactList, Topic
from tests.local.answers import codes_of, refused
from tests.local.asking import REGION, ask, box

NEWS: dict[str, Any] = {"ContactListName": "news"}
ADA = {**NEWS, "EmailAddress": "ada@example.org"}
NOW = 1_800_000_000
BAD, NOT_FOUND = ("BadRequestException", 400), ("NotFoundException", 404)
EXISTS, LIMIT = ("AlreadyExistsException", 400), ("LimitExceededException", 400)


def topic(name: str, default: str = OPT_IN, **more: str) -> dict[str, str]:
    return {"TopicName": name, "DisplayName": name.title(), "DefaultSubscriptionStatus": default, **more}


def wish(name: str, status: str) -> dict[str, str]:
    return {"TopicName": name, "SubscriptionStatus": status}


def listed(asked: Box, **asked_for: Any) -> list[str]:
    return [contact["EmailAddress"] for contact in ask(asked, "ListContacts", **NEWS, **asked_for)["Contacts"]]


@pytest.fixture
def asked() -> Box:
    """One list with a topic that people get unless they say no, and one that they must ask for."""
    made = box()
    ask(made, "CreateContactList", **NEWS, Topics=[topic("offers"), topic("events", OPT_OUT)])
    return made


# ── what somebody wants ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("preferences", "unsubscribed", "wanted"),
    [
        ({}, False, {"": True, "offers": True, "events": False}),
        ({"offers": OPT_OUT}, False, {"": True, "offers": False, "events": False}),
        ({"events": OPT_IN}, False, {"": True, "offers": True, "events": True}),
        ({"events": OPT_IN, "offers": OPT_IN}, True, {"": False, "offers": False, "events": False}),
    ],
)
def test_a_preference_counts_before_the_default_and_leaving_before_both(
    preferences: dict[str, str], unsubscribed: bool, wanted: dict[str, bool]
) -> None:
    topics = [Topic("offers", "Offers", OPT_IN), Topic("events", "Events", OPT_OUT)]
    news = ContactList("news", 0, 0, topics=topics)
    news.put(Contact("ada@example.org", 0, 0, preferences, unsubscribed))

    assert {name: news.wants("ada@example.org", name) for name in wanted} == wanted


def test_somebody_who_is_not_there_wants_what_is_so_by_default() -> None:
    news = ContactList("news", 0, 0, topics=[Topic("offers", "Offers", OPT_IN), Topic("events", "Events", OPT_OUT)])

    assert [news.wants("eve@example.org", name) for name in ("", "offers", "events")] == [True, True, False]


def test_the_case_of_the_domain_does_not_count() -> None:
    news = ContactList("news", 0, 0)

    assert news.enrol(["ada@example.org", "Ada@example.org"], 1.0)
    assert not news.enrol(["ada@EXAMPLE.org"], 2.0)
    assert [contact.address for contact in news.contacts.values()] == ["ada@example.org", "Ada@example.org"]


@given(st.lists(st.sampled_from(["a@x.example", "b@x.example", "b@X.example", "c@x.example"]), max_size=6))
def test_enrolling_is_the_same_once_and_again(addresses: list[str]) -> None:
    news = ContactList("news", 0, 0)
    came = news.enrol(addresses, 1.0)
    before = dict(news.contacts)

    assert came == bool(addresses)
    assert not news.enrol(addresses, 2.0)
    assert news.contacts == before


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_is_told_as_it_was_made() -> None:
    asked = box()
    topics = [topic("offers", Description="Cheap"), topic("events", OPT_OUT)]
    tags = [{"Key": "team", "Value": "shop"}]
    ask(asked, "CreateContactList", **NEWS, Topics=topics, Description="All of it", Tags=tags)
    asked.clock.advance(60)

    whole = {"Topics": topics, "Description": "All of it", "Tags": tags}
    times = {"CreatedTimestamp": NOW, "LastUpdatedTimestamp": NOW}
    assert ask(asked, "GetContactList", **NEWS) == {**NEWS, **whole, **times}
    assert ask(asked, "ListContactLists") == {"ContactLists": [{**NEWS, "LastUpdatedTimestamp": NOW}]}


def test_a_list_of_little_is_told_with_little() -> None:
    asked = box()
    assert ask(asked, "ListContactLists") == {"ContactLists": []}
    ask(asked, "CreateContactList", **NEWS)

    times = {"CreatedTimestamp": NOW, "LastUpdatedTimestamp": NOW}
    assert ask(asked, "GetContactList", **NEWS) == {**NEWS, "Topics": [], "Tags": [], **times}


def test_a_change_replaces_all_of_a_list(asked: Box) -> None:
    ask(asked, "CreateContact", **ADA, TopicPreferences=[wish("offers", OPT_OUT), wish("events", OPT_IN)])
    asked.clock.advance(60)
    ask(asked, "UpdateContactList", **NEWS, Topics=[topic("events")], Description="Less")
    about = ask(asked, "GetContactList", **NEWS)
    ada = ask(asked, "GetContact", **ADA)
    ask(asked, "UpdateContactList", **NEWS, Topics=[topic("offers"), topic("events")])

    assert (about["Topics"], about["Description"]) == ([topic("events")], "Less")
    assert (about["CreatedTimestamp"], about["LastUpdatedTimestamp"]) == (NOW, NOW + 60)
    assert ada["TopicPreferences"] == [wish("events", OPT_IN)]
    assert "Description" not in ask(asked, "GetContactList", **NEWS)
    assert ask(asked, "GetContact", **ADA)["TopicDefaultPreferences"] == [wish("offers", OPT_IN)], "it is forgotten"


def test_a_list_goes_with_its_contacts(asked: Box) -> None:
    ask(asked, "CreateContact", **ADA)
    ask(asked, "DeleteContactList", **NEWS)
    assert ask(asked, "ListContactLists") == {"ContactLists": []}
    ask(asked, "CreateContactList", **NEWS)

    assert listed(asked) == []


def test_regions_have_lists_of_their_own(asked: Box) -> None:
    ask(asked, "CreateContactList", region="us-east-1", ContactListName="other")

    assert [one["ContactListName"] for one in ask(asked, "ListContactLists")["ContactLists"]] == ["news"]


def test_tags_of_a_list_go_by_its_arn(asked: Box) -> None:
    arn = {"ResourceArn": f"arn:aws:ses:{REGION}:123456789012:contact-list/news"}
    ask(asked, "TagResource", **arn, Tags=[{"Key": "team", "Value": "shop"}, {"Key": "a", "Value": "b"}])
    ask(asked, "UntagResource", **arn, TagKeys=["a"])

    assert ask(asked, "ListTagsForResource", **arn)["Tags"] == [{"Key": "team", "Value": "shop"}]
    assert ask(asked, "GetContactList", **NEWS)["Tags"] == [{"Key": "team", "Value": "shop"}]


# ── contacts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_contact_is_told_as_it_was_made(asked: Box) -> None:
    data = '{"name": "Ada"}'
    given: dict[str, Any] = {"TopicPreferences": [wish("events", OPT_IN)], "UnsubscribeAll": True}
    given["AttributesData"] = data
    ask(asked, "CreateContact", **ADA, **given)

    times = {"CreatedTimestamp": NOW, "LastUpdatedTimestamp": NOW}
    defaults = {"TopicDefaultPreferences": [wish("offers", OPT_IN)]}
    assert ask(asked, "GetContact", **ADA) == {**ADA, **given, **defaults, **times}
    (one,) = ask(asked, "ListContacts", **NEWS)["Contacts"]
    assert one == {
        "EmailAddress": "ada@example.org",
        "TopicPreferences": [wish("events", OPT_IN)],
        **defaults,
        "UnsubscribeAll": True,
        "LastUpdatedTimestamp": NOW,
    }


def test_a_change_replaces_all_of_a_contact(asked: Box) -> None:
    given: dict[str, Any] = {"TopicPreferences": [wish("events", OPT_IN)], "UnsubscribeAll": True}
    given["AttributesData"] = "{}"
    ask(asked, "CreateContact", **ADA, **given)
    asked.clock.advance(60)
    ask(asked, "UpdateContact", **ADA, TopicPreferences=[wish("offers", OPT_OUT)])

    assert ask(asked, "GetContact", **ADA) == {
        **ADA,
        "TopicPreferences": [wish("offers", OPT_OUT)],
        "TopicDefaultPreferences": [wish("events", OPT_OUT)],
        "UnsubscribeAll": False,
        "CreatedTimestamp": NOW,
        "LastUpdatedTimestamp": NOW + 60,
    }


def test_a_contact_goes(asked: Box) -> None:
    ask(asked, "CreateContact", **ADA)
    ask(asked, "CreateContact", **NEWS, EmailAddress="eve@example.org")
    ask(asked, "DeleteContact", **NEWS, EmailAddress="ada@EXAMPLE.org")

    assert listed(asked) == ["eve@example.org"]


def _people(asked: Box) -> None:
    for name, preferences, all_of_it in (
        ("none", [], False),
        ("yes", [wish("offers", OPT_IN), wish("events", OPT_IN)], False),
        ("no", [wish("offers", OPT_OUT), wish("events", OPT_OUT)], False),
        ("gone", [wish("offers", OPT_IN)], True),
    ):
        person = {**NEWS, "EmailAddress": f"{name}@example.org", "UnsubscribeAll": all_of_it}
        ask(asked, "CreateContact", **person, TopicPreferences=preferences)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, "none yes no gone"),
        ({"FilteredStatus": "OPT_IN"}, "none yes no"),
        ({"FilteredStatus": "OPT_OUT"}, "gone"),
        ({"TopicFilter": {"TopicName": "offers"}}, "yes no gone"),
        ({"FilteredStatus": "OPT_IN", "TopicFilter": {"TopicName": "offers"}}, "yes"),
        ({"FilteredStatus": "OPT_OUT", "TopicFilter": {"TopicName": "offers"}}, "no gone"),
        (
            {
                "FilteredStatus": "OPT_IN",
                "TopicFilter": {"TopicName": "offers", "UseDefaultIfPreferenceUnavailable": True},
            },
            "none yes",
        ),
        (
            {
                "FilteredStatus": "OPT_OUT",
                "TopicFilter": {"TopicName": "events", "UseDefaultIfPreferenceUnavailable": True},
            },
            "none no gone",
        ),
    ],
)
def test_contacts_are_listed_by_what_they_want(asked: Box, wanted: dict[str, Any], names: str) -> None:
    _people(asked)

    assert listed(asked, Filter=wanted) == [f"{name}@example.org" for name in names.split()]


def test_contacts_come_in_pages(asked: Box) -> None:
    _people(asked)
    first = ask(asked, "ListContacts", **NEWS, PageSize=3)
    rest = ask(asked, "ListContacts", **NEWS, PageSize=3, NextToken=first["NextToken"])

    assert [len(first["Contacts"]), len(rest["Contacts"])] == [3, 1]
    assert "NextToken" not in rest
    assert ask(asked, "ListContactLists", PageSize=1).get("NextToken") is None


# ── what cannot be ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("operation", "params", "answer", "text"),
    [
        ("CreateContactList", NEWS, EXISTS, "news already exists"),
        ("CreateContactList", {"ContactListName": "more"}, LIMIT, "at most 1 contact list"),
        ("CreateContactList", {"ContactListName": "a;b"}, BAD, "List name <a;b>"),
        ("UpdateContactList", {**NEWS, "Topics": [topic("a b")]}, BAD, "Topic name <a b>"),
        ("UpdateContactList", {**NEWS, "Topics": [topic(f"t{n}") for n in range(21)]}, BAD, "at most 20 topics"),
        ("UpdateContactList", {**NEWS, "Topics": [topic("a"), topic("a")]}, BAD, "topic a is named twice"),
        ("GetContactList", {"ContactListName": "no"}, NOT_FOUND, "List with name: no doesn't exist."),
        ("UpdateContactList", {"ContactListName": "no"}, NOT_FOUND, "doesn't exist"),
        ("DeleteContactList", {"ContactListName": "no"}, NOT_FOUND, "doesn't exist"),
        ("ListContacts", {"ContactListName": "no"}, NOT_FOUND, "doesn't exist"),
        ("CreateContact", {**ADA, "ContactListName": "no"}, NOT_FOUND, "doesn't exist"),
        ("CreateContact", ADA, EXISTS, "ada@example.org already exists in List."),
        ("CreateContact", {**NEWS, "EmailAddress": "ada@EXAMPLE.org"}, EXISTS, "already exists"),
        ("CreateContact", {**NEWS, "EmailAddress": "Ada <eve@example.org>"}, BAD, "without a name"),
        ("CreateContact", {**NEWS, "EmailAddress": "eve"}, BAD, "Missing final '@domain'"),
        ("UpdateContact", {**ADA, "TopicPreferences": [wish("no", OPT_IN)]}, NOT_FOUND, "doesn't contain Topic: no"),
        ("UpdateContact", {**ADA, "TopicPreferences": [wish("offers", OPT_IN)] * 2}, BAD, "named twice"),
        ("UpdateContact", {**ADA, "AttributesData": "Ada"}, BAD, "JSON object"),
        ("UpdateContact", {**ADA, "AttributesData": "[]"}, BAD, "JSON object"),
        ("UpdateContact", {**ADA, "AttributesData": '{"a": NaN}'}, BAD, "JSON object"),
        ("UpdateContact", {**ADA, "AttributesData": "[" * 100_000}, BAD, "JSON object"),
        ("GetContact", {**NEWS, "EmailAddress": "eve@example.org"}, NOT_FOUND, "eve@example.org doesn't exist in List"),
        ("UpdateContact", {**NEWS, "EmailAddress": "eve@example.org"}, NOT_FOUND, "doesn't exist in List"),
        ("DeleteContact", {**NEWS, "EmailAddress": "eve@example.org"}, NOT_FOUND, "doesn't exist in List"),
        ("ListContacts", {**NEWS, "Filter": {"TopicFilter": {"TopicName": "no"}}}, NOT_FOUND, "Topic: no"),
        ("ListContacts", {**NEWS, "Filter": {"TopicFilter": {}}}, NOT_FOUND, "doesn't contain Topic"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    asked: Box, operation: str, params: dict[str, Any], answer: tuple[str, int], text: str
) -> None:
    ask(asked, "CreateContact", **ADA, TopicPreferences=[wish("events", OPT_IN)])
    before = ask(asked, "GetContactList", **NEWS), ask(asked, "GetContact", **ADA)
    came, said = refused(asked, Call("sesv2", operation, params, REGION))

    assert came == answer
    assert text in said
    assert came[0] in codes_of("sesv2", operation)
    assert (ask(asked, "GetContactList", **NEWS), ask(asked, "GetContact", **ADA)) == before
