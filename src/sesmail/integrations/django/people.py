"""People: from whom a message is, and to whom it goes.

Rule 1: whom it goes to is what ``message.recipients()`` says: to, cc and bcc. Headers named To or Cc change what is
        shown, and nothing else.
Rule 2: a From header is shown, and ``from_email`` then is where bounces go, as Django has it.
Rule 3: Django's placeholders (``webmaster@localhost``, ``root@localhost``) are nobody's word where ``sender`` is set.
"""

from __future__ import annotations

from collections.abc import Iterable

from sesmail.errors import InvalidAddress
from sesmail.integrations.django.draft import Draft, Undescribed
from sesmail.mail.address import Address
from sesmail.mail.envelope import Envelope
from sesmail.mime.mailbox_lists import read_mailboxes

PLACEHOLDERS = frozenset({"webmaster@localhost", "root@localhost"})
SHOWN = frozenset({"from", "to", "cc", "reply-to"})
_FIELD = {"to": "to", "cc": "cc", "reply-to": "reply_to"}


def read_people(draft: Draft, sender: Address | None, shown: dict[str, str]) -> Envelope:
    """Write sender and recipients into the draft, and give the envelope. ``shown`` are headers that name people."""
    message, fields = draft.message, draft.fields
    author = _author(str(message.from_email), sender)
    fields["sender"] = author
    fields["to"] = draft.to = _several(message.to, "to")
    fields["cc"] = draft.cc = _several(message.cc, "cc")
    fields["bcc"] = draft.bcc = _several(message.bcc, "bcc")
    if message.reply_to:
        fields["reply_to"] = _several(message.reply_to, "reply_to")
    envelope = Envelope(draft.return_path or author, draft.to, draft.cc, draft.bcc)
    named = [one for one in (*message.to, *message.cc, *message.bcc) if one]
    if (asked := [*message.recipients()]) != named:  # its class, or this one message, has a word of its own
        shown_people = {address.email for address in (*draft.to, *draft.cc)}
        everyone = _several(asked, "recipients()")
        fields["bcc"] = draft.bcc = tuple([address for address in everyone if address.email not in shown_people])
        envelope = Envelope(draft.return_path or author, everyone)
    if "from" in shown:
        fields["sender"] = _address(shown["from"], "headers['From']")
    return envelope


def show(draft: Draft, shown: dict[str, str]) -> None:
    """Put what headers show in the place of the recipients. Raises `Undescribed` for what is no list of people."""
    for name, field in _FIELD.items():
        if name in shown:
            try:
                draft.fields[field] = read_mailboxes(shown[name])  # type: ignore[literal-required]
            except InvalidAddress:
                raise Undescribed(f"its {name} header is no list of addresses") from None


def _author(text: str, sender: Address | None) -> Address:
    return sender if sender is not None and text in PLACEHOLDERS else _address(text, "from_email")


def _several(values: Iterable[object], field: str) -> tuple[Address, ...]:
    return tuple([_address(value, f"{field}[{index}]") for index, value in enumerate(values) if value])


def _address(value: object, field: str) -> Address:
    """One of Django's addresses: text, lazy text, or what sesmail takes beside it."""
    try:
        if isinstance(value, tuple | Address) or hasattr(type(value), "__mail_address__"):
            return Address.parse(value)  # type: ignore[arg-type]
        text = str(value)
        # Who has used `email.utils.formataddr` has encoded words in it, which readers see as they were meant.
        return _decoded(text) if "=?" in text else Address.parse(text)
    except InvalidAddress as error:
        raise error.inside(field) from error.__cause__


def _decoded(text: str) -> Address:
    found = read_mailboxes(text)
    if len(found) != 1:
        raise InvalidAddress("expected one address", value=text)
    return found[0]
