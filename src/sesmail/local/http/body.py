"""Bodies: of a size that was said beforehand, or in chunks.

Each takes its bytes from the front of a buffer and leaves there what follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from sesmail.local.http.fault import HttpFault
from sesmail.local.http.section import Section, fields_of

# RFC 9112 7.1. Fifteen digits are a petabyte; a blank is allowed before an extension and nowhere else.
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})([ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n")


class Body(Protocol):
    """What follows a head."""

    def take(self, buffer: bytearray) -> bytes | None:
        """Remove the body from the buffer and give it, or nothing while it is not whole."""


class SizedBody:
    """So many bytes."""

    def __init__(self, size: int) -> None:
        self._size = size

    def take(self, buffer: bytearray) -> bytes | None:
        """Remove the body from the buffer and give it, or nothing while it is not whole."""
        if len(buffer) < self._size:
            return None
        with memoryview(buffer) as view:  # a slice of the buffer itself would be one copy more
            body = bytes(view[: self._size])
        del buffer[: self._size]
        return body


class ChunkedBody:
    """Chunks, each behind its size, and trailers, which are dropped."""

    def __init__(
        self, *, max_bytes: int, max_line_bytes: int, max_extension_bytes: int, max_trailer_bytes: int
    ) -> None:
        self._max_bytes = max_bytes
        self._max_line_bytes = max_line_bytes
        self._extension_bytes_left = max_extension_bytes
        self._trailers = Section("trailer section", max_trailer_bytes)
        self._body = bytearray()
        self._seen = 0
        self._chunk_bytes_left = 0
        self._is_whole = False
        self._step: Callable[[bytearray], bool] = self._read_line

    def take(self, buffer: bytearray) -> bytes | None:
        """Remove what is there from the buffer; give the body once it is whole."""
        while self._step(buffer):
            pass
        return bytes(self._body) if self._is_whole else None

    def _read_line(self, buffer: bytearray) -> bool:
        end = buffer.find(b"\n", self._seen, self._max_line_bytes) + 1
        if not end:
            if len(buffer) >= self._max_line_bytes:
                raise HttpFault(400, f"a line with the size of a chunk is longer than {self._max_line_bytes} bytes")
            self._seen = len(buffer)
            return False
        self._seen = 0
        size = self._size_of(buffer[:end])
        if size:
            del buffer[:end]
            self._chunk_bytes_left = size
            self._step = self._read_chunk
        else:
            # The end of this line stays: with it, trailers end as a head does, even when there are none.
            del buffer[: end - 2]
            self._step = self._read_trailers
        return True

    def _size_of(self, line: bytearray) -> int:
        found = _CHUNK_LINE.fullmatch(line)
        if not found:
            raise HttpFault(400, "a chunk does not begin with its size in hexadecimal digits and CR LF")
        self._extension_bytes_left -= len(found[2] or b"")
        if self._extension_bytes_left < 0:
            raise HttpFault(400, "the extensions of the chunks are too long")
        size = int(found[1], 16)
        if len(self._body) + size > self._max_bytes:
            raise too_large(self._max_bytes)
        return size

    def _read_chunk(self, buffer: bytearray) -> bool:
        piece = buffer[: self._chunk_bytes_left]
        del buffer[: len(piece)]
        self._body += piece
        self._chunk_bytes_left -= len(piece)
        if self._chunk_bytes_left:
            return False
        self._step = self._read_chunk_end
        return True

    def _read_chunk_end(self, buffer: bytearray) -> bool:
        if not b"\r\n".startswith(buffer[:2]):
            raise HttpFault(400, "a chunk is longer than the size that was said: CR LF must follow it")
        if len(buffer) < 2:
            return False
        del buffer[:2]
        self._step = self._read_line
        return True

    def _read_trailers(self, buffer: bytearray) -> bool:
        lines = self._trailers.take(buffer)
        if lines is not None:
            fields_of(lines[1:])  # dropped, but they must be headers
            self._is_whole = True
        return False


def too_large(max_bytes: int) -> HttpFault:
    """The answer to a body that is larger than this."""
    return HttpFault(413, f"the body is larger than {max_bytes} bytes")
