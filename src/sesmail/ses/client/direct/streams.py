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
_STEP = 49152  # bytes that become 64 kB of base64; in threes, so that no piece but the last ends in padding
_CHARACTERS = 16384  # of a text, each of which may become twelve bytes


class Stream(Protocol):
    """A part of a body."""

    least: int
    """It becomes no fewer bytes than that."""

    def whole(self) -> bytes:
        """All of it at once."""

    def pieces(self) -> Iterator[bytes]:
        """All of it, in pieces of about 64 kB at most."""


class Base64:
    """Bytes as base64, further encoded where the language wants that."""

    __slots__ = ("_finish", "_source", "least")

    def __init__(self, source: Blob | bytes, finish: Callable[[bytes], bytes] = bytes) -> None:
        self._source = source
        self._finish = finish
        self.least = -(-(source.size if isinstance(source, Blob) else len(source)) // 3) * 4

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
    rest = b""
    for chunk in chunks:
        data = rest + chunk if rest else chunk
        whole = len(data) // 3 * 3
        view = memoryview(data)
        for start in range(0, whole, _STEP):
            yield b2a_base64(view[start : min(start + _STEP, whole)], newline=False)
        rest = data[whole:]
    if rest:
        yield b2a_base64(rest, newline=False)


class LongText:
    """A text, written in a language that writes each character by itself."""

    __slots__ = ("_text", "_write", "least")

    def __init__(self, text: str, write: Callable[[str], str]) -> None:
        self._text = text
        self._write = write
        self.least = len(text)

    def whole(self) -> bytes:
        """All of it at once."""
        return self._write(self._text).encode("ascii")

    def pieces(self) -> Iterator[bytes]:
        """All of it, in pieces."""
        for start in range(0, len(self._text), _CHARACTERS):
            yield self._write(self._text[start : start + _CHARACTERS]).encode("ascii")
