"""Matching: whether a mail is the one that a test means, and if not, where it differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from sesmail.errors import InvalidAddress, SetupError, UnknownOption
from sesmail.mail.address import Address, AddressLike
from sesmail.testing.captured import CapturedMail

Text = str | re.Pattern[str] | Callable[[str], bool]
Addresses = AddressLike | re.Pattern[str] | Callable[[Address], bool] | Sequence[AddressLike]


class Wanted(TypedDict, total=False):
    """What a mail can be asked for. See `Mailbox.assert_sent`."""

    sender: Addresses
    to: Addresses
    cc: Addresses
    bcc: Addresses
    recipient: Addresses
    reply_to: Addresses
    subject: Text
    text: Text
    html: Text
    attachment: Text
    tags: Mapping[str, str]
    metadata: Mapping[str, object]
    headers: Mapping[str, str]
    stored: Text


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not as it is wanted."""

    field: str
    wanted: str
    was: str

    def __str__(self) -> str:
        return f"{self.field}: wanted {self.wanted}, was {self.was}"


def check(wanted: Wanted) -> None:
    """Refuse what no mail can have: an unknown field, or an address that is none."""
    for name, value in wanted.items():
        if name not in _DIFFERENCES:
            raise UnknownOption(name, known=sorted(_DIFFERENCES), where="a mail in the mailbox")
        if name in _OF_ADDRESSES and not _is_asked(value):
            for one in value if isinstance(value, list) else [value]:
                _email(one)


def differences(mail: CapturedMail, wanted: Wanted) -> list[Difference]:
    """Where a mail is not as it is wanted."""
    found = []
    for name, value in wanted.items():
        is_so, was = _DIFFERENCES[name](mail, value)
        if not is_so:
            found.append(Difference(name, shown(value), was))
    return found


def shown(value: object) -> str:
    """What is wanted, as a person reads it."""
    if isinstance(value, re.Pattern):
        return f"/{value.pattern}/"
    return str(getattr(value, "__name__", "")) or repr(value)


# ── field by field ───────────────────────────────────────────────────────────────────────────────────────────────

Verdict = tuple[bool, str]


def _among(addresses: Iterable[Address], wanted: object) -> Verdict:
    there = list(addresses)
    was = ", ".join(map(str, there)) or "nobody"
    if isinstance(wanted, re.Pattern):
        return any(wanted.search(str(address)) for address in there), was
    if isinstance(wanted, list):
        return sorted(one.email for one in there) == sorted(_email(one) for one in wanted), was
    if callable(wanted) and _is_asked(wanted):
        return any(wanted(address) for address in there), was
    return any(address.email == _email(wanted) for address in there), was


def _is_asked(wanted: object) -> bool:
    """A pattern or a function; an object that says its address may be callable as well."""
    is_asked = isinstance(wanted, re.Pattern) or callable(wanted)
    return is_asked and not hasattr(type(wanted), "__mail_address__")


def _email(value: object) -> str:
    if isinstance(value, tuple) and len(value) == 2 and "@" in str(value[0]):
        raise SetupError("a tuple is a name and its address; give several addresses as a list")
    try:
        return Address.parse(value).email  # type: ignore[arg-type] # whatever it is, parse says what it is not
    except InvalidAddress as error:
        raise error.inside("wanted") from error.__cause__


def _is(text: str, wanted: object, was: str) -> Verdict:
    if isinstance(wanted, re.Pattern):
        return bool(wanted.search(text)), was
    return (bool(wanted(text)) if callable(wanted) else text == wanted), was


def _holds(text: str, wanted: object) -> Verdict:
    was = repr(text if len(text) < 200 else f"{text[:200]}…")
    if isinstance(wanted, str) and wanted:
        return _with_lf(wanted) in _with_lf(text), was
    return _is(text, wanted, was)


def _with_lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _has_file(mail: CapturedMail, wanted: object) -> Verdict:
    names = [file.name for file in mail.attachments]
    was = ", ".join(map(repr, names)) or "no attachment"
    return any(_is(name, wanted, was)[0] for name in names), was


def _has_headers(mail: CapturedMail, wanted: object) -> Verdict:
    there = [(name.lower(), value) for name, value in mail.email.headers]
    pairs = wanted.items() if isinstance(wanted, Mapping) else ()
    return all((str(name).lower(), value) in there for name, value in pairs), repr(list(mail.email.headers))


def _contains(facts: dict[str, object], wanted: object) -> Verdict:
    return isinstance(wanted, Mapping) and {**facts, **wanted} == facts, repr(facts)


_OF_ADDRESSES = {"sender", "to", "cc", "bcc", "recipient", "reply_to"}
_DIFFERENCES: dict[str, Callable[[CapturedMail, object], Verdict]] = {
    "sender": lambda mail, wanted: _among([mail.sender] if mail.sender else [], wanted),
    "to": lambda mail, wanted: _among(mail.to, wanted),
    "cc": lambda mail, wanted: _among(mail.cc, wanted),
    "bcc": lambda mail, wanted: _among(mail.bcc, wanted),
    "recipient": lambda mail, wanted: _among(mail.recipients, wanted),
    "reply_to": lambda mail, wanted: _among(mail.reply_to, wanted),
    "subject": lambda mail, wanted: _is(mail.subject, wanted, repr(mail.subject)),
    "text": lambda mail, wanted: _holds(mail.text, wanted),
    "html": lambda mail, wanted: _holds(mail.html, wanted),
    "attachment": _has_file,
    "tags": lambda mail, wanted: _contains(dict(mail.email.tags), wanted),
    "metadata": lambda mail, wanted: _contains(dict(mail.email.metadata), wanted),
    "headers": _has_headers,
    "stored": lambda mail, wanted: _is(mail.outgoing.stored_template, wanted, repr(mail.outgoing.stored_template)),
}
