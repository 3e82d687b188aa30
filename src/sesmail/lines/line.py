"""Line: one connection to another machine, whoever speaks on it, and whether somebody waits for it or awaits it."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass

from sesmail.lines.tls import Tls

PIECE = 65536


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line leads."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Line:
    """An open connection. TLS, once begun, stays with it."""

    __slots__ = ("sock", "tls")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.tls: Tls | None = None

    def is_quiet(self) -> bool:
        """Whether the peer has said nothing since it was last heard, and has not left: only then is it used again."""
        self.sock.settimeout(0)
        try:
            data = self.sock.recv(PIECE)
        except BlockingIOError:
            return True
        except OSError:
            return False
        # Without TLS any word that nobody asked for would pass for the answer to the next one.
        return bool(data) and self.tls is not None and self.tls.is_silent(data)

    def part(self, word: bytes) -> None:
        """Say a last word as far as that goes without waiting."""
        with suppress(OSError):
            self.sock.settimeout(0)
            self.sock.send(self.tls.wrap(word) if self.tls else word)

    def close(self) -> None:
        """End it at once."""
        with suppress(OSError):  # the peer was quicker
            self.sock.close()


Addresses = list[tuple[int, int, int, str, tuple[object, ...]]]  # as getaddrinfo gives them


def resolve(place: Place) -> Addresses:
    """The addresses of a place. Blocks: the system has no other way."""
    return socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)  # type: ignore[return-value]


def unconnected(family: int, kind: int, protocol: int) -> socket.socket:
    """A socket as lines have them: each word leaves at once, and a peer that vanished is noticed some day."""
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return sock
