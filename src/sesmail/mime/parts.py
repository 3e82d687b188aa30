"""Parts: a message taken apart at its boundaries, with every byte of every part as it was.

The standard library's parser is not used for this, since it cannot give back the bytes of an attached message.
Its reading of parameters is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value

from sesmail.errors import MailError
from sesmail.mime.decoding import decoded_body, unfolded

MAX_DEPTH = 50  # of parts in parts: an attack, not a mail
_LONGEST_BOUNDARY = 1000  # RFC 2046 5.1.1 says 70
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
        return next(self.all_headers(name), "")

    def all_headers(self, name: str) -> Iterator[str]:
        """The texts of all headers with this name."""
        return (unfolded(raw) for own, raw in self.headers if own.lower() == name)

    @property
    def about(self) -> Message:
        """What the headers say about the content, for the standard library's reading of parameters."""
        message = Message()
        for name in ("content-type", "content-disposition"):
            value = self.header(name)
            if value and value.count(";") < _MANY_PARAMETERS:
                message[name] = value
        return message

    def parameter(self, name: str, header: str = "content-type") -> tuple[str, bool]:
        """A parameter's text, and whether it came in RFC 2231's form. What nobody can read is nothing."""
        try:
            value = self.about.get_param(name, "", header=header)
            extended = isinstance(value, tuple)
            return collapse_rfc2231_value(value) if extended else str(value), extended
        except (TypeError, ValueError):  # what the standard library makes of broken sections and unknown charsets
            return "", False

    def parameter_names(self) -> list[str]:
        """The names of the parameters of the content type, each once."""
        try:
            return list(dict.fromkeys(name for name, _ in self.about.get_params([])[1:]))
        except (TypeError, ValueError):
            return []

    @property
    def content(self) -> bytes:
        """The body without its transfer encoding."""
        return decoded_body(self.body, self.header("content-transfer-encoding"))

    def children(self) -> Iterator[Part]:
        """The parts between the boundaries of a multipart."""
        if self.depth >= MAX_DEPTH:
            raise MailError(f"parts are nested more than {MAX_DEPTH} deep")
        return (Part.parse(self.body[start:end], self.depth + 1) for start, end in self.spans())

    def spans(self) -> Iterator[tuple[int, int]]:
        """Where in the body these parts begin and end."""
        boundary = self.parameter("boundary")[0].rstrip(" ").encode("utf-8", "replace")
        if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
            return
        delimiter = re.compile(rb"(?:\A|(?<=\n))--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
        start = None
        for found in delimiter.finditer(self.body):
            if start is not None:
                yield start, self._before_line_end(start, found.start())
            start = found.end()
            if found[1]:
                return
        if start is not None:
            yield start, len(self.body)

    def _before_line_end(self, start: int, end: int) -> int:
        """RFC 2046 5.1.1: the line end before a delimiter belongs to it."""
        if self.body.endswith(b"\r\n", start, end):
            return end - 2
        return end - self.body.endswith(b"\n", start, end)


def _line_end(data: bytes, position: int) -> int:
    """The length of the empty line at this position, if there is one."""
    if data.startswith(b"\r\n", position):
        return 2
    return 1 if data.startswith(b"\n", position) else 0
