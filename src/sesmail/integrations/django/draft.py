"""Draft: what has been read of a Django message so far, on its way to a mail of ours."""

from __future__ import annotations

from sesmail.mail.address import Address
from sesmail.mail.message import EmailFields, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from django.core.mail import EmailMessage


class Undescribed(Exception):
    """What an `Email` cannot say. ``reason`` is for the log: it quotes nothing of the mail."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Draft:
    """One message, and what its parts come to: people, wishes, headers, bodies and files write into it."""

    __slots__ = ("bcc", "cc", "fields", "headers", "message", "metadata", "others", "return_path", "ses", "tags", "to")

    def __init__(self, message: EmailMessage) -> None:
        self.message = message
        self.fields: EmailFields = {}
        self.to: tuple[Address, ...] = ()
        self.cc: tuple[Address, ...] = ()
        self.bcc: tuple[Address, ...] = ()
        self.return_path: Address | None = None
        """Where bounces go, if not to the sender."""
        self.ses: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.metadata: dict[str, Scalar] = {}
        self.headers: list[tuple[str, str]] = []
        """Headers that are asked for by other means than headers."""
        self.others: list[tuple[str, str]] = []
        """``extra_headers`` that are neither people nor for SES."""
