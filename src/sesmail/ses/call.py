"""Call: one call of SES as a value, and what comes back. Whoever makes one does not know who carries it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from sesmail.mail.outgoing import Content

Service = Literal["sesv2", "ses"]
Parameters = Mapping[str, object]


@dataclass(frozen=True, slots=True, repr=False)
class Blob:
    """The bytes of a mail as a parameter. Whoever carries the call asks for them at once, or in pieces."""

    content: Content

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.content.size

    def to_bytes(self) -> bytes:
        """All of them."""
        return self.content.to_bytes()

    def chunks(self) -> Iterator[bytes]:
        """All of them, in pieces, as often as you like."""
        return self.content.chunks()

    def __repr__(self) -> str:
        return f"Blob({self.size} bytes)"


@dataclass(frozen=True, slots=True)
class Call:
    """An operation and its parameters, named as botocore names them.

    Values are texts, numbers, truth values, bytes, `Blob`, and lists and mappings of these.
    """

    service: Service
    operation: str
    parameters: Parameters = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What SES answered when it said yes."""

    values: Parameters = field(repr=False)
    request_id: str = ""


class ApiFault(Exception):
    """What SES answered when it said no. It never reaches a user: `sesmail.ses.faults` makes an error of it."""

    def __init__(
        self,
        call: Call,
        *,
        code: str,
        message: str,
        status: int,
        request_id: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{call.operation}: {code} ({status})")
        self.service = call.service
        self.operation = call.operation
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id
        self.retry_after_s = retry_after_s


class Client(Protocol):
    """What carries one call, now or awaited.

    It raises `ApiFault` where SES said no; a `SendError` where the line failed, with its ``stage`` and ``outcome``;
    `CredentialsMissing`, `CredentialsExpired` or `AuthFailed` where no key was to be had. It never repeats a call.
    """

    @property
    def name(self) -> str:
        """``boto3`` or ``direct``."""

    @property
    def region(self) -> str:
        """The Region that it speaks with."""

    def admit(self, *, awaited: bool) -> None:
        """Raise what stands against being used so, and what is not installed."""

    def call(self, call: Call) -> Reply:
        """Carry it, and wait for the answer."""

    async def acall(self, call: Call) -> Reply:
        """Carry it without blocking the loop. Cancelled while it is under way, its outcome is unknown."""

    def close(self) -> None:
        """Free what is held. A later call opens it anew."""

    async def aclose(self) -> None:
        """Free what is held, without blocking the loop."""
