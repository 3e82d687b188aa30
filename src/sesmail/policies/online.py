"""Online: what SES would say about a mail, in each Region that it may go through. Asked before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sesmail.errors import SendingPaused, SetupError, Withheld
from sesmail.mail.outgoing import Outgoing
from sesmail.mail.problem import Problem
from sesmail.policies.account import Account
from sesmail.policies.allow import Allow
from sesmail.policies.drop import Drop
from sesmail.policies.flow import Flow, Send
from sesmail.policies.policy import Policy
from sesmail.policies.redirect import Redirect
from sesmail.policies.sandbox.coverage import Cover
from sesmail.policies.sandbox.facts import STANDING, Facts, find_facts
from sesmail.policies.sandbox.guard import SandboxGuard
from sesmail.policies.sandbox.refusals import refusal, unverified_sender
from sesmail.transports.base import Transport

_WAY = "transport"  # the field of what is no field of the mail
_VERIFY = "verify it there: `aws sesv2 create-email-identity`, or in the console under Identities"
_LEAVE = f"{_VERIFY}; or ask for production access there"
_WHAT_HAPPENS = {"drop": "the guard leaves this recipient out", "redirect": "the guard sends it to somebody else"}


def online_problems(transport: Transport, outgoing: Outgoing) -> Flow[list[Problem]]:
    """What stands against a mail in each account and Region behind a stack of transports, by what SES says of them.

    A problem is blocking where it is certain that the mail is refused there. Ways out that know no account have none.
    """
    problems: list[Problem] = []
    asked: set[str] = set()
    for place in _places(transport, outgoing):
        if isinstance(place, Problem):
            problems.append(place)
        elif place.account.key not in asked:
            asked.add(place.account.key)
            problems += _problems(place, (yield from _facts(place)))
    return problems


@dataclass(frozen=True, slots=True)
class _Place:
    """An account in a Region, the mail as it comes there, and the guard in front if there is one."""

    account: Account
    outgoing: Outgoing
    guard: SandboxGuard | None = None


def _places(transport: Transport, outgoing: Outgoing) -> Iterator[_Place | Problem]:
    if isinstance(transport, SandboxGuard):
        yield _Place(transport.account, outgoing, transport)
    elif isinstance(transport, Redirect | Allow):
        if behind := _behind(transport, outgoing):
            yield from _places(transport.inner, behind)
    elif isinstance(transport, Drop):
        return
    elif isinstance(transport, Policy):
        for way in transport.ways:
            yield from _places(way, outgoing)
    else:
        try:
            account: Account | None = getattr(transport, "account", None)
        except SetupError as error:
            yield Problem("account_unknown", _WAY, f"the account cannot be asked about: {error}", "mend the set-up")
        else:
            if account is not None:
                yield _Place(account, outgoing)


def _behind(policy: Redirect | Allow, outgoing: Outgoing) -> Outgoing | None:
    """What a policy would send, if anything. To send is the first thing that these do, and they remember nothing."""
    flow = policy.flow(outgoing)
    try:
        step = next(flow)
    except Withheld:
        return None
    finally:
        flow.close()
    return step.outgoing if isinstance(step, Send) else None


def _facts(place: _Place) -> Flow[Facts]:
    """Those that the guard remembers, where it has all of them."""
    if place.guard:
        facts = yield from place.guard.facts()
        if facts.coverage:
            return facts
    return (yield from find_facts(place.account, always_identities=True))


def _problems(place: _Place, facts: Facts) -> Iterator[Problem]:
    for rule in _RULES:
        yield from rule(place, facts)


_Rule = Callable[[_Place, Facts], Iterator[Problem]]


def _unknown(place: _Place, facts: Facts) -> Iterator[Problem]:
    if facts.unknown:
        what = "whether the account is in the sandbox" if facts.unknown == STANDING else "who is verified"
        cure = "try again" if facts.is_fleeting else f"allow {facts.unknown} in the IAM policy, and look at the keys"
        yield Problem("account_unknown", _WAY, f"SES in {place.account.region} does not say {what}", cure)


def _paused(place: _Place, facts: Facts) -> Iterator[Problem]:
    if facts.standing and facts.standing.sending is False:
        text = f"the account may not send in {place.account.region}: AWS or its owner has paused it"
        cure = "read what AWS wrote about it (console: Account dashboard)"
        yield Problem("sending_paused", _WAY, text, cure, SendingPaused(f"{text}. Do: {cure}"))


def _senders(place: _Place, facts: Facts) -> Iterator[Problem]:
    """Replies may go where they like, unless a guard is told to look at that."""
    outgoing, region = place.outgoing, place.account.region
    fields = _fields_of_senders(outgoing)
    is_strict = place.guard is not None and place.guard.checks_sender
    for email in facts.findings(outgoing, senders=True).senders:
        field = fields.get(email, "sender")
        if is_strict or not field.startswith("reply_to"):
            error = unverified_sender([email], region=region, policy=place.guard.name if place.guard else "")
            yield Problem("sender_unverified", field, f"{email} is not verified in {region}", _VERIFY, error)


def _fields_of_senders(outgoing: Outgoing) -> dict[str, str]:
    """By address; who stands in several fields, in the first."""
    email, ses = outgoing.email, outgoing.ses
    fields = {email.sender.email: "sender"} if email.sender else {}
    fields.setdefault(outgoing.envelope.return_path.email, "envelope.return_path")
    fields.setdefault(ses.feedback_address, "ses.feedback_address")
    for index, address in enumerate(email.reply_to):
        fields.setdefault(address.email, f"reply_to[{index}]")
    return fields


def _recipients(place: _Place, facts: Facts) -> Iterator[Problem]:
    outgoing, region = place.outgoing, place.account.region
    found = facts.findings(outgoing, senders=False)
    fields = _fields_of_recipients(outgoing)
    mode = place.guard.mode if place.guard else ""
    is_for_all = len(found.refused) == len(outgoing.envelope.recipients)
    is_blocking = mode not in _WHAT_HAPPENS or (mode == "drop" and is_for_all)
    error = refusal(found, outgoing, region=region, policy="sandbox") if found.refused and is_blocking else None
    for address in found.refused:
        text = f"the account is in the sandbox in {region}, and {address.email} is not verified there"
        remedy = _LEAVE if is_blocking else f"nothing, or {_LEAVE}. As it stands, {_WHAT_HAPPENS[mode]}"
        yield Problem("recipient_unverified", fields[address.email], text, remedy, error)
    for address, cover in found.unsure:
        text = f"the account is in the sandbox in {region}, and SES may refuse {address.email}: {_UNSURE[cover]}"
        yield Problem("recipient_unsure", fields[address.email], text, f"try it, or {_LEAVE}")


_UNSURE = {
    Cover.LABEL: "only the address without its label is verified",
    Cover.SUBDOMAIN: "only a domain above its own is verified",
}


def _fields_of_recipients(outgoing: Outgoing) -> dict[str, str]:
    """By address, as the author wrote them; whom only the envelope names, by that."""
    email = outgoing.email
    written = {"to": email.to, "cc": email.cc, "bcc": email.bcc}
    fields: dict[str, str] = {}
    for name, addresses in written.items():
        for index, address in enumerate(addresses):
            fields.setdefault(address.email, f"{name}[{index}]")
    for index, address in enumerate(outgoing.envelope.recipients):
        fields.setdefault(address.email, f"envelope[{index}]")
    return fields


_RULES: tuple[_Rule, ...] = (_unknown, _paused, _senders, _recipients)
