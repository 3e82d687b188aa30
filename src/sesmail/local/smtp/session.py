"""Session: one client of SMTP, from its first byte to the last reply. Bytes in, steps out; no socket and no clock.

Rule 1: one command at a time. The next is looked at when somebody asks for the next step, so whoever cannot say what
        there is to say need not listen either.
Rule 2: what a reply leads to is told by its code, as it is to the client.
Rule 3: between STARTTLS and the handshake nobody says anything. Who does, ends the session: it could be somebody in the
        middle, and be heard as if it had been said inside TLS.
Rule 4: what goes wrong on purpose goes wrong here, so that it can be met without a socket.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum

from sesmail.local.chaos import Chaos
from sesmail.local.smtp.dialogue import Dialogue
from sesmail.local.smtp.lines import Flaw, LineReader, MailReader
from sesmail.local.smtp.login import Credentials
from sesmail.local.smtp.mishaps import OF_ANSWERS, comes_before, refusal, spoilt
from sesmail.local.smtp.office import Offer, Office
from sesmail.local.smtp.replies import (
    BARE_LINE_END,
    CONTROL_CHARACTER,
    CROWDED,
    GREETING,
    IDLE,
    READY_FOR_TLS,
    TOO_LONG_A_LINE,
    Reply,
)
from sesmail.local.smtp.steps import Step, Then
from sesmail.local.trouble import Kind, Trouble


class Phase(Enum):
    """What is awaited."""

    OPENING = "nothing was said yet"
    SECURING = "the handshake of TLS"
    GREETING = "the first reply is due"
    COMMAND = "a command"
    LOGIN = "the answer to a prompt"
    MAIL = "a mail, up to its dot"
    OVER = "nothing any more"


_PHASES: Mapping[int, Phase] = {334: Phase.LOGIN, 354: Phase.MAIL}
_LAST = frozenset({221, 421})
# RFC 5321 4.5.3.1.4, and what SIZE, 8BITMIME and AUTH add to it (RFC 1870 3, RFC 6152 2, RFC 4954 4 and 5).
LONGEST_LINE = 12_288
_LONGEST: Mapping[str, int] = {"AUTH": LONGEST_LINE, "MAIL": 512 + 26 + 17 + 500}
_LONGEST_OF_OTHERS = 512
_STEPS = frozenset("EHLO HELO STARTTLS MAIL RCPT DATA RSET NOOP QUIT VRFY HELP BDAT".split())
_PLACES: Mapping[str, tuple[str, ...]] = {"message": ("smtp", "send"), "auth": ("smtp", "credentials")}


class Session:
    r"""What one client is told.

    >>> from sesmail.local.chaos import Chaos
    >>> from sesmail.local.smtp.office import Offer
    >>> from sesmail.local.smtp.session import Session
    >>> session = Session(office=None, offer=Offer(), chaos=Chaos())
    >>> session.receive(b"MAIL FROM:<shop@example.com>\r\n")
    >>> session.next_step().data[:4], session.next_step().data
    (b'220 ', b'530 Must issue a STARTTLS command first\r\n')

    ``is_wrapped`` is TLS from the first byte, and ``is_crowded`` that there are too many clients for one more.
    """

    def __init__(
        self, *, office: Office, offer: Offer, chaos: Chaos, is_wrapped: bool = False, is_crowded: bool = False
    ) -> None:
        self._dialogue = Dialogue(office, offer)
        self._largest = offer.largest
        self._chaos = chaos
        self._is_wrapped = is_wrapped
        self._is_crowded = is_crowded
        self._phase = Phase.OPENING
        self._inbox = bytearray()
        self._lines = LineReader(LONGEST_LINE)
        self._mail = MailReader(self._largest)
        self._steps: deque[Step] = deque()
        self._bytes_left: int | None = None  # until the connection is cut

    @property
    def phase(self) -> Phase:
        """What is awaited."""
        return self._phase

    # ── what the connection tells ────────────────────────────────────────────────────────────────────────────────

    def receive(self, data: bytes | memoryview) -> None:
        """The client said something."""
        if self._bytes_left is not None:
            data = data[: self._bytes_left]
            self._bytes_left -= len(data)
        self._inbox += data

    def secured(self) -> None:
        """The handshake is done."""
        self._dialogue.secured()
        self._phase = Phase.GREETING if self._is_wrapped else Phase.COMMAND

    def expire(self) -> None:
        """The client has said nothing for too long."""
        self._end(IDLE)

    def next_step(self) -> Step | None:
        """What to do next; nothing while the client has the word."""
        while not self._steps and _ADVANCES[self._phase](self):
            pass
        if not self._steps and self._bytes_left == 0 and self._phase is not Phase.OVER:
            self._break()
        return self._steps.popleft() if self._steps else None

    # ── phases: each does one thing and tells whether it could ───────────────────────────────────────────────────

    def _open(self) -> bool:
        cut = self._chaos.meet("connect", ("smtp",), {Kind.CUT_REQUEST})
        if cut:
            self._bytes_left = cut.at
            self._inbox, said = bytearray(), bytes(self._inbox)
            self.receive(said)
        self._phase = Phase.GREETING
        if self._is_wrapped:
            self._steps.append(self._securing(Step(), "connect"))
        return True

    def _greet(self) -> bool:
        if self._is_crowded:
            self._end(CROWDED)
        else:
            self._phase = Phase.COMMAND
            self._do("connect", lambda: GREETING)
        return True

    def _wait_for_tls(self) -> bool:
        if self._inbox:
            self._break()
        return bool(self._steps)

    def _command(self) -> bool:
        line = self._line()
        if line is None:
            return False
        if isinstance(line, Reply):
            self._say(line)
            return True
        verb, _, argument = line.partition(" ")
        verb, argument = verb.upper(), argument.strip()
        if len(line) + 2 > _LONGEST.get(verb, _LONGEST_OF_OTHERS):
            self._say(TOO_LONG_A_LINE)
        elif verb == "AUTH":
            self._identify(self._dialogue.begin_login(argument))
        elif verb in _STEPS:
            self._do(verb.lower(), lambda: self._dialogue.answer(verb, argument))
        else:
            self._say(self._dialogue.answer(verb, argument))
        return True

    def _login(self) -> bool:
        line = self._line()
        if line is None:
            return False
        self._phase = Phase.COMMAND
        self._identify(line if isinstance(line, Reply) else self._dialogue.go_on(line))
        return True

    def _identify(self, said: Reply | Credentials) -> None:
        if isinstance(said, Reply):
            self._say(said)
        else:
            self._do("auth", lambda: self._dialogue.identify(said))

    def _receive_mail(self) -> bool:
        mail = self._mail.take(self._inbox)
        if mail is None:
            return False
        self._mail = MailReader(self._largest)
        self._phase = Phase.COMMAND
        self._do("message", lambda: self._dialogue.take(mail if isinstance(mail, bytes) else None))
        self._dialogue.end_transaction()  # also what was refused before anybody looked at it
        return True

    def _listen_no_more(self) -> bool:
        self._inbox.clear()
        return False

    # ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _line(self) -> str | Reply | None:
        """The next line, what is to be said to one that is none, or nothing while it is not whole."""
        line = self._lines.take(self._inbox)
        if line is Flaw.BARE:
            self._end(BARE_LINE_END)
            return None
        if line is None or line is Flaw.TOO_LONG:
            return TOO_LONG_A_LINE if line else None
        text = line.decode("ascii", "backslashreplace")
        return text if text.isprintable() else CONTROL_CHARACTER

    def _do(self, step: str, do: Callable[[], Reply]) -> None:
        """Do something and tell how it went, unless something goes wrong on purpose."""
        trouble = self._chaos.meet(step, _PLACES.get(step, ("smtp",)), OF_ANSWERS)
        if comes_before(trouble):
            self._break()
        else:
            self._say(refusal(trouble) or do(), step, trouble)

    def _say(self, reply: Reply, step: str = "", trouble: Trouble | None = None) -> None:
        is_last = reply.code in _LAST or (step == "connect" and reply is not GREETING)
        self._phase = Phase.OVER if is_last else _PHASES.get(reply.code, self._phase)
        answer = spoilt(Step(reply.to_bytes(), Then.END if is_last else Then.GO_ON), trouble)
        if answer.then is Then.BREAK:
            self._phase = Phase.OVER
        elif reply is READY_FOR_TLS:
            answer = self._securing(answer, step)
        self._steps.append(answer)

    def _securing(self, answer: Step, step: str) -> Step:
        self._phase = Phase.SECURING
        trouble = self._chaos.meet(step, ("smtp", "tls"), {Kind.TLS})
        return replace(answer, then=Then.SECURE, tls_fault=trouble.fault if trouble else "")

    def _end(self, reply: Reply) -> None:
        """The last word."""
        self._phase = Phase.OVER
        self._steps.append(Step(reply.to_bytes(), Then.END))

    def _break(self) -> None:
        self._phase = Phase.OVER
        self._steps.append(Step(then=Then.BREAK))


_ADVANCES: Mapping[Phase, Callable[[Session], bool]] = {
    Phase.OPENING: Session._open,  # noqa: SLF001 - its own table
    Phase.SECURING: Session._wait_for_tls,  # noqa: SLF001
    Phase.GREETING: Session._greet,  # noqa: SLF001
    Phase.COMMAND: Session._command,  # noqa: SLF001
    Phase.LOGIN: Session._login,  # noqa: SLF001
    Phase.MAIL: Session._receive_mail,  # noqa: SLF001
    Phase.OVER: Session._listen_no_more,  # noqa: SLF001
}
