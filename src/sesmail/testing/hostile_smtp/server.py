"""HostileSmtp: a good SMTP server, but for one answer. It holds the door open, and what happened in memory."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable
from dataclasses import replace

from sesmail.errors import SetupError, UnknownOption
from sesmail.testing.hostile_smtp.conversation import Conversation
from sesmail.testing.hostile_smtp.dialogue import Dialogue, Step, Terms
from sesmail.testing.hostile_smtp.misbehaviour import Misbehaviour
from sesmail.testing.hostile_smtp.record import Command, Record, TakenMail
from sesmail.testing.hostile_smtp.stream import Stream
from sesmail.testing.hostile_smtp.table import MISBEHAVIOURS
from sesmail.testing.loopback import Pause
from sesmail.testing.server import Server

_KEYWORDS = ("8BITMIME", "SIZE 41943040")


class HostileSmtp(Server):
    r"""An SMTP server on this machine that misbehaves at one step, and is good at all others.

    >>> import smtplib
    >>> from sesmail.testing import HostileSmtp
    >>> with HostileSmtp("reply lost, closed", at="message") as server:
    ...     with smtplib.SMTP(server.host, server.port, "client.example", timeout=5) as client:
    ...         try:
    ...             client.sendmail("ada@example.com", ["bob@example.org"], "Subject: Hi\r\n\r\nHello")
    ...         except smtplib.SMTPServerDisconnected:
    ...             print("sent or not?")
    ...     len(server.messages)
    sent or not?
    1

    Give it names out of ``MISBEHAVIOURS``, or values of your own; none at all makes a good server. ``at`` and ``nth``
    place a single one elsewhere: ``nth=2`` is the second time that a connection comes to the step. Only the connections
    ``only_first`` (of all, when it is left out) meet it. Each reply of an AUTH counts as one ``auth``.

    With ``tls``, the context of a server, it offers STARTTLS, or begins with TLS if it is ``implicit``. With
    ``credentials``, a user and a password, MAIL needs AUTH; without, AUTH takes everyone. ``keywords`` are those of
    EHLO beside STARTTLS and AUTH. ``pause_s`` is how late what is late comes, awaited with ``pause``.
    """

    def __init__(
        self,
        *misbehaviours: str | Misbehaviour,
        at: Step | None = None,
        nth: int | None = None,
        only_first: int | None = None,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        credentials: tuple[str, str] | None = None,
        keywords: Iterable[str] = _KEYWORDS,
        pause_s: float = 0.1,
        pause: Pause = asyncio.sleep,
    ) -> None:
        if implicit and not tls:
            raise SetupError("implicit TLS needs a context; give tls=")
        super().__init__(self._serve, name="hostile-smtp")
        self.misbehaviours = _placed(misbehaviours, at, nth)
        self._only_first = only_first
        # Without one STARTTLS is not obeyed, and what stands here is never used.
        self._tls = tls or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._implicit = implicit
        self._terms = Terms(tuple(keywords), has_tls=tls is not None, credentials=credentials)
        self._pause_s = pause_s
        self._pause = pause
        self._record = Record()

    @property
    def connections(self) -> int:
        """How many clients have been accepted until now."""
        return self._loopback.accepted

    @property
    def commands(self) -> tuple[Command, ...]:
        """What clients have said until now, the bytes of messages left out."""
        return tuple(self._record.commands)

    @property
    def messages(self) -> tuple[TakenMail, ...]:
        """The mails that were taken until now, whatever their clients were told."""
        return tuple(self._record.messages)

    def __repr__(self) -> str:
        told = ", ".join(f"{each.name!r} at {each.at}" for each in self.misbehaviours)
        return f"HostileSmtp({told})"

    async def _serve(self, client: socket.socket, number: int) -> None:
        is_spared = self._only_first is not None and number >= self._only_first
        misbehaviours = () if is_spared else self.misbehaviours
        conversation = Conversation(
            number,
            Stream(client),
            Dialogue(_offered(self._terms, misbehaviours)),
            misbehaviours,
            record=self._record,
            tls=self._tls,
            pause=lambda: self._pause(self._pause_s),
        )
        await conversation.run(implicit=self._implicit)


def _placed(given: Iterable[str | Misbehaviour], at: Step | None, nth: int | None) -> tuple[Misbehaviour, ...]:
    found = tuple(_known(each) if isinstance(each, str) else each for each in given)
    if at is None and nth is None:
        return found
    if len(found) != 1:
        raise SetupError(f"at= and nth= place one misbehaviour, not {len(found)}; place each with its placed()")
    return (found[0].placed(at, nth=nth),)


def _known(name: str) -> Misbehaviour:
    if name not in MISBEHAVIOURS:
        raise UnknownOption(name, known=MISBEHAVIOURS, where="the table of misbehaviours")
    return MISBEHAVIOURS[name]


def _offered(terms: Terms, misbehaviours: Iterable[Misbehaviour]) -> Terms:
    for each in misbehaviours:
        has_tls = terms.has_tls and each.withholds != "STARTTLS"
        terms = replace(terms, keywords=(*terms.keywords, *each.offers), has_tls=has_tls)
    return terms
