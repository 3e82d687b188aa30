"""LineFault: how a line fails. The one border where what sockets and TLS raise is translated."""

from __future__ import annotations

import ssl
from enum import StrEnum

from sesmail.errors import ConnectFailed, ConnectionLost, Outcome, SendError, TimedOut


class Kind(StrEnum):
    """What happened to the line."""

    NO_NAME = "the name is not known"
    NO_ROUTE = "nobody answers there"
    LATE = "no answer in time"
    LOST = "the line broke"
    TLS = "TLS failed"


class LineFault(Exception):
    """A line failed. Whoever speaks on it knows what that means for the mail."""

    def __init__(self, kind: Kind, detail: str) -> None:
        super().__init__(f"{kind}: {detail}" if detail else str(kind))
        self.kind = kind


class StaleLine(Exception):
    """A line that was kept open had ended before anything was at stake on it. The pool takes a new one."""


def line_fault(error: OSError) -> LineFault:
    """The fault behind an error of the system, most specific first."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return LineFault(Kind.TLS, f"the certificate is not accepted: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        return LineFault(Kind.TLS, (error.reason or "the peer does not speak it").replace("_", " ").lower())
    if isinstance(error, TimeoutError):
        return LineFault(Kind.LATE, "")
    return LineFault(Kind.LOST, error.strerror or type(error).__name__)


def send_error(fault: LineFault, *, stage: str, at_risk: bool, peer: str) -> SendError:
    """The error for a mail whose line failed; ``at_risk`` when the peer may have all of the mail by then.

    >>> from sesmail.lines.fault import Kind, LineFault, send_error
    >>> error = send_error(LineFault(Kind.LATE, ""), stage="reply", at_risk=True, peer="mail.example.com:25")
    >>> error.outcome, error.retryable
    (<Outcome.UNKNOWN: 'unknown'>, False)
    """
    outcome = Outcome.UNKNOWN if at_risk else Outcome.NOT_SENT
    advice = "the mail may be out: do not send it again unasked" if at_risk else "nothing was sent"
    text = f"{peer}: {fault} ({stage}); {advice}"
    if stage == "connect" or fault.kind is Kind.TLS:
        # A certificate does not mend itself, and what is not encrypted as asked must not be tried again and again.
        error: SendError = ConnectFailed(text, stage=stage, outcome=outcome, retryable=fault.kind is not Kind.TLS)
        if not at_risk:
            return error
    kind = TimedOut if fault.kind is Kind.LATE else ConnectionLost
    return kind(text, stage=stage, outcome=outcome, retryable=not at_risk)
