"""Shift: one time that a door is open. A thread, its loop, and the sockets it listens on; both doors work so.

A door is opened and closed often, in many programs once per test. So its sockets are opened in the caller's thread,
where errors of ports belong, and whoever connects waits in the socket until the loop runs.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Collection, Sequence
from threading import Thread, current_thread
from typing import Generic, Protocol, TypeVar

BACKLOG = 1024  # who connects while a slow answer is made
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - a server can be bound to these, not called by them

Entrance = tuple[socket.socket, Callable[[], asyncio.BaseProtocol]]


class Closable(Protocol):
    """A connection that can be closed at once."""

    def abort(self) -> None:
        """Close it."""


class Staff(Protocol):
    """What all connections of a door share."""

    @property
    def connections(self) -> Collection[Closable]:
        """Those that are open."""

    def sweep(self) -> None:
        """Look at the time of every connection."""


D = TypeVar("D", bound=Staff)


class Shift(Generic[D]):
    """A thread that serves who comes in by some entrances, until it is ended."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, entrances: Sequence[Entrance], desk: D, *, sweep_s: float, name: str
    ) -> None:
        self.addresses: list[tuple[str, int]] = [listener.getsockname()[:2] for listener, _ in entrances]
        self._loop = loop
        self._entrances = entrances
        self._desk = desk
        self._sweep_s = sweep_s
        self._over = asyncio.Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def is_mine(self) -> bool:
        """Whether it is this thread that asks."""
        return current_thread() is self._thread

    def end(self) -> None:
        """Close all, and wait until it is closed."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        # Given a socket, it neither opens nor resolves anything, so nothing can fail here that start() should raise.
        servers = [
            await self._loop.create_server(connect, sock=listener, backlog=BACKLOG)
            for listener, connect in self._entrances
        ]
        self._sweep()
        await self._over.wait()
        await self._send_all_away()
        for server in servers:
            server.close()

    def _sweep(self) -> None:
        self._desk.sweep()
        self._loop.call_later(self._sweep_s, self._sweep)

    async def _send_all_away(self) -> None:
        # A server that is closed drops the sockets of those whom it is just accepting, and leaves them open. So it
        # accepts nobody more first; one turn of the loop makes a task of each, and the next a connection.
        for listener, _ in self._entrances:
            self._loop.remove_reader(listener)
        for _ in range(2):
            await asyncio.sleep(0)
        while self._desk.connections:
            for connection in tuple(self._desk.connections):
                connection.abort()
            await asyncio.sleep(0)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises the `OSError` of a port that is taken or not allowed."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listener = socket.create_server((str(address[0]), port), family=family, backlog=BACKLOG)
    # For the connections, which inherit it. asyncio sets it by itself, but only for sockets that name their protocol.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def called(host: str) -> str:
    """Under which address what is bound to this one can be called from this machine."""
    return _EVERYWHERE.get(host, host)
