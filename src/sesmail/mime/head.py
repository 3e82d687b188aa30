"""The head of a mail: which headers it has, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sesmail.errors import InvalidHeader
from sesmail.mail.message import Email, Headers, Scalar, header_pairs, own_place
from sesmail.mime.headers import MIME_VERSION, address_header, text_header, word_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from time import struct_time

_PRIORITY = {"high": ("1 (Highest)", "high"), "low": ("5 (Lowest)", "low")}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def head_lines(email: Email, *, date: str, message_id: str, extra: tuple[tuple[str, str], ...], utf8: bool) -> str:
    """The header lines of a mail but for those of its body. Bcc is not among them, ever."""
    lines = [text_header(name, value, utf8=utf8) for name, value in extra] if extra else []
    sender = (email.sender,) if email.sender else ()
    for name, addresses in (("From", sender), ("To", email.to), ("Cc", email.cc), ("Reply-To", email.reply_to)):
        if addresses:
            lines.append(address_header(name, addresses, utf8=utf8))
    lines.append(text_header("Subject", email.subject, utf8=utf8))
    lines.append(word_header("Date", (date,)))
    lines.append(word_header("Message-ID", (message_id,)))
    if email.in_reply_to or email.references or _is_marked(email):
        lines += [word_header(name, words) for name, words in word_pairs(email)]
    if email.metadata or email.headers:
        lines += [text_header(name, text, utf8=utf8) for name, text in text_pairs(email)]
    lines.append(MIME_VERSION)
    return "".join(lines)


def word_pairs(email: Email) -> Iterator[tuple[str, Sequence[str]]]:
    """The headers of words that are never encoded: what it answers, and what kind of mail it is."""
    if email.in_reply_to:
        yield "In-Reply-To", (email.in_reply_to,)
    if references := email.references or (email.in_reply_to and (email.in_reply_to,)):
        yield "References", references
    if _is_marked(email):
        yield from ((name, value.split(" ")) for name, value in _marks(email))


def text_pairs(email: Email) -> Iterator[tuple[str, str]]:
    """The headers of free text: metadata, and whatever headers its author gave."""
    if email.metadata:
        yield metadata_pair(email.metadata)
    yield from email.headers


def _is_marked(email: Email) -> bool:
    return bool(email.unsubscribe or email.priority in _PRIORITY or email.auto_submitted or email.bulk)


def _marks(email: Email) -> Iterator[tuple[str, str]]:
    if email.unsubscribe:
        yield from email.unsubscribe.headers
    if email.priority in _PRIORITY:
        number, word = _PRIORITY[email.priority]
        yield "X-Priority", number
        yield "Importance", word
    if email.auto_submitted:
        yield "Auto-Submitted", email.auto_submitted
    if email.bulk:
        yield "Precedence", "bulk"


def metadata_pair(metadata: Mapping[str, Scalar]) -> tuple[str, str]:
    """The header that metadata travels in."""
    import json

    return "X-Metadata", json.dumps(dict(metadata))


def format_date(date: datetime) -> str:
    """A date as RFC 5322 3.3 writes it, in any locale."""
    return written_date(date.timetuple(), date.strftime("%z")[:5])


def written_date(time: struct_time, zone: str) -> str:
    """The same from its parts, for who has no date: to import that takes longer than to write it."""
    day = f"{_DAYS[time.tm_wday]}, {time.tm_mday:02} {_MONTHS[time.tm_mon - 1]} {time.tm_year:04}"
    return f"{day} {time.tm_hour:02}:{time.tm_min:02}:{time.tm_sec:02} {zone}"


def checked_headers(pairs: Headers) -> tuple[tuple[str, str], ...]:
    """Header pairs that a transport or policy adds: the same as a user's, and those that speak to SES."""
    for name, _ in (checked := header_pairs(pairs)):
        if own_place(name) and not name.lower().startswith("x-ses-"):
            raise InvalidHeader(f"this header has its own place: {own_place(name)}", field=f"headers[{name!r}]")
    return checked
