"""Tls: the client's side of TLS as a dialogue around a dialogue. No socket is wrapped, so both drivers share it.

Rule 1: what came before the handshake is no part of it. Whoever asks for TLS has heard all that was said in clear, and
        whatever else arrives first makes the handshake fail.
Rule 2: an end that TLS has not announced is an end all the same: SES closes that way. Whoever speaks knows whether
        something was still due.
"""

from __future__ import annotations

import ssl
from typing import Protocol

from sesmail.lines.dialogue import HEAR, Dialogue, StartTls, Step, T
from sesmail.lines.fault import line_fault

_PIECE = 65536


class Tls:
    """One connection's encryption."""

    __slots__ = ("_in", "_inside", "_out")

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._inside = context.wrap_bio(self._in, self._out, server_hostname=host)

    def handshake(self) -> Dialogue[None]:
        """Shake hands. A peer that fails to prove itself raises a `LineFault`, and hears an alert before."""
        while True:
            try:
                self._inside.do_handshake()
            except ssl.SSLWantReadError:
                yield from self._say()
                yield from self._hear()
            except ssl.SSLError as error:
                yield from self._say()
                raise line_fault(error) from error
            else:
                yield from self._say()
                return

    def wrap(self, data: bytes) -> bytes:
        """The same for the wire."""
        self._inside.write(data)
        return self._out.read()

    def hear(self) -> Dialogue[bytes]:
        """What the peer says next; nothing at its end."""
        while True:
            try:
                return self._inside.read(_PIECE)
            except ssl.SSLWantReadError:
                yield from self._hear()
            except ssl.SSLEOFError:
                return b""
            except ssl.SSLError as error:
                raise line_fault(error) from error

    def is_silent(self, data: bytes) -> bool:
        """Whether bytes that came unasked are TLS's own business, and neither a word nor an end."""
        self._in.write(data)
        try:
            self._inside.read(1)
        except ssl.SSLWantReadError:
            return True
        except ssl.SSLError:
            return False
        return False

    def _say(self) -> Dialogue[None]:
        if data := self._out.read():
            yield data

    def _hear(self) -> Dialogue[None]:
        if data := (yield HEAR):
            self._in.write(data)
        else:
            self._in.write_eof()


class Secured(Protocol):
    """What may get TLS in the middle of a dialogue, and keeps it for the next one."""

    tls: Tls | None


def over(line: Secured, dialogue: Dialogue[T]) -> Dialogue[T]:
    """A dialogue as it goes over a line: encrypted where the line is. `StartTls` is not among the steps any more."""
    try:
        step = next(dialogue)
        while True:
            try:
                is_plain = line.tls is None and type(step) is not StartTls
                answer = (yield step) if is_plain else (yield from _secured(line, step))
            except Exception as error:  # noqa: BLE001 - it is the dialogue's to catch
                step = dialogue.throw(error)
            else:
                step = dialogue.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        dialogue.close()


def _secured(line: Secured, step: Step) -> Dialogue[bytes]:
    if isinstance(step, StartTls):
        line.tls = Tls(step.context, step.host)
        yield from line.tls.handshake()
        return b""
    assert line.tls is not None  # noqa: S101 - for the type checker
    if isinstance(step, bytes):
        yield line.tls.wrap(step)
        return b""
    return (yield from line.tls.hear()) if step is HEAR else (yield step)
