"""FinishedContent: bytes that Django, or a class of the user's, has written. They are sent as they are.

Rule: two kinds of header are taken out of the head, since they are said elsewhere: Bcc to the envelope, and what speaks
to SES (``X-SES-…``) to SES.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator
from email import message_from_bytes
from email.generator import BytesGenerator
from email.message import Message
from io import BytesIO

from sesmail.errors import MailError
from sesmail.mail.message import Headers
from sesmail.mime.head import checked_headers
from sesmail.mime.headers import text_header

_PIECE = 1 << 15
# A header line and those that go on with it.
_TAKEN_OUT = re.compile(
    rb"^(?:bcc|resent-bcc|x-ses-[a-z0-9\-]{1,60})[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE
)
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r\n[ \t]+)?(<[^>\r\n]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_END_OF_HEAD = b"\r\n\r\n"


def bytes_of(made: object) -> bytes:
    """The bytes of a message of the standard library, as Django's own backends would send them."""
    if not isinstance(made, Message):
        raise MailError(f"message() gave {type(made).__name__}, and no email.message.Message", field="message()")
    buffer = BytesIO()
    BytesGenerator(buffer, mangle_from_=False).flatten(made, linesep="\r\n")
    return buffer.getvalue()


def in_seven_bits(data: bytes) -> bytes:
    """The same mail with its bodies in 7 bits. SES garbles others where it counts clicks.

    The standard library has a policy for that, and fails by it where a body does not say its charset.
    """
    if data.isascii():
        return data
    message = message_from_bytes(data)
    for part in message.walk():
        body = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(body, bytes) and not body.isascii() and _is_bare(part):
            _encode(part, body)
    return bytes_of(message)


def _is_bare(part: Message) -> bool:
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower() not in ("base64", "quoted-printable")


def _encode(part: Message, body: bytes) -> None:
    del part["Content-Transfer-Encoding"]
    is_text = part.get_content_maintype() == "text"  # never base64, which spam filters dislike in text
    part["Content-Transfer-Encoding"] = "quoted-printable" if is_text else "base64"
    part.set_payload((b2a_qp(body, istext=True) if is_text else encodebytes(body)).decode("ascii"))


class FinishedContent:
    r"""A `Content` of bytes that are there already.

    >>> from sesmail.integrations.django.finished import FinishedContent
    >>> content = FinishedContent(b"Message-ID: <1@example.com>\r\nBcc: eve@example.org\r\n\r\nHello\r\n")
    >>> content.message_id, content.to_bytes()
    ('<1@example.com>', b'Message-ID: <1@example.com>\r\n\r\nHello\r\n')
    """

    __slots__ = ("_body", "_extra", "_head")

    stored_template = ""
    is_finished = True
    needs_smtputf8 = False

    def __init__(self, data: bytes) -> None:
        head, end, body = data.partition(_END_OF_HEAD)
        self._head = _TAKEN_OUT.sub(b"", head + b"\r\n") if end else head
        self._body = end[2:] + body
        self._extra: tuple[tuple[str, str], ...] = ()

    @property
    def message_id(self) -> str:
        """The Message-ID header, with its angle brackets; empty where there is none."""
        found = _MESSAGE_ID.search(self._head)
        return found[1].decode("ascii", "replace") if found else ""

    @property
    def added_headers(self) -> tuple[tuple[str, str], ...]:
        """What `with_headers` has added."""
        return self._extra

    @property
    def size(self) -> int:
        """How many bytes it is."""
        return len(self._front()) + len(self._head) + len(self._body)

    def to_bytes(self) -> bytes:
        """All of it at once."""
        return self._front() + self._head + self._body

    def chunks(self) -> Iterator[bytes]:
        """All of it in pieces."""
        data = self.to_bytes()
        for start in range(0, len(data), _PIECE):
            yield data[start : start + _PIECE]

    def with_headers(self, pairs: Headers) -> FinishedContent:
        """A new content with these headers in front."""
        return self.with_front(checked_headers(pairs))

    def with_front(self, pairs: tuple[tuple[str, str], ...]) -> FinishedContent:
        """The same, for headers that were checked before."""
        other = FinishedContent.__new__(FinishedContent)
        other._head, other._body = self._head, self._body  # noqa: SLF001 - it is its own
        other._extra = pairs + self._extra  # noqa: SLF001
        return other

    def as_utf8(self) -> FinishedContent:
        """The same: what is in it was decided by who wrote it."""
        return self

    def _front(self) -> bytes:
        return "".join(text_header(name, value, utf8=False) for name, value in self._extra).encode("ascii")

    def __repr__(self) -> str:
        return f"FinishedContent({self.size} bytes)"
