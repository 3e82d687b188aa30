"""Subscriptions: somebody on a contact list, as a token in a link says it, and what happens when the link is used.

A token says all by itself: it outlives the mail that it came with, and the box. Nobody signs it, as the box's control
asks nobody who they are.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from sesmail.local.clock import iso
from sesmail.local.events import Event
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.lists.contacts import OPT_OUT, Contact, ContactList
from sesmail.local.region import Region

if TYPE_CHECKING:
    from sesmail.local.box import Box

_SPELLED = {"OPT_IN": "OptIn", "OPT_OUT": "OptOut"}


@dataclass(frozen=True, slots=True)
class Subscription:
    """An address on a list, or to one topic of it, and the mail with the link.

    >>> from sesmail.local.lists.subscriptions import Subscription
    >>> ada = Subscription("123456789012", "us-east-1", "news", "", "ada@example.org", "0100-1")
    >>> Subscription.parse(ada.token) == ada
    True
    """

    account: str
    region: str
    contact_list: str
    topic: str  # or nothing, for all of the list
    address: str
    message_id: str

    @classmethod
    def parse(cls, token: str) -> Self:
        """Read a token; what no box made is a fault."""
        try:
            said = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            json.dumps(said, ensure_ascii=False).encode()  # half of a surrogate pair, which no page could say
        except (ValueError, RecursionError):  # no base64, no UTF-8, no JSON
            said = None
        if not isinstance(said, list) or [type(text) for text in said] != [str] * len(fields(cls)):
            raise Fault(FaultKind.INVALID, "This is no unsubscribe link of the box.")
        return cls(*said)

    @property
    def token(self) -> str:
        """All of it, fit for a URL."""
        return urlsafe_b64encode(json.dumps(astuple(self)).encode()).decode().rstrip("=")


def unsubscribe(box: Box, token: str, *, source: str = "UnsubscribeHeader") -> Subscription:
    """Somebody used the link of a mail: no more mail about its topic, or of the whole list. Twice is as once.

    What is left is told: who, and from what. A token that is none is a fault, as are a list, a topic and a contact that
    are no more.
    """
    subscription = Subscription.parse(token)
    with box.lock:
        region = box.regions.get((subscription.account, subscription.region))
        contact_list, contact = _found(region, subscription)
        before = _preferences(contact_list, contact)
        _leave(contact, subscription.topic)
        after = _preferences(contact_list, contact)
        if after != before:
            contact.updated = box.clock.now()
            _tell(box, subscription, {"source": source, "newTopicPreferences": after, "oldTopicPreferences": before})
            box.keeper.changed()
    return subscription


def _found(region: Region | None, subscription: Subscription) -> tuple[ContactList, Contact]:
    contact_list = region.contact_lists.get(subscription.contact_list) if region else None
    contact = contact_list.contact(subscription.address) if contact_list else None
    if contact_list is None or contact is None:
        raise Fault(FaultKind.NOT_FOUND, "The list of this unsubscribe link is no more, or has not this contact.")
    if subscription.topic and contact_list.topic(subscription.topic) is None:
        raise Fault(FaultKind.NOT_FOUND, "The topic of this unsubscribe link is no more.")
    return contact_list, contact


def _leave(contact: Contact, topic: str) -> None:
    if topic:
        contact.preferences[topic] = OPT_OUT
    else:
        contact.unsubscribed = True


def _preferences(contact_list: ContactList, contact: Contact) -> dict[str, Any]:
    statuses = contact_list.statuses(contact).items()
    told = [{"topicName": name, "subscriptionStatus": _SPELLED[status]} for name, status in statuses]
    return {"unsubscribeAll": contact.unsubscribed, "topicSubscriptionStatus": told}


def _tell(box: Box, subscription: Subscription, facts: Mapping[str, Any]) -> None:
    """The event is about the mail with the link. When the ledger has it no more, there is nothing to tell of."""
    mail = next((mail for mail in box.ledger if mail.message_id == subscription.message_id), None)
    if mail is None:
        return
    used = box.region(mail.region, mail.account).configuration_sets.get(mail.configuration_set)
    takers = tuple(used.takers("SUBSCRIPTION")) if used else ()
    about = {"contactList": subscription.contact_list, "timestamp": iso(box.clock.now()), **facts}
    box.events.add(Event("Subscription", mail, (subscription.address,), about, takers))
