"""Waits: how a dialogue waits for its socket in a loop, with one reader and one timer for all of its waits.

Rule 1: a wait that is too long ends the wait and nothing else. No task is cancelled from here, so a cancellation that
        arrives is always somebody else's, and passes.
Rule 2: the timer is not wound up for each wait. It rings when the first could have been too long, looks, and sleeps on.
        The reader stays too, and takes the bytes itself: one that only rang would ring twice for them.
Rule 3: after `end` the loop knows nothing of the socket.
"""

from __future__ import annotations

import asyncio
import socket

from sesmail.lines.line import PIECE
from sesmail.lines.patience import Deadline

_LONG_S = 0.00025  # without a pause; a turn of the loop costs a tenth of it
_SLICE = 16384


class Waits:
    """The waits of one dialogue for one socket, one after the other."""

    __slots__ = (
        "_deadline",
        "_fd",
        "_is_hearing",
        "_is_listening",
        "_loop",
        "_rings_at",
        "_since",
        "_sock",
        "_timer",
        "_until",
        "_waiting",
    )

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._fd = sock.fileno()  # which selectors look up in half the time
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()  # others had their turn
        self._waiting: asyncio.Future[bytes] | None = None
        self._is_hearing = False  # that is what it waits for
        self._is_listening = False  # the loop has a reader
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = self._until = 0.0

    def end(self) -> None:
        """Take all back."""
        self._stop_listening()
        if self._timer:
            self._timer.cancel()
        self._waiting = None  # which no frame may hold either: with its error it would make a circle of all of them

    async def pause(self) -> bytes:
        """Let others have their turn, if they have had none for long."""
        if self._loop.time() - self._since > _LONG_S:
            await asyncio.sleep(0)
            self._since = self._loop.time()
        return b""

    # ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def hear(self) -> bytes:
        """What comes next."""
        self._seconds()
        data = self._at_once()
        return await self._later() if data is None else data

    def _at_once(self) -> bytes | None:
        """What is there already, unless a peer who never stops would keep others from their turn."""
        if self._loop.time() - self._since > _LONG_S:
            return None
        try:
            return self._sock.recv(PIECE)
        except BlockingIOError:
            return None

    async def _later(self) -> bytes:
        if not self._is_listening:
            self._loop.add_reader(self._fd, self._on_readable)
            self._is_listening = True
        data = await self._begun(is_hearing=True)
        self._since = self._loop.time()
        return data

    def _on_readable(self) -> None:
        waiting = self._waiting
        if waiting is None or waiting.done() or not self._is_hearing:
            self._stop_listening()  # or it would ring all the time
            return
        try:
            waiting.set_result(self._sock.recv(PIECE))
        except BlockingIOError:  # it was nothing, as it may be
            return
        except OSError as error:
            waiting.set_exception(error)

    def _stop_listening(self) -> None:
        if self._is_listening:
            self._loop.remove_reader(self._fd)
            self._is_listening = False

    # ── saying ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def ask(self, data: bytes) -> bytes:
        """Say all of it, and hear what comes next, which is never there at once."""
        if left := self._unsaid(data):
            await self._say_rest(left)
        return await self._later()

    async def say(self, data: bytes) -> bytes:
        """Say all of it. Only a peer that takes nothing at all is waited for too long."""
        if left := self._unsaid(data):
            await self._say_rest(left)
        return b""

    def _unsaid(self, data: bytes) -> memoryview | None:
        """Say what can be said without waiting, which is nearly always all of it; what is left."""
        self._seconds()  # are there any?
        sent = self._sent(data)
        return memoryview(data)[sent:] if sent < len(data) else None

    def _sent(self, data: bytes | memoryview) -> int:
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0

    async def _say_rest(self, data: memoryview) -> None:
        while data:
            self._loop.add_writer(self._fd, self._on_writable)
            try:
                await self._begun(is_hearing=False)
            finally:
                self._loop.remove_writer(self._fd)
            data = data[self._sent(data) :]

    def _on_writable(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(b"")

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begun(self, *, is_hearing: bool) -> asyncio.Future[bytes]:
        """A wait, which ends when it has taken too long."""
        self._until = self._loop.time() + self._seconds()
        if self._timer is None or self._until < self._rings_at:
            self._wind_up()
        self._is_hearing = is_hearing
        self._waiting = self._loop.create_future()
        return self._waiting

    def _seconds(self) -> float:
        if (seconds := self._deadline.read_s()) <= 0:
            raise TimeoutError
        return seconds

    def _wind_up(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._rings_at = self._until
        self._timer = self._loop.call_at(self._until, self._on_ring)

    def _on_ring(self) -> None:
        self._timer = None
        if self._waiting is None or self._waiting.done():
            return  # the next wait winds it up
        if self._rings_at < self._until:
            self._wind_up()
        else:
            self._waiting.set_exception(TimeoutError())


class CompletionWaits(Waits):
    """The same in a loop without readers, such as Windows' own, which is asked for each piece."""

    __slots__ = ()

    async def hear(self) -> bytes:
        """What comes next."""
        return await self._later()

    async def _later(self) -> bytes:
        async with asyncio.timeout(self._seconds()):
            return await self._loop.sock_recv(self._sock, PIECE)

    async def _say_rest(self, data: memoryview) -> None:
        for start in range(0, len(data), _SLICE):  # nobody is told of less than a whole one
            async with asyncio.timeout(self._seconds()):
                await self._loop.sock_sendall(self._sock, data[start : start + _SLICE])


def waits_for(sock: socket.socket, deadline: Deadline) -> Waits:
    """The kind that the running loop can carry out."""
    has_readers = type(asyncio.get_running_loop()).add_reader is not asyncio.AbstractEventLoop.add_reader
    return (Waits if has_readers else CompletionWaits)(sock, deadline)
