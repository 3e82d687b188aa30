"""Verdicts on who is not verified: senders always must be, recipients in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sesmail.errors import Rejected, RejectedUnverified, SendError
from sesmail.ses.refusal import Refusal
from sesmail.ses.sayings import MOST_NAMED, Unverified, printable


def unverified(refusal: Refusal) -> SendError:
    """A sender is not verified or, in the sandbox, a recipient. The Region is the one that SES says it asked."""
    return _not_verified(refusal, Unverified.read(refusal.text) or Unverified())


def sender_unverified(refusal: Refusal) -> SendError:
    """The sender is not verified, by a code that says so."""
    return _not_verified(refusal, Unverified(identities=refusal.people.senders))


def _not_verified(refusal: Refusal, said: Unverified) -> SendError:
    region = said.region or refusal.region
    senders, recipients = refusal.people.told_apart(said)
    who = "; ".join(part for part in (_listed("sender", senders), _listed("recipient", recipients)) if part)
    cut = " (SES left some out)" if said.is_cut else ""
    text = (
        f"SES{f' in {region}' if region else ''} refused {refusal.what} ({refusal.code}), for somebody is not verified"
        f" there: {who or 'SES does not say who'}{cut}.{refusal.elsewhere(region)}"
        f" {'. '.join(_cures(senders, recipients, region))}"
    )
    return RejectedUnverified(text, senders=senders, recipients=recipients, region=region, **refusal.facts)


def _listed(what: str, identities: Sequence[str]) -> str:
    """A few of them, and how many the others are."""
    if not identities:
        return ""
    few, others = ", ".join(identities[:MOST_NAMED]), len(identities) - MOST_NAMED
    return f"the {what}{'s' if len(identities) > 1 else ''} {few}" + (f" and {others} more" if others > 0 else "")


def _cures(senders: Sequence[str], recipients: Sequence[str], region: str) -> Iterator[str]:
    if senders or not recipients:
        yield f"Verify the sender's domain or address: {_command(senders, region)}, or in the console under Identities"
    if recipients or not senders:
        yield (
            "In the sandbox, recipients must be verified like senders: do that, or ask for production access in that"
            " Region (console: Account dashboard)"
        )


# It is there to be pasted into a shell, and the names come from outside.
_FOR_A_SHELL = re.compile(r"[A-Za-z0-9][A-Za-z0-9.@_+-]{0,319}")


def _command(senders: Sequence[str], region: str) -> str:
    name, where = (
        value if _FOR_A_SHELL.fullmatch(value) else otherwise
        for value, otherwise in (("".join(senders[:1]), "IDENTITY"), (region, "REGION"))
    )
    return f"`aws sesv2 create-email-identity --email-identity {name} --region {where}`"


def sandboxed(refusal: Refusal) -> SendError:
    """What is not to be had in the sandbox."""
    text = (
        f"{refusal.who} refused {refusal.what} ({refusal.said}), for the account is in the sandbox{refusal.there}."
        " Ask for production access there (console: Account dashboard)"
    )
    return refusal.error(Rejected, text)


_DOMAIN_BEHIND = re.compile(r"verified: ([A-Za-z0-9.-]{1,255})")


def mail_from(refusal: Refusal) -> SendError:
    """The domain of the return path is not verified, and its identity is told to refuse mails then.

    Every mail of that sender ends so, and the cure is that of a domain. So it is for whoever catches `NotVerified`.
    """
    domain = _DOMAIN_BEHIND.search(printable(refusal.text))
    senders = (domain[1],) if domain else refusal.people.senders
    text = (
        f"{refusal.who} refused {refusal.what} ({refusal.code}), for the custom MAIL FROM domain is not verified:"
        f" {', '.join(senders) or 'SES does not say which'}. Publish its MX record"
        f" (feedback-smtp.{refusal.region or 'REGION'}.amazonses.com) and its SPF record, or let the identity do"
        " without it (BehaviorOnMxFailure: USE_DEFAULT_VALUE)"
    )
    return RejectedUnverified(text, senders=senders, region=refusal.region, **refusal.facts)
