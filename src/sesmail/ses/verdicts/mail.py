"""Verdicts on the mail, and on what it names: a configuration set, a template, a tenant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from sesmail.errors import NotFound, Rejected, SendError, SendingPaused
from sesmail.ses.refusal import Refusal, Verdict
from sesmail.ses.sayings import NOT_VERIFIED, Missing, meaning, printable
from sesmail.ses.verdicts.verification import mail_from, unverified


def rejected(refusal: Refusal) -> SendError:
    """SES refuses this mail. It has one code for that, whatever is behind it, so here the text is looked at.

    A mail that is too large for SES is a `Rejected` as well, with SES's code: it was tried. `TooLarge` is for one that
    was not, because the way out knows its limits.
    """
    text = printable(refusal.text)
    verdict = next((verdict for is_said, verdict in _OTHERWISE if is_said(text)), refused)
    return verdict(refusal)


def refused(refusal: Refusal) -> SendError:
    """SES refuses it, and the text is of no other kind."""
    text = f"{refusal.who} refused {refusal.what} ({refusal.said}). {meaning(refusal.text, _CURES)}"
    return refusal.error(Rejected, text, recipients=_named(refusal))


_ADDRESS = "An address is not as SES wants it: ASCII before the @, no blanks, and a comma in a name in quotes only"
_SPLIT = "Send several mails: SES takes 50 recipients for one"
_LARGE = "Send a link in place of the file: SES takes 40 MB by API v2 and SMTP and 10 MB by v1, all of it encoded"
_CURES: Mapping[str, str] = {
    "recipient count exceeds": _SPLIT,
    "too many recipients": _SPLIT,
    "message length": _LARGE,
    "message is too long": _LARGE,
    "message size": _LARGE,
    "too large": _LARGE,
    "no recipients": "Give it a recipient",
    "duplicate header": "Take one of them out: SES lets some headers stand in a mail once only",
    "header section too long": "Take headers out, or make them shorter",
    "attachment type": "SES takes no files of that kind: send another kind, or a link",
    "final '@domain'": _ADDRESS,
    "missing domain": _ADDRESS,
    "missing local": _ADDRESS,
    "local address": _ADDRESS,
    "domain contains": _ADDRESS,
    "illegal address": _ADDRESS,
    "route-addr": _ADDRESS,
    "invalid email address": _ADDRESS,
    "address unknown": _ADDRESS,
    "sandbox": "Ask for production access in that Region (console: Account dashboard)",
    "": "Mend what it names; sending the same again cannot help",
}
_IN_BRACKETS = re.compile(r"<([^<> ]{3,320})>")


def _named(refusal: Refusal) -> tuple[str, ...]:
    """The recipients that an answer names in angle brackets, as those to MAIL and RCPT do."""
    found = {name.lower() for name in _IN_BRACKETS.findall(printable(refusal.text))}
    return tuple(email for email in refusal.people.recipients if email.lower() in found)


def too_large(refusal: Refusal) -> SendError:
    """More bytes than are taken, said by a code of its own."""
    return refusal.error(Rejected, f"{refusal.who} refused {refusal.what} ({refusal.said}). {_LARGE}")


def paused(refusal: Refusal) -> SendError:
    """Somebody has stopped the account, a configuration set or a tenant: you, or AWS."""
    text = (
        f"{refusal.who} refused {refusal.what}: sending is paused ({refusal.said}). Read what AWS wrote to the owner of"
        " the account, and start sending again in the console when the reason is gone; trying on makes it worse"
    )
    return refusal.error(SendingPaused, text)


def suspended(refusal: Refusal) -> SendError:
    """AWS has stopped the account for good."""
    text = (
        f"{refusal.who} refused {refusal.what}: AWS has stopped this account from sending ({refusal.said})."
        " Answer the case that AWS has opened about it (console: Account dashboard)"
    )
    return refusal.error(SendingPaused, text)


def not_found(refusal: Refusal) -> SendError:
    """What is named is not there, at least not in this Region."""
    missing = Missing.read(refusal.text)
    what = f"there is no {missing.kind} {missing.name}" if missing else "something that it names is not there"
    text = (
        f"{refusal.who} refused {refusal.what}: {what} ({refusal.code if missing else refusal.said})."
        f" Create it{refusal.there}, or correct its name; what is in one Region is in no other"
    )
    return refusal.error(NotFound, text)


def no_such_call(refusal: Refusal) -> SendError:
    """Whoever answers knows no such operation, so it is not SES, or not this API of it."""
    text = f"{refusal.who} knows no such call ({refusal.said}). Look at the endpoint: it must be that of SES"
    return refusal.error(NotFound, text)


_MAIL_FROM = re.compile(r"mail ?from domain is not verified", re.IGNORECASE)
_PAUSED = re.compile(r"sending (?:is )?paused|sending has been disabled", re.IGNORECASE)
_SUSPENDED = re.compile(r"account (?:is|has been) suspended", re.IGNORECASE)
# What a refusal of the mail is otherwise. Which of these v2 says with a code of its own is not known for all.
_OTHERWISE: Sequence[tuple[Callable[[str], object], Verdict]] = (
    (_MAIL_FROM.search, mail_from),
    (NOT_VERIFIED.search, unverified),
    (_PAUSED.search, paused),
    (_SUSPENDED.search, suspended),
    (Missing.read, not_found),
)
