"""Letter: a Django message as sesmail sends it: the mail, whom it goes to, and its bytes where they are not ours.

Rule 1: what Django describes, our writer writes. Django writes what an `Email` cannot say, and what a class of the
        user's writes in its own way.
Rule 2: the message is not changed.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from weakref import WeakKeyDictionary

from django.conf import settings as django_settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils.timezone import get_current_timezone

from sesmail._logging import DEBUG, log
from sesmail.errors import InvalidHeader, MailError
from sesmail.integrations.django.bodies import describe_bodies
from sesmail.integrations.django.characters import put_right, subject_of
from sesmail.integrations.django.draft import Draft, Undescribed
from sesmail.integrations.django.files import describe_files
from sesmail.integrations.django.finished import FinishedContent, bytes_of, in_seven_bits
from sesmail.integrations.django.headers import describe_headers, read_headers
from sesmail.integrations.django.people import PLACEHOLDERS, read_people, show
from sesmail.integrations.django.settings import Settings
from sesmail.integrations.django.wishes import read_wishes
from sesmail.mail.characters import header_text
from sesmail.mail.envelope import Envelope
from sesmail.mail.message import Email, EmailFields
from sesmail.mail.ses_options import SesOptions
from sesmail.mime.head import text_pairs

# By these Django writes a message. Some are of one version only.
_WRITERS = (
    "message",
    "_create_message",
    "_create_attachments",
    "_create_attachment",
    "_create_mime_attachment",
    "_create_alternatives",
    "_add_bodies",
    "_add_attachments",
    "_add_attachment",
    "_set_list_header_if_not_empty",
    "_idna_encode_address_header_domains",
    "mixed_subtype",
    "alternative_subtype",
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message comes to. ``content`` is there where its bytes are not for us to write."""

    email: Email
    envelope: Envelope
    content: FinishedContent | None = None

    @classmethod
    def of(cls, message: EmailMessage, settings: Settings) -> Letter:
        """Read a message. Raises `MailError` for what must not be sent."""
        draft = Draft(message)
        shown = read_headers(draft)
        read_wishes(draft, message_tag=settings.message_tag, ignores=settings.ignore_unsupported)
        if draft.return_path is None:
            draft.return_path = settings.return_path
        envelope = read_people(draft, settings.sender, shown)
        if draft.ses or settings.ses:
            draft.fields["ses"] = SesOptions(**{**dict(settings.ses), **draft.ses})
        if draft.tags:
            draft.fields["tags"] = draft.tags
        try:
            if shown:
                show(draft, shown)
            return cls(_described(draft, settings), envelope)
        except Undescribed as why:
            log(DEBUG, "Django writes this mail: %s", why.reason)
            return cls._finished(draft, envelope, settings)

    @classmethod
    def _finished(cls, draft: Draft, envelope: Envelope, settings: Settings) -> Letter:
        asked = Email(headers=draft.headers, metadata=draft.metadata)
        content = FinishedContent(_written_by_django(_named(draft, settings)))
        return cls(_read(content, draft), envelope, content.with_front(tuple(text_pairs(asked))))


def _described(draft: Draft, settings: Settings) -> Email:
    message, fields = draft.message, draft.fields
    if not _writes_plainly(message):
        raise Undescribed("its class writes mails in its own way")
    describe_bodies(draft, django_settings.DEFAULT_CHARSET)
    fields["subject"] = subject_of(str(message.subject))
    if draft.metadata:
        fields["metadata"] = draft.metadata
    describe_headers(draft)
    describe_files(draft, lambda inner: _inner_bytes(inner, settings))
    if django_settings.EMAIL_USE_LOCALTIME and "date" not in fields:
        fields["date"] = _local_now()
    try:
        return Email(**fields)
    except MailError:
        if not put_right(fields):
            raise
        return Email(**fields)


def _inner_bytes(message: EmailMessage, settings: Settings) -> bytes:
    """A Django message that is an attachment of another: written as it would be if it were sent itself."""
    from sesmail.mime.writer import write

    draft = Draft(message)
    try:
        shown = read_headers(draft)
        read_people(draft, settings.sender, shown)
        show(draft, shown)
        return write(_described(draft, settings)).to_bytes()
    except (Undescribed, MailError):  # a mail in a mail need not be one that could be sent: it may have no recipient
        return _written_by_django(message)


_plain: WeakKeyDictionary[type, bool] = WeakKeyDictionary()


def _is_plain(kind: type) -> bool:
    """Whether Django writes mails of this class in its own way, and so do we."""
    known = _plain.get(kind)
    if known is None:
        base = EmailMultiAlternatives if issubclass(kind, EmailMultiAlternatives) else EmailMessage
        known = _plain[kind] = all(getattr(kind, name, None) == getattr(base, name, None) for name in _WRITERS)
    return known


def _writes_plainly(message: EmailMessage) -> bool:
    return _is_plain(type(message)) and vars(message).keys().isdisjoint(_WRITERS)


def _written_by_django(message: EmailMessage) -> bytes:
    if not _writes_plainly(message):
        return bytes_of(message.message())
    try:
        return in_seven_bits(bytes_of(message.message()))
    except (ValueError, LookupError, MessageError) as error:  # LookupError: a charset that Python does not know
        kind = MailError if isinstance(error, UnicodeError | LookupError) else InvalidHeader
        raise kind(f"Django does not write this mail: {type(error).__name__}", field="message()") from error


def _named(draft: Draft, settings: Settings) -> EmailMessage:
    """The message, or a copy of it that says what our settings say for it: from whom it is, and who gets answers.

    And a copy with a subject that a mail may have.
    """
    message = draft.message
    changes: dict[str, object] = {}
    if _writes_plainly(message):
        # A question mark, since it stands in every charset.
        subject = header_text(subject_of(str(message.subject)).replace("\ufffd", "?"), "subject")
        if subject != message.subject:
            changes["subject"] = subject
    if settings.sender is not None and str(message.from_email) in PLACEHOLDERS:
        changes["from_email"] = str(settings.sender)
    if settings.reply_to and not (message.reply_to or "reply_to" in draft.fields):
        changes["reply_to"] = [str(address) for address in settings.reply_to]
    if not changes:
        return message
    named = copy(message)
    vars(named).update(changes)
    return named


def _read(content: FinishedContent, draft: Draft) -> Email:
    """The mail that the bytes hold, for limits, hooks and tests; of bytes that nobody reads, what Django says of it."""
    from sesmail.mime.reader import read

    own: EmailFields = {"bcc": draft.bcc, "tags": draft.tags}
    if "ses" in draft.fields:
        own["ses"] = draft.fields["ses"]
    try:
        email = read(content.to_bytes())
    except MailError:
        email = Email(to=draft.to, cc=draft.cc, subject=subject_of(" ".join(str(draft.message.subject).split())))
    own["sender"] = email.sender or draft.fields["sender"]
    return email.replace(**own)


def _local_now() -> datetime:
    return datetime.now(get_current_timezone())
