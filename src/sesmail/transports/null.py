"""NullTransport: takes every mail and carries it nowhere."""

from __future__ import annotations

from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.transports.base import LocalTransport
from sesmail.transports.option import LIMITS, Option, read_options
from sesmail.transports.url import TransportUrl


class NullTransport(LocalTransport):
    """For load tests, and for places where no mail may leave: ``null://``.

    >>> from sesmail import Mailer
    >>> Mailer("null://").send(sender="a@example.com", to="b@example.com", text="Hi").transport
    'null'
    """

    name = "null"

    @classmethod
    def from_url(cls, url: TransportUrl) -> NullTransport:
        """``null://``, with the option ``limits``."""
        url.has_no_place()
        return cls(**read_options(url, OPTIONS))

    def send(self, outgoing: Outgoing) -> SendResult:
        """Say that it went to everyone."""
        return self.accepted(outgoing)


OPTIONS: tuple[Option, ...] = (LIMITS,)
