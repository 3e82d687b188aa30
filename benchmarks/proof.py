"""Proof: that a peer's bytes are the mail that was asked for. Read by the standard library's parser, for all alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from benchmarks.mail import Mail, name_and_email


class NotTheMail(AssertionError):
    """A peer built something else, so measuring it would say nothing."""


def prove(peer: str, data: bytes, mail: Mail) -> None:
    """Raise `NotTheMail` unless each fact of the mail comes back."""
    message = BytesParser(policy=default).parsebytes(data)
    for fact, (expected, read) in _FACTS.items():
        wanted, found = expected(mail), read(message)
        if wanted != found:
            raise NotTheMail(f"{peer}: {fact} should be {wanted!r:.300} and is {found!r:.300}")


def _read_mailboxes(message: EmailMessage, field: str) -> list[tuple[str, str]]:
    return [(mailbox.display_name, mailbox.addr_spec) for mailbox in message[field].addresses]


def _leaves(message: EmailMessage) -> list[EmailMessage]:
    return [part for part in message.walk() if not part.is_multipart()]


def _read_text(message: EmailMessage, content_type: str) -> str:
    texts = [part.get_content() for part in _leaves(message) if part.get_content_type() == content_type]
    return _text("\n".join(texts))


def _text(text: str) -> str:
    """Text less what a peer is free to choose: line ends and content ids."""
    return re.sub(r'"cid:[^"]+"', '"cid:"', "\n".join(text.splitlines()))


def _read_attached(message: EmailMessage) -> dict[str, bytes]:
    parts = [part for part in _leaves(message) if part.get_content_disposition() == "attachment"]
    return {str(part.get_filename()): part.get_content() for part in parts}


def _read_shown(message: EmailMessage) -> list[bytes]:
    """The images whose content id stands in the HTML."""
    html = message.get_body(("html",))
    page = html.get_content() if html else ""
    images = [part for part in _leaves(message) if part["Content-ID"]]
    return [part.get_content() for part in images if f'"cid:{part["Content-ID"].strip().strip("<>")}"' in page]


_FACTS: dict[str, tuple[Callable[[Mail], object], Callable[[EmailMessage], object]]] = {
    "From": (lambda mail: name_and_email((mail.sender,)), lambda message: _read_mailboxes(message, "From")),
    "To": (lambda mail: name_and_email(mail.to), lambda message: _read_mailboxes(message, "To")),
    # Django folds before the first word, and the parser takes the blank for text.
    "Subject": (lambda mail: mail.subject, lambda message: str(message["Subject"]).strip()),
    "the presence of date and id": (lambda _: True, lambda message: bool(message["Date"] and message["Message-ID"])),
    "the number of parts": (
        lambda mail: 1 + bool(mail.html) + len(mail.files),
        lambda message: len(_leaves(message)),
    ),
    "the text": (lambda mail: _text(mail.text), lambda message: _read_text(message, "text/plain")),
    "the HTML": (lambda mail: _text(mail.html), lambda message: _read_text(message, "text/html")),
    "what is attached": (lambda mail: {file.name: file.data for file in mail.attached}, _read_attached),
    "what is shown": (lambda mail: [file.data for file in mail.shown], _read_shown),
}
