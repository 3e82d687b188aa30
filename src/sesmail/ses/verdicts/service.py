"""Verdicts on the service: how much it takes, and what goes wrong on its side."""

from __future__ import annotations

from sesmail.errors import ConnectFailed, Outcome, QuotaExceeded, SendError, Throttled, TimedOut, Unavailable
from sesmail.ses.refusal import Refusal


def too_fast(refusal: Refusal) -> SendError:
    """More than the account may send in a second, or in a day: v1 has one code for both, and the text says which."""
    if not refusal.sends:
        text = f"{refusal.who} takes one {refusal.operation} a second ({refusal.said}). Wait a second and try again"
        return refusal.error(Throttled, text)
    if "daily" in refusal.text.lower():
        return _quota(refusal)
    text = (
        f"{refusal.who} refused {refusal.what}: too many recipients a second ({refusal.said}). Send slower, and this"
        " one again; each recipient counts, and not each mail"
    )
    return refusal.error(Throttled, text)


def too_many(refusal: Refusal) -> SendError:
    """The quota of a day. For a call that sends nothing it is a limit of the account, and waiting is no cure.

    That v2 has this code for the quota of a day is told by other clients of SES, and not by its documentation. Where
    the text speaks of the rate, it is the rate.
    """
    if not refusal.sends:
        text = f"{refusal.who} refused {refusal.what}: there is no room for more ({refusal.said}). Delete some first"
        return refusal.error(QuotaExceeded, text, retryable=False)
    return too_fast(refusal) if "rate exceeded" in refusal.text.lower() else _quota(refusal)


def _quota(refusal: Refusal) -> SendError:
    text = (
        f"{refusal.who} refused {refusal.what}: the quota of 24 hours is used up ({refusal.said}). Send it again in"
        " hours, or ask AWS for a larger one (console: Service Quotas)"
    )
    return refusal.error(QuotaExceeded, text)


def too_many_lines(refusal: Refusal) -> SendError:
    """More connections at once than are taken."""
    text = f"{refusal.who} takes no more connections ({refusal.said}). Open fewer at once, and send it again"
    return refusal.error(Throttled, text)


def unavailable(refusal: Refusal) -> SendError:
    """It has a fault of its own, and says so. All SDKs of AWS send again then."""
    text = f"{refusal.who} cannot take {refusal.what} just now ({refusal.said}). Try again, with growing pauses"
    return refusal.error(Unavailable, text)


def incomplete(refusal: Refusal) -> SendError:
    """It waited for the rest, and did not get it."""
    text = f"{refusal.who} waited too long for {refusal.what} ({refusal.said}) and did not take it. Try again"
    return refusal.error(TimedOut, text, outcome=Outcome.NOT_SENT, retryable=True)


def strange(refusal: Refusal) -> SendError:
    """Neither yes nor no, or nobody knows who said it. Where the mail had left by then, it may be out."""
    advice = "The mail may be out: do not send it again unasked" if refusal.at_risk else "Try again"
    text = f"{refusal.who} gave an answer that says nothing about {refusal.what} ({refusal.said}). {advice}"
    outcome = Outcome.UNKNOWN if refusal.at_risk else Outcome.NOT_SENT
    return refusal.error(Unavailable, text, outcome=outcome, retryable=not refusal.at_risk)


def turned_away(refusal: Refusal) -> SendError:
    """No to the connection itself, for good. The mail is not at fault: another way out may take it."""
    text = f"{refusal.who} takes no mail from here ({refusal.said}). Look at host, port, and whom it lets in"
    return refusal.error(ConnectFailed, text, retryable=False)
