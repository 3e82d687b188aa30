"""Refusals: what the guard says when it says no, and what can be done about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sesmail.errors import UnverifiedRecipients, UnverifiedSender, Withheld
from sesmail.mail.outgoing import Outgoing
from sesmail.policies.sandbox.facts import Findings

MOST_NAMED = 3
# It is there to be pasted into a shell, and the names come from outside.
_FOR_A_SHELL = re.compile(r"[A-Za-z0-9][A-Za-z0-9.@_+-]{0,319}")
_VERIFY = "verify the address or its domain: {}, or in the console under Identities"
_LEAVE = "ask for production access in that Region (console: Account dashboard)"


def unverified_recipients(
    names: Sequence[str], *, of: int, region: str, policy: str, other_case: int = 0, note: str = ""
) -> UnverifiedRecipients:
    """The no for recipients in the sandbox.

    >>> from sesmail.policies.sandbox.refusals import unverified_recipients
    >>> error = unverified_recipients(["ada@example.org"], of=2, region="eu-west-1", policy="sandbox")
    >>> str(error).partition(",")[0]
    'SES sandbox in eu-west-1: 1 of 2 recipients is not verified there (ada@example.org)'
    """
    text = (
        f"SES sandbox in {region}: {len(names)} of {of} recipients {_is(names)} not verified there ({_few(names)}), and"
        f" SES would refuse the mail.{note}{_of_case(other_case)}"
        f" Either {_VERIFY.format(_command(names[0], region))}; or {_LEAVE}"
    )
    return UnverifiedRecipients(text, recipients=names, region=region, policy=policy)


def refusal(found: Findings, outgoing: Outgoing, *, region: str, policy: str) -> Withheld:
    """The no to a mail. Of both, that for the sender comes first: no other recipient helps against it."""
    if found.senders:
        return unverified_sender(found.senders, region=region, policy=policy, other_case=found.other_case)
    names, of = [address.email for address in found.refused], len(outgoing.envelope.recipients)
    return unverified_recipients(names, of=of, region=region, policy=policy, other_case=found.other_case)


def unverified_sender(names: Sequence[str], *, region: str, policy: str, other_case: int = 0) -> UnverifiedSender:
    """The no for senders, and for where bounces and replies go to."""
    text = (
        f"SES in {region} wants senders verified, and {_few(names)} {_is(names)} not.{_of_case(other_case)}"
        f" There, {_VERIFY.format(_command(names[0], region))}"
    )
    return UnverifiedSender(text, senders=names, region=region, policy=policy)


def _few(names: Sequence[str]) -> str:
    others = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {others} more" if others > 0 else "")


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _of_case(count: int) -> str:
    return f" {count} of them verified in other capital and small letters only: SES compares to the letter." * bool(
        count
    )


def _command(name: str, region: str) -> str:
    name = name if _FOR_A_SHELL.fullmatch(name) else "IDENTITY"
    return f"`aws sesv2 create-email-identity --email-identity {name} --region {region}`"
