"""Parts: a message taken apart at its boundaries, with every byte of every part as it was.

The standard library's parser is not used for this, since it cannot give back the bytes of an attached message.
Its reading of parameters is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from sesmail.errors import MailError
from sesmail.mime.decoding import decoded_body, unfolded

MAX_DEPTH = 50  # of parts in parts: an attack, not a mail
_MANY_PARAMETERS = 1000  # the standard library takes quadratic time over them; no file name is that long
_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\n]*\n[ \t])*[^\n]*)(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Part:
    """Headers in order, as raw bytes behind their names, and the body behind the empty line."""

    headers: tuple[tuple[str, bytes], ...]
    body: bytes
    depth: int = 0

    @classmethod
    def parse(cls, data: bytes, depth: int = 0) -> Part:
        """Cut a message or a part into its headers and its body."""
        headers: list[tuple[str, bytes]] = []
        position = 0
        while not (line_end := _line_end(data, position)) and position < len(data):
            found = _HEADER.match(data, position)
            if found is None:  # no header and no empty line: the body begins here, as most readers see it
                return cls(tuple(headers), data[position:], depth)
            headers.append((found[1].decode("ascii"), found[2]))
            position = found.end()
        return cls(tuple(headers), data[position + line_end :], depth)

    def header(self, name: str) -> str:
        """The text of the first header with this name, unfolded, or nothing."""
        return next((unfolded(raw) for own, raw in self.headers if own.lower() == name), "")

    @property
    def about(self) -> Message:
        """What the headers say about the content, for the standard library's reading of parameters."""
        message = Message()
        for name in ("content-type", "content-disposition"):
            value = self.header(name)
            if value and value.count(";") < _MANY_PARAMETERS:
                message[name] = value
        return message

    @property
    def content(self) -> bytes:
        """The body without its transfer encoding."""
        return decoded_body(self.body, self.header("content-transfer-encoding"))

    def children(self) -> Iterator[Part]:
        """The parts between the boundaries of a multipart."""
        if self.depth >= MAX_DEPTH:
            raise MailError(f"parts are nested more than {MAX_DEPTH} deep")
        boundary = re.escape(str(self.about.get_boundary("")).encode("utf-8", "surrogateescape"))
        # RFC 2046 5.1.1: the line end before a delimiter belongs to it.
        delimiter = re.compile(rb"(?:\A|\r?\n)--" + boundary + rb"(--)?[ \t]*(?:\r?\n|\Z)")
        start = None
        for found in delimiter.finditer(self.body):
            if start is not None:
                yield Part.parse(self.body[start : found.start()], self.depth + 1)
            start = found.end()
            if found[1]:
                return
        if start is not None:
            yield Part.parse(self.body[start:], self.depth + 1)


def _line_end(data: bytes, position: int) -> int:
    """The length of the empty line at this position, if there is one."""
    if data.startswith(b"\r\n", position):
        return 2
    return 1 if data.startswith(b"\n", position) else 0
