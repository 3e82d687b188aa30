"""Office: who stands behind a dialogue, knows users and takes letters, and what it offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from sesmail.local.sending import LARGEST
from sesmail.local.smtp.login import Credentials
from sesmail.local.smtp.replies import Reply


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it came, its envelope, and who brought it."""

    user: str  # an access key id
    sender: str
    recipients: tuple[str, ...] = field(repr=False)
    data: bytes = field(repr=False)


class Office(Protocol):
    """Knows users and takes letters."""

    def knows(self, credentials: Credentials) -> bool:
        """Whether this is a user's password."""

    def take(self, letter: Letter) -> Reply:
        """What becomes of a letter."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What EHLO tells of."""

    largest: int = LARGEST
    starttls: bool = True
    pipelining: bool = False
