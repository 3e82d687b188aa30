"""An account in one Region as the fact sheet of SES tells it: what the box is held against, and written without it.

It is as simple as it can be. Nothing is kept that can be worked out from what happened, so that a state that the box
carries on is compared with one that is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

DAY = 24 * 3600
LINK_LIVES, DNS_IS_ASKED_FOR = DAY, 3 * DAY  # how long an address, and how long a domain, may wait
MOST_RECIPIENTS = 50

Reason = Literal["BOUNCE", "COMPLAINT"]
BOTH: tuple[Reason, Reason] = ("BOUNCE", "COMPLAINT")

# Why a mail is refused, and how the two APIs say it: sections 2.1 and 2.2.
CODES = {
    "recipients": {"sesv2": "BadRequestException", "ses": "InvalidParameterValue"},
    "unverified": {"sesv2": "MessageRejected", "ses": "MessageRejected"},
    "no set": {"sesv2": "NotFoundException", "ses": "ConfigurationSetDoesNotExist"},
    "paused": {"sesv2": "SendingPausedException", "ses": "AccountSendingPausedException"},
    "paused set": {"sesv2": "SendingPausedException", "ses": "ConfigurationSetSendingPausedException"},
    "suspended": {"sesv2": "AccountSuspendedException", "ses": "MessageRejected"},
    "quota": {"sesv2": "LimitExceededException", "ses": "Throttling"},
    "rate": {"sesv2": "TooManyRequestsException", "ses": "Throttling"},
}
# What the mailbox simulator does, section 9: the events, and the kind of bounce.
SIMULATED = {
    "success": (("Delivery", ""),),
    "ooto": (("Delivery", ""),),
    "bounce": (("Bounce", "General"),),
    "complaint": (("Delivery", ""), ("Complaint", "")),
    "suppressionlist": (("Bounce", "Suppressed"),),
}


@dataclass(frozen=True)
class Mail:
    """A mail as somebody asks for it."""

    sender: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    return_path: str = ""
    configuration_set: str = ""
    has_virus: bool = False

    @property
    def recipients(self) -> tuple[str, ...]:
        return (*self.to, *self.cc, *self.bcc)

    @property
    def counted(self) -> int:
        """What it takes from the quota: recipients, without those of the simulator."""
        return sum(not is_simulator(address) for address in self.recipients)


@dataclass(frozen=True)
class Taken:
    """A mail that was sent: when, and what became of it."""

    at: float
    mail: Mail
    fates: dict[tuple[str, str], list[str]]

    def counts(self, kind: str) -> int:
        """How many of a kind."""
        return sum(len(told) for (event, _), told in self.fates.items() if event == kind)


@dataclass
class Waiting:
    """An identity: whether it is verified, and since when it has waited."""

    status: Literal["PENDING", "SUCCESS", "FAILED"]
    since: float
    default_set: str = ""


@dataclass
class Options:
    """A configuration set."""

    paused: bool = False
    reasons: tuple[Reason, ...] | None = None


@dataclass
class Account:
    """All that is known of an account in one Region."""

    maximum: float = 200.0
    rate: float = 1.0
    sandbox: bool = True
    paused: bool = False
    suspended: bool = False
    under_review: bool = False
    reasons: tuple[Reason, ...] = BOTH
    identities: dict[str, Waiting] = field(default_factory=dict)
    sets: dict[str, Options] = field(default_factory=dict)
    suppressed: dict[str, tuple[str, Reason]] = field(default_factory=dict)
    sent: list[Taken] = field(default_factory=list)
    rate_since: int = 0  # how many were sent before the rate was last changed

    # ── identities: sections 3.2, 3.3 and 4.1 ────────────────────────────────────────────────────────────────────

    def status(self, name: str, now: float) -> str:
        """What waits too long has failed."""
        found = self.identities[key(name)]
        patience = LINK_LIVES if "@" in name else DNS_IS_ASKED_FOR
        return "FAILED" if found.status == "PENDING" and now - found.since >= patience else found.status

    def verified_over(self, address: str, now: float) -> list[str]:
        """The verified identities that cover an address, the nearest first."""
        local, domain = address.split("@")
        labels = domain.lower().split(".")
        domains = [".".join(labels[cut:]) for cut in range(len(labels))]
        names = [address, f"{local.split('+')[0]}@{domain}", *domains]
        return [name for name in names if name in self.identities and self.status(name, now) == "SUCCESS"]

    def is_verified(self, address: str, now: float) -> bool:
        return bool(self.verified_over(address, now))

    # ── how much: section 1.1 ────────────────────────────────────────────────────────────────────────────────────

    def sent_last_day(self, now: float) -> int:
        """Those of the last 24 hours. Those of one second leave together, with the last of them."""
        last = {int(taken.at): taken.at for taken in self.sent}
        return sum(taken.mail.counted for taken in self.sent if last[int(taken.at)] > now - DAY)

    def allowance(self, now: float) -> float:
        """What the rate leaves; below zero is debt."""
        full = max(1.0, self.rate)
        left, before = full, 0.0
        for taken in self.sent[self.rate_since :]:
            left = min(full, left + (taken.at - before) * self.rate) - len(taken.mail.recipients)
            before = taken.at
        return min(full, left + (now - before) * self.rate)

    # ── what becomes of a mail ───────────────────────────────────────────────────────────────────────────────────

    def set_for(self, mail: Mail, now: float) -> str:
        """The set that a mail names, or the default of the identity that it is sent with."""
        nearest = next(iter(self.verified_over(mail.sender, now)), None)
        return mail.configuration_set or (self.identities[nearest].default_set if nearest else "")

    def objections(self, mail: Mail, now: float) -> Iterator[str]:
        """Every reason to refuse a mail. Which one is told first, nobody says."""
        if self.suspended:
            yield "suspended"
        if self.paused:
            yield "paused"
        if not 0 < len(mail.recipients) <= MOST_RECIPIENTS:
            yield "recipients"
        asked = [mail.sender, mail.return_path or mail.sender]
        if self.sandbox:
            asked += [address for address in mail.recipients if not is_simulator(address)]
        if not all(self.is_verified(address, now) for address in asked):
            yield "unverified"
        name = self.set_for(mail, now)
        if name and name not in self.sets:
            yield "no set"
        elif name and self.sets[name].paused:
            yield "paused set"
        if self.maximum != -1 and self.sent_last_day(now) + mail.counted > self.maximum:
            yield "quota"
        if self.allowance(now) < min(1.0, self.rate):
            yield "rate"

    def fates(self, mail: Mail, now: float) -> dict[tuple[str, str], list[str]]:
        """The events that follow the first, each with the kind of bounce: whom they are about."""
        name = self.set_for(mail, now)
        own = self.sets[name].reasons if name else None
        reasons = self.reasons if own is None else own
        told: dict[tuple[str, str], list[str]] = {}
        for address in mail.recipients:
            for kind in self._fate(mail, address, reasons):
                told.setdefault(kind, []).append(address)
        return told

    def _fate(self, mail: Mail, address: str, reasons: Sequence[Reason]) -> tuple[tuple[str, str], ...]:
        listed = self.suppressed.get(key_of_suppressed(address))
        if mail.has_virus:
            return (("Reject", ""),)
        if listed and listed[1] in reasons:
            return (("Bounce", "OnAccountSuppressionList"),)
        if is_simulator(address):
            return SIMULATED[address.split("@", maxsplit=1)[0].split("+", maxsplit=1)[0]]
        return (("Delivery", ""),)


def is_simulator(address: str) -> bool:
    return address.endswith("@simulator.amazonses.com")


def key(name: str) -> str:
    """Addresses differ by every letter's case, domains by none's."""
    return name if "@" in name else name.lower()


def key_of_suppressed(address: str) -> str:
    """On the suppression list only the domain is folded."""
    local, domain = address.split("@")
    return f"{local}@{domain.lower()}"
