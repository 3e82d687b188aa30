"""Authority: who may send as whom. The caller's policy, verified identities, and identities that others lend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sesmail.local.addresses import Mailbox
from sesmail.local.configuration_sets import ConfigurationSet
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.identities import SUCCESS, Identity, names_over
from sesmail.local.policy import Policy, Question, Verdict
from sesmail.local.sending import People

LONGEST_LIST = 1000  # of identities in a refusal, in characters; SES cuts it somewhere

Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Arns:
    """Identities of others, lent to the sender, and to the return path only."""

    source: Sequence[str] = ()
    return_path: Sequence[str] = ()


def check_authority(
    here: Here, actions: Sequence[str], people: People, used: ConfigurationSet | None, arns: Arns
) -> None:
    """Whether the caller may do this, with these identities."""
    context = _context(people)
    nearest = here.region.identities.nearest(people.sender.email, here.now)
    name = nearest.name if nearest else people.sender.email
    resources = [here.region.arn("identity", name)]
    resources += [here.region.arn("configuration-set", used.name)] if used else []
    for action, resource in product(actions, resources):
        here.check_allowed(action, resource, context)
    lent = {_lent(here, action, arn, context) for action, arn in product(actions, arns.source)}
    for_bounces = {_lent(here, action, arn, context) for action, arn in product(actions, arns.return_path)}
    _check_verified(here, people, lent, lent | for_bounces)
    _check_mail_from(here, nearest)


def _context(people: People) -> Context:
    return {
        "ses:FromAddress": (people.sender.email,),
        "ses:FromDisplayName": (people.sender.given.rpartition("<")[0].strip(' "'),),
        "ses:Recipients": tuple(one.email for one in people.recipients),
        "ses:FeedbackAddress": tuple(one.email for one in people.return_path[:1] or [people.sender]),
    }


def _check_verified(here: Here, people: People, lent: set[str], for_bounces: set[str]) -> None:
    asked = [one for one in (*people.senders, *people.sent_by) if not lent.intersection(names_over(one.email))]
    asked += [one for one in people.return_path if not for_bounces.intersection(names_over(one.email))]
    if here.region.sandbox:
        asked += [one for one in people.recipients if not one.is_simulator]
    missing = [one for one in asked if here.region.identities.nearest(one.email, here.now) is None]
    if missing:
        where = here.region.name.upper()
        said = f"Email address is not verified. The following identities failed the check in region {where}: "
        raise Fault(FaultKind.REJECTED, said + _listed(missing))


def _lent(here: Here, action: str, arn: str, context: Context) -> str:
    """The identity that an ARN names, if its owner lets the caller send with it."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or not parts[5].startswith("identity/"):
        raise Fault(FaultKind.INVALID, f"Invalid identity ARN: {arn[:200]}")
    owner = here.box.regions.get((parts[4], parts[3]))
    identity = owner.identities.get(parts[5].removeprefix("identity/")) if owner else None
    if identity is None or identity.status_at(here.now) != SUCCESS:
        raise Fault(FaultKind.REJECTED, f"Identity ARN <{arn[:200]}> is not a verified identity.")
    question = Question(action, arn, here.caller.arn, context)
    policies = (Policy.parse(document, principals=True) for document in identity.policies.values())
    verdicts = {policy.verdict(question) for policy in policies}
    may = Verdict.ALLOWED in verdicts or parts[4] == here.region.account
    if Verdict.DENIED in verdicts or not may:
        raise here.denied(action, arn)
    return identity.name


def _listed(mailboxes: Sequence[Mailbox]) -> str:
    """Each as it was given, and bare where that differs; each once."""
    entries = dict.fromkeys(text for one in mailboxes for text in (one.given, one.email))
    listed = ", ".join(entries)
    return listed if len(listed) <= LONGEST_LIST else f"{listed[:LONGEST_LIST].rpartition(', ')[0]}..."


def _check_mail_from(here: Here, nearest: Identity | None) -> None:
    mail_from = nearest.mail_from if nearest else None
    if nearest is None or mail_from is None or mail_from.on_failure != "REJECT_MESSAGE":
        return
    if nearest.mail_from_status_at(here.now) != SUCCESS:
        said = f"Mail FROM domain is not verified: {mail_from.domain}"
        raise Fault(FaultKind.MAIL_FROM_NOT_VERIFIED, said)
