"""The ledger: every mail that the box took, as its recipients would get it, and what became of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sesmail import mime
from sesmail.mail.message import Email
from sesmail.mime.decoding import decoded_words
from sesmail.mime.parts import Part


@dataclass(frozen=True, slots=True, repr=False)
class SentMail:
    """A mail that was taken: the bytes as a recipient would get them, the envelope, the call, the time, the id."""

    number: int  # of all that the box took, from 1
    message_id: str
    at: float
    account: str
    region: str
    service: str
    operation: str
    sender: str  # as it stands in From
    return_path: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    raw: bytes
    configuration_set: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    fates: Mapping[str, str] = field(default_factory=dict)  # by address: Delivery, Bounce, Reject …
    counted: int = 0  # recipients that count against the quota

    def __repr__(self) -> str:
        about = f"{self.operation}, {len(self.recipients)} recipients, {len(self.raw)} bytes"
        return f"SentMail({self.message_id!r}, {about})"

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody in the envelope: to, cc and bcc."""
        return (*self.to, *self.cc, *self.bcc)

    @property
    def time(self) -> datetime:
        """When, by the box's clock."""
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def email(self) -> Email:
        """The mail read back: subject, bodies, files."""
        return mime.read(self.raw)

    @property
    def subject(self) -> str:
        """Its subject, also of a mail that cannot be read as an `Email`."""
        return decoded_words(Part.parse(self.raw).header("subject"))


class Ledger:
    """The latest mails, up to a number and a size, so that a box may run for weeks."""

    def __init__(
        self,
        *,
        keep: int = 10_000,
        keep_bytes: int = 256 * 2**20,
        on_drop: Callable[[SentMail], None] = lambda _mail: None,
    ) -> None:
        self._mails: deque[SentMail] = deque()
        self._keep = keep
        self._keep_bytes = keep_bytes
        self._bytes = 0
        self._on_drop = on_drop
        self.total = 0

    def add(self, mail: SentMail) -> None:
        """One more; the oldest go when there is no room."""
        self.total = max(self.total, mail.number)
        self._mails.append(mail)
        self._bytes += len(mail.raw)
        while self._mails and (len(self._mails) > self._keep or self._bytes > self._keep_bytes):
            self._drop_oldest()

    def __iter__(self) -> Iterator[SentMail]:
        return iter(tuple(self._mails))

    def __len__(self) -> int:
        return len(self._mails)

    def clear(self) -> None:
        """Forget them."""
        while self._mails:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        mail = self._mails.popleft()
        self._bytes -= len(mail.raw)
        self._on_drop(mail)
