"""Attachment: a named piece of content, attached or inline.

Bytes arrive byte for byte. Nothing is read from disk but by the constructor that says so, and a function that gives
the content is called when somebody needs it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Protocol, TypeGuard

from sesmail.errors import InvalidHeader, MailError
from sesmail.mail.characters import body_text, header_text, spoken_text, unencoded
from sesmail.mail.files import read_file
from sesmail.mail.media_types import UNKNOWN, media_type, parse_content_type

MAX_NAME = 1000  # of a file; longer is an attack or a mistake
MAX_BYTES = 40_000_000  # what SES takes at most, encoded; `from_path` reads no more

Parameters = tuple[tuple[str, str], ...]
Text = str | bytes | bytearray | memoryview
# Printable ASCII that needs no escape in a header, a URL or an HTML attribute.
_CONTENT_ID = re.compile(r"[A-Za-z0-9!#$%*+\-./=?@^_`{|}~]{1,200}")


class SupportsAttachment(Protocol):
    """An object that says how it becomes an attachment, such as your invoice model.

    >>> from sesmail import Attachment, Email
    >>> class Invoice:
    ...     def __mail_attachment__(self) -> Attachment:
    ...         return Attachment("invoice.pdf", b"%PDF-1.7")
    >>> Email(attachments=[Invoice()]).attachments
    (Attachment('invoice.pdf', 'application/pdf', 8 bytes),)
    """

    def __mail_attachment__(self) -> Attachment:
        """The attachment."""


@dataclass(frozen=True, slots=True, repr=False, init=False)
class Attachment:
    r"""A file that travels with a mail.

    >>> from sesmail import Attachment
    >>> Attachment("report.csv", "day,mails\n1,42\n")
    Attachment('report.csv', 'text/csv', 15 bytes)
    >>> logo = Attachment("logo.png", b"...", inline=True, content_id="logo@example.com")
    >>> f'<img src="{logo.cid}">'
    '<img src="cid:logo@example.com">'

    ``content`` is bytes, text (sent as UTF-8), or a function without arguments that gives one of them. The function is
    called once, when the bytes are first needed, and its answer is kept. A text type whose function gives bytes in
    another charset must name it: ``content_type="text/csv; charset=iso-8859-1"``.

    ``content_type`` is guessed from the name when it is not given. An inline attachment has a ``content_id``: the one
    given, or a new one. ``message/*`` must be RFC 2046 material (7-bit, CRLF); anything else is refused with the cure.
    """

    name: str
    content_type: str
    parameters: Parameters
    content_id: str
    _content: bytes | _Lazy

    def __init__(
        self,
        name: str,
        content: Text | Callable[[], Text],
        *,
        content_type: str = "",
        inline: bool = False,
        content_id: str = "",
    ) -> None:
        name = spoken_text(name, "name")
        if len(name) > MAX_NAME:
            raise InvalidHeader(f"longer than {MAX_NAME} characters", field="name")
        kind, parameters = parse_content_type(content_type or media_type(name))
        if kind.startswith("multipart/"):
            raise InvalidHeader(
                "a multipart has a structure of its own; attach it as message/rfc822", field="content_type"
            )
        if kind.startswith("text/") and (isinstance(content, str) or callable(content)):
            parameters = _with_utf8(parameters, content)
        if inline and not content_id:
            content_id = f"{os.urandom(10).hex()}@sesmail"
        content_id = header_text(content_id, "content_id")
        if content_id and not _CONTENT_ID.fullmatch(content_id):
            raise InvalidHeader("a content id is up to 200 letters, digits and -._@ and the like", field="content_id")
        _set(self, "name", name)
        _set(self, "content_type", kind)
        _set(self, "parameters", parameters)
        _set(self, "content_id", unencoded(content_id, "content_id"))
        _set(self, "_content", _lazy_or_bytes(content, name, kind, parameters))

    @classmethod
    def from_path(
        cls,
        path: str | os.PathLike[str],
        *,
        root: str | os.PathLike[str] | None = None,
        name: str = "",
        content_type: str = "",
        inline: bool = False,
        content_id: str = "",
        max_bytes: int = MAX_BYTES,
    ) -> Attachment:
        """Read a file now. The only way in which sesmail reads a path.

        With ``root``, the path is relative to that folder and cannot leave it: ``..``, absolute paths and symbolic
        links are refused. Give it whenever a part of the path comes from outside. Only regular files of at most
        ``max_bytes`` are read (`TooLarge` otherwise); what the operating system says against it stays an ``OSError``.
        """
        data = read_file(path, root=root, max_bytes=max_bytes)
        name = name or os.path.basename(path)
        return cls(name, data, content_type=content_type, inline=inline, content_id=content_id)

    @classmethod
    def from_file(
        cls,
        file: IO[bytes] | IO[str],
        *,
        name: str = "",
        content_type: str = "",
        inline: bool = False,
        content_id: str = "",
    ) -> Attachment:
        """Read an open file from where it stands to its end, now. It stays open: who opened it closes it."""
        given = getattr(file, "name", "")
        name = name or (os.path.basename(given) if isinstance(given, str) else "")
        return cls(name, file.read(), content_type=content_type, inline=inline, content_id=content_id)

    @classmethod
    def parse_list(cls, value: AttachmentsLike | None) -> tuple[Attachment, ...]:
        """Read many: attachments, objects that say how they become one, or a mapping of name to content."""
        if value is None:
            return ()
        if isinstance(value, Attachment) or _says_its_attachment(value):
            return (_one(value, "[0]"),)
        # Lists first: to ask an abstract class costs more than to write a header.
        if not isinstance(value, (list, tuple)) and isinstance(value, Mapping):
            return tuple(_named(name, content) for name, content in value.items())
        if isinstance(value, (list, tuple)) or _is_many(value):
            return tuple(_one(entry, f"[{index}]") for index, entry in enumerate(value))
        raise MailError(
            f"expected attachments or a mapping of name to content, not {type(value).__name__}{_path_hint(value)}"
        )

    @property
    def inline(self) -> bool:
        """Whether the HTML shows it, by its content id, in place of a list of files."""
        return bool(self.content_id)

    @property
    def cid(self) -> str:
        """The URL by which HTML refers to an inline attachment: ``<img src="cid:…">`` (RFC 2392)."""
        return "cid:" + self.content_id.replace("%", "%25")

    @property
    def data(self) -> bytes:
        """The bytes; read now if nobody needed them before."""
        return self._content if isinstance(self._content, bytes) else self._content.read()

    @property
    def is_read(self) -> bool:
        """Whether the bytes are at hand: False as long as the function that gives them has not been called."""
        return isinstance(self._content, bytes) or self._content.is_read

    def __repr__(self) -> str:
        size = f"{len(self._content)} bytes" if isinstance(self._content, bytes) else "read when needed"
        return f"Attachment({self.name!r}, {self.content_type!r}, {size}{', inline' * self.inline})"


AttachmentLike = Attachment | SupportsAttachment
AttachmentsLike = AttachmentLike | Iterable[AttachmentLike] | Mapping[str, Text | Callable[[], Text]]

_set = object.__setattr__


class _Lazy:
    """Content that is read once, when first needed, and kept."""

    __slots__ = ("_data", "_kind", "_lock", "_name", "_parameters", "_source")

    def __init__(self, source: Callable[[], Text], name: str, kind: str, parameters: Parameters) -> None:
        from threading import Lock

        self._source: Callable[[], Text] | None = source
        self._name = name
        self._kind = kind
        self._parameters = parameters
        self._data = b""
        self._lock = Lock()

    @property
    def is_read(self) -> bool:
        return self._source is None

    def read(self) -> bytes:
        with self._lock:
            if self._source is not None:
                self._data = self._checked(self._source())
                self._source = None
        return self._data

    def _checked(self, content: Text) -> bytes:
        try:
            return _checked_bytes(content, self._kind, self._parameters)
        except MailError as error:
            raise error.inside(f"attachments[{self._name!a}]") from error.__cause__

    def __reduce__(self) -> tuple[type[bytes], tuple[bytes]]:
        # Functions do not travel to another process, and a lock even less: what travels is the content.
        return bytes, (self.read(),)


def _lazy_or_bytes(content: Text | Callable[[], Text], name: str, kind: str, parameters: Parameters) -> bytes | _Lazy:
    if callable(content):
        return _Lazy(content, name, kind, parameters)
    return _checked_bytes(content, kind, parameters)


def _checked_bytes(content: object, kind: str, parameters: Parameters) -> bytes:
    if isinstance(content, str):
        if kind.startswith("text/") and ("charset", "utf-8") not in parameters:
            raise MailError("text is sent as utf-8, and the content type says another charset", field="content")
        content = body_text(content, "content").encode()
    if not isinstance(content, bytes | bytearray | memoryview):
        raise MailError(
            f"expected bytes, text or a function that gives them, not {type(content).__name__}{_path_hint(content)}",
            field="content",
        )
    data = bytes(content)
    if kind.startswith("message/") and (reason := _not_7bit(data)):
        raise MailError(
            f"{kind} may not be encoded (RFC 2046 5.2.1) and {reason}; attach it as {UNKNOWN} to send it as it is",
            field="content",
        )
    return data


_LONG_LINE = re.compile(rb"[^\n]{1000}")  # 998 and CR


def _not_7bit(data: bytes) -> str:
    if not data.isascii() or b"\0" in data:
        return "it holds 8-bit bytes or NUL"
    if data.count(b"\r\n") != data.count(b"\n") or data.count(b"\r\n") != data.count(b"\r"):
        return "it has line ends other than CRLF"
    return "it has a line over 998 characters" if _LONG_LINE.search(data) else ""


def _with_utf8(parameters: Parameters, content: object) -> Parameters:
    others = tuple(pair for pair in parameters if pair[0] != "charset")
    if dict(parameters).get("charset", "utf-8").lower() == "utf-8":
        return (*others, ("charset", "utf-8"))
    if callable(content):  # it may give bytes in that charset
        return parameters
    raise InvalidHeader("text is sent as utf-8; give bytes for another charset", field="content_type")


def _path_hint(value: object) -> str:
    if hasattr(value, "read"):
        return "; an open file is read by Attachment.from_file"
    return "; a path is read by Attachment.from_path" if isinstance(value, str | os.PathLike) else ""


def _is_many(value: object) -> TypeGuard[Iterable[object]]:
    # Text and open files can be iterated too, into letters and lines.
    return isinstance(value, Iterable) and not isinstance(value, Text) and not hasattr(value, "read")


def _says_its_attachment(value: object) -> TypeGuard[SupportsAttachment]:
    return hasattr(type(value), "__mail_attachment__")


def _one(value: object, place: str) -> Attachment:
    if _says_its_attachment(value):
        value = value.__mail_attachment__()
    if isinstance(value, Attachment):
        return value
    raise MailError(
        f"expected an Attachment or an object with __mail_attachment__, not {type(value).__name__}{_path_hint(value)}",
        field=place,
    )


def _named(name: str, content: Text | Callable[[], Text]) -> Attachment:
    try:
        return Attachment(name, content)
    except MailError as error:
        raise error.inside(f"[{ascii(name)[:60]}]") from error.__cause__
