"""Email: what the user writes. Nobody changes one; `Email.replace` makes another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict, TypeVar, Unpack, cast

from sesmail.errors import InvalidHeader, MailError
from sesmail.mail.address import Address, AddressesLike, AddressLike
from sesmail.mail.attachment import Attachment, AttachmentsLike
from sesmail.mail.characters import body_text, header_text, unencoded
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.ses_options import NO_OPTIONS, SesOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.mail.alternative import Alternative
    from sesmail.mail.unsubscribe import Unsubscribe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

Priority = Literal["high", "normal", "low"]
AutoSubmitted = Literal["auto-generated", "auto-replied", "auto-notified"]
Scalar = str | int | float | bool | None
Headers = Mapping[str, str] | Iterable[tuple[str, str]]

# Headers that have a field of their own, and what it is called. Two ways to say one thing would end in two headers.
OWN_FIELDS = {
    "auto-submitted": "auto_submitted",
    "bcc": "bcc",
    "cc": "cc",
    "date": "date",
    "from": "sender",
    "importance": "priority",
    "in-reply-to": "in_reply_to",
    "list-unsubscribe": "unsubscribe",
    "list-unsubscribe-post": "unsubscribe",
    "message-id": "message_id",
    "precedence": "bulk",
    "references": "references",
    "resent-bcc": "bcc",
    "reply-to": "reply_to",
    "return-path": "the envelope's return_path",
    "subject": "subject",
    "to": "to",
    "x-metadata": "metadata",
    "x-priority": "priority",
    "x-ses-configuration-set": "ses=SesOptions(configuration_set=…)",
    "x-ses-from-arn": "ses=SesOptions(from_arn=…)",
    "x-ses-list-management-options": "ses=SesOptions(contact_list=…)",
    "x-ses-message-tags": "tags",
    "x-ses-return-path-arn": "ses=SesOptions(return_path_arn=…)",
    "x-ses-source-arn": "ses=SesOptions(source_arn=…)",
    "x-ses-tenant": "ses=SesOptions(tenant=…)",
}
_NONE: tuple[()] = ()  # what is not given is not looked at
_NAME = re.compile(r"[!-9;-~]{1,126}")  # RFC 5322 2.2; the length is what SES takes
# RFC 5322 3.6.4 without its obsolete and quoted forms, on which readers do not agree (some even fail).
_ID_TEXT = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]{1,450}"
_MESSAGE_ID = re.compile(f"<{_ID_TEXT}(?:@{_ID_TEXT})?>")
_PRIORITIES = ("high", "normal", "low")
_AUTO_SUBMITTED = ("auto-generated", "auto-replied", "auto-notified")


class EmailFields(TypedDict, total=False):
    """The keywords of `Email`, for functions that pass them on: ``def send(**fields: Unpack[EmailFields])``."""

    sender: AddressLike | None
    to: AddressesLike | None
    cc: AddressesLike | None
    bcc: AddressesLike | None
    reply_to: AddressesLike | None
    subject: str
    text: str | None
    html: str | None
    attachments: AttachmentsLike | None
    alternatives: Alternative | Iterable[Alternative]
    headers: Headers
    tags: Mapping[str, str] | None
    metadata: Mapping[str, Scalar] | None
    message_id: str
    date: datetime | None
    in_reply_to: str
    references: str | Iterable[str]
    unsubscribe: str | Unsubscribe | None
    priority: Priority
    auto_submitted: AutoSubmitted | None
    bulk: bool
    ses: SesOptions


@dataclass(frozen=True, slots=True, repr=False, init=False)
class Email:
    """A mail as its author thinks of it.

    >>> from sesmail import Email
    >>> mail = Email(
    ...     sender="Shop <shop@example.com>",
    ...     to=["ada@example.org", ("Charles", "charles@example.org")],
    ...     subject="Your order",
    ...     text="It is on its way.",
    ... )
    >>> mail.to[1].name
    'Charles'
    >>> mail.replace(subject="Your order, again").subject
    'Your order, again'

    Addresses come as text, pairs, values or objects (`Address.parse_list`), attachments as values, objects or a mapping
    (`Attachment.parse_list`). Whatever must not stand in a mail is refused here, with an error that names the field.

    ``tags`` go to SES and its metrics. ``metadata`` travels as JSON in the header ``X-Metadata`` and comes back in
    events: **every recipient can read it**. ``bcc`` reaches the envelope and no header. ``unsubscribe`` takes an https
    or ``mailto:`` URL. A reply without ``references`` is written with a reference to the mail that it answers.
    """

    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    text: str | None
    html: str | None
    attachments: tuple[Attachment, ...]
    alternatives: tuple[Alternative, ...]
    headers: tuple[tuple[str, str], ...]
    tags: FrozenMap[str]
    metadata: FrozenMap[Scalar]
    message_id: str
    date: datetime | None
    in_reply_to: str
    references: tuple[str, ...]
    unsubscribe: Unsubscribe | None
    priority: Priority
    auto_submitted: AutoSubmitted | None
    bulk: bool
    ses: SesOptions

    def __init__(
        self,
        *,
        sender: AddressLike | None = None,
        to: AddressesLike | None = _NONE,
        cc: AddressesLike | None = _NONE,
        bcc: AddressesLike | None = _NONE,
        reply_to: AddressesLike | None = _NONE,
        subject: str = "",
        text: str | None = None,
        html: str | None = None,
        attachments: AttachmentsLike | None = _NONE,
        alternatives: Alternative | Iterable[Alternative] = _NONE,
        headers: Headers = _NONE,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Scalar] | None = None,
        message_id: str = "",
        date: datetime | None = None,
        in_reply_to: str = "",
        references: str | Iterable[str] = _NONE,
        unsubscribe: str | Unsubscribe | None = None,
        priority: Priority = "normal",
        auto_submitted: AutoSubmitted | None = None,
        bulk: bool = False,
        ses: SesOptions = NO_OPTIONS,
    ) -> None:
        _set(self, "sender", None if sender is None else at_field("sender", Address.parse, sender))
        _set(self, "to", () if to is _NONE else at_field("to", Address.parse_list, to))
        _set(self, "cc", () if cc is _NONE else at_field("cc", Address.parse_list, cc))
        _set(self, "bcc", () if bcc is _NONE else at_field("bcc", Address.parse_list, bcc))
        _set(self, "reply_to", () if reply_to is _NONE else at_field("reply_to", Address.parse_list, reply_to))
        _set(self, "subject", header_text(subject, "subject"))
        _set(self, "text", None if text is None else body_text(text, "text"))
        _set(self, "html", None if html is None else body_text(html, "html"))
        _set(self, "attachments", () if attachments is _NONE else _attachments(attachments))
        _set(self, "alternatives", () if alternatives is _NONE else _alternatives(alternatives))
        _set(self, "headers", () if headers is _NONE else _headers(headers))
        _set(self, "tags", _NO_FACTS if tags is None else _tags(tags))
        _set(self, "metadata", _NO_FACTS if metadata is None else read_metadata(metadata))
        _set(self, "message_id", _message_id(message_id, "message_id") if message_id else "")
        _set(self, "date", None if date is None else _date(date))
        _set(self, "in_reply_to", _message_id(in_reply_to, "in_reply_to") if in_reply_to else "")
        _set(self, "references", () if references is _NONE else _references(references))
        _set(self, "unsubscribe", _unsubscribe(unsubscribe) if unsubscribe else None)
        _set(self, "priority", "normal" if priority == "normal" else _one_of(_PRIORITIES, priority, "priority"))
        _set(
            self,
            "auto_submitted",
            _one_of(_AUTO_SUBMITTED, auto_submitted, "auto_submitted") if auto_submitted else None,
        )
        _set(self, "bulk", False if bulk is False else _one_of((False, True), bulk, "bulk"))
        _set(self, "ses", ses if ses is NO_OPTIONS else _instances((ses,), SesOptions, "ses")[0])

    def replace(self, **changes: Unpack[EmailFields]) -> Email:
        """A copy with some fields changed. The mail itself stays as it is."""
        fields = cast("EmailFields", {name: getattr(self, name) for name in self.__slots__})
        fields.update(changes)
        return Email(**fields)

    def __repr__(self) -> str:
        # No recipient, subject or body: subjects hold one-time codes, and this lands in logs.
        counts = ((getattr(self, name), name) for name in ("to", "cc", "bcc", "attachments"))
        facts = [f"{len(things)} {name}" for things, name in counts if things]
        facts += [f"{name} of {len(body)}" for name, body in (("text", self.text), ("html", self.html)) if body]
        return f"Email(from {self.sender.email if self.sender else 'nobody yet'}: {', '.join(facts) or 'empty'})"


_set = object.__setattr__
_NO_FACTS: FrozenMap[str] = FrozenMap()
In = TypeVar("In")
Out = TypeVar("Out")


def at_field(field: str, parse: Callable[[In], Out], value: In) -> Out:
    """What a parser makes of a value; what it refuses is named as this field."""
    try:
        return parse(value)
    except MailError as error:
        raise error.inside(field) from error.__cause__


def _attachments(attachments: AttachmentsLike | None) -> tuple[Attachment, ...]:
    found = at_field("attachments", Attachment.parse_list, attachments)
    shown = [file.content_id for file in found if file.content_id]
    if len(shown) != len(set(shown)):
        twice = next(content_id for content_id in shown if shown.count(content_id) > 1)
        raise MailError(f"two have the content id {twice}; HTML could show only one", field="attachments")
    return found


def _unsubscribe(unsubscribe: str | Unsubscribe) -> Unsubscribe:
    from sesmail.mail.unsubscribe import Unsubscribe  # which most mails do without

    return at_field("unsubscribe", Unsubscribe.parse, unsubscribe)


def _alternatives(alternatives: Alternative | Iterable[Alternative]) -> tuple[Alternative, ...]:
    from sesmail.mail.alternative import Alternative

    several = (alternatives,) if isinstance(alternatives, Alternative) else alternatives
    return _instances(several, Alternative, "alternatives")


def _instances(values: Iterable[Out], kind: type[Out], field: str) -> tuple[Out, ...]:
    if not isinstance(values, Iterable):
        raise MailError(f"expected several {kind.__name__}, not {type(values).__name__}", field=field)
    found = tuple(values)
    for value in found:
        if not isinstance(value, kind):
            raise MailError(f"expected {kind.__name__}, not {type(value).__name__}", field=field)
    return found


def _one_of(choices: tuple[Out, ...], value: Out, field: str) -> Out:
    for choice in choices:
        if choice == value:
            return choice
    raise InvalidHeader(f"expected one of {', '.join(str(choice) for choice in choices)}", field=field)


def _headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    for name, _ in (pairs := header_pairs(headers)):
        if own := own_place(name):
            raise InvalidHeader(f"this header has its own place: {own}", field=f"headers[{name!r}]")
    return pairs


def header_pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Headers as pairs of name and value, each checked for what must not stand in either."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    try:
        return tuple(header_pair(*_pair(pair)) for pair in pairs)
    except (TypeError, ValueError) as exc:
        if isinstance(exc, InvalidHeader):
            raise
        raise InvalidHeader("expected a mapping or pairs of name and value", field="headers") from exc


def _pair(pair: tuple[str, str]) -> tuple[str, str]:
    if isinstance(pair, str):  # which would come apart into letters
        raise TypeError
    name, value = pair
    return name, value


def header_pair(name: str, value: str) -> tuple[str, str]:
    """A header's name and value, checked for what must not stand in either."""
    name = header_text(name, "headers")
    if not _NAME.fullmatch(name):
        raise InvalidHeader("a header name is 1 to 126 printable ASCII characters without a colon", field="headers")
    return unencoded(name, "headers"), header_text(value, f"headers[{name!r}]")


