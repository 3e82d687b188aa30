"""The body of a mail: its parts, each with its own headers and encoding, between boundaries."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache

from sesmail._logging import DEBUG, log
from sesmail.errors import MailError
from sesmail.mail.attachment import Attachment
from sesmail.mime.encoding import base64_lines, base64_size, encode_text
from sesmail.mime.headers import parameter_header, transfer_encoding_header, word_header
from sesmail.mime.structure import Multipart, Parameters, Part, TextPart


class Plain:
    """Bytes that go out as they are."""

    __slots__ = ("_data", "size")
    ends_line = False

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def blocks(self) -> Iterable[bytes]:
        """The bytes."""
        return (self._data,)

    def holds(self, text: bytes) -> bool:
        """Whether these bytes stand anywhere in it."""
        return text in self._data


class Encoded:
    """Bytes that go out as base64, encoded only while they go."""

    __slots__ = ("_data", "ends_line", "size")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = base64_size(len(data))
        self.ends_line = bool(data)

    def blocks(self) -> Iterable[bytes]:
        """The lines of base64."""
        return base64_lines(self._data)

    def holds(self, text: bytes) -> bool:  # noqa: ARG002 - one contract for both kinds
        """Never: a boundary begins with two hyphens, and base64 has none."""
        return False


Piece = Plain | Encoded


class Body:
    """The parts of one mail as pieces of bytes, made when they are first needed."""

    __slots__ = ("_boundary", "_built", "_fixed", "_part")

    def __init__(self, part: Part, *, boundary: str, fixed: bool) -> None:
        self._part = part
        self._boundary = boundary
        self._fixed = fixed
        self._built: tuple[str, list[Piece]] | None = None

    @property
    def header_lines(self) -> str:
        """The header lines that say what the body is."""
        return self._build()[0]

    @property
    def pieces(self) -> list[Piece]:
        """What goes out behind the empty line that ends the head."""
        return self._build()[1]

    def _build(self) -> tuple[str, list[Piece]]:
        built = self._built
        if built is None:
            built = self._built = self._without_collision()
            log(DEBUG, "built a body of %d pieces", len(built[1]))
        return built

    def _without_collision(self) -> tuple[str, list[Piece]]:
        if not isinstance(self._part, Multipart):  # one part has no boundary, so nothing can collide
            return _render(self._part, "", depth=1)[:2]
        while True:
            headers, pieces, inner = _render(self._part, self._boundary, depth=1)
            delimiter = f"--{self._boundary}".encode()
            if not any(piece.holds(delimiter) for piece in inner):
                return headers, pieces
            if self._fixed:
                raise MailError("the boundary that was given occurs in the content", field="boundary")
            self._boundary = draw_boundary()


# What can occur neither in quoted-printable nor in base64 (RFC 2045 6.7 recommends it).
IMPOSSIBLE = "=_"


def draw_boundary() -> str:
    """A new boundary."""
    return f"{IMPOSSIBLE}{os.urandom(12).hex()}"


Rendered = tuple[str, list[Piece], list[Piece]]


def _render(part: Part, boundary: str, depth: int) -> Rendered:
    """The header lines of a part, its pieces, and those among them that could hold a boundary."""
    if isinstance(part, TextPart):
        return _render_text(part, boundary)
    if isinstance(part, Attachment):
        return _render_file(part)
    return _render_multipart(part, boundary, depth)


def _render_text(part: TextPart, boundary: str) -> Rendered:
    data, encoding = encode_text(part.text)
    pieces: list[Piece] = [Plain(data)]
    could_hold = pieces if encoding == "7bit" or not boundary.startswith(IMPOSSIBLE) else []
    return f"{_text_type(part.content_type, part.parameters)}{transfer_encoding_header(encoding)}", pieces, could_hold


@lru_cache(maxsize=64)
def _text_type(content_type: str, parameters: Parameters) -> str:
    return parameter_header("Content-Type", content_type, (*parameters, ("charset", "utf-8")))


def _render_file(file: Attachment) -> Rendered:
    name = (("name", _plain_name(file.name)),) if file.name else ()
    filename = (("filename", file.name),) if file.name else ()
    # RFC 2046 5.2.1: a message is never encoded. `Attachment` has checked that it need not be.
    as_is = file.content_type.startswith("message/")
    headers = [
        parameter_header("Content-Type", file.content_type, (*file.parameters, *name)),
        transfer_encoding_header("7bit" if as_is else "base64"),
        parameter_header("Content-Disposition", "inline" if file.inline else "attachment", filename),
    ]
    if file.content_id:
        headers.append(word_header("Content-ID", (f"<{file.content_id}>",)))
    pieces: list[Piece] = [Plain(file.data) if as_is else Encoded(file.data)]
    return "".join(headers), pieces, pieces


_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._\-]+")


def _plain_name(name: str) -> str:
    """A name for clients from before RFC 2231, which look at ``name`` and not at ``filename*``: short, and in ASCII."""
    from unicodedata import normalize

    without_accents = normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem, dot, extension = _NOT_PLAIN.sub("_", without_accents.strip()).rpartition(".")
    return f"{stem[:40] or 'file'}{dot}{extension[:10]}" if dot else extension[:50] or "file"


def _render_multipart(part: Multipart, boundary: str, depth: int) -> Rendered:
    # Numbered from the outside in, and of equal length: none is the beginning of another (RFC 2046 5.1.1).
    own = f"{boundary}_{depth}"
    opening = f"--{own}\r\n"
    pieces: list[Piece] = []
    inner: list[Piece] = []
    for child in part.parts:
        headers, child_pieces, child_inner = _render(child, boundary, depth + 1)
        pieces += (Plain(f"{opening}{headers}\r\n".encode("ascii")), *child_pieces)
        inner += child_inner
        # The line end before a boundary belongs to it; base64 has one to give.
        line_end = "" if child_pieces[-1].ends_line else "\r\n"
        opening = f"{line_end}--{own}\r\n"
    pieces.append(Plain(f"{line_end}--{own}--\r\n".encode("ascii")))
    content_type = parameter_header("Content-Type", f"multipart/{part.subtype}", (("boundary", own), *part.parameters))
    return content_type, pieces, inner
