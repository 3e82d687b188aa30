"""Links in verification mails, and the mails that hold them."""

from __future__ import annotations

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
