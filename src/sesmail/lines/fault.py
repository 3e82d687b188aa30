"""LineFault: how a line fails. The one border where what sockets and TLS raise is translated."""

from __future__ import annotations

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
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" if self.detail else str(self.kind)


class StaleLine(Exception):
    """A line that was kept open had ended before anything was at stake on it. The pool takes a new one."""


# By the names of their classes, for ssl may not have been imported. What has no line is what its base is.
_KINDS = {
    "SSLCertVerificationError": Kind.TLS,
    "SSLEOFError": Kind.LOST,  # the peer left, which it may do at any time, and TLS is not to blame
    "SSLZeroReturnError": Kind.LOST,
    "SSLSyscallError": Kind.LOST,
    "SSLError": Kind.TLS,
    "gaierror": Kind.NO_NAME,
    "TimeoutError": Kind.LATE,
    "OSError": Kind.LOST,
}


def line_fault(error: OSError) -> LineFault:
    """The fault behind an error of the system, most specific first. The error itself is its cause."""
    kind = next(_KINDS[base.__name__] for base in type(error).__mro__ if base.__name__ in _KINDS)
    fault = LineFault(kind, detail_of(error))
    fault.__cause__ = error
    return fault


def as_told(error: Exception) -> Exception:
    """What a dialogue is told of an error: the fault behind one of the system, and any other as it is."""
    return line_fault(error) if isinstance(error, OSError) else error


def detail_of(error: OSError) -> str:
    """What an error says beside its class, in words that fit into a sentence."""
    if verdict := getattr(error, "verify_message", ""):
        return f"the certificate is not accepted: {verdict}"
    if hasattr(error, "reason"):  # ssl's; its own text names lines of C
        return str(error.reason or "the peer does not speak it, or left").replace("_", " ").lower()
    if isinstance(error, TimeoutError):
        return ""
    return error.strerror or type(error).__name__


_CLASSES: dict[Kind, type[SendError]] = {
    Kind.NO_NAME: ConnectFailed,
    Kind.NO_ROUTE: ConnectFailed,
    Kind.TLS: ConnectFailed,
    Kind.LATE: TimedOut,
    Kind.LOST: ConnectionLost,
}
_CLASSES_AT_RISK: dict[Kind, type[SendError]] = {Kind.LATE: TimedOut}


def send_error(fault: LineFault, *, stage: str, at_risk: bool, peer: str) -> SendError:
    """The error for a mail whose line failed; ``at_risk`` when the peer may have all of the mail by then.

    >>> from sesmail.lines.fault import Kind, LineFault, send_error
    >>> error = send_error(LineFault(Kind.LATE, ""), stage="reply", at_risk=True, peer="mail.example.com:25")
    >>> error.outcome, error.retryable
    (<Outcome.UNKNOWN: 'unknown'>, False)
    """
    if at_risk:
        kind = _CLASSES_AT_RISK.get(fault.kind, ConnectionLost)
        advice = "the mail may be out: do not send it again unasked"
    else:
        kind = ConnectFailed if stage == "connect" else _CLASSES[fault.kind]
        advice = "nothing was sent"
    return kind(
        f"{peer}: {fault} ({stage}); {advice}",
        stage=stage,
        outcome=Outcome.UNKNOWN if at_risk else Outcome.NOT_SENT,
        # A certificate does not mend itself, and what is not encrypted as asked must not be tried again and again.
        retryable=not at_risk and fault.kind is not Kind.TLS,
    )
