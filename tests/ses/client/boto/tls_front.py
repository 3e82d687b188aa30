"""What stands before a box: TLS, and if wanted a proxy that is asked to CONNECT first."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self


class TlsFront:
    """Takes connections on loopback, ends their TLS, and hands all that is said to a server and back."""

    def __init__(self, context: ssl.SSLContext, server: tuple[str, int], *, connect: bool = False) -> None:
        self._context = context
        self._server = server
        self._connect = connect
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()
        self._threads = [Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                self._threads.append(Thread(target=self._serve, args=[peer], daemon=True))
                self._threads[-1].start()

    def _serve(self, plain: socket.socket) -> None:
        with plain, suppress(OSError):
            plain.settimeout(5)
            if self._connect and not _connected(plain):
                return
            if not plain.recv(1, socket.MSG_PEEK):  # wrap_socket leaks a socket whose peer has gone
                return
            tls = self._context.wrap_socket(plain, server_side=True)
            with tls as peer, socket.create_connection(self._server, timeout=5) as server:
                back = Thread(target=_pump, args=[server, peer], daemon=True)
                back.start()
                _pump(peer, server)
                back.join(5)


def _connected(peer: socket.socket) -> bool:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = peer.recv(65536)
        if not piece:
            return False
        head += piece
    peer.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    return True


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR) if not isinstance(target, ssl.SSLSocket) else target.unwrap()
