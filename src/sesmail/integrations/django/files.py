"""Files: attachments of a message, as tuples and as parts of MIME.

Rule 1: bytes arrive as they were given; text is UTF-8.
Rule 2: a part with a Content-ID that is meant to be shown is inline, so it lands beside the HTML that shows it.
Rule 3: what an `Attachment` does not hold (a multipart, headers of its own) is for Django to write.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any

from sesmail.errors import InvalidHeader, MailError
from sesmail.integrations.django.draft import Draft, Undescribed
from sesmail.integrations.django.finished import bytes_of, in_seven_bits
from sesmail.mail.attachment import Attachment
from sesmail.mail.media_types import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.mail import EmailMessage

_BARE = re.compile(rb"\r\n|\r|\n")
_KNOWN = frozenset(
    {
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
        "mime-version",
        "x-attachment-id",
    }
)


def describe_files(draft: Draft, written: Callable[[EmailMessage], bytes]) -> None:
    """Write the attachments into the draft. ``written`` gives the bytes of a Django message that is one of them."""
    found = draft.message.attachments
    if found:
        html = draft.fields.get("html") or ""
        draft.fields["attachments"] = [*_files(found, html, written)]


def _files(found: list[Any], html: str, written: Callable[[EmailMessage], bytes]) -> Iterator[Attachment]:
    for index, one in enumerate(found):
        try:
            yield _of_part(one, html) if isinstance(one, Message) else _of_tuple(tuple(one), written)
        except MailError as error:
            raise error.inside(f"attachments[{index}]") from error.__cause__


# ── (name, content, type) ────────────────────────────────────────────────────────────────────────────────────────


def _of_tuple(one: tuple[object, ...], written: Callable[[EmailMessage], bytes]) -> Attachment:
    name, content, kind = (*one, None, None)[:3]
    name, content = _spoken(name), _plain(content)
    if content is None:
        raise MailError("there is no content", field="content")
    kind = str(kind) if kind else (mimetypes.guess_type(name)[0] if name else "") or UNKNOWN
    main = kind.partition("/")[0].lower()
    if main == "message":
        return _message(name, content, kind, written)
    if main == "multipart":
        raise Undescribed("a file of it is a multipart")
    if main == "text" and isinstance(content, bytes):
        try:
            content = content.decode()
        except UnicodeDecodeError:
            kind = UNKNOWN  # as Django has it: it is text in name only
    return Attachment(name, content, content_type=kind)  # type: ignore[arg-type]


def _spoken(name: object) -> str:
    return "" if name is None else str(name)


def _plain(content: object) -> object:
    """Lazy text as text, and memory as bytes; all else as it is."""
    if isinstance(content, bytearray | memoryview):
        return bytes(content)
    is_lazy = not isinstance(content, str | bytes | Message | None) and not hasattr(content, "message")
    return str(content) if is_lazy else content


def _message(name: str, content: object, kind: str, written: Callable[[EmailMessage], bytes]) -> Attachment:
    """A mail in a mail. It may not be encoded (RFC 2046 5.2.1), so it has to be written in 7 bits."""
    data = written(content) if hasattr(content, "message") else _seven_bits(content)
    try:
        return Attachment(name, data, content_type=kind)
    except MailError:
        raise Undescribed("a mail in it is not written in 7 bits") from None


def _seven_bits(content: object) -> bytes:
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    return in_seven_bits(_BARE.sub(b"\r\n", data) if isinstance(data, bytes) else bytes_of(data))


# ── parts of MIME ────────────────────────────────────────────────────────────────────────────────────────────────


def _of_part(part: Message, html: str) -> Attachment:
    if part.is_multipart() or any(name.lower() not in _KNOWN for name in part):
        raise Undescribed("a part of it has parts or headers of its own")
    disposition, name = part.get_content_disposition(), part.get_filename() or ""
    content_id = str(part.get("Content-ID", "")).strip().removeprefix("<").removesuffix(">")
    is_shown = bool(content_id) and (disposition != "attachment" or f"cid:{content_id}" in html)
    if not is_shown and (disposition == "inline" or (part.get_content_maintype() == "text" and not disposition)):
        raise Undescribed("a part of it is shown where it stands")
    try:
        return Attachment(
            name,
            part.get_payload(decode=True),  # type: ignore[arg-type]
            content_type=_content_type(part),
            content_id=content_id if is_shown else "",
        )
    except InvalidHeader as error:
        if error.field in ("content_type", "content_id"):
            raise Undescribed("a part of it has a type or an id of its own kind") from None
        raise


def _content_type(part: Message) -> str:
    found = part.get_params([], unquote=True)
    others = [(key, value) for key, value in found[1:] if key.lower() not in ("name", "charset")]
    if others or any(not isinstance(value, str) for _, value in found):
        raise Undescribed("a part of it has a type with parameters")
    charset = part.get_content_charset()
    return part.get_content_type() + (f'; charset="{charset}"' if charset else "")
