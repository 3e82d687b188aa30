"""ConsoleTransport: shows every mail to whoever sits before the screen, and to nobody else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from sesmail.errors import SetupError, Unavailable
from sesmail.mail.address import Address
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.transports.base import LocalTransport, readable
from sesmail.transports.limits import SES, Limits
from sesmail.transports.url import TransportUrl

_RULE = "─" * 72
# What a terminal could take for a command, and what turns text around.
_NOT_SHOWN = re.compile("[^\\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class ConsoleTransport(LocalTransport):
    """Prints mails: ``console://``, or ``console://?stream=stderr``.

    >>> import sys
    >>> from sesmail import Mailer
    >>> from sesmail.transports import ConsoleTransport
    >>> mailer = Mailer(ConsoleTransport(sys.stdout), sender="shop@example.com")
    >>> result = mailer.send(to=["ada@example.org", "bob@example.org"], subject="Your code", text="It is 4711.")
    mail from shop@example.com: 2 to, text of 11, 277 bytes (what it says is shown on a terminal, or with full=yes)

    On a terminal it shows the mail as its reader sees it. Elsewhere, where what is printed ends up in logs, it says
    that there was a mail, and neither to whom nor what it says: mails hold codes and links that let somebody in.
    ``full`` decides it for good. Blind copies are counted and never named.
    """

    name = "console"

    def __init__(self, stream: TextIO | None = None, *, full: bool | None = None, limits: Limits = SES) -> None:
        super().__init__(limits=limits)
        self._stream = stream
        self._full = full

    @classmethod
    def from_url(cls, url: TransportUrl) -> ConsoleTransport:
        """``console://``, with the options ``stream`` (``stdout``, ``stderr``), ``full`` and ``limits``."""
        url.has_no_place()
        limits = url.limits("stream", "full")
        stream = url.options.get("stream", "stdout")
        if stream not in ("stdout", "stderr"):
            raise SetupError("console://: stream is stdout or stderr")
        return cls(None if stream == "stdout" else sys.stderr, full=url.yes_or_no("full"), limits=limits)

    def send(self, outgoing: Outgoing) -> SendResult:
        """Print it, in one piece, so that the mails of several threads do not mix."""
        stream = self._stream or sys.stdout  # asked each time, since tests and notebooks put another one there
        full = stream.isatty() if self._full is None else self._full
        shown = "\n".join(_in_full(outgoing) if full else (_in_short(outgoing),))
        encoding = stream.encoding or "utf-8"
        try:
            stream.write(f"{shown}\n".encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except (OSError, ValueError) as exc:  # ValueError: the stream is closed
            raise Unavailable("the console cannot be written to", stage="data") from exc
        return self.accepted(outgoing)

    def __repr__(self) -> str:
        return "ConsoleTransport()"


def _in_short(outgoing: Outgoing) -> str:
    facts = repr(outgoing.email).removeprefix("Email(").removesuffix(")")
    size = readable(outgoing.content).size
    return f"mail {facts}, {size:,} bytes (what it says is shown on a terminal, or with full=yes)"


def _in_full(outgoing: Outgoing) -> Iterator[str]:
    email = outgoing.email
    yield _RULE
    for name, value in _head(outgoing):
        yield f"{name + ':':<10}{_safe(value)}"
    for file in email.attachments:
        kind = "Inline:" if file.inline else "File:"
        yield f"{kind:<10}{_safe(file.name)} ({file.content_type}, {len(file.data):,} bytes)"
    if email.text is not None:
        yield f"\n{_safe(email.text).rstrip()}"
    elif email.html is not None:
        yield f"\n{_safe(email.html).rstrip()}"
    if email.text is not None and email.html is not None:
        yield f"\n(and HTML of {len(email.html):,} characters)"
    yield _RULE


def _head(outgoing: Outgoing) -> Iterator[tuple[str, str]]:
    email = outgoing.email
    addresses: Iterable[tuple[str, tuple[Address, ...]]] = (
        ("From", (email.sender,) if email.sender else ()),
        ("To", email.to),
        ("Cc", email.cc),
        ("Reply-To", email.reply_to),
    )
    yield from ((name, ", ".join(map(str, several))) for name, several in addresses if several)
    if outgoing.envelope.bcc:
        yield "Bcc", f"{len(outgoing.envelope.bcc)} not named here"
    yield "Subject", email.subject


def _safe(text: str) -> str:
    text = text.replace("\r\n", "\n")
    return _NOT_SHOWN.sub(lambda found: ascii(found[0])[1:-1], text)
