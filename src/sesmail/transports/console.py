"""ConsoleTransport: shows every mail to whoever sits before the screen, and to nobody else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TextIO

from sesmail.errors import SetupError, Unavailable
from sesmail.lines.threads import Threads
from sesmail.mail.address import Address
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.transports.base import BaseTransport, readable
from sesmail.transports.limits import SES, Limits
from sesmail.transports.option import LIMITS, Option, choice, read_options, switch
from sesmail.transports.url import TransportUrl

_RULE = "─" * 72
# What a terminal could take for a command, and what turns text around.
_NOT_SHOWN = re.compile("[^\\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class ConsoleTransport(BaseTransport):
    """Prints mails: ``console://``, or ``console://?stream=stderr``.

    >>> import sys
    >>> from sesmail import Mailer
    >>> from sesmail.transports import ConsoleTransport
    >>> mailer = Mailer(ConsoleTransport(sys.stdout), sender="shop@example.com")
    >>> result = mailer.send(to=["ada@example.org", "bob@example.org"], subject="Your code", text="It is 4711.")
    mail from shop@example.com: 2 to, 277 bytes (what it says is shown on a terminal, or with full=yes)

    On a terminal it shows the mail as its reader sees it. Elsewhere, where what is printed ends up in logs, it says
    that there was a mail, and neither to whom nor what it says: mails hold codes and links that let somebody in.
    ``full`` decides it for good. ``stream`` is ``stdout``, ``stderr`` or any text stream. Blind copies are counted and
    never named.
    """

    name = "console"

    def __init__(self, stream: TextIO | str = "stdout", *, full: bool | None = None, limits: Limits = SES) -> None:
        super().__init__(limits=limits)
        if isinstance(stream, str) and stream not in ("stdout", "stderr"):
            raise SetupError("console://: stream is stdout or stderr")
        self._stream = stream
        self._full = full
        self._threads = Threads(1, "sesmail-console")

    @classmethod
    def from_url(cls, url: TransportUrl) -> ConsoleTransport:
        """``console://``, with the options ``stream`` (``stdout``, ``stderr``), ``full`` and ``limits``."""
        url.has_no_place()
        return cls(**read_options(url, OPTIONS))

    def send(self, outgoing: Outgoing) -> SendResult:
        """Print it, in one piece, so that the mails of several threads do not mix."""
        result = self.accepted(outgoing)  # or it says that it does not take it, and prints nothing
        # Asked each time, since tests and notebooks put another stream there; a service may have none.
        stream: TextIO | None = getattr(sys, self._stream) if isinstance(self._stream, str) else self._stream
        if stream is None:
            raise Unavailable("there is no console to write to", stage="connect")
        full = _is_terminal(stream) if self._full is None else self._full
        shown = "\n".join(_in_full(outgoing)) if full else _in_short(outgoing)
        try:
            encoding = stream.encoding or "utf-8"
            stream.write(f"{shown}\n".encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except (OSError, ValueError, LookupError) as exc:  # closed, or of an encoding that nobody knows
            raise Unavailable("the console cannot be written to", stage="data") from exc
        return result

    async def asend(self, outgoing: Outgoing) -> SendResult:
        """Print it in a thread: who reads it may be slow."""
        return await self._threads.run(partial(self.send, outgoing))

    def close(self) -> None:
        """Let the thread go."""
        self._threads.close()


OPTIONS: tuple[Option, ...] = (
    choice("stream", "where it prints", "stdout", "stderr", default="`stdout`"),
    switch("full", "whether it shows what mails say", default="`yes` on a terminal, else `no`"),
    LIMITS,
)


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # it is closed, as writing to it will tell
        return False


def _in_short(outgoing: Outgoing) -> str:
    facts = repr(outgoing.envelope).removeprefix("Envelope(").removesuffix(")")
    size = readable(outgoing.content).size
    return f"mail {facts}, {size:,} bytes (what it says is shown on a terminal, or with full=yes)"


def _in_full(outgoing: Outgoing) -> Iterator[str]:
    email = outgoing.email
    yield _RULE
    for name, value in _head(outgoing):
        yield f"{name + ':':<10}{safe(value)}"
    for file in email.attachments:
        kind = "Inline:" if file.inline else "File:"
        yield f"{kind:<10}{safe(file.name)} ({file.content_type}, {len(file.data):,} bytes)"
    if email.text is not None:
        yield f"\n{safe(email.text).rstrip()}"
    elif email.html is not None:
        yield f"\n{safe(email.html).rstrip()}"
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
    envelope = outgoing.envelope
    if {*envelope.to, *envelope.cc} != {*email.to, *email.cc}:
        yield "Goes to", ", ".join(map(str, envelope.to + envelope.cc))
    if envelope.bcc:
        yield "Bcc", f"{len(envelope.bcc)} not named here"
    yield ("Template", outgoing.stored_template) if outgoing.stored_template else ("Subject", email.subject)


def safe(text: str) -> str:
    """A text as a terminal may get it: what would move its cursor, or worse, is spelled out."""
    text = text.replace("\r\n", "\n")
    return _NOT_SHOWN.sub(lambda found: ascii(found[0])[1:-1], text)
