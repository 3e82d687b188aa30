"""Peer: one end of a connection, byte by byte."""

from __future__ import annotations

import socket
import struct
from typing import Literal, Self

HOST = "127.0.0.1"
_PATIENCE_S = 20  # so that a test fails and does not hang
A_MOMENT_S = 0.03  # in which nothing comes

End = Literal["closed", "reset"]


class Peer:
    """A socket, with a time-out."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        sock.settimeout(_PATIENCE_S)

    @classmethod
    def to(cls, port: int) -> Self:
        return cls(socket.create_connection((HOST, port), timeout=_PATIENCE_S))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> Self:
        if data:  # to send nothing still fails when the connection has
            self.socket.sendall(data)
        return self

    def send_no_more(self) -> Self:
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def exactly(self, size: int) -> bytes:
        """So many bytes, or as many as come before the end."""
        data = b""
        while len(data) < size and (more := self.socket.recv(size - len(data))):
            data += more
        return data

    def reply(self) -> bytes:
        """Up to the line that ends a good reply."""
        reply = line = self.line()
        while line[3:4] == b"-":
            line = self.line()
            reply += line
        return reply

    def line(self) -> bytes:
        """The next line, and not a byte of what is behind it."""
        line = b""
        while not line.endswith(b"\n"):
            one = self.socket.recv(1)
            if not one:
                raise EOFError(line)
            line += one
        return line

    def rest(self) -> tuple[bytes, End]:
        """All that comes, and how it ends."""
        data = b""
        try:
            while more := self.socket.recv(1 << 20):
                data += more
        except ConnectionError:
            return data, "reset"
        return data, "closed"

    def is_silent(self) -> bool:
        """The connection is open, and nothing comes."""
        self.socket.settimeout(A_MOMENT_S)
        try:
            self.socket.recv(1)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(_PATIENCE_S)
        return False
