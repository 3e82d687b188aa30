"""Dialogue: how far a conversation with a client has come, and what is due next. Values only.

An answer holds the dialogue that follows from it. So a server that does not obey a command just keeps the dialogue
that it has.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Step = Literal[
    "connect",
    "ehlo",
    "helo",
    "starttls",
    "handshake",
    "auth",
    "mail",
    "rcpt",
    "data",
    "message",
    "rset",
    "noop",
    "quit",
    "other",
]
Then = Literal["go on", "encrypt", "handshake", "read", "end"]


@dataclass(frozen=True, slots=True)
class Reply:
    r"""A reply as it should be, one text for each of its lines.

    >>> from sesmail.testing.hostile_smtp import Reply
    >>> Reply(250, ("mail.example", "SIZE 1000")).to_bytes()
    b'250-mail.example\r\n250 SIZE 1000\r\n'
    """

    code: int
    lines: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """All of it, as it is sent. Without lines that is nothing."""
        last = len(self.lines) - 1
        return "".join(
            f"{self.code}{' ' if number == last else '-'}{line}\r\n" for number, line in enumerate(self.lines)
        ).encode()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a server offers and asks for, for as long as it runs."""

    keywords: tuple[str, ...] = ()
    has_tls: bool = False
    credentials: tuple[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """How far it has come. ``exchange`` is that of AUTH: the mechanism, and what the client has told."""

    terms: Terms
    is_greeted: bool = False
    is_encrypted: bool = False
    user: str = field(default="", repr=False)
    sender: str | None = field(default=None, repr=False)
    recipients: tuple[str, ...] = field(default=(), repr=False)
    exchange: tuple[str, ...] = field(default=(), repr=False)

    def without_mail(self) -> Dialogue:
        """The same, with no mail begun."""
        return replace(self, sender=None, recipients=())


@dataclass(frozen=True, slots=True)
class Answer:
    """What is due: a reply, the dialogue as it is afterwards, and what comes then."""

    step: Step
    reply: Reply
    dialogue: Dialogue
    then: Then = "go on"


def say(step: Step, code: int, text: str, dialogue: Dialogue, then: Then = "go on") -> Answer:
    """An answer of one line."""
    return Answer(step, Reply(code, (text,)), dialogue, then)
