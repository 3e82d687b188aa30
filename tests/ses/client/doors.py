"""Doors before the box: one that speaks TLS, and a proxy. Each connection has threads of its own, and an end."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from select import select
from threading import Thread
from typing import Self

_TIMEOUT_S = 20
Handler = Callable[[socket.socket], None]


class Door:
    """Accepts on loopback, and hands each connection to a function, in a thread."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle
        self._server = socket.create_server(("127.0.0.1", 0))
        self._threads: list[Thread] = []
        self.count = 0
        self.port: int = self._server.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in (self._thread, *self._threads):
            thread.join(_TIMEOUT_S)
            assert not thread.is_alive()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._server.accept()
            except OSError:
                return
            self.count += 1
            thread = Thread(target=self._guarded, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _guarded(self, sock: socket.socket) -> None:
        sock.settimeout(_TIMEOUT_S)
        with sock, suppress(OSError):
            self._handle(sock)


def pump(one: socket.socket, other: socket.socket) -> None:
    """Pass what either says, until one of them ends. In one thread: TLS is not for two."""
    while True:
        ready = [sock for sock in (one, other) if isinstance(sock, ssl.SSLSocket) and sock.pending()]
        for sock in ready or select([one, other], [], [], _TIMEOUT_S)[0]:
            if not (data := sock.recv(65536)):
                return
            (other if sock is one else one).sendall(data)


def tls_door(port: int, context: ssl.SSLContext, *, afterword: bytes = b"") -> Door:
    """TLS before a server in clear; with an afterword, which it says unasked in the same breath as the first answer."""

    def handle(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as inside, _to(port) as server:
            if afterword:
                server.sendall(inside.recv(65536))
                _say_both(inside, server.recv(65536), afterword)
            pump(inside, server)

    return Door(handle)


def _say_both(inside: ssl.SSLSocket, answer: bytes, afterword: bytes) -> None:
    # Two records in one segment: the kernel holds the first back until there is a second.
    inside.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    inside.sendall(answer)
    inside.sendall(afterword)
    inside.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


class Proxy(Door):
    """A proxy that tunnels by CONNECT and relays everything else, to one port, whatever host is named."""

    def __init__(self, port: int, *, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n", after: bytes = b"") -> None:
        super().__init__(self._proxied)
        self._to = port
        self._answer = answer
        self._after = after
        self.heads: list[bytes] = []

    def _proxied(self, sock: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (data := sock.recv(65536)):
                return
            head += data
        self.heads.append(head.partition(b"\r\n\r\n")[0])
        if not head.startswith(b"CONNECT "):
            self._relay(sock, head)
        else:
            sock.sendall(self._answer + self._after)
            if b" 200 " in self._answer[:20]:
                with _to(self._to) as server:
                    pump(sock, server)

    def _relay(self, sock: socket.socket, said: bytes) -> None:
        method, url, rest = said.split(b" ", 2)
        path = b"/" + url.split(b"/", 3)[3]
        with _to(self._to) as server:
            server.sendall(b" ".join((method, path, rest)))
            pump(sock, server)


def _to(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_S)


GOOD = b'HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{"MessageId":"sunk!"}'


def sink() -> Door:
    """A server that takes whatever comes, keeps nothing, and says yes."""

    def handle(sock: socket.socket) -> None:
        buffer = bytearray(65536)
        while head := _head(sock, buffer):
            left = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            left -= len(head.partition(b"\r\n\r\n")[2])
            while left > 0:
                left -= sock.recv_into(buffer, min(left, len(buffer)))
            sock.sendall(GOOD)

    return Door(handle)


def _head(sock: socket.socket, buffer: bytearray) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        size = sock.recv_into(buffer)
        if not size:
            return b""
        head += buffer[:size]
    return head
