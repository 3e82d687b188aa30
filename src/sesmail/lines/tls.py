"""Tls: the client's side of TLS as a dialogue around a dialogue. No socket is wrapped, so both drivers share it.

Rule 1: what came before the handshake is no part of it. Whoever asks for TLS has heard all that was said in clear, and
        whatever else arrives first makes the handshake fail.
Rule 2: an end that TLS has not announced is an end all the same: SES closes that way. Whoever speaks knows whether
        something was still due.
Rule 3: TLS has things to hear and to say for itself, at any time: tickets, new keys, a new handshake on old versions.
        So each of its steps may take several of the line's.
Rule 4: what goes wrong after the handshake is a line that broke. A fault of TLS, which trying again does not mend, is a
        peer that cannot prove who it is or cannot agree on how to speak.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from sesmail.lines.dialogue import HEAR, Dialogue, T
from sesmail.lines.fault import Kind, LineFault, detail_of, line_fault

_PIECE = 65536


class Tls:
    """One connection's encryption."""

    __slots__ = ("_in", "_inside", "_out")

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        name = host.removesuffix(".")  # which DNS knows and certificates do not (RFC 6066 3)
        try:
            self._inside = context.wrap_bio(self._in, self._out, server_hostname=name)
        except ValueError as error:
            raise LineFault(Kind.TLS, "no certificate is for such a name") from error

    def handshake(self) -> Dialogue[None]:
        """Shake hands. A peer that fails to prove itself raises a `LineFault`, and hears an alert before."""
        try:
            yield from self._done(self._inside.do_handshake)
        except ssl.SSLError as error:
            raise line_fault(error) from error

    def say(self, data: bytes) -> Dialogue[None]:
        """Say it."""
        try:
            yield from self._done(partial(self._inside.write, data))
        except ssl.SSLError as error:
            raise LineFault(Kind.LOST, detail_of(error)) from error

    def hear(self) -> Dialogue[bytes]:
        """What the peer says next; nothing at its end."""
        try:
            return (yield from self._done(partial(self._inside.read, _PIECE)))
        except ssl.SSLError as error:
            if isinstance(error, ssl.SSLEOFError) and self._in.eof:
                return b""
            raise LineFault(Kind.LOST, detail_of(error)) from error

    def farewell(self, word: bytes) -> bytes:
        """A last word and the end of TLS, for the wire."""
        with suppress(ssl.SSLError):  # the end is there, and the peer's own is not
            if word:
                self._inside.write(word)
            self._inside.unwrap()
        return self._out.read()

    def is_silent(self, data: bytes) -> bool:
        """Whether bytes that came unasked, and those that came before, are TLS's own business: no word and no end."""
        self._in.write(data)
        try:
            self._inside.read(1)
        except ssl.SSLWantReadError:
            return True
        except ssl.SSLError:
            return False
        return False

    def _done(self, call: Callable[[], T]) -> Dialogue[T]:
        """What a call of ssl gives, when all is heard and said that TLS wants for it."""
        while True:
            try:
                result = call()
            except ssl.SSLWantReadError:
                yield from self._say()
                yield from self._hear()
            except ssl.SSLError:
                with suppress(LineFault):  # an alert may be for a peer that has left, which is not the news here
                    yield from self._say()
                raise
            else:
                yield from self._say()
                return result

    def _say(self) -> Dialogue[None]:
        if self._out.pending:
            yield self._out.read()

    def _hear(self) -> Dialogue[None]:
        if data := (yield HEAR):
            self._in.write(data)
        else:
            self._in.write_eof()
