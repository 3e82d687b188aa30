"""The sink of the API: takes every call that comes by HTTP/1.1 keep-alive, and answers as SES v2 answers SendEmail.

Run by `sink`. It reads what an answer takes, heads and lengths, and drops all bodies; only when it is asked to keep
one, it keeps the next.
"""

from __future__ import annotations

import asyncio
import re

from benchmarks.ways.sink import Counts, Kept, serve

_BODY = b'{"MessageId":"0100019a9d3f1b2c-5c4f3a52-7d2f-4a0b-8a5c-3a8a8d6f2b10-000000"}'
_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-amzn-RequestId: 5c4f3a52\r\nContent-Length: {}\r\n\r\n"
_ANSWER = _HEAD.format(len(_BODY)).encode() + _BODY
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class SesSink(asyncio.Protocol):
    """One connection."""

    def __init__(self, counts: Counts, kept: Kept, latency_s: float) -> None:
        self._counts = counts
        self._kept = kept
        self._latency_s = latency_s
        self._head = b""
        self._due = 0  # bytes of the body that have not come yet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._counts.connections += 1

    def data_received(self, data: bytes) -> None:
        """Heads are read, bodies are counted."""
        while data:
            data = self._body(data) if self._due else self._heading(data)

    def _body(self, data: bytes) -> bytes:
        taken, rest = (data, b"") if len(data) <= self._due else (data[: self._due], data[self._due :])
        self._kept.add(taken)
        self._due -= len(taken)
        if not self._due:
            self._answer()
        return rest

    def _heading(self, data: bytes) -> bytes:
        head, end, rest = (self._head + data).partition(b"\r\n\r\n")
        if not end:
            self._head = head
            return b""
        self._head = b""
        length = _LENGTH.search(head)
        self._due = int(length[1]) if length else 0
        if not self._due:  # a body in chunks, or none: no call of ours has that
            self._transport.abort()
            return b""
        if b"100-continue" in head.lower():
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return rest

    def _answer(self) -> None:
        self._counts.mails += 1
        self._kept.end()
        if self._latency_s:
            asyncio.get_running_loop().call_later(self._latency_s, self._transport.write, _ANSWER)
        else:
            self._transport.write(_ANSWER)


if __name__ == "__main__":
    serve(lambda counts, kept, options: SesSink(counts, kept, options.latency_s))
