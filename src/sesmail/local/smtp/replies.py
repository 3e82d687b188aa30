"""Replies: what the door says, in the words of SES as far as they are known, and what it says to a fault of the box."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sesmail.local.faults import Fault, FaultKind

HOST = "email-smtp.amazonaws.com"
_NOT_PRINTED = re.compile(r"[^ -~]")


@dataclass(frozen=True, slots=True, init=False)
class Reply:
    r"""A code and one line or more.

    >>> from sesmail.local.smtp.replies import Reply
    >>> Reply(250, "Hello", "Ok").to_bytes()
    b'250-Hello\r\n250 Ok\r\n'
    """

    code: int
    lines: tuple[str, ...]

    def __init__(self, code: int, *lines: str) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "lines", lines)

    def to_bytes(self) -> bytes:
        """As it goes over the wire. What is not printable ASCII, such as a name in a refusal, becomes a mark."""
        marks = ["-"] * (len(self.lines) - 1) + [" "]
        lines = (_NOT_PRINTED.sub("?", line) for line in self.lines)
        return b"".join(f"{self.code}{mark}{line}\r\n".encode("ascii") for mark, line in zip(marks, lines, strict=True))


class Refused(Exception):
    """Something was said that the door answers with a refusal."""

    def __init__(self, code: int, *lines: str) -> None:
        super().__init__(code)
        self.reply = Reply(code, *lines)


GREETING = Reply(220, f"{HOST} ESMTP SimpleEmailService-sesmail-local")
OK = Reply(250, "Ok")
BYE = Reply(221, "Bye")
READY_FOR_TLS = Reply(220, "Ready to start TLS")
START_MAIL = Reply(354, "End data with <CR><LF>.<CR><LF>")
LOGGED_IN = Reply(235, "Authentication successful")
BAD_LOGIN = Reply(535, "Authentication Credentials Invalid")
TOO_LONG_A_MAIL = Reply(552, "Message is too long.")
TOO_LONG_A_LINE = Reply(500, "Error: line too long")
BARE_LINE_END = Reply(500, "Error: lines end with CR LF, and neither stands alone")
CONTROL_CHARACTER = Reply(500, "Error: control character in a command")
IDLE = Reply(451, "4.4.2 Timeout waiting for data from client.")
CROWDED = Reply(421, "Too many concurrent SMTP connections")
UNAVAILABLE = Reply(451, "Temporary service failure")
TOO_FAST = Reply(454, "Throttling failure: Maximum sending rate exceeded")
TOO_MANY = Reply(454, "Throttling failure: Daily message quota exceeded")
NO_SENDER = Reply(501, "Invalid MAIL FROM address provided")

# What the box refuses, by its kind: a whole reply, or how the reply to its text begins. What is not here is a
# failed transaction.
_WHOLE: Mapping[FaultKind, Reply] = {
    FaultKind.TOO_FAST: TOO_FAST,
    FaultKind.TOO_MANY: TOO_MANY,
    FaultKind.INTERNAL: UNAVAILABLE,
}
_BEGINNINGS: Mapping[FaultKind, str] = {
    FaultKind.DENIED: "Access denied",
    FaultKind.REJECTED: "Message rejected",
    FaultKind.SUSPENDED: "Message rejected",  # v1 has this code for it
    FaultKind.PAUSED: "Message rejected",  # unverified, as are the next two
    FaultKind.PAUSED_SET: "Message rejected",
    FaultKind.MAIL_FROM_NOT_VERIFIED: "Message rejected",
}


def reply_to(fault: Fault) -> Reply:
    """How a fault of the box is told to a client of SMTP."""
    whole = _WHOLE.get(fault.kind)
    return whole or Reply(554, f"{_BEGINNINGS.get(fault.kind, 'Transaction failed')}: {fault.message}")


# What a refusal says that somebody asked for by its code alone.
_USUAL: Mapping[int, str] = {
    421: CROWDED.lines[0],
    450: "Requested mail action not taken: mailbox unavailable",
    451: UNAVAILABLE.lines[0],
    452: "Requested action not taken: insufficient system storage",
    454: TOO_FAST.lines[0],
    530: "Authentication required",
    535: BAD_LOGIN.lines[0],
    552: TOO_LONG_A_MAIL.lines[0],
    554: "Transaction failed",
}


def usual(code: int, text: str = "") -> Reply:
    """A refusal with a text, or with the one that goes with its code."""
    kind = "Temporary service failure" if code < 500 else "Transaction failed"
    return Reply(code, text or _USUAL.get(code, kind))
