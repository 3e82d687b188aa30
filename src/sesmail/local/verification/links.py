"""Links in verification mails, and the mails that hold them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(slots=True)
class Link:
    """A link that somebody got, and where it leads to."""

    address: str
    since: float
    success_url: str = ""
    failure_url: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class VerificationMail:
    """A mail that asks somebody to open a link."""

    address: str
    link: str
    region: str
    account: str
    at: float
    message_id: str
    raw: bytes

    def __repr__(self) -> str:
        return f"VerificationMail({self.message_id!r}, {self.region})"

    @property
    def time(self) -> datetime:
        """When, by the box's clock."""
        return datetime.fromtimestamp(self.at, UTC)


class Letters:
    """The latest of these mails, up to a number and a size."""

    def __init__(self, *, most: int = 1000, most_bytes: int = 64 * 2**20) -> None:
        self._mails: deque[VerificationMail] = deque()
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0

    def add(self, mail: VerificationMail) -> None:
        """One more; the oldest go when there is no room."""
        self._mails.append(mail)
        self._bytes += len(mail.raw)
        while len(self._mails) > self._most or self._bytes > self._most_bytes:
            self._bytes -= len(self._mails.popleft().raw)

    def clear(self) -> None:
        """Forget them."""
        self._mails.clear()
        self._bytes = 0

    def __iter__(self) -> Iterator[VerificationMail]:
        return iter(tuple(self._mails))

    def __len__(self) -> int:
        return len(self._mails)