def own_place(name: str) -> str:
    """Where a header with this name is said, if not among the headers."""
    lower = name.lower()
    if lower == "mime-version" or lower.startswith("content-"):
        return "the content, from which it follows"
    return OWN_FIELDS.get(lower, "")


def _mapping(value: Mapping[str, In], field: str) -> Mapping[str, In]:
    if isinstance(value, Mapping):
        return value
    raise InvalidHeader(f"expected a mapping of name to value, not {type(value).__name__}", field=field)


def _tags(tags: Mapping[str, str]) -> FrozenMap[str]:
    tags = _mapping(tags, "tags")
    return FrozenMap({header_text(name, "tags"): header_text(value, f"tags[{name!a}]") for name, value in tags.items()})


def read_metadata(metadata: Mapping[str, Scalar]) -> FrozenMap[Scalar]:
    """Metadata as the header ``X-Metadata`` can hold it."""
    metadata = _mapping(metadata, "metadata")
    return FrozenMap({header_text(name, "metadata"): _scalar(value, name) for name, value in metadata.items()})


def _scalar(value: Scalar, name: str) -> Scalar:
    field = f"metadata[{name!a}]"
    if isinstance(value, str):
        return header_text(value, field)
    if not isinstance(value, int | float | None):
        raise InvalidHeader(f"expected text, a number, a truth value or None, not {type(value).__name__}", field=field)
    if isinstance(value, float) and value - value != 0:
        raise InvalidHeader("JSON has no infinity and no NaN", field=field)
    if isinstance(value, int) and abs(value) >= 2**63:
        raise InvalidHeader("a whole number beyond 64 bits; give it as text", field=field)
    return value


def _message_id(text: str, field: str) -> str:
    text = header_text(text, field)
    bracketed = text if text.startswith("<") else f"<{text}>"
    if not _MESSAGE_ID.fullmatch(bracketed):
        raise InvalidHeader("a message id is letters, digits and such around an @, like <42@example.com>", field=field)
    return unencoded(bracketed, field)


def _references(references: str | Iterable[str]) -> tuple[str, ...]:
    if not isinstance(references, Iterable):
        raise InvalidHeader(f"expected message ids, not {type(references).__name__}", field="references")
    ids = header_text(references, "references").split() if isinstance(references, str) else references
    return tuple(_message_id(one, "references") for one in ids)


def _date(date: datetime) -> datetime:
    from datetime import datetime  # only who gives one needs it

    if not isinstance(date, datetime):
        raise InvalidHeader(f"expected a datetime, not {type(date).__name__}", field="date")
    if date.utcoffset() is None:
        raise InvalidHeader("a date needs its time zone: datetime.now(timezone.utc)", field="date")
    return date
