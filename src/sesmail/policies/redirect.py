"""Redirect: every mail goes to you in place of its readers, whoever they are.

Rule 1: the new envelope is made of the given addresses alone. What the mail said (to, cc, bcc, an envelope of its own)
        has no part in it, so nothing can be forgotten.
Rule 2: the return path stays, and `SesOptions.feedback_address`: bounces are answers of servers, and what is redirected
        bounces to where it bounced before. Nobody else gets anything there.
Rule 3: to whom it would have gone stands in headers, but blind copies only as a number. Beside a template that SES
        keeps, as many are named as it has room for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail.errors import InvalidAddress, SetupError
from sesmail.mail.address import Address, AddressesLike
from sesmail.mail.envelope import Envelope
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.flow import Flow, send
from sesmail.policies.policy import Policy
from sesmail.transports.base import Transport
from sesmail.transports.limits import Limits
from sesmail.transports.option import Option

# Servers refuse a head that is too long, and SES does not say how long that is. These are at most 13 kB a header.
_NAMED = 50
# SES takes 995 characters of a header beside a template that it keeps.
_LONGEST_BESIDE_TEMPLATE = 900


class Redirect(Policy):
    """Sends every mail to these addresses only: ``?redirect=dev@example.com``. For staging.

    >>> from sesmail import Mailer
    >>> from sesmail.policies.redirect import Redirect
    >>> from sesmail.transports import MemoryTransport
    >>> memory = MemoryTransport()
    >>> mailer = Mailer(Redirect(memory, "dev@example.com"), sender="shop@example.com")
    >>> result = mailer.send(to="ada@example.org", bcc="eve@example.org", subject="Your order", text="On its way.")
    >>> [one.address.email for one in result.recipients]
    ['dev@example.com']
    >>> memory.sent[0].content.added_headers
    (('X-Original-To', 'ada@example.org'), ('X-Original-Bcc-Count', '1'))

    The result is about the new recipients and names nobody else: whoever reads that a customer was sent something must
    be able to believe it. The mail itself stays as it is, with its ``To``. Since that names others than the envelope, a
    way with simple content refuses it.
    """

    name = "redirect"

    def __init__(self, inner: Transport, to: AddressesLike, *, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(inner, clock=clock)
        self._to = _read(to)
        most = inner.limits.max_recipients
        if most is not None and len(self._to) > most:
            raise SetupError(f"redirect: {len(self._to)} addresses, and the way out takes {most} in one mail")

    @classmethod
    def around(cls, inner: Transport, said: Mapping[str, Any]) -> Transport:
        """As a URL says it."""
        return cls(inner, said["redirect"]) if "redirect" in said else inner

    @property
    def limits(self) -> Limits:
        """Those of its way; but of a stored template one row, or nobody knew which of them is for the new readers."""
        limits = super().limits
        return replace(limits, stored_templates=1) if (limits.stored_templates or 0) > 1 else limits

    @property
    def said(self) -> Mapping[str, str]:
        """Its option as a URL says it."""
        return {"redirect": ",".join([address.email for address in self._to])}

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """Another envelope, and the one that it had in headers."""
        was = outgoing.envelope
        longest = _LONGEST_BESIDE_TEMPLATE if outgoing.stored_template else None
        content = outgoing.content.with_headers(tuple(_originals(was, longest)))
        redirected = replace(outgoing, envelope=Envelope(was.return_path, to=self._to), content=content)
        return (yield from send(redirected, self.inner))


def _read(to: AddressesLike) -> tuple[Address, ...]:
    try:
        found = Address.parse_list(to)
    except InvalidAddress as error:
        raise SetupError(f"redirect takes addresses, and to{error.field} is none: {error.reason}") from error
    if not found:
        raise SetupError("redirect takes an address, and there is none; for nobody at all there is drop")
    return Envelope(found[0], to=found).to  # each once


def _originals(envelope: Envelope, longest: int | None) -> Iterator[tuple[str, str]]:
    for name, addresses in (("X-Original-To", envelope.to), ("X-Original-Cc", envelope.cc)):
        if addresses:
            yield name, _listed([address.email for address in addresses], longest)
    if envelope.bcc:
        yield "X-Original-Bcc-Count", str(len(envelope.bcc))


def _listed(emails: Sequence[str], longest: int | None) -> str:
    """With blanks between them, at which the writer folds; without names, which say nothing that counts here."""
    named = emails[:_NAMED]
    while longest is not None and named and len(", ".join(named)) > longest:
        named = named[:-1]
    more = len(emails) - len(named)
    return ", ".join([*named, f"and {more} more"] if more else named)


OPTIONS: tuple[Option, ...] = (
    Option("redirect", "every mail goes to these in place of its readers", "addresses with commas between them"),
)
