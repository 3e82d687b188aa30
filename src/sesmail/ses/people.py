"""People: whom a refusal may be about. SES mixes senders and recipients in one list; the mail tells them apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from sesmail.mail.outgoing import Outgoing
from sesmail.ses.sayings import Unverified


@dataclass(frozen=True, slots=True, repr=False)
class People:
    """Everybody in a mail whom SES may check, as bare addresses.

    >>> from sesmail.ses.people import People
    >>> from sesmail.ses.sayings import Unverified
    >>> people = People(senders=("shop@example.com",), recipients=("ada@example.org", "bob@example.org"))
    >>> people.told_apart(Unverified("eu-west-1", ("example.com", "Ada@example.org")))
    (('example.com',), ('Ada@example.org',))
    """

    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()

    @classmethod
    def of(cls, outgoing: Outgoing) -> Self:
        """The people of a mail: who wrote it and who gets bounces must be verified, and in the sandbox everybody."""
        writer, path = outgoing.email.sender, outgoing.envelope.return_path
        sent_by = [_bare(value) for name, value in outgoing.email.headers if name.lower() == "sender"]
        senders = [writer.email if writer else "", path.email, outgoing.ses.feedback_address, *sent_by]
        return cls(
            senders=tuple(dict.fromkeys(email for email in senders if email)),
            recipients=tuple(address.email for address in outgoing.envelope.recipients),
        )

    def told_apart(self, unverified: Unverified) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Which of the identities stand for senders, and which for recipients.

        A domain stands for all its people. An identity that stands for nobody counts as both, since nobody can tell;
        but the last of a list that was cut is then half an identity, and counts as none.
        """
        senders, recipients = set(_stand_for(self.senders)), set(_stand_for(self.recipients))
        identities = unverified.identities
        if unverified.is_cut and identities and identities[-1].lower() not in senders | recipients:
            identities = identities[:-1]
        folded = [(identity, identity.lower()) for identity in identities]
        return (
            tuple(name for name, key in folded if key in senders or key not in recipients),
            tuple(name for name, key in folded if key in recipients or key not in senders),
        )

    def __repr__(self) -> str:
        return f"People({len(self.senders)} senders, {len(self.recipients)} recipients)"


NOBODY = People()


def _bare(mailbox: str) -> str:
    return mailbox.rpartition("<")[2].strip("> ")


def _stand_for(emails: Iterable[str]) -> Iterator[str]:
    """What may stand for somebody in a list of identities: the address, its domain, and the domains above."""
    for email in emails:
        address = email.lower()
        yield address
        domain = address.rpartition("@")[2]
        while domain:
            yield domain
            domain = domain.partition(".")[2]
