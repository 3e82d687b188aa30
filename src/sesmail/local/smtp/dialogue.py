"""Dialogue: what the door answers to each command, and what it remembers in between.

It thinks in commands and replies; bytes, lines and what goes wrong on purpose are the session's. What must have come
before a command is a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sesmail.local.dispatch import MOST_RECIPIENTS
from sesmail.local.smtp.login import EXCHANGES, Credentials, Exchange
from sesmail.local.smtp.office import Letter, Offer, Office
from sesmail.local.smtp.paths import Path
from sesmail.local.smtp.replies import (
    BAD_LOGIN,
    BYE,
    HOST,
    LOGGED_IN,
    NO_SENDER,
    OK,
    READY_FOR_TLS,
    START_MAIL,
    TOO_LONG_A_MAIL,
    Refused,
    Reply,
)


class Dialogue:
    """One client's commands, in order."""

    def __init__(self, office: Office, offer: Offer, *, is_secure: bool = False) -> None:
        self._office = office
        self._offer = offer
        self._begin(is_secure=is_secure)

    def _begin(self, *, is_secure: bool) -> None:
        self.is_secure = is_secure
        self.is_greeted = False
        self.user = ""
        self._exchange: Exchange | None = None
        self.end_transaction()

    def end_transaction(self) -> None:
        """Nothing was said of a mail."""
        self.sender = ""
        self.recipients: list[str] = []

    def secured(self) -> None:
        """TLS has begun: what was said before may have been said by anybody (RFC 3207 4.2)."""
        self._begin(is_secure=True)

    # ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, verb: str, argument: str) -> Reply:
        """The reply to a command other than AUTH."""
        try:
            return self._checked(verb, argument).run(self, argument)
        except Refused as refused:
            return refused.reply

    def _checked(self, verb: str, argument: str) -> Command:
        command = _COMMANDS.get(verb)
        if command is None:
            raise Refused(500, "Error: command not recognized")
        for need in command.needs:
            if not need.is_met(self):
                raise Refused(need.code, need.text)
        if command.argument is not None and command.argument != bool(argument):
            raise Refused(501, f"Syntax: {verb} and {'an argument' if command.argument else 'nothing else'}")
        return command

    def ehlo(self, _client: str) -> Reply:
        """What the door can do."""
        self.helo(_client)
        lines = [HOST, "8BITMIME", f"SIZE {self._offer.largest}"]
        lines += ["PIPELINING"] * self._offer.pipelining
        lines += ["STARTTLS"] * (self._offer.starttls and not self.is_secure)
        return Reply(250, *lines, f"AUTH {' '.join(EXCHANGES)}", "Ok")

    def helo(self, _client: str) -> Reply:
        """A new beginning, but for who it is."""
        self.end_transaction()
        self.is_greeted = True
        return Reply(250, HOST)

    def starttls(self, _nothing: str) -> Reply:
        """Whether TLS may begin."""
        if not self._offer.starttls:
            raise Refused(502, "Error: STARTTLS is not offered")
        return READY_FOR_TLS

    def mail(self, argument: str) -> Reply:
        """Who sends."""
        path = Path.parse(argument, "FROM")
        for name, value in path.parameters.items():
            self._check_parameter(name, value)
        if not path.address:
            return NO_SENDER
        if not path.is_address:
            raise Refused(553, f"{path.shown} Invalid email address")
        self.sender = path.address
        return OK

    def _check_parameter(self, name: str, value: str) -> None:
        if name not in _PARAMETERS:
            raise Refused(555, f"MAIL FROM parameter not recognized: {name[:40]}")
        if not _PARAMETERS[name].fullmatch(value):
            raise Refused(501, f"Syntax: this is no value of {name}")
        if name == "SIZE" and int(value) > self._offer.largest:
            raise Refused(TOO_LONG_A_MAIL.code, *TOO_LONG_A_MAIL.lines)

    def rcpt(self, argument: str) -> Reply:
        """One who gets it. Another one is not refused with him."""
        path = Path.parse(argument, "TO")
        for name in path.parameters:
            raise Refused(555, f"RCPT TO parameter not recognized: {name[:40]}")
        if not path.is_address:
            raise Refused(553, f"{path.shown} address unknown")
        # SES says only behind the mail that there are too many; for that, one more than the most is enough.
        if len(self.recipients) <= MOST_RECIPIENTS:
            self.recipients.append(path.address)
        return OK

    def rset(self, _nothing: str) -> Reply:
        """Nothing was said of a mail."""
        self.end_transaction()
        return OK

    # ── login ────────────────────────────────────────────────────────────────────────────────────────────────────

    def begin_login(self, argument: str) -> Reply | Credentials:
        """AUTH: a prompt, a refusal, or at once what is to be looked at."""
        try:
            self._checked("AUTH", argument)
        except Refused as refused:
            return refused.reply
        mechanism, _, initial = argument.partition(" ")
        begin = EXCHANGES.get(mechanism.upper())
        return self._prompted(begin(initial.strip()), None) if begin else _UNKNOWN_LOGIN

    def go_on(self, answer: str) -> Reply | Credentials:
        """The answer to a prompt."""
        assert self._exchange  # noqa: S101 - nobody is prompted without one
        return self._prompted(self._exchange, answer)

    def _prompted(self, exchange: Exchange, answer: str | None) -> Reply | Credentials:
        try:
            prompt = next(exchange) if answer is None else exchange.send(answer)
        except Refused as refused:
            return refused.reply
        except StopIteration as over:
            credentials: Credentials = over.value
            return credentials
        self._exchange = exchange
        return Reply(334, prompt)

    def identify(self, credentials: Credentials) -> Reply:
        """Whether they are right."""
        if not self._office.knows(credentials):
            return BAD_LOGIN
        self.user = credentials.user
        return LOGGED_IN

    # ── a mail ───────────────────────────────────────────────────────────────────────────────────────────────────

    def take(self, data: bytes | None) -> Reply:
        """A mail has come, or it was too long to be kept. Either way its transaction is over."""
        letter = Letter(self.user, self.sender, tuple(self.recipients), data or b"")
        self.end_transaction()
        return TOO_LONG_A_MAIL if data is None else self._office.take(letter)


