"""OtherEnd: the other machine. A thread for each connection runs what a test says; what goes wrong there is raised."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import Self

from sesmail.lines.line import Place

HOST = "127.0.0.1"
_PATIENCE_S = 20  # so that a test fails and does not hang

_ESTABLISHED = 1  # in Linux's tcp_info

Serve = Callable[[socket.socket], object]


def _is_held(sock: socket.socket) -> bool:
    """Whether the peer has not closed it, as the kernel knows it: our threads may hear of it much later."""
    if not hasattr(socket, "TCP_INFO"):
        return sock.fileno() != -1
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _ESTABLISHED
    except OSError:  # our own side has closed it
        return False


class OtherEnd:
    """A server. Each connection gets the next of ``serve``, and those behind the last one get that."""

    def __init__(self, *serve: Serve) -> None:
        self._serve = serve
        self._lock = Lock()
        self._threads: list[Thread] = []
        self._connections: list[socket.socket] = []
        self._failures: list[BaseException] = []
        self.accepted = 0
        self.open = 0
        self.most = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server((HOST, 0), backlog=128)
        self.place = Place(HOST, self._listener.getsockname()[1])
        self._begin(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._connections:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_PATIENCE_S)
        if self._failures:
            raise self._failures[0]

    def _begin(self, work: Callable[[], None]) -> None:
        thread = Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                sock.settimeout(_PATIENCE_S)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connections.append(sock)
                serve = self._serve[min(self.accepted, len(self._serve) - 1)]
                with self._lock:
                    self.accepted += 1
                    self.open += 1
                    self.most = max(self.most, sum(map(_is_held, self._connections)))
                self._begin(lambda sock=sock, serve=serve: self._attend(sock, serve))  # type: ignore[misc]

    def _attend(self, sock: socket.socket, serve: Serve) -> None:
        try:
            with sock:
                serve(sock)
        except OSError:
            pass  # who goes away is what these tests are about
        except BaseException as failure:  # noqa: BLE001 - raised at the end
            self._failures.append(failure)
        finally:
            with self._lock:
                self.open -= 1


# ── what it may do ───────────────────────────────────────────────────────────────────────────────────────────────


def echo(sock: socket.socket) -> None:
    """Say the same."""
    while data := sock.recv(65536):
        sock.sendall(data)


def drain(sock: socket.socket) -> None:
    """Listen to the end, and say nothing."""
    while sock.recv(65536):
        pass


def saying(word: bytes) -> Serve:
    """Say it, and listen to the end."""

    def serve(sock: socket.socket) -> None:
        sock.sendall(word)
        drain(sock)

    return serve


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def secured(context: ssl.SSLContext, serve: Callable[[ssl.SSLSocket], object]) -> Serve:
    """The same by TLS. An end without its announcement is an error there."""

    def serve_secured(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True, suppress_ragged_eofs=False) as inside:
            serve(inside)

    return serve_secured
