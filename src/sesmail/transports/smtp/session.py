"""Session: the conversation with a server as a dialogue, from its greeting on. Pure: no socket and no clock.

Rule 1: nothing is said while something that was heard is not understood, and what is heard is the answer to what was
        said. A word too much, a word too few or one that is out of place ends the session: nobody could tell any more
        which answer belongs to what.
Rule 2: no step back from TLS. Where it is asked for, nothing of us and of the mail is said without it.
Rule 3: the end of the mail is in its last piece. Before that one is written a fault has sent nothing; from then on, and
        until the answer is whole, nobody knows. The answer is final, whatever happens behind it.
Rule 4: a session says of itself that it is open only where it surely is. While it speaks it is not, so who stops
        listening in the middle leaves it closed.
"""

from __future__ import annotations

from contextlib import suppress

from sesmail.errors import AuthFailed, ConnectFailed, ConnectionLost, Outcome, SendError, TooLarge, Unsupported
from sesmail.lines.dialogue import HEAR, PAUSE, Ask, Dialogue, StartTls, do
from sesmail.lines.fault import Kind, LineFault, StaleLine, send_error
from sesmail.transports.smtp import commands
from sesmail.transports.smtp.answers import Answers, Refused
from sesmail.transports.smtp.capabilities import NOTHING, Capabilities
from sesmail.transports.smtp.data import END, pieces
from sesmail.transports.smtp.letter import Letter
from sesmail.transports.smtp.login import Login
from sesmail.transports.smtp.replies import LONGEST_SESSION, BadReply, Reply, ReplyReader
from sesmail.transports.smtp.terms import Terms

AHEAD = 100  # commands at once under PIPELINING: so few that neither side ever waits to be read (RFC 2920 3.1)
_WORN = LONGEST_SESSION // 2
_GO_ON, _CLOSING, _IDLE, _OUT_OF_ORDER = 354, 421, 451, 503
_TIMED_OUT = "4.4.2"
_NOT_TLS = frozenset(("WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"))


