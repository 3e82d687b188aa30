"""The sink of SMTP: takes every mail, with PIPELINING or, as SES, without.

Run by `sink`. A round trip is counted when words come after all earlier ones were answered: whoever sent them had to
wait for that answer first. So words that travel together are one, in however many pieces they arrive.
"""

from __future__ import annotations

import asyncio

from benchmarks.ways.sink import Counts, Kept, serve

_EHLO = b"250-sink.example.com\r\n%b250-8BITMIME\r\n250 SIZE 41943040\r\n"
_OK = b"250 2.0.0 OK\r\n"
_TAKEN = b"250 Ok 0100019a9d3f1b2c-5c4f3a52-7d2f-4a0b-8a5c-3a8a8d6f2b10-000000\r\n"
_END = b"\r\n.\r\n"


class SmtpSink(asyncio.Protocol):
    """One connection."""

    def __init__(self, counts: Counts, kept: Kept, latency_s: float, *, pipelining: bool) -> None:
        self._counts = counts
        self._kept = kept
        self._latency_s = latency_s
        self._ehlo = _EHLO % (b"250-PIPELINING\r\n" if pipelining else b"")
        self._words = b""
        self._tail: bytes | None = None  # the last bytes of a mail that is coming
        self._owes_answer = True  # the greeting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there, and waits for the greeting."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._counts.connections += 1
        self._answer(b"220 sink.example.com ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Lines are answered, mails are counted."""
        if not self._owes_answer:
            self._counts.round_trips += 1
            self._owes_answer = True
        answers = b""
        while data:
            if self._tail is None:
                data, answer = self._line(data)
            else:
                data, answer = self._mail(data)
            answers += answer
        if answers:
            self._answer(answers)

    def _line(self, data: bytes) -> tuple[bytes, bytes]:
        line, end, rest = (self._words + data).partition(b"\r\n")
        if not end:
            self._words = line
            return b"", b""
        self._words = b""
        verb = line[:4].upper()
        if verb == b"DATA":
            self._tail = b"\r\n"
            return rest, b"354 End with a dot\r\n"
        return rest, {b"EHLO": self._ehlo, b"QUIT": b"221 2.0.0 Bye\r\n"}.get(verb, _OK)

    def _mail(self, data: bytes) -> tuple[bytes, bytes]:
        assert self._tail is not None
        seen = self._tail + data
        end = seen.find(_END)
        if end < 0:
            self._kept.add(data)
            self._tail = seen[-4:]
            return b"", b""
        past = end + len(_END) - len(self._tail)
        self._kept.add(data[:past])
        self._kept.end()
        self._tail = None
        self._counts.mails += 1
        return data[past:], _TAKEN

    def _answer(self, answers: bytes) -> None:
        if self._latency_s:
            asyncio.get_running_loop().call_later(self._latency_s, self._write, answers)
        else:
            self._write(answers)

    def _write(self, answers: bytes) -> None:
        self._owes_answer = False
        self._transport.write(answers)


if __name__ == "__main__":
    serve(lambda counts, kept, options: SmtpSink(counts, kept, options.latency_s, pipelining=options.pipelining))
