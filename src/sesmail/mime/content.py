"""MimeContent: a mail's bytes to be.

Two layers, each built once and only when somebody needs it. The *body* holds the parts with their boundaries; every
content derived from this one shares it. The *head* holds the mail's own headers; `with_headers` and `as_utf8` give a
content with another head. What is drawn (date, message id, boundary) is drawn when the content is made, so the bytes
are equal each time they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from sesmail.mail.message import Email, Headers
from sesmail.mime.body import Body
from sesmail.mime.head import checked_headers, head_lines

_PIECE = 1 << 15  # what `chunks` collects before it hands over
_BUFFERED = 1 << 15  # from this size on, `to_bytes` writes into a buffer of the final size


class MimeContent:
    """What `sesmail.mime.write` gives: the bytes at once, or in pieces, as often as you like.

    >>> from sesmail import Email, mime
    >>> content = mime.write(Email(sender="a@example.com", to="b@example.com", subject="Hi", text="Hello"))
    >>> len(content.to_bytes()) == content.size == sum(map(len, content.chunks()))
    True
    """

    __slots__ = ("_body", "_date", "_email", "_extra", "_head", "_message_id", "_utf8")

    stored_template = ""  # none: it has its bytes. Said here, since each send asks, and to miss an attribute costs more

    def __init__(
        self,
        email: Email,
        body: Body,
        *,
        date: str,
        message_id: str,
        extra: tuple[tuple[str, str], ...] = (),
        utf8: bool = False,
    ) -> None:
        self._email = email
        self._body = body
        self._date = date
        self._message_id = message_id
        self._extra = extra
        self._utf8 = utf8
        self._head: bytes | None = None

    @property
    def message_id(self) -> str:
        """The Message-ID header, with its angle brackets."""
        return self._message_id

    @property
    def needs_smtputf8(self) -> bool:
        """Whether an address in its headers takes SMTPUTF8: then only `as_utf8` has bytes to give."""
        mail = self._email
        for addresses in (mail.to, mail.cc, mail.reply_to):
            for address in addresses:
                if not address.email.isascii():
                    return True
        return mail.sender is not None and mail.sender.needs_smtputf8

    @property
    def added_headers(self) -> tuple[tuple[str, str], ...]:
        """What `with_headers` has added, for a transport that writes no MIME of its own."""
        return self._extra

    @property
    def size(self) -> int:
        """How many bytes it is. Attachments are measured, not encoded."""
        return len(self._get_head()) + sum(piece.size for piece in self._body.pieces)

    def to_bytes(self) -> bytes:
        """All of it at once. Costs the result's own size in memory, and nothing beside it."""
        pieces = self._body.pieces
        if len(pieces) == 1:
            return self._get_head() + b"".join(pieces[0].blocks())
        size = self.size
        if size < _BUFFERED:
            return b"".join(self._small_pieces())
        # A buffer that has its final size from the start is neither copied while it grows nor when it is handed over.
        buffer = BytesIO()
        buffer.seek(size - 1)
        buffer.write(b"\n")
        buffer.seek(0)
        buffer.writelines(self._small_pieces())
        return buffer.getvalue()

    def chunks(self) -> Iterator[bytes]:
        """All of it in pieces of some 40 kB (a long text is one piece), so that a large mail needs no large memory."""
        waiting: list[bytes] = []
        length = 0
        for piece in self._small_pieces():
            waiting.append(piece)
            length += len(piece)
            if length >= _PIECE:
                yield b"".join(waiting)
                waiting, length = [], 0
        if waiting:
            yield b"".join(waiting)

    def with_headers(self, pairs: Headers) -> MimeContent:
        """A new content with these headers in front, for what a transport or policy adds. Everything else is equal.

        Takes what `Email.headers` takes, and the ``X-SES-`` headers, but none that the writer writes itself.
        """
        return self._derived(checked_headers(pairs) + self._extra, self._utf8)

    def as_utf8(self) -> MimeContent:
        """A new content for a server with SMTPUTF8: addresses and header text as UTF-8 (RFC 6532)."""
        return self._derived(self._extra, True)

    def _derived(self, extra: tuple[tuple[str, str], ...], utf8: bool) -> MimeContent:
        return MimeContent(
            self._email, self._body, date=self._date, message_id=self._message_id, extra=extra, utf8=utf8
        )

    def __repr__(self) -> str:
        return f"MimeContent({self._message_id})"

    def _get_head(self) -> bytes:
        if self._head is None:
            lines = head_lines(
                self._email, date=self._date, message_id=self._message_id, extra=self._extra, utf8=self._utf8
            )
            self._head = f"{lines}{self._body.header_lines}\r\n".encode("utf-8" if self._utf8 else "ascii")
        return self._head

    def _small_pieces(self) -> Iterator[bytes]:
        yield self._get_head()
        for piece in self._body.pieces:
            yield from piece.blocks()
