"""Coverage: whom the verified identities of an account cover, by the rules that SES documents. Pure.

As a recipient in the sandbox, an address is covered by its own identity, to the letter, and by that of its domain in
any case. The mailbox simulator needs none. Of two more, SES's documentation speaks for senders only: an address
without its ``+label``, and a domain above that of the address. So for a recipient nobody can be sure of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

SIMULATOR = "simulator.amazonses.com"


class Cover(Enum):
    """How an address is covered, or why it is not."""

    ADDRESS = "its identity is verified"
    DOMAIN = "its domain is verified"
    MAILBOX_SIMULATOR = "it belongs to the mailbox simulator"
    LABEL = "without its label it is verified"
    SUBDOMAIN = "a domain above its own is verified"
    OTHER_CASE = "it is verified in other capital and small letters only, and SES compares to the letter"
    NONE = "neither it nor its domain is verified"

    @property
    def is_refused(self) -> bool:
        """Whether SES surely refuses it."""
        return self in (Cover.OTHER_CASE, Cover.NONE)

    @property
    def is_unsure(self) -> bool:
        """Whether only SES can tell, for a recipient."""
        return self in (Cover.LABEL, Cover.SUBDOMAIN)


class Coverage:
    """What the identities of an account cover: by name, each with whether it may send.

    >>> from sesmail.policies.sandbox.coverage import Coverage
    >>> coverage = Coverage({"shop.example": True, "ada@example.org": True, "example.net": False})
    >>> coverage.of_recipient("you@shop.example").name, coverage.of_recipient("eve@example.net").name
    ('DOMAIN', 'NONE')
    >>> coverage.of_recipient("ada+test@example.org").is_unsure, coverage.of_sender("ada+test@example.org").is_refused
    (True, False)
    """

    def __init__(self, identities: Mapping[str, bool]) -> None:
        verified = [name for name, may_send in identities.items() if may_send]
        self._domains = frozenset([name.lower() for name in verified if "@" not in name])
        self._addresses = frozenset([name for name in verified if "@" in name])
        self._folded = frozenset([name.lower() for name in self._addresses])

    def of_recipient(self, email: str) -> Cover:
        """How it is covered as a recipient in the sandbox."""
        domain = email.rpartition("@")[2].lower()
        return Cover.MAILBOX_SIMULATOR if domain == SIMULATOR else self.of_sender(email)

    def of_sender(self, email: str) -> Cover:
        """How it is covered as a sender, or as where bounces go to. No way that is found is unsure then."""
        return next(self._found(email), Cover.NONE)

    def _found(self, email: str) -> Iterator[Cover]:
        """The surest first."""
        local, _, domain = email.rpartition("@")
        unlabelled = f"{local.partition('+')[0]}@{domain}"
        if email in self._addresses:
            yield Cover.ADDRESS
        domain, *above = _and_above(domain.lower())
        if domain in self._domains:
            yield Cover.DOMAIN
        if unlabelled in self._addresses:
            yield Cover.LABEL
        if not self._domains.isdisjoint(above):
            yield Cover.SUBDOMAIN
        if email.lower() in self._folded or unlabelled.lower() in self._folded:
            yield Cover.OTHER_CASE

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coverage) and (self._domains, self._addresses) == (other._domains, other._addresses)

    def __hash__(self) -> int:
        return hash((self._domains, self._addresses))

    def __repr__(self) -> str:
        return f"Coverage({len(self._domains)} domains, {len(self._addresses)} addresses)"


def _and_above(domain: str) -> Iterator[str]:
    """The domain, and those above it. There is always one, if it is empty."""
    yield domain
    while domain := domain.partition(".")[2]:
        yield domain
