"""Streams: what is too large to be written at once, as pieces that are made while they go. The same each time.

A stream is asked twice, since the digest of a body goes out before it: making it again costs less than keeping it.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from sesmail.ses.call import Blob

SMALL = 65536
"""Up to this size a body is written at once, and whole."""
LONGEST_TEXT = 16384
"""Of a text, so many characters are written at once. Each may become twelve bytes."""
_STEP = 49152  # bytes that become 64 kB of base64; in threes, so that no piece but the last ends in padding


class Stream(Protocol):
    """A part of a body."""

    about: int
    """How many bytes it becomes, more or less."""

    def whole(self) -> bytes:
        """All of it at once."""

    def pieces(self) -> Iterator[bytes]:
        """All of it, in pieces of about 64 kB at most."""


class Base64:
    """Bytes as base64, further encoded where the language wants that."""

    __slots__ = ("_finish", "_source", "about")

    def __init__(self, source: Blob | bytes, finish: Callable[[bytes], bytes] = bytes) -> None:
        self._source = source
        self._finish = finish
        self.about = -(-(source.size if isinstance(source, Blob) else len(source)) // 3) * 4

    def whole(self) -> bytes:
        """All of it at once."""
        source = self._source
        return self._finish(b2a_base64(source.to_bytes() if isinstance(source, Blob) else source, newline=False))

    def pieces(self) -> Iterator[bytes]:
        """All of it, in pieces."""
        source = self._source
        chunks = source.chunks() if isinstance(source, Blob) else (source,)
        return map(self._finish, base64_pieces(chunks))


def base64_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Base64 of chunks, cut anywhere.

    >>> from sesmail.ses.client.direct.streams import base64_pieces
    >>> b"".join(base64_pieces([b"H", b"ell", b"", b"o"]))
    b'SGVsbG8='
    """
    rest = b""  # less than three bytes, which wait for the next chunk
    for chunk in chunks:
        view = memoryview(chunk)
        if rest:
            missing = 3 - len(rest)
            rest += view[:missing]
            view = view[missing:]
            if len(rest) < 3:
                continue
            yield b2a_base64(rest, newline=False)
        whole = len(view) // 3 * 3
        for start in range(0, whole, _STEP):
            yield b2a_base64(view[start : min(start + _STEP, whole)], newline=False)
        rest = bytes(view[whole:])
    if rest:
        yield b2a_base64(rest, newline=False)


class LongText:
    """A text, written in a language that writes each character by itself."""

    __slots__ = ("_text", "_write", "about")

    def __init__(self, text: str, write: Callable[[str], str]) -> None:
        self._text = text
        self._write = write
        self.about = len(text) if text.isascii() else 6 * len(text)

    def whole(self) -> bytes:
        """All of it at once."""
        return self._write(self._text).encode("ascii")

    def pieces(self) -> Iterator[bytes]:
        """All of it, in pieces."""
        for start in range(0, len(self._text), LONGEST_TEXT):
            yield self._write(self._text[start : start + LONGEST_TEXT]).encode("ascii")
