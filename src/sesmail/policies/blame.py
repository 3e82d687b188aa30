"""Blame: whose fault an error is, and so whether another way out may help. One table, by class.

Rule 1: a mail's own fault is raised at once. It would be the same everywhere, or it is a no that another way must not
        get around.
Rule 2: a way's fault lets the mail move on, where it surely was not sent. That the outcome says, and not the class.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from sesmail.errors import (
    AccessDenied,
    AllFailed,
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    CredentialsExpired,
    CredentialsMissing,
    MailError,
    NotFound,
    Outcome,
    PartlySent,
    QuotaExceeded,
    Rejected,
    RejectedUnverified,
    SendError,
    SendingPaused,
    SesmailError,
    SetupError,
    Throttled,
    TimedOut,
    Unavailable,
    Withheld,
)
from sesmail.mail.outgoing import results_of


class Blame(Enum):
    """Whose fault an error is."""

    MAIL = auto()
    """The mail's, or the program's. Another way would say the same, or must not be asked. Says nothing of the way."""
    WAY = auto()
    """The way's. Another one may take the mail."""
    WAY_FOR_LONG = auto()
    """The way's, and the next mail need not try. Its circuit opens at once."""


# The nearest class counts, so an error of somebody else's transport is judged by what it is derived from.
BLAME: Mapping[type[SesmailError], Blame] = {
    # The line to it, or what is at its end, has trouble.
    ConnectFailed: Blame.WAY,
    TimedOut: Blame.WAY,
    ConnectionLost: Blame.WAY,
    Unavailable: Blame.WAY,
    # It is well and takes no more just now; accounts and Regions each have a rate and a quota of their own.
    Throttled: Blame.WAY,
    QuotaExceeded: Blame.WAY,
    # Its keys or what they may do, whatever the mail. Keys go missing by day too: a machine's metadata service that
    # does not answer looks like having none. So it is no reason to keep the mail, and each time the log says it.
    AuthFailed: Blame.WAY,
    AccessDenied: Blame.WAY,
    CredentialsExpired: Blame.WAY,
    CredentialsMissing: Blame.WAY,
    # Nobody but a person ends it, and asking again makes it worse.
    SendingPaused: Blame.WAY_FOR_LONG,
    # A group as a way of this one: all of its ways failed, each by a fault of its own.
    AllFailed: Blame.WAY,
    # Of a kind that nobody knows, such as somebody else's transport: what surely was not sent can safely move on.
    SendError: Blame.WAY,
    # This very mail was refused. Another Region may not know its sender, and then the set-up is what is to be mended.
    Rejected: Blame.MAIL,
    RejectedUnverified: Blame.MAIL,
    # What the mail names is not there. Sent by another way it would lack it, or hide that it is missing here.
    NotFound: Blame.MAIL,
    # Some have it. Never the whole mail again, whatever the outcome of the others is.
    PartlySent: Blame.MAIL,
    # It cannot be carried as it is.
    MailError: Blame.MAIL,
    # A policy said no, and no is meant for all ways.
    Withheld: Blame.MAIL,
    # Set up wrong for every mail, from the first one on: a deploy has to find that, not a failover to hide it.
    SetupError: Blame.MAIL,
    # Whatever else there may be.
    SesmailError: Blame.MAIL,
}


def blame_for(error: SesmailError) -> Blame:
    """Whose fault it is.

    >>> from sesmail.errors import Rejected, Throttled
    >>> from sesmail.policies.blame import blame_for
    >>> blame_for(Throttled("too many a second")), blame_for(Rejected("a strange address"))
    (<Blame.WAY: 2>, <Blame.MAIL: 1>)
    """
    parts = [one.error for one in results_of(error) if one.error is not None and one.error is not error]
    if parts:  # for several reasons, and one that is the mail's keeps it
        return min(map(blame_for, parts), key=lambda blame: blame.value)
    return next(BLAME[kind] for kind in type(error).__mro__ if kind in BLAME)


def way_fault_in(error: SesmailError) -> SesmailError:
    """What of an error tells most of the way: itself, or one of the reasons for which nobody got the mail."""
    parts = [one.error for one in results_of(error) if one.error is not None]
    return max(parts, key=lambda part: blame_for(part).value, default=error)


def outcome_of(error: SesmailError) -> Outcome:
    """What became of the mail. What is no word about a mail was raised before there was one to send."""
    outcome: Outcome = getattr(error, "outcome", Outcome.NOT_SENT)
    return outcome
