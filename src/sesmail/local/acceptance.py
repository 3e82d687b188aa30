"""Acceptance: what happens to a mail that passed all rules. It is written anew, kept, and meets its fate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sesmail.local.addresses import Mailbox
from sesmail.local.configuration_sets import ConfigurationSet
from sesmail.local.events import Event
from sesmail.local.fates import ON_THE_LIST, Facts, simulated
from sesmail.local.here import Here
from sesmail.local.ledger import SentMail
from sesmail.local.raw_mail import RawMail
from sesmail.local.sending import People, Sending

_Fate = tuple[Mailbox, tuple[str, ...], Facts]


def accept(here: Here, sending: Sending, people: People, used: ConfigurationSet | None, tags: Mapping[str, str]) -> str:
    """Put a mail into the ledger, tell what becomes of it, and give its id."""
    region = here.region
    message_id = here.message_id()
    replaced = {"From": people.sender.given} if sending.sender else {}
    if people.reply_to:
        replaced["Reply-To"] = ", ".join(one.given for one in people.reply_to)
    mail = sending.mail.with_headers(replaced) if replaced else sending.mail
    fates = list(_fates(here, mail, people, used))
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
        tags=tags,
        fates={one.email: kinds[-1] for one, kinds, _ in fates},
        counted=people.counted,
    )
    here.box.take(taken)
    _tell(here, taken, fates, used)
    return message_id


def _fates(here: Here, mail: RawMail, people: People, used: ConfigurationSet | None) -> Iterator[_Fate]:
    """What becomes of the mail for each recipient: the kinds of events, in order, and facts about a bounce."""
    own = used.suppressed_reasons if used else None
    reasons = here.region.suppressed_reasons if own is None else own
    has_virus = mail.has_virus
    for one in people.recipients:
        listed = here.region.suppression.get(one.email)
        if has_virus:
            yield one, ("Reject",), {}
        elif listed and listed.reason in reasons:
            yield one, ("Bounce",), ON_THE_LIST
        elif one.is_simulator:
            yield one, *simulated(one)
        else:
            yield one, ("Delivery",), {}


def _tell(here: Here, mail: SentMail, fates: Sequence[_Fate], used: ConfigurationSet | None) -> None:
    """One event for all recipients of the same fate: bounces of one mail are told together."""
    told: list[tuple[str, tuple[str, ...], Facts]] = [("Send", mail.recipients, {})]
    groups = dict.fromkeys((kind, str(facts.get("bounce"))) for _, kinds, facts in fates for kind in kinds)
    for kind, about in groups:
        mine = [fate for fate in fates if kind in fate[1] and str(fate[2].get("bounce")) == about]
        told.append((kind, tuple(one.email for one, _, _ in mine), mine[0][2]))
    for kind, recipients, facts in told:
        takers = tuple(used.takers(kind.upper())) if used else ()
        here.box.events.add(Event(kind, mail, recipients, facts, takers))
