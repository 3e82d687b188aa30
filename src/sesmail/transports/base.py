"""The contract of every transport, and what the simple ones share.

Rule 1: recipients come from the envelope, never from headers.
Rule 2: all recipients failed: raise a `SendError`. Some failed: give a result that says which. Nothing in between.
Rule 3: `send` blocks and never awaits, `asend` awaits and never blocks. Who cannot do one of them says so when a mailer
        takes it (`admit`), not when the first mail goes out.
Rule 4: the outgoing is not changed, and its content may be asked for its bytes more than once.
Rule 5: `close` frees what is held and may be called twice. A send after it opens anew what it needs.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Protocol

from sesmail.errors import Outcome, Unsupported
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.outgoing import Content, Outgoing, RecipientResult, SendResult
from sesmail.transports.limits import SES, Limits

NOTHING: Mapping[str, object] = FrozenMap()


class Transport(Protocol):
    """What carries a mail, in both colours.

    >>> from sesmail import Mailer, Outgoing, SendResult
    >>> from sesmail.transports import LocalTransport
    >>> class Pigeon(LocalTransport):
    ...     name = "pigeon"
    ...
    ...     def send(self, outgoing: Outgoing) -> SendResult:
    ...         print(f"a pigeon with {outgoing.content.size > 0} weight")
    ...         return self.accepted(outgoing, message_id="coo")
    >>> Mailer(Pigeon()).send(sender="a@example.com", to="b@example.com", text="Hi").message_id
    a pigeon with True weight
    'coo'

    `LocalTransport` is the base of those that never wait, `BlockingTransport` of those that cannot be awaited. Whoever
    can do both derives from `BaseTransport` and writes `send` and `asend`. `sesmail.testing.TransportContract` tests
    anyone's.
    """

    @property
    def name(self) -> str:
        """What results and logs call it."""

    @property
    def limits(self) -> Limits:
        """What it takes."""

    def admit(self, *, awaited: bool) -> None:
        """A mailer takes it, and will await it or not: raise what stands against that, and what is not installed."""

    def send(self, outgoing: Outgoing) -> SendResult:
        """Carry it, and wait until it is done."""

    async def asend(self, outgoing: Outgoing) -> SendResult:
        """Carry it without blocking the loop. Cancelled while it is under way, the mail may be out or not."""

    def close(self) -> None:
        """Free what is held."""

    async def aclose(self) -> None:
        """Free what is held, without blocking the loop."""


class BaseTransport:
    """What all transports here have in common. ``name`` is for the class to set."""

    name = ""

    def __init__(self, *, limits: Limits = SES) -> None:
        self._limits = limits

    @property
    def limits(self) -> Limits:
        """What it takes."""
        return self._limits

    @property
    def notation(self) -> str:
        """How it is written in a URL, without secrets."""
        return f"{self.name}://"

    def admit(self, *, awaited: bool) -> None:
        """Nothing stands against either."""

    def close(self) -> None:
        """There is nothing to free."""

    async def aclose(self) -> None:
        """Free what is held."""
        self.close()

    def accepted(
        self,
        outgoing: Outgoing,
        *,
        message_id: str = "",
        message_id_header: str = "",
        request_id: str = "",
        raw: Mapping[str, object] = NOTHING,
    ) -> SendResult:
        """The result for a mail that went to everyone. What is not given is made up, or was the mail's own.

        A mail of a template that SES keeps went to nobody here, unless the limits take it: tests catch it so.
        """
        if outgoing.stored_template and not self._limits.stored_templates:
            raise no_stored_templates()
        return SendResult(
            tuple([RecipientResult(address, Outcome.SENT) for address in outgoing.envelope.recipients]),
            message_id=message_id or new_id(),
            message_id_header=message_id_header or outgoing.content.message_id,
            request_id=request_id,
            transport=self.name,
            raw=raw,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class LocalTransport(BaseTransport, ABC):
    """A transport that never waits for anything: one `send` serves both colours."""

    @abstractmethod
    def send(self, outgoing: Outgoing) -> SendResult:
        """Carry it."""

    async def asend(self, outgoing: Outgoing) -> SendResult:
        """Carry it, at once."""
        return self.send(outgoing)


class BlockingTransport(BaseTransport, ABC):
    """A transport that can only block. An `AsyncMailer` does not take it."""

    def admit(self, *, awaited: bool) -> None:
        """Whoever would await it hears that it cannot be awaited."""
        if awaited:
            raise self._cannot_await()

    @abstractmethod
    def send(self, outgoing: Outgoing) -> SendResult:
        """Carry it, and wait until it is done."""

    async def asend(self, outgoing: Outgoing) -> SendResult:  # noqa: ARG002 - the contract
        """Refuse, since it would block the loop."""
        raise self._cannot_await()

    def _cannot_await(self) -> Unsupported:
        return Unsupported(
            f"the transport {self.name!r} cannot be awaited and would block the loop",
            feature="awaiting",
            instead=("Mailer", "a transport with asend"),
        )


def no_stored_templates() -> Unsupported:
    """What is said to a mail of a template that SES keeps, wherever it cannot go."""
    return Unsupported(
        "the mail is made by SES of a template that SES keeps, and this way out does not send it; API v2 does, as ses://",
        feature="stored templates",
        instead=("SES API v2 (ses://)",),
        field="template",
    )


def new_id() -> str:
    """An id for a mail where no provider gives one."""
    return os.urandom(12).hex()


def readable(content: Content) -> Content:
    """The content as it can be written down: in UTF-8 where an address cannot be said in ASCII."""
    return content.as_utf8() if content.needs_smtputf8 else content
