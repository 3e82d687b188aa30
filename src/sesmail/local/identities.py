"""Identities: domains and addresses that an account may send from, and who counts as verified.

The rules are SES's: an address is covered by its own identity, to the letter; by that of the same address without its
``+label``; by its domain; and by each domain above, whatever the case of the letters. The nearest one's settings count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

DOMAIN: Final = "DOMAIN"
ADDRESS: Final = "EMAIL_ADDRESS"
PENDING: Final = "PENDING"
SUCCESS: Final = "SUCCESS"
FAILED: Final = "FAILED"
NOT_STARTED: Final = "NOT_STARTED"

# How long SES waits before it gives up: for a click on the link, and for records in the DNS.
_PATIENCE = {ADDRESS: 24 * 3600, DOMAIN: 72 * 3600}

# Where the keys of Easy DKIM are published: for most Regions in one place, for these in one of their own.
_OWN_ZONE = frozenset(
    "af-south-1 ap-northeast-3 ap-south-2 ap-southeast-3 ap-southeast-5 ca-west-1 eu-central-2 eu-south-1 il-central-1"
    " me-central-1 us-gov-east-1".split()
)


def signing_zone(region: str) -> str:
    """Where the CNAME records of Easy DKIM point to."""
    return f"dkim.{region}.amazonses.com" if region in _OWN_ZONE else "dkim.amazonses.com"


@dataclass(slots=True)
class Dkim:
    """How mails of an identity are signed."""

    enabled: bool = False
    status: str = NOT_STARTED
    since: float = 0.0
    tokens: list[str] = field(default_factory=list)
    origin: str = "AWS_SES"
    zone: str = ""
    next_length: str = "RSA_2048_BIT"
    current_length: str = ""
    generated: float | None = None


@dataclass(slots=True)
class MailFrom:
    """A return path of one's own."""

    domain: str
    on_failure: str = "USE_DEFAULT_VALUE"
    status: str = PENDING
    since: float = 0.0


@dataclass(slots=True)
class Identity:
    """A domain or an address. What its state is, depends on the time: see `status_at`."""

    name: str
    created: float
    status: str = PENDING
    error: str = ""
    since: float = 0.0  # when this state began
    succeeded: float | None = None
    token: str = ""  # for the TXT record of v1
    dkim: Dkim = field(default_factory=Dkim)
    mail_from: MailFrom | None = None
    feedback: bool = True
    configuration_set: str = ""
    policies: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    certificates: dict[str, str] = field(default_factory=dict)  # ARNs by address
    topics: dict[str, str] = field(default_factory=dict)
    headers_in: dict[str, bool] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """An address or a domain."""
        return ADDRESS if "@" in self.name else DOMAIN

    def status_at(self, now: float) -> str:
        """Its state: what waits for too long has failed."""
        return _patient(self.status, self.since, _PATIENCE[self.kind], now)

    def dkim_status_at(self, now: float) -> str:
        """The state of its DKIM records."""
        return _patient(self.dkim.status, self.dkim.since, _PATIENCE[DOMAIN], now)

    def mail_from_status_at(self, now: float) -> str:
        """The state of its MAIL FROM records."""
        return _patient(self.mail_from.status, self.mail_from.since, _PATIENCE[DOMAIN], now) if self.mail_from else ""

    def verify(self, now: float) -> None:
        """What happens when the link was clicked, or the records were found."""
        self.status, self.error, self.since, self.succeeded = SUCCESS, "", now, now
        if self.dkim.status != NOT_STARTED:
            self.dkim.status, self.dkim.since = SUCCESS, now
            self.dkim.current_length = self.dkim.next_length if self.dkim.origin != "EXTERNAL" else ""

    def fail(self, now: float, error: str = "HOST_NOT_FOUND") -> None:
        """What happens when SES gives up."""
        self.status, self.error, self.since = FAILED, error, now
        if self.dkim.status != NOT_STARTED:
            self.dkim.status, self.dkim.since = FAILED, now


def _patient(status: str, since: float, patience: float, now: float) -> str:
    return FAILED if status == PENDING and now - since >= patience else status


@dataclass(slots=True)
class Identities:
    """All of one account in one Region. Domains are kept in lower case, addresses as they came."""

    by_name: dict[str, Identity] = field(default_factory=dict)

    def get(self, name: str) -> Identity | None:
        """The identity of this name."""
        return self.by_name.get(_key(name))

    def add(self, identity: Identity) -> None:
        """One more."""
        self.by_name[_key(identity.name)] = identity

    def remove(self, name: str) -> Identity | None:
        """One less."""
        return self.by_name.pop(_key(name), None)

    def covering(self, address: str) -> Iterator[Identity]:
        """The identities that cover an address, the nearest first."""
        return (self.by_name[name] for name in names_over(address) if name in self.by_name)

    def nearest(self, address: str, now: float) -> Identity | None:
        """The nearest verified one, whose settings count."""
        return next((one for one in self.covering(address) if one.status_at(now) == SUCCESS), None)


def _key(name: str) -> str:
    return name if "@" in name else name.lower()


def names_over(address: str) -> Iterator[str]:
    """The names of identities that would cover an address, the nearest first."""
    local, _, domain = address.rpartition("@")
    yield address
    if "+" in local:
        yield f"{local.partition('+')[0]}@{domain}"
    domain = domain.lower()
    while domain:
        yield domain
        domain = domain.partition(".")[2]
