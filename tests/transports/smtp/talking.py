"""How tests talk to a session: a server by hand, contents as others write them, and mails."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sesmail import Email, Envelope, Outgoing, SesOptions, mime
from sesmail.errors import SesmailError
from sesmail.lines.dialogue import HEAR, PAUSE, Ask, Dialogue, Do, StartTls
from sesmail.lines.fault import Kind, LineFault
from sesmail.lines.line import Place
from sesmail.mail.ses_options import NO_OPTIONS
from sesmail.transports.smtp.letter import Letter
from sesmail.transports.smtp.login import Login
from sesmail.transports.smtp.session import SmtpSession
from sesmail.transports.smtp.terms import Terms, TlsMode
from sesmail.transports.smtp.trust import Trust

T = TypeVar("T")
Answer = bytes | LineFault

FROM, ADA, BOB, EVE = "shop@example.com", "ada@example.org", "bob@example.org", "eve@example.org"
USER, PASSWORD = "mailer", "correct horse"
TRUST = Trust(context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))  # of nobody, and quickly made
PLACE = Place("mail.example.com", 587)
TLS = b"<TLS>"  # what stands among the words for a handshake
LOST = LineFault(Kind.LOST, "reset by peer")
LATE = LineFault(Kind.LATE, "")

GREETING, OK, GO_ON, READY = b"220 mail.example.com ESMTP\r\n", b"250 2.0.0 Ok\r\n", b"354 Go on\r\n", b"220 Ready\r\n"
TAKEN = b"250 2.0.0 Ok: queued as 4XyZ\r\n"
LOGGED_IN = b"235 2.7.0 Welcome\r\n"


def ehlo(*keywords: str) -> bytes:
    *lines, last = ("mail.example.com", *keywords)
    return "".join([f"250-{line}\r\n" for line in lines] + [f"250 {last}\r\n"]).encode()


PLAIN_EHLO, PIPELINING = ehlo("8BITMIME", "SIZE 1000000"), ehlo("PIPELINING", "8BITMIME", "SIZE 1000000")

# By default a few cuts are tried, and each one where there is time.
STEP = 1 if int(os.environ.get("SESMAIL_EXAMPLES", "100")) >= 1000 else 23


def terms(tls: TlsMode = "none", *, login: bool = False, **other: Any) -> Terms:
    return Terms(
        **{"place": PLACE, "trust": TRUST, **other},
        tls=tls,
        local_name="client.example",
        login=Login(USER, PASSWORD) if login else None,
        login_in_clear=login and tls == "none",
    )


class Server:
    """The other side of dialogues: each answer is what is heard next, and a fault is what is raised there."""

    def __init__(self, *answers: Answer, breaks_at: int | None = None, fault: LineFault = LOST) -> None:
        self.answers = list(answers)
        self.said: list[bytes] = []
        self.pauses = 0
        self._breaks_at = breaks_at  # the word, counted from 0, that cannot be said any more
        self._fault = fault

    def hear_out(self, dialogue: Dialogue[T]) -> T:
        """Carry it out, to its end."""
        try:
            step = next(dialogue)
            while True:
                answer = self._perform(step)
                step = dialogue.throw(answer) if isinstance(answer, LineFault) else dialogue.send(answer)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        finally:
            dialogue.close()

    def _perform(self, step: object) -> Answer:
        if isinstance(step, Ask):
            said = self._perform(step.words)
            return said if isinstance(said, LineFault) else self._perform(HEAR)
        if step is HEAR:
            assert self.answers, f"it waits for an answer to {self.said[-1:]}"
            return self.answers.pop(0)
        if step is PAUSE:
            self.pauses += 1
        elif isinstance(step, Do):
            step.perform()
        elif isinstance(step, StartTls):
            self.said.append(TLS)
            if self.answers and isinstance(self.answers[0], LineFault):
                return self.answers.pop(0)
        else:
            assert isinstance(step, bytes)
            if len(self.said) == self._breaks_at:
                return self._fault
            self.said.append(step)
        return b""


def opened(greeting: bytes = PLAIN_EHLO) -> SmtpSession:
    """A session behind its greeting."""
    session = SmtpSession(terms())
    Server(GREETING, greeting).hear_out(session.open())
    assert session.is_open
    return session


# ── mails ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Foreign:
    """A content that another writer has written."""

    parts: tuple[bytes, ...]
    needs_smtputf8: bool = False
    message_id: str = "<1@example.com>"
    added_headers: tuple[tuple[str, str], ...] = ()
    is_utf8: bool = False

    @property
    def size(self) -> int:
        return sum(map(len, self.parts))

    def to_bytes(self) -> bytes:
        return b"".join(self.parts)

    def chunks(self) -> Iterator[bytes]:
        return iter(self.parts)

    def with_headers(self, pairs: Any) -> Foreign:
        return replace(self, added_headers=(*pairs, *self.added_headers))

    def as_utf8(self) -> Foreign:
        return replace(self, is_utf8=True, needs_smtputf8=False)


HELLO = b"Subject: Hello\r\n\r\nHello\r\n"


def letter(*recipients: str, parts: tuple[bytes, ...] = (HELLO,), is_utf8: bool = False, sender: str = FROM) -> Letter:
    return Letter(sender, recipients or (ADA,), Foreign(parts), is_utf8)


def outgoing(
    *recipients: str,
    ses: SesOptions = NO_OPTIONS,
    content: Foreign | None = None,
    return_path: str | None = None,
    **fields: Any,
) -> Outgoing:
    email = Email(sender=FROM, to=list(recipients) or ADA, **{"subject": "Grüße", "text": "Hello\n.\n", **fields})
    envelope = Envelope.of(email, return_path=return_path)
    return Outgoing(email, envelope, content or mime.write(email), ses)


def error_of(call: Any, *arguments: Any) -> SesmailError | None:
    """What is raised, if anything is."""
    try:
        call(*arguments)
    except SesmailError as error:
        return error
    return None