@dataclass(frozen=True, slots=True)
class _Need:
    """What must have come before."""

    is_met: Callable[[Dialogue], bool]
    code: int
    text: str


_TLS = _Need(lambda so_far: so_far.is_secure, 530, "Must issue a STARTTLS command first")
_NO_TLS = _Need(lambda so_far: not so_far.is_secure, 503, "Error: TLS has begun already")
_HELLO = _Need(lambda so_far: so_far.is_greeted, 503, "Error: send EHLO first")
_USER = _Need(lambda so_far: bool(so_far.user), 530, "Authentication required")
_NO_USER = _Need(lambda so_far: not so_far.user, 503, "Error: already authenticated")
_NO_SENDER = _Need(lambda so_far: not so_far.sender, 503, "Error: nested MAIL command")
_SENDER = _Need(lambda so_far: bool(so_far.sender), 503, "Error: need MAIL command")
_RECIPIENT = _Need(lambda so_far: bool(so_far.recipients), 503, "Error: need RCPT command")


@dataclass(frozen=True, slots=True)
class Command:
    """What a verb does, what must have come before, and whether it has an argument; ``None`` is as you like."""

    run: Callable[[Dialogue, str], Reply]
    needs: tuple[_Need, ...] = ()
    argument: bool | None = None


def _said(reply: Reply, *needs: _Need, argument: bool | None = None) -> Command:
    return Command(lambda _dialogue, _argument: reply, needs, argument)


_UNKNOWN_LOGIN = Reply(504, "Unrecognized authentication type")
_NOT_HERE = _said(Reply(502, "Error: command not implemented"))
_COMMANDS: Mapping[str, Command] = {
    "EHLO": Command(Dialogue.ehlo, argument=True),
    "HELO": Command(Dialogue.helo, argument=True),
    "STARTTLS": Command(Dialogue.starttls, (_NO_TLS,), argument=False),
    "AUTH": _said(_UNKNOWN_LOGIN, _TLS, _HELLO, _NO_USER, argument=True),  # see begin_login
    "MAIL": Command(Dialogue.mail, (_TLS, _USER, _NO_SENDER), argument=True),
    "RCPT": Command(Dialogue.rcpt, (_TLS, _USER, _SENDER), argument=True),
    "DATA": _said(START_MAIL, _TLS, _USER, _SENDER, _RECIPIENT, argument=False),
    "RSET": Command(Dialogue.rset, argument=False),
    "NOOP": _said(OK),
    "QUIT": _said(BYE, argument=False),
    "VRFY": _said(Reply(252, "Cannot tell whether there is such a mailbox; a mail finds out"), argument=True),
    "HELP": _said(Reply(214, "See RFC 5321, and the developer guide of Amazon SES")),
    "BDAT": _NOT_HERE,
    "EXPN": _NOT_HERE,
    "ETRN": _NOT_HERE,
    "TURN": _NOT_HERE,
    "SEND": _NOT_HERE,
    "SOML": _NOT_HERE,
    "SAML": _NOT_HERE,
}
_PARAMETERS: Mapping[str, re.Pattern[str]] = {
    "SIZE": re.compile(r"[0-9]{1,20}"),
    "BODY": re.compile(r"7BIT|8BITMIME", re.IGNORECASE),
    "AUTH": re.compile(r".+"),  # RFC 4954 5: it may be said, and need not count
}
