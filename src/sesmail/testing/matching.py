"""Matching: whether a mail is the one that a test means, and if not, where it differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypedDict

from sesmail.errors import InvalidAddress, UnknownOption
from sesmail.mail.address import Address, AddressLike
from sesmail.testing.captured import CapturedMail

Text = str | re.Pattern[str] | Callable[[str], bool]
Addresses = AddressLike | re.Pattern[str] | Callable[[Address], bool] | list[AddressLike]


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
    tags: dict[str, str]
    metadata: dict[str, object]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not as it is wanted."""

    field: str
    wanted: str
    was: str

    def __str__(self) -> str:
        return f"{self.field}: wanted {self.wanted}, was {self.was}"


def check_names(wanted: Wanted) -> None:
    """Refuse a name that no mail has."""
    for name in wanted:
        if name not in _DIFFERENCES:
            raise UnknownOption(name, known=sorted(_DIFFERENCES), where="a mail in the mailbox")


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
    return getattr(value, "__name__", "") if callable(value) else repr(value)


# ── field by field ───────────────────────────────────────────────────────────────────────────────────────────────

Verdict = tuple[bool, str]


def _among(addresses: Iterable[Address], wanted: object) -> Verdict:
    there = list(addresses)
    was = ", ".join(map(str, there)) or "nobody"
    if isinstance(wanted, re.Pattern):
        return any(wanted.search(str(address)) for address in there), was
    if isinstance(wanted, list):
        return sorted(one.email for one in there) == sorted(_email(one) for one in wanted), was
    if callable(wanted) and not hasattr(type(wanted), "__mail_address__"):
        return any(wanted(address) for address in there), was
    return any(address.email == _email(wanted) for address in there), was


def _email(value: object) -> str:
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
    return (wanted in text, was) if isinstance(wanted, str) else _is(text, wanted, was)


def _has_file(mail: CapturedMail, wanted: object) -> Verdict:
    names = [file.name for file in mail.attachments]
    was = ", ".join(map(repr, names)) or "no attachment"
    return any(_is(name, wanted, was)[0] for name in names), was


def _contains(facts: dict[str, object], wanted: object) -> Verdict:
    return isinstance(wanted, dict) and facts | wanted == facts, repr(facts)


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
    "headers": lambda mail, wanted: _contains(dict(mail.email.headers), wanted),
}
