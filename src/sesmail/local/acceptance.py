"""Acceptance: what happens to a mail that passed all rules. It is written anew, kept, and meets its fate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sesmail.local.addresses import Mailbox
from sesmail.local.configuration_sets import ConfigurationSet
from sesmail.local.events import Event
from sesmail.local.fates import RENDERING_FAILURE, UNSUBSCRIBED, Facts, simulated
from sesmail.local.here import Here
from sesmail.local.ledger import SentMail
from sesmail.local.lists.management import Mailing
from sesmail.local.raw_mail import RawMail
from sesmail.local.sending import People, Sending
from sesmail.local.tenants.tenancy import Suppressing, suppression_of
from sesmail.local.tenants.tenant import Tenant

_Fate = tuple[tuple[str, ...], Facts]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a mail goes out with, beside what stands in it."""

    used: ConfigurationSet | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    tenant: Tenant | None = None
    mailing: Mailing | None = None


def accept(here: Here, sending: Sending, people: People, terms: Terms) -> str:
    """Put a mail into the ledger, tell what becomes of it, and give its id."""
    region, used, mailing = here.region, terms.used, terms.mailing
    message_id = here.message_id()
    mail = _rewritten(sending, people)
    mail = mailing.with_link(here, mail, people, message_id) if mailing else mail
    fates = list(zip(people.recipients, _fates(here, sending, mail, people, terms), strict=True))
    taken = SentMail(
        number=here.box.ledger.total + 1,
        message_id=message_id,
        at=here.now,
        account=region.account,
        region=region.name,
        service=here.call.service,
        operation=here.call.operation,
        sender=people.sender.given,
        return_path=(people.return_path or people.senders)[0].email,
        to=tuple(one.email for one in people.to),
        cc=tuple(one.email for one in people.cc),
        bcc=tuple(one.email for one in people.bcc),
        raw=mail.delivered(message_id=message_id, host=region.mail_host, at=here.now),
        configuration_set=used.name if used else "",
        tags=terms.tags,
        fates={one.email: kinds[-1] for one, (kinds, _) in fates},
        counted=people.counted,
    )
    here.box.take(taken)
    _tell(here, taken, fates, used)
    if mailing:
        mailing.enrol(here, people)
    return message_id


def _rewritten(sending: Sending, people: People) -> RawMail:
    """The mail with the headers that the call says in place of its own."""
    replaced = {"From": people.sender.given} if sending.sender else {}
    if people.reply_to:
        replaced["Reply-To"] = ", ".join(one.given for one in people.reply_to)
    return sending.mail.with_headers(replaced) if replaced else sending.mail


def _fates(here: Here, sending: Sending, mail: RawMail, people: People, terms: Terms) -> Iterator[_Fate]:
    """What becomes of the mail for each recipient: the kinds of events, in order, and facts about them."""
    of_all = _fate_of_all(sending, mail)
    suppressing = suppression_of(here, terms.used, terms.tenant)
    for one in people.recipients:
        yield of_all or _fate(one, suppressing, terms.mailing)


def _fate_of_all(sending: Sending, mail: RawMail) -> _Fate | None:
    if sending.failure:
        facts = {"templateName": sending.failure.template, "errorMessage": sending.failure.reason}
        return (RENDERING_FAILURE,), facts
    return (("Reject",), {}) if mail.has_virus else None


def _fate(one: Mailbox, suppressing: Suppressing, mailing: Mailing | None) -> _Fate:
    if suppressing.keeps_from(one.email):
        return ("Bounce",), suppressing.facts
    if mailing and not mailing.is_wanted_by(one.email):
        return ("Bounce",), UNSUBSCRIBED
    return simulated(one) if one.is_simulator else (("Delivery",), {})


def _tell(here: Here, mail: SentMail, fates: Sequence[tuple[Mailbox, _Fate]], used: ConfigurationSet | None) -> None:
    """One event for all recipients of the same fate: bounces of one mail are told together."""
    told: list[tuple[str, tuple[str, ...], Facts]] = []
    if not any(RENDERING_FAILURE in kinds for _, (kinds, _) in fates):  # there was nothing to send
        told.append(("Send", mail.recipients, {}))
    groups = dict.fromkeys((kind, str(facts.get("bounce"))) for _, (kinds, facts) in fates for kind in kinds)
    for kind, about in groups:
        mine = [(one, facts) for one, (kinds, facts) in fates if kind in kinds and str(facts.get("bounce")) == about]
        told.append((kind, tuple(one.email for one, _ in mine), mine[0][1]))
    for kind, recipients, facts in told:
        takers = tuple(used.takers(kind.upper().replace(" ", "_"))) if used else ()
        here.box.events.add(Event(kind, mail, recipients, facts, takers))
