"""Stream: the bytes of one client, plain at first and encrypted from when it is told to be.

TLS is done in memory, between our own reads and writes. So a server decides what goes out before a handshake, and in
place of one.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sesmail.testing.loopback import end, reset, until_sent

_CHUNK = 64 * 1024
_Done = TypeVar("_Done")
LONGEST_LINE = 64 * 1024
LARGEST_MESSAGE = 64 * 1024 * 1024


class Stream:
    """Reads lines and messages, and says bytes. Whoever reads past its end gets a `ConnectionError`."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._loop = asyncio.get_running_loop()
        self._tls: ssl.SSLObject | None = None
        self._inbox = bytearray()

    # ── in ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def line(self) -> bytes:
        """The next line, with the LF that ends it."""
        return await self._until(b"\n", LONGEST_LINE)

    async def message(self) -> bytes:
        """What follows on DATA, without its last dot and the first dot of every other line (RFC 5321 4.5.2).

        A client that doubles no dots loses one that way, and so does not pass for one that does.
        """
        self._inbox[:0] = b"\r\n"  # that of DATA, so that the dot of an empty message stands alone on its line
        data = await self._until(b"\r\n.\r\n", LARGEST_MESSAGE)
        return data.removesuffix(b".\r\n").replace(b"\r\n.", b"\r\n")[2:]

    async def drop(self) -> None:
        """Read and forget, until the client has gone."""
        while await self._loop.sock_recv(self._socket, _CHUNK):
            pass

    async def _until(self, mark: bytes, limit: int) -> bytes:
        seen = 0
        while (at := self._inbox.find(mark, max(0, seen - len(mark)))) < 0:
            if len(self._inbox) > limit:
                raise ConnectionAbortedError(f"a client sent more than {limit} bytes without an end")
            seen = len(self._inbox)
            self._inbox += await self._read()
        data = bytes(self._inbox[: at + len(mark)])
        del self._inbox[: len(data)]
        return data

    async def _read(self) -> bytes:
        tls = self._tls
        data = await (self._in_tls(lambda: tls.read(_CHUNK)) if tls else self._loop.sock_recv(self._socket, _CHUNK))
        if not data:
            raise ConnectionAbortedError("the client has gone")
        return data

    # ── out ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def say(self, data: bytes) -> None:
        """Send it, in one go."""
        if self._tls:
            self._tls.write(data)
            data = self._outgoing.read()
        await self._loop.sock_sendall(self._socket, data)

    async def part(self) -> None:
        """Say goodbye in TLS, if there is any, and send no more."""
        if self._tls:
            with suppress(ssl.SSLError):  # it wants the client's goodbye as well, which may never come
                self._tls.unwrap()
            await self._loop.sock_sendall(self._socket, self._outgoing.read())
        self.end()

    def end(self) -> None:
        """Send no more. In TLS that is an end which nobody has announced."""
        end(self._socket)

    async def reset(self) -> None:
        """End it with RST, behind all that was said."""
        await until_sent(self._socket)
        reset(self._socket)

    # ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def encrypt(self, context: ssl.SSLContext) -> None:
        """Be a server in a handshake. What the client said too early counts as its beginning, and so makes it fail."""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._incoming.write(self._inbox)
        self._inbox.clear()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        await self._in_tls(self._tls.do_handshake)

    async def _in_tls(self, step: Callable[[], _Done]) -> _Done:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                pass
            finally:  # also the alert of a handshake that fails
                await self._loop.sock_sendall(self._socket, self._outgoing.read())
            data = await self._loop.sock_recv(self._socket, _CHUNK)
            self._incoming.write(data) if data else self._incoming.write_eof()
