"""Misbehaviour: one way in which an answer goes wrong, and where. Values only; the server performs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import get_args

from sesmail.errors import SetupError, UnknownOption
from sesmail.testing.hostile_smtp.dialogue import Reply, Step

STEPS: tuple[Step, ...] = get_args(Step)
REPLIED: tuple[Step, ...] = tuple(step for step in STEPS if step != "handshake")


class Act(Enum):
    """What a server can do beside saying bytes."""

    PAUSE = "wait as long as the server's ``pause_s``"
    CLOSE = "send no more, and end the connection in order, in TLS without a word"
    RESET = "end it with a reset"
    SILENCE = "take what comes, and never say anything any more"


@dataclass(frozen=True, slots=True)
class Endless:
    """These bytes, again and again, until the client leaves; with a pause before each time, if it is slow."""

    data: bytes = field(repr=False)
    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    r"""What a server does at a step in place of the reply that is due.

    >>> from sesmail.testing import HostileSmtp, Misbehaviour
    >>> from sesmail.testing.hostile_smtp import Act
    >>> def mutter(due):
    ...     return [b"250-Well, ", Act.PAUSE, b"let me see\r\n", due.to_bytes()]
    >>> moody = Misbehaviour("moody", "rcpt", mutter)
    >>> with HostileSmtp(moody) as server:
    ...     server
    HostileSmtp('moody' at rcpt)

    ``acts`` gets the reply that is due and gives what is done: bytes, each sent at once, `Endless`, or an `Act`. ``at``
    is the step and ``nth`` which occurrence of it on a connection, 1 for the first. ``steps`` are those where it makes
    sense.

    ``is_obeyed`` says whether the command takes effect all the same, before the first act: a mail is taken, TLS begins.
    ``offers`` are keywords that EHLO shows in addition, and ``withholds`` one that it does not.
    """

    name: str
    at: Step
    acts: Callable[[Reply], Iterable[bytes | Endless | Act]] = field(repr=False)
    steps: tuple[Step, ...] = field(default=REPLIED, repr=False)
    nth: int = 1
    is_obeyed: bool = True
    offers: tuple[str, ...] = field(default=(), repr=False)
    withholds: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.at not in STEPS:
            raise UnknownOption(self.at, known=STEPS, where="a conversation")
        if self.at not in self.steps:
            raise SetupError(f"{self.name!r} makes no sense at {self.at}; choose from {', '.join(self.steps)}")
        if self.nth < 1:
            raise SetupError(f"nth of {self.name!r} is {self.nth}; 1 is the first time")

    def placed(self, at: Step | None = None, *, nth: int | None = None) -> Misbehaviour:
        """The same at another step, or at another occurrence of it."""
        return replace(self, at=at or self.at, nth=self.nth if nth is None else nth)
