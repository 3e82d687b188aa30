"""Commands: what a good SMTP server answers to each line, without reading, writing or waiting.

It takes what RFC 5321 lets a client say, in the order in which it may say it, and nothing else: what a client gets
wrong shows as a 5xx reply.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from sesmail.testing.hostile_smtp.authentication import authenticate, proceed
from sesmail.testing.hostile_smtp.dialogue import Answer, Dialogue, Reply, Step, say

_NAME = "hostile.example"
_PATH = r':<((?:[^<>"\s]|"(?:[^"\\]|\\.)*")*)>(?:\s.*)?'  # a quoted local part may hold what else ends a path
_FROM = re.compile("FROM" + _PATH, re.IGNORECASE | re.DOTALL)
_TO = re.compile("TO" + _PATH, re.IGNORECASE | re.DOTALL)


def greet(dialogue: Dialogue) -> Answer:
    """What is said to whoever connects."""
    return say("connect", 220, f"{_NAME} ESMTP", dialogue)


def encrypt(dialogue: Dialogue) -> Answer:
    """The handshake, which has no reply. What was said before it is forgotten (RFC 3207 4.2)."""
    return Answer("handshake", Reply(0, ()), Dialogue(dialogue.terms, is_encrypted=True), "handshake")


def hear(dialogue: Dialogue, line: bytes) -> Answer:
    """The answer to a line, which still has its line end."""
    text = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
    verb, _, argument = text.partition(" ")
    step, answer = ("auth", proceed) if dialogue.exchange else _COMMANDS.get(verb.upper(), ("other", _unknown))
    if not line.endswith(b"\r\n"):
        return say(step, 500, "5.5.2 A line ends with CR LF", replace(dialogue, exchange=()))
    return answer(dialogue, text if dialogue.exchange else argument.strip())


def take(dialogue: Dialogue) -> Answer:
    """The answer to a message."""
    return say("message", 250, "2.0.0 Ok, taken", dialogue.without_mail())


def _ehlo(dialogue: Dialogue, argument: str) -> Answer:
    if not argument:
        return say("ehlo", 501, "5.5.4 EHLO needs a name", dialogue)
    terms = dialogue.terms
    starttls = ("STARTTLS",) if terms.has_tls and not dialogue.is_encrypted else ()
    reply = Reply(250, (_NAME, *terms.keywords, *starttls, "AUTH PLAIN LOGIN"))
    return Answer("ehlo", reply, replace(dialogue.without_mail(), is_greeted=True))


def _helo(dialogue: Dialogue, argument: str) -> Answer:
    if not argument:
        return say("helo", 501, "5.5.4 HELO needs a name", dialogue)
    return say("helo", 250, _NAME, replace(dialogue.without_mail(), is_greeted=True))


def _starttls(dialogue: Dialogue, argument: str) -> Answer:
    if argument:
        return say("starttls", 501, "5.5.4 STARTTLS stands alone", dialogue)
    if dialogue.is_encrypted or not dialogue.terms.has_tls:
        return say("starttls", 502, "5.5.1 STARTTLS is not offered", dialogue)
    return say("starttls", 220, "2.0.0 Ready to start TLS", dialogue, "encrypt")


def _mail(dialogue: Dialogue, argument: str) -> Answer:
    if not dialogue.is_greeted or dialogue.sender is not None:
        return say("mail", 503, "5.5.1 MAIL is out of order", dialogue)
    if dialogue.terms.credentials and not dialogue.user:
        return say("mail", 530, "5.7.0 Authentication required", dialogue)
    found = _FROM.fullmatch(argument)
    if not found:
        return say("mail", 501, "5.1.7 MAIL FROM:<address>", dialogue)
    return say("mail", 250, "2.1.0 Ok", replace(dialogue, sender=found[1]))


def _rcpt(dialogue: Dialogue, argument: str) -> Answer:
    if dialogue.sender is None:
        return say("rcpt", 503, "5.5.1 RCPT is out of order", dialogue)
    found = _TO.fullmatch(argument)
    if not found or not found[1]:
        return say("rcpt", 501, "5.1.3 RCPT TO:<address>", dialogue)
    return say("rcpt", 250, "2.1.5 Ok", replace(dialogue, recipients=(*dialogue.recipients, found[1])))


def _data(dialogue: Dialogue, argument: str) -> Answer:
    if not dialogue.recipients or argument:
        return say("data", 503, "5.5.1 DATA is out of order", dialogue)
    return say("data", 354, "Go on; a dot alone on a line ends it", dialogue, "read")


def _rset(dialogue: Dialogue, _argument: str) -> Answer:
    return say("rset", 250, "2.0.0 Ok", dialogue.without_mail())


def _noop(dialogue: Dialogue, _argument: str) -> Answer:
    return say("noop", 250, "2.0.0 Ok", dialogue)


def _quit(dialogue: Dialogue, _argument: str) -> Answer:
    return say("quit", 221, "2.0.0 Bye", dialogue, "end")


def _vrfy(dialogue: Dialogue, _argument: str) -> Answer:
    return say("other", 252, "2.5.2 Send it and see", dialogue)


def _unknown(dialogue: Dialogue, _argument: str) -> Answer:
    return say("other", 500, "5.5.2 Command not known", dialogue)


_COMMANDS: dict[str, tuple[Step, Callable[[Dialogue, str], Answer]]] = {
    "EHLO": ("ehlo", _ehlo),
    "HELO": ("helo", _helo),
    "STARTTLS": ("starttls", _starttls),
    "AUTH": ("auth", authenticate),
    "MAIL": ("mail", _mail),
    "RCPT": ("rcpt", _rcpt),
    "DATA": ("data", _data),
    "RSET": ("rset", _rset),
    "NOOP": ("noop", _noop),
    "QUIT": ("quit", _quit),
    "VRFY": ("other", _vrfy),
}
