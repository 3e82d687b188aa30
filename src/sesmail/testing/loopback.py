"""Loopback: a server on this machine for as long as a test runs, in a thread of its own with a task for each peer.

Rule 1: no test hangs. Nothing blocks the loop, every wait can be cancelled, and the end cancels them all.
Rule 2: nothing is left. Each socket is closed by whoever opened it, whether or not its task ever ran.
Rule 3: nothing is hidden. A peer that goes away is what these servers are for; any other error is raised at the end.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from threading import Thread

from sesmail.errors import SetupError

HOST = "127.0.0.1"
_BACKLOG = 128
_LONGEST_END_S = 10.0  # only a function of the test's own can keep the loop that long
_LOOK_AGAIN_S = 0.005
_UNASKED_S = 0.02  # for systems that do not say what is unsent; on loopback it is on its way at once
_SIOCOUTQNSD = 0x894B  # linux/sockios.h; its neighbour SIOCOUTQ would wait for acknowledgements, which come 40 ms late

Pause = Callable[[float], Awaitable[object]]  # such as asyncio.sleep
Serve = Callable[[socket.socket, int], Coroutine[None, None, None]]


class Loopback:
    """Accepts peers and hands each to ``serve``, with its number from 0 on. The socket is closed when that is over.

    >>> import asyncio, socket
    >>> from sesmail.testing.loopback import Loopback
    >>> async def hello(peer, number):
    ...     await asyncio.get_running_loop().sock_sendall(peer, b"hello, %d" % number)
    >>> server = Loopback(hello, name="hello")
    >>> server.start()
    >>> with socket.create_connection((server.host, server.port)) as client:
    ...     client.recv(100)
    b'hello, 0'
    >>> server.stop()
    """

    host = HOST

    def __init__(self, serve: Serve, *, name: str) -> None:
        self._serve = serve
        self._name = name
        self._thread: Thread | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []
        self.accepted = 0

    # ── what a test calls, from its own thread ───────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Open a port and begin to accept."""
        if self._thread:
            raise SetupError(f"{self._name} was started already; make another one")
        self._listener = _bound(0)
        self._port: int = self._listener.getsockname()[1]
        self._loop = asyncio.SelectorEventLoop()  # also on Windows, whose own loop has no add_reader
        self._over = asyncio.Event()
        self._listen()
        self._thread = Thread(target=self._run, name=f"sesmail-{self._name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send every peer away, close everything, and raise what went wrong inside, if anything did."""
        if self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(_LONGEST_END_S)
        if self._failures:
            raise self._failures.pop()

    def join(self, timeout_s: float) -> None:
        """Wait until every peer has gone."""
        self._check_open()
        waiting = asyncio.run_coroutine_threadsafe(self._until_idle(), self._loop)
        try:
            waiting.result(timeout_s)
        except TimeoutError:
            waiting.cancel()
            left = f"{self._name}: {len(self._tasks)} connections are still open after {timeout_s:g} seconds"
            raise TimeoutError(f"{left}; close them, or wait for longer") from None

    def refuse(self) -> None:
        """Refuse whoever connects from now on, and keep the port."""
        self._call(self._refuse)

    def listen(self) -> None:
        """Accept again."""
        self._call(self._listen)

    @property
    def port(self) -> int:
        """The port it has, or had."""
        if not self._thread:
            raise SetupError(f"{self._name} has no port before it is started; use it in a with statement")
        return self._port

    def _check_open(self) -> None:
        if not (self._thread and self._thread.is_alive()):
            raise SetupError(f"{self._name} is not running; use it in a with statement")

    def _call(self, do: Callable[[], None]) -> None:
        async def call() -> None:
            do()

        self._check_open()
        asyncio.run_coroutine_threadsafe(call(), self._loop).result()

    # ── what the loop does ───────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_over())

    async def _until_over(self) -> None:
        await self._over.wait()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _until_idle(self) -> None:
        while self._accept():
            pass
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _listen(self) -> None:
        self._listener.listen(_BACKLOG)
        self._loop.add_reader(self._listener, self._accept)

    def _refuse(self) -> None:
        # A port that is bound and does not listen refuses, and nobody else gets it.
        self._loop.remove_reader(self._listener)
        self._listener.close()
        self._listener = _bound(self._port)

    def _accept(self) -> bool:
        # By hand: an awaited accept that is cancelled in the wrong moment loses the socket that it has accepted.
        try:
            peer, _ = self._listener.accept()
        except OSError:
            return False
        prepare(peer)
        task = self._loop.create_task(self._serve(peer, self.accepted))
        self.accepted += 1
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._part(task, peer))
        return True

    def _part(self, task: asyncio.Task[None], peer: socket.socket) -> None:
        peer.close()
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error and not isinstance(error, OSError):
            self._failures.append(error)


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # For the port that is taken back; on Windows it would let two programs have one port, and is not needed.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
    listener.setblocking(False)
    listener.bind((HOST, port))
    return listener


# ── what is done to one socket ───────────────────────────────────────────────────────────────────────────────────


def prepare(sock: socket.socket) -> None:
    """For a loop, and so that each write is a segment of its own."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def end(sock: socket.socket) -> None:
    """Send no more: the peer reads to an end. Without effect when it has gone."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)


def reset(sock: socket.socket) -> None:
    """Close at once, with RST."""
    with suppress(OSError):  # it is closed already, or the peer was quicker
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0))
    sock.close()


async def until_sent(sock: socket.socket, *, patience_s: float = 1.0) -> None:
    """Wait until all that was written is in the peer's hands, for a reset throws away what is not.

    On Linux the peer reads these bytes before it hears of the reset. On other systems that is likely, and no more.
    """
    if sys.platform != "linux":
        await asyncio.sleep(_UNASKED_S)
        return
    for _ in range(max(1, round(patience_s / _LOOK_AGAIN_S))):
        if not _unsent_bytes(sock):
            return
        await asyncio.sleep(_LOOK_AGAIN_S)


def _unsent_bytes(sock: socket.socket) -> int:
    import fcntl  # no such thing on Windows

    return int.from_bytes(fcntl.ioctl(sock, _SIOCOUTQNSD, bytes(4)), sys.byteorder)
