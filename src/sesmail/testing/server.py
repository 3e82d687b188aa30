"""Server: what a test starts on this machine, asks for its place, and stops. The servers and proxies here are such."""

from __future__ import annotations

from typing import Self

from sesmail.testing.loopback import Loopback, Serve


class Server:
    """A `Loopback` from the outside: best in a with statement, and else with `start` and `stop`.

    >>> import asyncio, socket
    >>> from sesmail.testing.server import Server
    >>> async def hello(peer, number):
    ...     await asyncio.get_running_loop().sock_sendall(peer, b"hello, %d" % number)
    >>> with Server(hello, name="hello") as server:
    ...     with socket.create_connection((server.host, server.port)) as client:
    ...         client.recv(100)
    b'hello, 0'
    """

    def __init__(self, serve: Serve, *, name: str) -> None:
        self._loopback = Loopback(serve, name=name)

    def start(self) -> None:
        """Begin to accept."""
        self._loopback.start()

    def stop(self) -> None:
        """Close every connection. Raises what a function of yours raised inside. More than once does nothing more."""
        self._loopback.stop()

    def join(self, timeout_s: float = 10.0) -> None:
        """Wait until every connection has ended, so that all is noted. Raises `TimeoutError`."""
        self._loopback.join(timeout_s)

    @property
    def host(self) -> str:
        """Where a client connects."""
        return self._loopback.host

    @property
    def port(self) -> int:
        """Where a client connects."""
        return self._loopback.port

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
