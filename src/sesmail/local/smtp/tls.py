"""TLS without a socket: what the peer sends goes in, what it said and what it is to be sent come out."""

from __future__ import annotations

import ssl

_PIECE = 65536
# RFC 8446 6: a record of the kind alert, fatal, handshake_failure. It needs no handshake to be sent.
REFUSED = bytes((21, 3, 3, 0, 2, 2, 40))


class Tls:
    """The server's side of one connection."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._inside = context.wrap_bio(self._in, self._out, server_side=True)
        self.is_ready = False  # the handshake is done
        self.is_over = False  # the peer said that nothing more comes

    def receive(self, data: bytes | memoryview) -> bytes:
        """What the peer said, as far as it is there. Raises `ssl.SSLError`, and then has an alert to be sent."""
        self._in.write(data)
        if not self.is_ready:
            try:
                self._inside.do_handshake()
            except ssl.SSLWantReadError:
                return b""
            self.is_ready = True
        return b"".join(iter(self._read, b""))

    def _read(self) -> bytes:
        try:
            data = self._inside.read(_PIECE)
        except ssl.SSLWantReadError:
            return b""
        self.is_over = self.is_over or not data
        return data

    def wrap(self, data: bytes) -> bytes:
        """The same for the wire."""
        self._inside.write(data)
        return self.unsent()

    def unsent(self) -> bytes:
        """What TLS itself has to say."""
        return self._out.read()
