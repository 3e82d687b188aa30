"""Contact lists and the contacts on them, by v2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sesmail.local.addresses import Mailbox
from sesmail.local.call import Params, Result
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.json_text import json_object
from sesmail.local.lists.contacts import OPT_IN, OPT_OUT, Contact, ContactList, Topic
from sesmail.local.lists.management import check_topic, known_list
from sesmail.local.names import check_name  # SES's own rule for lists is not known; a semicolon would break the header
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.resource_tags import tagged

MOST_LISTS: Final = 1
MOST_TOPICS: Final = 20
MOST_ON_A_PAGE: Final = 1000
_LIST = "ContactListName"

# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────


@serves("sesv2")
def create_contact_list(here: Here, asked: Params) -> Result:
    lists, name = here.region.contact_lists, asked[_LIST]
    check_name("List", name)
    topics, tags = _topics(asked.get("Topics", ())), tagged({}, asked.get("Tags", ()))
    if name in lists:
        raise Fault(FaultKind.EXISTS, f"List with name: {name} already exists.")
    if len(lists) >= MOST_LISTS:
        raise Fault(FaultKind.LIMIT, f"An account has at most {MOST_LISTS} contact list in a Region.")
    lists[name] = ContactList(name, here.now, here.now, asked.get("Description"), topics, tags=tags)
    return {}


@serves("sesv2")
def get_contact_list(here: Here, asked: Params) -> Result:
    found = known_list(here, asked[_LIST])
    about = {
        _LIST: found.name,
        "Topics": [_topic(topic) for topic in found.topics],
        "CreatedTimestamp": found.created,
        "LastUpdatedTimestamp": found.updated,
        "Tags": [{"Key": key, "Value": value} for key, value in found.tags.items()],
    }
    return about if found.description is None else {**about, "Description": found.description}


@serves("sesv2")
def update_contact_list(here: Here, asked: Params) -> Result:
    """All but the contacts is replaced: what is not said is no more."""
    found, topics = known_list(here, asked[_LIST]), _topics(asked.get("Topics", ()))
    found.replace_topics(topics)
    found.description, found.updated = asked.get("Description"), here.now
    return {}


@serves("sesv2")
def delete_contact_list(here: Here, asked: Params) -> Result:
    del here.region.contact_lists[known_list(here, asked[_LIST]).name]
    return {}


@serves("sesv2")
def list_contact_lists(here: Here, asked: Params) -> Result:
    lists = list(here.region.contact_lists.values())
    shown, token = page(lists, asked.get("NextToken"), asked.get("PageSize"), MOST_ON_A_PAGE)
    listed = {"ContactLists": [{_LIST: one.name, "LastUpdatedTimestamp": one.updated} for one in shown]}
    return {**listed, "NextToken": token} if token else listed


def _topics(asked: Sequence[Params]) -> list[Topic]:
    if len(asked) > MOST_TOPICS:
        raise Fault(FaultKind.INVALID, f"A contact list has at most {MOST_TOPICS} topics.")
    topics = [
        Topic(topic["TopicName"], topic["DisplayName"], topic["DefaultSubscriptionStatus"], topic.get("Description"))
        for topic in asked
    ]
    for topic in topics:
        check_name("Topic", topic.name)
    _check_once(topic.name for topic in topics)
    return topics


def _topic(topic: Topic) -> Result:
    about = {
        "TopicName": topic.name,
        "DisplayName": topic.display_name,
        "DefaultSubscriptionStatus": topic.default,
    }
    return about if topic.description is None else {**about, "Description": topic.description}


def _check_once(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Fault(FaultKind.INVALID, f"The topic {name[:100]} is named twice.")
        seen.add(name)


# ── contacts ─────────────────────────────────────────────────────────────────────────────────────────────────────


@serves("sesv2")
def create_contact(here: Here, asked: Params) -> Result:
    found, address = known_list(here, asked[_LIST]), asked["EmailAddress"]
    if Mailbox.parse(address).email != address:
        raise Fault(FaultKind.INVALID, "EmailAddress must be an address without a name.")
    if found.contact(address):
        raise Fault(FaultKind.EXISTS, f"{address} already exists in List.")
    contact = Contact(address, here.now, here.now)
    _set(found, contact, asked)
    found.put(contact)
    return {}


@serves("sesv2")
def get_contact(here: Here, asked: Params) -> Result:
    found, contact = _known_contact(here, asked)
    about = {_LIST: found.name, **_contact(found, contact), "CreatedTimestamp": contact.created}
    return about if contact.attributes is None else {**about, "AttributesData": contact.attributes}


@serves("sesv2")
def update_contact(here: Here, asked: Params) -> Result:
    """All is replaced, as the model says of preferences; of the rest nobody says so."""
    found, contact = _known_contact(here, asked)
    _set(found, contact, asked)
    contact.updated = here.now
    return {}


@serves("sesv2")
def delete_contact(here: Here, asked: Params) -> Result:
    found, contact = _known_contact(here, asked)
    found.remove(contact)
    return {}


@serves("sesv2")
def list_contacts(here: Here, asked: Params) -> Result:
    found = known_list(here, asked[_LIST])
    matching = _matching(found, asked.get("Filter", {}))
    shown, token = page(matching, asked.get("NextToken"), asked.get("PageSize"), MOST_ON_A_PAGE)
    listed = {"Contacts": [_contact(found, contact) for contact in shown]}
    return {**listed, "NextToken": token} if token else listed


def _known_contact(here: Here, asked: Params) -> tuple[ContactList, Contact]:
    found = known_list(here, asked[_LIST])
    contact = found.contact(asked["EmailAddress"])
    if contact is None:
        raise Fault(FaultKind.NOT_FOUND, f"{asked['EmailAddress'][:320]} doesn't exist in List.")
    return found, contact


def _set(found: ContactList, contact: Contact, asked: Params) -> None:
    """What a call says of a contact, if all of it can be so."""
    preferences, attributes = asked.get("TopicPreferences", ()), asked.get("AttributesData")
    _check_once(preference["TopicName"] for preference in preferences)
    for preference in preferences:
        check_topic(found, preference["TopicName"])
    if attributes is not None:
        _check_attributes(attributes)
    contact.preferences = {each["TopicName"]: each["SubscriptionStatus"] for each in preferences}
    contact.unsubscribed, contact.attributes = asked.get("UnsubscribeAll", False), attributes


def _check_attributes(text: str) -> None:
    if json_object(text) is None:
        raise Fault(FaultKind.INVALID, "AttributesData must be a JSON object, as text.")


def _contact(found: ContactList, contact: Contact) -> Result:
    return {
        "EmailAddress": contact.address,
        "TopicPreferences": _preferences(contact.preferences),
        "TopicDefaultPreferences": _preferences(found.defaults_for(contact)),
        "UnsubscribeAll": contact.unsubscribed,
        "LastUpdatedTimestamp": contact.updated,
    }


def _preferences(statuses: Mapping[str, str]) -> list[Result]:
    return [{"TopicName": name, "SubscriptionStatus": status} for name, status in statuses.items()]


# ── which of them ────────────────────────────────────────────────────────────────────────────────────────────────


def _matching(found: ContactList, asked: Params) -> list[Contact]:
    contacts, status = found.contacts.values(), asked.get("FilteredStatus")
    if "TopicFilter" not in asked:
        return [contact for contact in contacts if status in (None, _status(contact))]
    about = asked["TopicFilter"]
    topic, by_default = about.get("TopicName", ""), about.get("UseDefaultIfPreferenceUnavailable", False)
    check_topic(found, topic)
    asked_of = [contact for contact in contacts if by_default or topic in contact.preferences]
    return [contact for contact in asked_of if status in (None, found.statuses(contact)[topic])]


def _status(contact: Contact) -> str:
    return OPT_OUT if contact.unsubscribed else OPT_IN
