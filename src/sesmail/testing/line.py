"""Line: one connection through a `CuttingProxy`, with a lane each way.

Rule 1: a cut is decided before its last byte is sent. From then on nothing passes the other way either, so an answer to
        that byte never slips through.
Rule 2: a reset waits until what was delivered has left (`until_sent`), or it would take bytes back.
Rule 3: an orderly end is a FIN, and the rest is read and dropped: a socket that is closed with unread bytes in it sends
        a reset instead (RFC 2525 2.17).
Rule 4: what nobody planned passes as it is: an end as an end, and a reset as a reset.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from sesmail.testing.loopback import Pause, end, reset, until_sent
from sesmail.testing.plan import Flow, Manner, Plan

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Passage:
    """What passed on one connection: the bytes that were sent on, in numbers, and whether the plan has cut it.

    ``data_to_server`` and ``data_to_client`` are these bytes, if the proxy was told to keep them. ``error`` says why
    the server could not be reached.

    >>> from sesmail.testing import Passage, Plan
    >>> Passage(0, Plan(), to_server=12, to_client=345).to_client
    345
    """

    number: int
    plan: Plan
    to_server: int
    to_client: int
    is_cut: bool = False
    error: str = ""
    data_to_server: bytes = field(default=b"", repr=False)
    data_to_client: bytes = field(default=b"", repr=False)


class _Reset(Exception):
    """A plan wants both connections reset."""


class Line:
    """One connection: two lanes, and what ends both."""

    def __init__(self, number: int, plan: Plan, *, keep_data: bool, pause: Pause) -> None:
        self.number = number
        self.plan = plan
        self.to_server = Lane(plan.to_server, keep_data=keep_data, pause=pause)
        self.to_client = Lane(plan.to_client, keep_data=keep_data, pause=pause)
        self.error = ""

    def passage(self) -> Passage:
        to_server, to_client = self.to_server, self.to_client
        return Passage(
            self.number,
            self.plan,
            to_server=to_server.passed,
            to_client=to_client.passed,
            is_cut=to_server.is_over or to_client.is_over,
            error=self.error,
            data_to_server=bytes(to_server.kept),
            data_to_client=bytes(to_client.kept),
        )

    async def carry(self, client: socket.socket, server: socket.socket) -> None:
        try:
            await self._carry(client, server)
        except* _Reset:
            await until_sent(client)
            await until_sent(server)
            reset(client)
            reset(server)
        except* OSError:  # one of them was reset, so the other is
            reset(client)
            reset(server)

    async def _carry(self, client: socket.socket, server: socket.socket) -> None:
        async with asyncio.TaskGroup() as both:
            # Before anything is read: what comes first must not pass a line that is cut at 0.
            self.to_server.link(client, server, self.to_client)
            self.to_client.link(server, client, self.to_server)
            self.to_server.cut_at_once()
            self.to_client.cut_at_once()
            both.create_task(self.to_server.run())
            both.create_task(self.to_client.run())


class Lane:
    """One direction of a connection."""

    def __init__(self, flow: Flow, *, keep_data: bool, pause: Pause) -> None:
        self._flow = flow
        self._keep_data = keep_data
        self._pause = pause
        self.is_shut = False  # nothing more passes
        self.is_over = False  # by a cut of its own
        self.passed = 0
        self.kept = bytearray()

    def link(self, source: socket.socket, sink: socket.socket, other: Lane) -> None:
        self._source = source
        self._sink = sink
        self._other = other

    def cut_at_once(self) -> None:
        if self._flow.is_over(0) and not self.is_shut:
            self._shut()
            self._cut()

    async def run(self) -> None:
        try:
            await self._run()
        except OSError:
            if not (self.is_shut and self._other.is_shut):
                raise

    async def _run(self) -> None:
        while data := await asyncio.get_running_loop().sock_recv(self._source, _CHUNK):
            await self._pass_on(data)
        if not self.is_shut:
            end(self._sink)

    async def _pass_on(self, data: bytes) -> None:
        for piece in self._flow.pieces(data, passed=self.passed):
            await (
                self._pause(self._flow.delay_s) if self._flow.delay_s else asyncio.sleep(0)
            )  # others have their turn
            if self.is_shut:
                return
            await self._send(piece)

    async def _send(self, piece: bytes) -> None:
        # Counted first, so that whoever has received it finds it counted.
        self.passed += len(piece)
        if self._keep_data:
            self.kept += piece
        is_last = self._flow.is_over(self.passed)
        if is_last:
            self._shut()
        await asyncio.get_running_loop().sock_sendall(self._sink, piece)
        if is_last:
            self._cut()

    def _shut(self) -> None:
        self.is_over = self.is_shut = True
        if self._flow.by != "half-close":
            self._other.is_shut = True

    def _cut(self) -> None:
        _CUTS[self._flow.by](self._source, self._sink)


def _by_reset(_source: socket.socket, _sink: socket.socket) -> None:
    raise _Reset


def _by_close(source: socket.socket, sink: socket.socket) -> None:
    end(sink)
    end(source)


def _by_half_close(_source: socket.socket, sink: socket.socket) -> None:
    end(sink)


def _by_silence(_source: socket.socket, _sink: socket.socket) -> None:
    """That is all."""


_CUTS: dict[Manner, Callable[[socket.socket, socket.socket], None]] = {
    "reset": _by_reset,
    "close": _by_close,
    "half-close": _by_half_close,
    "silence": _by_silence,
}
