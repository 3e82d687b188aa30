"""Split: one mail for more people than a way takes becomes several.

Rule 1: all get the same content, and each part has those of its own in the envelope, in order, as to, cc or bcc.
Rule 2: a part that fails does not stop the others. Where the fault would meet all others too, they are not tried.
Rule 3: once it went to somebody, nothing is raised: the result says to whom, and to whom not.
Rule 4: a row of a stored template is one mail, in which its people see each other. It goes whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail.errors import (
    AccessDenied,
    AllFailed,
    AuthFailed,
    CredentialsExpired,
    MailError,
    NotFound,
    Outcome,
    QuotaExceeded,
    SendError,
    SendingPaused,
    SesmailError,
    SetupError,
    Unsupported,
    Withheld,
)
from sesmail.mail.address import Address
from sesmail.mail.envelope import Envelope
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.outgoing import Outgoing, RecipientResult, SendResult, results_of
from sesmail.policies.flow import Flow, send
from sesmail.policies.outcomes import Outcomes
from sesmail.policies.policy import Policy
from sesmail.transports.base import Transport
from sesmail.transports.limits import Limits
from sesmail.transports.option import Option

EACH = "each"
_KINDS = ("to", "cc", "bcc")
Row = list[tuple[str, Address]]  # people, and where they stand
_USUAL = 50
_MEETS_ALL = (
    SetupError,
    AuthFailed,
    AccessDenied,
    CredentialsExpired,
    SendingPaused,
    QuotaExceeded,
    NotFound,  # what it names is the same for all: a configuration set, a tenant
)


class Split(Policy):
    """Sends a mail with many recipients as several: ``?split=50``, or ``?split=each`` for one mail to each of them.

    >>> from sesmail import Mailer
    >>> from sesmail.policies.split import Split
    >>> from sesmail.transports import MemoryTransport
    >>> memory = MemoryTransport()
    >>> mailer = Mailer(Split(memory), sender="shop@example.com")
    >>> result = mailer.send(bcc=[f"reader{number}@example.org" for number in range(120)], text="News")
    >>> [len(mail.envelope.recipients) for mail in memory.sent], len(result.recipients)
    ([50, 50, 20], 120)

    Without ``size`` a part is as large as the way takes, or 50. All get the same bytes, so who stands in ``To`` and
    ``Cc`` is seen by all. For that reason a way with simple content refuses the parts: SES would write another ``To``
    for each. To send everyone a mail of their own, `Mailer.send_many` is the better choice. Rows of a stored template
    stay whole, and one with more people than a part may have is refused.

    The ids in the result are those of the first part that was sent; ``raw["parts"]`` holds the results of all parts.
    """

    name = "split"

    def __init__(
        self, inner: Transport, size: int | None = None, *, each: bool = False, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        super().__init__(inner, clock=clock)
        if each and size is not None:
            raise SetupError("split: either each, or a size")
        self._is_each = each
        self._size = _checked(1 if each else size, inner.limits.max_recipients)

    @classmethod
    def around(cls, inner: Transport, said: Mapping[str, Any]) -> Transport:
        """As a URL says it."""
        size = said.get("split")
        return inner if size is None else cls(inner, each=True) if size == EACH else cls(inner, size)

    @property
    def limits(self) -> Limits:
        """Those of its way, but for the number of recipients."""
        return replace(super().limits, max_recipients=None)

    @property
    def said(self) -> Mapping[str, str]:
        """Its option as a URL says it."""
        return {"split": EACH if self._is_each else str(self._size)}

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """One part after the other."""
        if len(outgoing.envelope.recipients) <= self._size:
            return (yield from send(outgoing, self.inner))
        outcomes = Outcomes(outgoing)
        results: list[SendResult] = []
        errors: list[SesmailError] = []
        fitting, too_large = self._rows(outgoing)
        for row in too_large:
            errors.append(no := self._does_not_fit(len(row)))
            outcomes.add(_not_sent(no, _envelope(outgoing, row)))
        for envelope in (parts := self._parts(outgoing, fitting)):
            try:
                result = yield from send(replace(outgoing, envelope=envelope), self.inner)
            except SesmailError as error:
                errors.append(error)
                _put(outcomes, error, envelope)
                if _meets_all(error):
                    for rest in parts:
                        outcomes.add(_not_sent(error, rest))
            else:
                results.append(result)
                outcomes.add(result)
        if not results and all(isinstance(error, MailError) for error in errors):
            raise errors[0]  # the mail itself is wrong, and its author must hear what is
        whole = outcomes.result(self.name)
        return replace(whole, raw=FrozenMap({**whole.raw, "parts": tuple(results)}))

    def _rows(self, outgoing: Outgoing) -> tuple[list[Row], list[Row]]:
        """Who must stay together, those who fit into a part before those who do not."""
        envelope = outgoing.envelope
        everyone = [(kind, address) for kind in _KINDS for address in getattr(envelope, kind)]
        if not outgoing.stored_template:
            return [[one] for one in everyone], []
        rows = _by_row(outgoing, everyone)
        return [row for row in rows if len(row) <= self._size], [row for row in rows if len(row) > self._size]

    def _parts(self, outgoing: Outgoing, rows: list[Row]) -> Iterator[Envelope]:
        """The envelopes of all parts, as many recipients in each as it may have."""
        part: Row = []
        for row in rows:
            if part and len(part) + len(row) > self._size:
                yield _envelope(outgoing, part)
                part = []
            part = [*part, *row]
        if part:
            yield _envelope(outgoing, part)

    def _does_not_fit(self, count: int) -> Unsupported:
        return Unsupported(
            f"a mail of a stored template for {count} people, and split={self.said['split']} takes {self._size} in a"
            " part: SES would make several mails of it, in which they did not see each other. Make parts larger, or"
            " give them rows of their own in send_stored_many",
            feature="a row for more people than a part has",
            instead=("send_stored_many",),
            field="to",
        )


def _by_row(outgoing: Outgoing, everyone: Row) -> list[Row]:
    given = getattr(outgoing.content, "rows", ())
    row_of = {address.email: number for number, row in enumerate(given) for address in row.recipients}
    rows: dict[int, Row] = {}
    for kind, address in everyone:
        # Behind a redirect it may be for others, and then there is one row.
        rows.setdefault(row_of.get(address.email, 0), []).append((kind, address))
    return list(rows.values())


def _envelope(outgoing: Outgoing, people: Row) -> Envelope:
    kinds = [tuple([address for kind, address in people if kind == one]) for one in _KINDS]
    return Envelope(outgoing.envelope.return_path, *kinds)


def _checked(size: int | None, most: int | None) -> int:
    if size is None:
        return _USUAL if most is None else most
    if type(size) is not int or size < 1:
        raise SetupError("split takes a number of recipients, over 0")
    if most is not None and size > most:
        raise SetupError(f"split: parts of {size} recipients, and the way out takes {most} in one mail")
    return size


def _meets_all(error: SesmailError) -> bool:
    """Whether it is the way's own fault, and not of these people or of this moment."""
    if isinstance(error, AllFailed):
        return all(isinstance(one, _MEETS_ALL) for one in error.exceptions)
    return isinstance(error, _MEETS_ALL)


def _put(outcomes: Outcomes, error: SesmailError, envelope: Envelope) -> None:
    if each := results_of(error):
        outcomes.add(SendResult(each))
    elif isinstance(error, SendError | Withheld):
        outcomes.put(error, envelope.recipients)
    else:  # nothing was tried
        outcomes.add(_not_sent(error, envelope))


def _not_sent(error: SesmailError, envelope: Envelope) -> SendResult:
    return SendResult(tuple([RecipientResult(one, Outcome.NOT_SENT, error) for one in envelope.recipients]))


def _read(text: str) -> int | Literal["each"]:
    if text == EACH:
        return "each"
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise ValueError
    return int(text)


OPTIONS: tuple[Option, ...] = (
    Option(
        "split",
        "a mail for more people than that becomes several; with `each`, one for everyone",
        "a whole number, over 0, or `each`",
        reads=_read,
    ),
)
