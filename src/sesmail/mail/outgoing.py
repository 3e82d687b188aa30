"""Outgoing goes into a transport, SendResult comes out. Content is the bytes to be, whoever writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Protocol

from sesmail.errors import Outcome, PartlySent, SendError, SesmailError, Withheld
from sesmail.mail.address import Address
from sesmail.mail.envelope import Envelope
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.message import Email, Headers
from sesmail.mail.ses_options import SesOptions


class Content(Protocol):
    """A mail's bytes to be. Equal bytes each time: date, message id and boundary are drawn once, when it is made."""

    @property
    def message_id(self) -> str:
        """The Message-ID header, with its angle brackets."""

    @property
    def needs_smtputf8(self) -> bool:
        """Whether an address in its headers takes SMTPUTF8: then only `as_utf8` has bytes to give."""

    @property
    def added_headers(self) -> tuple[tuple[str, str], ...]:
        """What `with_headers` has added, for a transport that writes no MIME of its own."""

    @property
    def size(self) -> int:
        """How many bytes it is, without building them."""

    def to_bytes(self) -> bytes:
        """All of it at once."""

    def chunks(self) -> Iterator[bytes]:
        """All of it in pieces of moderate size, as often as you like."""

    def with_headers(self, pairs: Headers) -> Content:
        """A new content with these headers added in front, to those that were added before."""

    def as_utf8(self) -> Content:
        """A new content for a way out with SMTPUTF8: addresses and header text as UTF-8 (RFC 6532)."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is carried: the mail, who gets it, its bytes to be, and what is asked of SES.

    A redirect, a split or a suppression makes a new one; a transport takes its recipients from the envelope only.

    >>> from sesmail import Email, Envelope, Outgoing, mime
    >>> mail = Email(sender="a@example.com", to="b@example.com")
    >>> Outgoing(mail, Envelope.of(mail), mime.write(mail), mail.ses).envelope.recipients
    (Address('b@example.com'),)
    """

    email: Email
    envelope: Envelope
    content: Content = field(repr=False)
    ses: SesOptions

    @property
    def stored_template(self) -> str:
        """The name of the template that SES keeps and makes the mail of; empty where its bytes are made here."""
        name: str = getattr(self.content, "stored_template", "")
        return name


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """How a mail ended for one recipient.

    >>> from sesmail import Address, Outcome, RecipientResult
    >>> RecipientResult(Address("a@example.com"), Outcome.SENT).outcome.is_final
    True
    """

    address: Address
    outcome: Outcome
    error: SesmailError | None = None
    message_id: str = field(default="", repr=False)
    """The provider's id of this one's mail, where one call sends a mail of their own to each."""


@dataclass(frozen=True, slots=True, repr=False)
class SendResult:
    """How a mail ended: an outcome for each recipient, and what the provider said.

    >>> from sesmail import Address, Outcome, RecipientResult, SendResult
    >>> ada = Address("ada@example.com")
    >>> result = SendResult((RecipientResult(ada, Outcome.SENT),), message_id="0100", transport="memory")
    >>> result.by_recipient["ada@example.com"].outcome
    <Outcome.SENT: 'sent'>
    >>> result.raise_if_any_failed()

    *Sent* means that the provider took the mail. Whether it arrived, only events tell.
    """

    recipients: tuple[RecipientResult, ...]
    _: KW_ONLY
    message_id: str = ""
    """The provider's id, which stands in its events."""
    message_id_header: str = ""
    """The Message-ID that recipients see, for In-Reply-To. SES replaces the one that was written."""
    request_id: str = ""
    """What AWS support asks for."""
    transport: str = ""
    """Which transport carried it."""
    raw: Mapping[str, object] = field(default=FrozenMap(), compare=False)
    """The provider's reply as it came."""

    @property
    def by_recipient(self) -> Mapping[str, RecipientResult]:
        """The results by e-mail address in its normal form."""
        return FrozenMap({result.address.email: result for result in self.recipients})

    @property
    def failed(self) -> tuple[RecipientResult, ...]:
        """The recipients to whom the mail did not go."""
        return tuple(result for result in self.recipients if result.outcome != Outcome.SENT)

    def raise_if_any_failed(self) -> None:
        """Raise when the mail did not go to everyone; ``recipients`` says to whom.

        `PartlySent` when somebody has it already, so that nobody sends the whole mail again. `Withheld` where nothing
        but a policy of yours stood in the way. `SendError` otherwise.
        """
        failed = self.failed
        if not failed:
            return
        outcomes = {result.outcome for result in failed}
        recipients = tuple(result.address.email for result in failed)
        reason = f"{len(failed)} of {len(self.recipients)} recipients failed ({', '.join(sorted(outcomes))})"
        if outcomes == {Outcome.WITHHELD}:
            raise Withheld(reason, recipients=recipients) from failed[0].error
        if len(failed) < len(self.recipients):
            raise PartlySent(reason, request_id=self.request_id, recipients=recipients) from failed[0].error
        error = SendError(
            reason,
            # One word for several: the one that asks for the most care.
            outcome=next(outcome for outcome in _MOST_CARE_FIRST if outcome in outcomes),
            retryable=all(getattr(result.error, "retryable", False) for result in failed),
            request_id=self.request_id,
            recipients=recipients,
        )
        error.results = self.recipients
        raise error from failed[0].error

    def __repr__(self) -> str:
        counts = [(sum(result.outcome is outcome for result in self.recipients), outcome) for outcome in Outcome]
        facts = ", ".join(f"{count} {outcome}" for count, outcome in counts if count)
        return f"SendResult({facts}; message_id={self.message_id!r}, transport={self.transport!r})"


_MOST_CARE_FIRST = (Outcome.UNKNOWN, Outcome.NOT_SENT, Outcome.REFUSED, Outcome.WITHHELD)


def results_of(error: BaseException) -> tuple[RecipientResult, ...]:
    """How it ended for each, where an error knows that: nobody got it, and not all for the same reason."""
    return tuple([one for one in getattr(error, "results", ()) if isinstance(one, RecipientResult)])
