"""Peer: the other end of a connection, byte by byte. Clients of HTTP would mend what these tests break."""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple, Self


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Peer:
    """A socket to a door, with a time-out so that a test fails and does not hang."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port), timeout=20)
        self._inbox = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> Self:
        self.socket.sendall(data)
        return self

    def send_until_cut(self, data: bytes) -> int:
        """Send the same again and again, until the door is shut; gives the number of bytes."""
        sent = 0
        try:
            while True:
                sent += self.socket.send(data)
        except ConnectionError:
            return sent

    def send_no_more(self) -> Self:
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def reply(self, *, to_head: bool = False) -> Reply:
        """The next answer."""
        while b"\r\n\r\n" not in self._inbox:
            self._receive()
        head, _, _ = bytes(self._inbox).partition(b"\r\n\r\n")
        del self._inbox[: len(head) + 4]
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        size = 0 if to_head else int(headers.get("content-length", "0"))
        while len(self._inbox) < size:
            self._receive()
        body = bytes(self._inbox[:size])
        del self._inbox[:size]
        return Reply(int(first.split(" ")[1]), headers, body)

    def _receive(self) -> None:
        data = self.socket.recv(1 << 20)
        if not data:
            raise EOFError(bytes(self._inbox[:200]))
        self._inbox += data

    def is_at_end(self) -> bool:
        """Wait until the door has closed, and say that it did so in order."""
        return not self._inbox and self.socket.recv(1) == b""
