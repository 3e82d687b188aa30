"""List management: what a mail that names a contact list meets on its way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.lists.contacts import ContactList
from sesmail.local.lists.links import with_link
from sesmail.local.lists.subscriptions import Subscription
from sesmail.local.raw_mail import RawMail
from sesmail.local.sending import People

PATH: Final = "/_sesmail/unsubscribe/"


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mail of a contact list, perhaps about one of its topics."""

    contact_list: ContactList
    topic: str = ""

    def is_wanted_by(self, address: str) -> bool:
        """Whether the mail goes to this address, or comes back at once."""
        return self.contact_list.wants(address, self.topic)

    def with_link(self, here: Here, mail: RawMail, people: People, message_id: str) -> RawMail:
        """The mail with the link by which its recipient leaves the list. With several, SES writes none."""
        if len(people.recipients) != 1:
            return mail
        region, address = here.region, people.recipients[0].email
        leaver = Subscription(region.account, region.name, self.contact_list.name, self.topic, address, message_id)
        return with_link(mail, here.box.url + PATH + leaver.token)

    def enrol(self, here: Here, people: People) -> None:
        """Who is not on the list comes onto it. A send tells the keeper of a mail only; this is more."""
        if self.contact_list.enrol([one.email for one in people.recipients], here.now):
            here.box.keep()


def known_list(here: Here, name: str) -> ContactList:
    """The contact list of this name, or the fault that there is none."""
    found = here.region.contact_lists.get(name)
    if found is None:
        raise Fault(FaultKind.NOT_FOUND, f"List with name: {name[:100]} doesn't exist.")
    return found


def check_topic(contact_list: ContactList, name: str) -> None:
    """The fault that a list has no such topic, if it has not."""
    if contact_list.topic(name) is None:
        said = f"List: {contact_list.name} doesn't contain Topic: {name[:100]}"
        raise Fault(FaultKind.NOT_FOUND, said)


def mailing_of(here: Here, name: str, topic: str, header: str) -> Mailing | None:
    """What a mail says of the list it is for: by the parameters of the call, or else by its header."""
    if not name and header.strip():
        name, topic = _read(header)
    if not name:
        return None
    contact_list = known_list(here, name)
    if topic:
        check_topic(contact_list, topic)
    return Mailing(contact_list, topic)


def _read(header: str) -> tuple[str, str]:
    """``news`` or ``news; topic=offers``."""
    name, semicolon, rest = header.partition(";")
    what, _, topic = rest.partition("=")
    if not name.strip() or (semicolon and (what.strip().lower() != "topic" or not topic.strip())):
        said = "Invalid header X-SES-LIST-MANAGEMENT-OPTIONS: it is the name of a list, or name; topic=topic."
        raise Fault(FaultKind.INVALID, said)
    return name.strip(), topic.strip()