class SmtpSession:
    """What is spoken on one line. See `sesmail.lines.pool.Session`."""

    __slots__ = (
        "_has_begun",
        "_is_at_risk",
        "_is_ending",
        "_is_untried",
        "_offered",
        "_reader",
        "_stage",
        "_terms",
        "is_open",
    )

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._reader = ReplyReader()
        self._offered = NOTHING
        self.is_open = False
        self._stage = "connect"
        self._is_at_risk = False  # the server may have all of the mail
        self._is_untried = False  # the line was kept, and nothing was heard on it since
        self._is_ending = False  # the server will hear no more
        self._has_begun = False  # a mail is in the server's mind

    # ── before a mail ────────────────────────────────────────────────────────────────────────────────────────────

    def open(self) -> Dialogue[None]:
        """Greeting, EHLO, TLS as the terms want it, and who we are. Raises `Refused`, or a `SendError`."""
        try:
            yield from self._open()
        except (LineFault, BadReply) as fault:
            raise self._error(fault) from fault
        self.is_open = self._is_in_step()

    def _open(self) -> Dialogue[None]:
        if self._terms.tls == "implicit":
            yield from self._secure()
        self._expect(220, (yield from self._reply()))
        yield from self._greet()
        if self._terms.tls == "starttls":
            yield from self._start_tls()
            yield from self._greet()  # RFC 3207 4.2: what was offered before, anybody can have said
        if self._terms.login:
            self._stage = "auth"
            yield from self._log_in(self._terms.login)

    def _greet(self) -> Dialogue[None]:
        reply = self._expect(250, (yield from self._asked(commands.ehlo(self._terms.local_name))))
        self._offered = Capabilities.read(reply.lines)

    def _start_tls(self) -> Dialogue[None]:
        if not self._offered.starttls:
            raise ConnectFailed(
                f"{self._terms.place}: the server does not offer STARTTLS, and without TLS nothing is sent"
                " (tls='none' is for servers on this machine)",
                stage="connect",
                retryable=False,
            )
        self._expect(220, (yield from self._asked(commands.STARTTLS)))
        if not self._reader.is_empty:  # it would be taken for an answer inside TLS
            raise LineFault(Kind.TLS, "somebody spoke before it began")
        yield from self._secure()

    def _secure(self) -> Dialogue[None]:
        trust = self._terms.trust
        context = trust.context() if trust.is_ready else (yield from do(trust.context))
        yield StartTls(context, self._terms.place.host)

    def _log_in(self, login: Login) -> Dialogue[None]:
        mechanism = login.choose(self._offered.mechanisms)
        if not mechanism:
            raise AuthFailed(
                f"{self._terms.place}: the server offers neither AUTH PLAIN nor AUTH LOGIN; if it wants no login, leave"
                " user and password out",
                stage="auth",
            )
        *first, last = login.lines(mechanism)
        try:
            for line, code in (*((line, 334) for line in first), (last, 235)):
                self._expect(code, (yield from self._asked(line)))
        except Refused as refused:
            raise Refused(login.kept_out_of(refused.reply), refused.stage) from None

    def freshen(self, idle_s: float) -> Dialogue[None]:  # noqa: ARG002 - the first answer tells whether it lives
        """Have a mail forgotten that came to nothing, where that cannot be said together with the next one."""
        self._is_untried = True
        if self._has_begun and not self._offered.pipelining:
            self.is_open = False
            try:
                self._expect(250, (yield from self._asked(commands.RSET)))
            except (LineFault, BadReply, Refused) as fault:
                raise StaleLine from fault
            self._has_begun = False
            self.is_open = True

    def farewell(self) -> bytes:
        """QUIT. Nobody waits for the answer."""
        return commands.QUIT

    # ── a mail ───────────────────────────────────────────────────────────────────────────────────────────────────

    def send(self, letter: Letter) -> Dialogue[Answers]:
        """Say a mail, and hear what becomes of it. Raises a `SendError` where the line failed, or `Refused`."""
        lines = self._lines(letter)  # while that refuses, nothing was said
        self.is_open = self._is_at_risk = False
        answers = Answers()
        try:
            yield from self._envelope(lines, answers)
            if answers.data and not answers.data.is_no:
                yield from self._data(letter, answers)
            self._check_order(answers)
        except (LineFault, BadReply) as fault:
            if self._is_untried and isinstance(fault, LineFault) and fault.kind is Kind.LOST:
                raise StaleLine from fault
            raise self._error(fault) from fault
        self.is_open = self._is_in_step()
        return answers

    def _lines(self, letter: Letter) -> list[bytes]:
        offered, utf8 = self._offered, letter.is_utf8
        if utf8 and not offered.smtputf8:
            raise Unsupported(
                f"{self._terms.place} does not offer SMTPUTF8, which an address of this mail takes",
                feature="SMTPUTF8",
                instead=("addresses in ASCII", "a server with SMTPUTF8"),
            )
        size = letter.content.size if offered.size else None
        if size and 0 < offered.size_limit < size:
            raise TooLarge(
                f"the mail has {size:,} bytes, and {self._terms.place} takes {offered.size_limit:,}",
                size=size,
                limit=offered.size_limit,
            )
        return [
            commands.mail(letter.sender, size=size, eight_bit=offered.eight_bit, utf8=utf8),
            *[commands.rcpt(recipient, utf8=utf8) for recipient in letter.recipients],
            commands.DATA,
        ]

    def _envelope(self, lines: list[bytes], answers: Answers) -> Dialogue[None]:
        """MAIL, RCPT and DATA: one by one, or many at once where the server can hear them so."""
        self._stage = "mail"
        if self._has_begun:
            lines = [commands.RSET, *lines]
        ahead = AHEAD if self._offered.pipelining else 1
        last = len(lines) - 1
        for start in range(0, len(lines), ahead):
            if start == last:
                if not answers.is_for_somebody:
                    return
                self._stage = "data"
            first, *others = lines[start : start + ahead]
            self._note(first, (yield from self._asked(first, *others)), answers)
            for line in others:
                self._note(line, self._next() or (yield from self._reply()), answers)
            if answers.sender and answers.sender.is_no:
                return

    def _note(self, line: bytes, reply: Reply, answers: Answers) -> None:
        """Which answer it is, by what was asked. Yes is 354 to DATA, and 2xx to everything else."""
        if not (reply.is_no or (reply.code == _GO_ON if line is commands.DATA else reply.is_yes)):
            raise _out_of_place(reply)
        if line is commands.DATA:
            answers.data = reply
        elif line is commands.RSET:
            self._expect(250, reply)
        elif answers.sender is None:
            answers.sender = reply
            self._has_begun = reply.is_yes
        else:
            answers.recipients.append(reply)

    def _data(self, letter: Letter, answers: Answers) -> Dialogue[None]:
        if not answers.is_for_somebody:
            yield from self._take_back()
            return
        self._check_silence()
        self._stage = "data"
        reply = yield from self._content(letter)
        if not (reply.is_yes or reply.is_no):
            raise _out_of_place(reply)
        answers.end = reply
        self._has_begun = False

    def _take_back(self) -> Dialogue[None]:
        """Nobody was accepted, and DATA was: a mail without a word, which must not be taken (RFC 2920 3.1)."""
        try:
            yield from self._asked(END)
        except (LineFault, BadReply, Refused):  # what was to be known is known
            self._is_ending = True
        self._has_begun = False

    def _content(self, letter: Letter) -> Dialogue[Reply]:
        made = pieces(letter.content.chunks(), eight_bit=self._offered.eight_bit)
        piece = next(made)
        try:
            for following in made:
                yield piece
                yield PAUSE
                piece = following
        except LineFault as fault:
            return (yield from self._last_word(fault))
        self._stage = "reply"
        self._is_at_risk = True
        return (yield from self._asked(piece))

    def _last_word(self, fault: LineFault) -> Dialogue[Reply]:
        """Why the line broke, if the server said so before: that tells more than a fault."""
        if fault.kind is Kind.LOST:
            with suppress(LineFault, BadReply):
                reply = yield from self._reply()
                self._is_ending = True
                if reply.is_no:
                    return reply
        raise fault

    def _check_order(self, answers: Answers) -> None:
        refused = answers.refusal
        if refused and refused.reply.code == _OUT_OF_ORDER:
            raise BadReply("it finds the commands out of order, and they are not")

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _asked(self, *words: bytes) -> Dialogue[Reply]:
        """The answer to the first of these words, which are said if the server has said nothing out of turn."""
        self._check_silence()
        self._hear((yield Ask(b"".join(words))))
        return self._next() or (yield from self._reply())

    def _check_silence(self) -> None:
        if not self._reader.is_empty:
            raise BadReply("more than was asked for")

    def _hear(self, data: bytes) -> None:
        if not data:
            raise LineFault(Kind.LOST, "the server has closed it")
        self._reader.hear(data)

    def _reply(self) -> Dialogue[Reply]:
        """What is said next."""
        while (reply := self._next()) is None:
            self._hear((yield HEAR))
        return reply

    def _next(self) -> Reply | None:
        """What is said next, if it was heard already."""
        reply = self._reader.take()
        if reply is None:
            return None
        if self._is_untried and reply.is_no and _is_of_the_line(reply):
            raise StaleLine
        self._is_untried = False
        if reply.code == _CLOSING or (reply.code == _IDLE and reply.enhanced == _TIMED_OUT):
            raise Refused(reply, self._stage)  # whatever was asked; and nothing more can be
        return reply

    def _expect(self, code: int, reply: Reply) -> Reply:
        if reply.is_no:
            raise Refused(reply, self._stage)
        if reply.code != code:
            raise _out_of_place(reply)
        return reply

    def _is_in_step(self) -> bool:
        return self._reader.is_empty and self._reader.heard < _WORN and not self._is_ending

    # ── faults ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _error(self, fault: LineFault | BadReply) -> SendError:
        place, stage, at_risk = self._terms.place, self._stage, self._is_at_risk
        if isinstance(fault, LineFault):
            return send_error(self._explained(fault), stage=stage, at_risk=at_risk, peer=str(place))
        advice = "the mail may be out: do not send it again unasked" if at_risk else "nothing was sent"
        kind = ConnectFailed if stage == "connect" else ConnectionLost
        return kind(
            f"{place}: what the server says is no answer ({fault}; {stage}); {advice}",
            stage=stage,
            outcome=Outcome.UNKNOWN if at_risk else Outcome.NOT_SENT,
            retryable=not at_risk,
        )

    def _explained(self, fault: LineFault) -> LineFault:
        """The same, with the cure for the most usual mistake: the port of the other kind of TLS."""
        has_heard, tls = self._reader.heard, self._terms.tls
        if tls == "implicit" and getattr(fault.__cause__, "reason", "") in _NOT_TLS:
            return LineFault(fault.kind, "no TLS begins there; for a port that asks for STARTTLS, say tls='starttls'")
        if tls != "implicit" and fault.kind is Kind.LATE and not has_heard:
            return LineFault(fault.kind, "if TLS begins there with the first byte, say tls='implicit'")
        return fault


def _out_of_place(reply: Reply) -> BadReply:
    return BadReply(f"{reply.code} is out of place")


def _is_of_the_line(reply: Reply) -> bool:
    """Whether the first word on a line that was kept is about the line, which the server has left or wants to leave.

    SES says 451 when it has waited too long, with or without a second code. Who has another reason says so by that.
    """
    return reply.code in (_CLOSING, _OUT_OF_ORDER) or (reply.code == _IDLE and reply.enhanced in ("", _TIMED_OUT))
