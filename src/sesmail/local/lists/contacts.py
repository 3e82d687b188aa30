"""Contacts: who is on a list, and which of its topics they want to hear of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sesmail.local.addresses import folded

OPT_IN: Final = "OPT_IN"
OPT_OUT: Final = "OPT_OUT"


@dataclass(frozen=True, slots=True)
class Topic:
    """What mails of a list are about, and whether somebody who never said so wants them."""

    name: str
    display_name: str
    default: str
    description: str | None = None


@dataclass(slots=True)
class Contact:
    """Somebody on a list. A topic that is not among the preferences is as its default says."""

    address: str
    created: float
    updated: float
    preferences: dict[str, str] = field(default_factory=dict)  # OPT_IN or OPT_OUT by topic
    unsubscribed: bool = False  # from all of the list
    attributes: str | None = None  # JSON, as it came


@dataclass(slots=True)
class ContactList:
    """One list. Its contacts are found whatever the case of their domain.

    >>> from sesmail.local.lists.contacts import OPT_OUT, ContactList, Topic
    >>> news = ContactList("news", 0.0, 0.0, topics=[Topic("offers", "Offers", OPT_OUT)])
    >>> news.enrol(["ada@example.org"], now=1.0)
    True
    >>> news.wants("ada@EXAMPLE.org", ""), news.wants("ada@example.org", "offers")
    (True, False)
    """

    name: str
    created: float
    updated: float
    description: str | None = None
    topics: list[Topic] = field(default_factory=list)
    contacts: dict[str, Contact] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def topic(self, name: str) -> Topic | None:
        """The topic of this name."""
        return next((topic for topic in self.topics if topic.name == name), None)

    def contact(self, address: str) -> Contact | None:
        """Who has this address."""
        return self.contacts.get(folded(address))

    def put(self, contact: Contact) -> None:
        """One more, or the same anew."""
        self.contacts[folded(contact.address)] = contact

    def remove(self, contact: Contact) -> None:
        """One less."""
        del self.contacts[folded(contact.address)]

    def enrol(self, addresses: Iterable[str], now: float) -> bool:
        """Those who are not there come to be, without preferences; whether there were any."""
        before = len(self.contacts)
        for address in addresses:
            self.contacts.setdefault(folded(address), Contact(address, now, now))
        return len(self.contacts) > before

    def replace_topics(self, topics: list[Topic]) -> None:
        """Other topics. What contacts said of one that is no more is forgotten."""
        self.topics = topics
        known = {topic.name for topic in topics}
        for contact in self.contacts.values():
            contact.preferences = {name: status for name, status in contact.preferences.items() if name in known}

    def defaults_for(self, contact: Contact) -> dict[str, str]:
        """The topics of which a contact said nothing, as they are by default."""
        return {topic.name: topic.default for topic in self.topics if topic.name not in contact.preferences}

    def statuses(self, contact: Contact) -> Mapping[str, str]:
        """What is so for each topic in the end."""
        said = {**self.defaults_for(contact), **contact.preferences}
        return {topic.name: OPT_OUT if contact.unsubscribed else said[topic.name] for topic in self.topics}

    def wants(self, address: str, topic: str) -> bool:
        """Whether mail may go to an address: about a topic, or, without one, at all."""
        contact = self.contact(address) or Contact(address, 0.0, 0.0)
        return self.statuses(contact)[topic] == OPT_IN if topic else not contact.unsubscribed
