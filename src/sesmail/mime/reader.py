"""The reader: from bytes to an `Email`, for forwarding and for tests.

Rule 1: what people see must be right or the reading fails: sender, recipients, subject, bodies, files.
Rule 2: what machines add on the way (`_TRACES`) is left out, since it speaks of another delivery.
Rule 3: any other header whose value an `Email` cannot hold is left out too, and the log names it. A mark that means
        nothing here (``Precedence: list``, ``Auto-Submitted: no``) counts as not made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TypeVar

from sesmail._logging import WARNING, log
from sesmail.errors import InvalidAddress, MailError
from sesmail.mail.address import Address
from sesmail.mail.alternative import Alternative
from sesmail.mail.attachment import Attachment
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.media_types import UNKNOWN
from sesmail.mail.message import AutoSubmitted, Email, EmailFields, Priority, Scalar, header_pair, own_place
from sesmail.mail.unsubscribe import Unsubscribe
from sesmail.mime.decoding import decoded_words, to_text, unfolded
from sesmail.mime.mailbox_lists import read_mailboxes
from sesmail.mime.parts import Part

_TRACES = (
    "arc-",
    "authentication-results",
    "delivered-to",
    "dkim-signature",
    "domainkey-signature",
    "received",
    "return-path",
    "x-original-to",
)
_PRIORITIES: dict[str, Priority] = {"1": "high", "2": "high", "4": "low", "5": "low"}
_AUTO_SUBMITTED: tuple[AutoSubmitted, ...] = ("auto-generated", "auto-replied", "auto-notified")


def read(data: bytes) -> Email:
    r"""Read a mail that came in.

    >>> from sesmail import Email, mime
    >>> mail = Email(sender="a@example.com", to="Jürgen <b@example.com>", subject="Grüße", text="Hello")
    >>> again = mime.read(mime.write(mail).to_bytes())
    >>> again.subject, again.to, again.text
    ('Grüße', (Address('b@example.com', 'Jürgen'),), 'Hello\n')

    Line ends in texts become ``\n``. Headers that a delivery adds (Received, DKIM-Signature and the like) and headers
    that an `Email` cannot hold are left out; a Bcc header, as drafts have it, is read. SES's own data (tags, options,
    envelope) does not travel in a mail, so it is not there.

    Raises `MailError` when an address, the subject or a body cannot be what an `Email` holds.
    """
    if b"\r\n" not in data:
        data = data.replace(b"\n", b"\r\n")  # saved on a system whose lines end so
    whole = Part.parse(data)
    fields = _headers(whole)
    body = _Body()
    body.take(whole)
    return Email(**fields).replace(
        text=body.text, html=body.html, attachments=body.files, alternatives=body.alternatives
    )


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _headers(whole: Part) -> EmailFields:
    senders = _mailboxes(whole, "from", "sender")
    if len(senders) > 1:
        raise InvalidAddress("more than one author", field="sender")
    return EmailFields(
        sender=senders[0] if senders else None,
        to=_mailboxes(whole, "to", "to"),
        cc=_mailboxes(whole, "cc", "cc"),
        bcc=_mailboxes(whole, "bcc", "bcc"),
        reply_to=_mailboxes(whole, "reply-to", "reply_to"),
        subject=decoded_words(whole.header("subject")),
        date=_if_possible(whole, "date", _date),
        message_id=_if_possible(whole, "message-id", _one_id) or "",
        in_reply_to=_if_possible(whole, "in-reply-to", _one_id) or "",
        references=_if_possible(whole, "references", _ids) or (),
        unsubscribe=_if_possible(whole, "list-unsubscribe", _unsubscribe(whole)),
        priority=_PRIORITIES.get(whole.header("x-priority")[:1], "normal"),
        auto_submitted=next((word for word in _AUTO_SUBMITTED if word == whole.header("auto-submitted")), None),
        bulk=whole.header("precedence") == "bulk",
        metadata=_if_possible(whole, "x-metadata", _metadata) or {},
        headers=tuple(_other_headers(whole)),
    )


def _mailboxes(whole: Part, name: str, field: str) -> tuple[Address, ...]:
    # Once each, says RFC 5322 3.6. Where a header stands twice all the same, nobody in it may be lost.
    try:
        return read_mailboxes(", ".join(filter(None, whole.all_headers(name))))
    except InvalidAddress as error:
        raise error.inside(field) from error.__cause__


Out = TypeVar("Out")


def _if_possible(whole: Part, name: str, parse: Callable[[str], Out]) -> Out | None:
    return _parsed(name, parse, decoded_words(whole.header(name)))


def _parsed(name: str, parse: Callable[[str], Out], text: str) -> Out | None:
    try:
        return parse(text) if text else None
    except MailError as error:
        log(WARNING, "left out the header %.60s of a mail that was read: %s", name, error.reason)
        return None


def _one_id(text: str) -> str:
    return Email(message_id=text.partition(">")[0] + ">" if text.startswith("<") else text).message_id


def _ids(text: str) -> tuple[str, ...]:
    return Email(references=text).references


_IN_BRACKETS = re.compile("<([^<>]*)>")


def _unsubscribe(whole: Part) -> Callable[[str], Unsubscribe]:
    one_click = whole.header("list-unsubscribe-post").lower() == "list-unsubscribe=one-click"

    def parse(text: str) -> Unsubscribe:
        ways = _IN_BRACKETS.findall(text)
        web = next((way for way in ways if way.startswith("http")), "")
        return Unsubscribe(
            web, next((way for way in ways if way.startswith("mailto:")), ""), one_click=one_click or not web
        )

    return parse


def _date(text: str) -> datetime:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError) as exc:
        raise MailError("not a date") from exc
    return date if date.tzinfo else date.replace(tzinfo=UTC)  # RFC 5322 3.3: -0000 is UTC of nobody knows where


def _metadata(text: str) -> FrozenMap[Scalar]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise MailError("not JSON") from exc
    return Email(metadata=found if isinstance(found, dict) else {}).metadata


def _other_headers(whole: Part) -> Iterator[tuple[str, str]]:
    for name, raw in whole.headers:
        if not own_place(name) and not name.lower().startswith(_TRACES):
            text = decoded_words(unfolded(raw))
            if pair := _parsed(name, partial(header_pair, name), text) if text else (name, ""):
                yield pair


# ── bodies and files ─────────────────────────────────────────────────────────────────────────────────────────────


class _Body:
    """What is found while the tree of parts is walked: the first text, the first html, and everything else as files."""

    def __init__(self) -> None:
        self.text: str | None = None
        self.html: str | None = None
        self.alternatives: list[Alternative] = []
        self.files: list[Attachment] = []
        self._shown: set[str] = set()

    def take(self, part: Part, inside: str = "") -> None:
        kind = part.about.get_content_type()
        if kind.startswith("multipart/"):
            self._take_children(part, kind)
        elif not (kind.startswith("text/") and not _is_file(part) and self._take_text(part, kind)):
            file = _file(part, kind, inside)
            # Of two that have one content id, the HTML shows the first.
            self.files.append(_file(part, kind) if file.content_id in self._shown else file)
            self._shown.update([file.content_id] if file.content_id else ())

    def _take_children(self, part: Part, kind: str) -> None:
        children = list(part.children())
        for child in children:
            self.take(child, kind)
        # A multipart that has lost its parts is read as the text that it is then.
        if not children and self.text is None and part.body.strip():
            self.text = _text(part)

    def _take_text(self, part: Part, kind: str) -> bool:
        if kind == "text/plain" and self.text is None:
            self.text = _text(part)
        elif kind == "text/html" and self.html is None:
            self.html = _text(part)
        elif kind not in ("text/plain", "text/html") and not part.about.get_content_disposition():
            return self._take_alternative(part)
        else:
            return False
        return True

    def _take_alternative(self, part: Part) -> bool:
        try:
            self.alternatives.append(Alternative(_text(part), _content_type(part, without=("charset",))))
        except MailError:  # a parameter that cannot be read: then it is a file, with all its bytes
            return False
        return True


def _is_file(part: Part) -> bool:
    disposition = part.about.get_content_disposition()
    # Some writers call their text inline, and some give it an id; who does both means a file to show.
    shown = disposition == "inline" and part.header("content-id")
    return disposition == "attachment" or bool(shown or _file_name(part))


def _text(part: Part) -> str:
    charset, _ = part.parameter("charset")
    return to_text(part.content, charset or "utf-8").replace("\r\n", "\n")


def _file(part: Part, kind: str, inside: str | None = None) -> Attachment:
    about = part.about
    shown = inside is not None and (inside == "multipart/related" or about.get_content_disposition() == "inline")
    content_id = part.header("content-id").strip("<> ") if shown else ""
    name, content = _file_name(part), part.content
    for content_type in (_content_type(part), kind, UNKNOWN):
        try:
            return Attachment(name, content, content_type=content_type, content_id=content_id)
        except MailError as error:
            # A parameter that cannot be read, or a message that is not RFC 2046 material: a file all the same.
            reason = error
    raise reason.inside("attachments") from reason.__cause__


def _file_name(part: Part) -> str:
    for parameter, header in (("filename", "content-disposition"), ("name", "content-type")):
        text, extended = part.parameter(parameter, header)
        if text:
            return text if extended else decoded_words(text)
    return ""


def _content_type(part: Part, without: Iterable[str] = ()) -> str:
    leave_out = ("boundary", "name", "filename", *without)
    values = ((name, part.parameter(name)[0]) for name in part.parameter_names() if name not in leave_out)
    return part.about.get_content_type() + "".join(f"; {name}={_quoted(value)}" for name, value in values)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
