"""Record: what a hostile server has seen and taken. Nothing of it is printed that a log should not hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from sesmail.testing.hostile_smtp.dialogue import Step


@dataclass(frozen=True, slots=True)
class Command:
    """A line that a client said. ``line`` may hold a password or an address, so it is not printed.

    >>> from sesmail.testing.hostile_smtp import Command
    >>> Command(0, "auth", "AUTH PLAIN AGFkYQBzZWNyZXQ=", is_encrypted=True)
    Command(connection=0, step='auth', is_encrypted=True)
    """

    connection: int
    step: Step
    line: str = field(repr=False)
    is_encrypted: bool = False


@dataclass(frozen=True, slots=True)
class TakenMail:
    r"""A mail that the server took, whatever it told the client. ``user`` is who had authenticated.

    >>> from sesmail.testing.hostile_smtp import TakenMail
    >>> mail = TakenMail(0, "ada@example.com", ("bob@example.org",), b"Subject: Hi\r\n\r\n")
    >>> mail.sender, mail.recipients
    ('ada@example.com', ('bob@example.org',))
    """

    connection: int
    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    data: bytes = field(repr=False)
    user: str = field(default="", repr=False)
    is_encrypted: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """Both, as they come."""

    commands: list[Command] = field(default_factory=list)
    messages: list[TakenMail] = field(default_factory=list)
