"""Line: one peer at a door, whatever is spoken with it.

Rule 1: who does not read is not read from, and nothing more is said to it.
Rule 2: nothing is waited for without a limit. A line has a time by which something must have happened; the door looks
        at these times now and then, since a timer for each line would cost more than most requests do.
Rule 3: the last word arrives. A socket that is closed while bytes come in takes back what the peer has not read
        (RFC 9112 9.6). So our half is ended first, and what still comes is dropped for a while.
"""

from __future__ import annotations

import socket
import struct
import sys
from abc import abstractmethod
from asyncio import BaseTransport, BufferedProtocol, TimerHandle, Transport
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, Protocol, TypeVar, cast

_AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # of SO_LINGER: a close is a reset


class Patience(Protocol):
    """How long a peer is waited for, and how much is dropped behind the last word."""

    @property
    def idle_s(self) -> float:
        """For one that says nothing, or does not read."""

    @property
    def linger_s(self) -> float:
        """Behind the last word."""

    @property
    def linger_bytes(self) -> int:
        """What it may still say then."""


P = TypeVar("P", bound=Patience)


class Lines(Generic[P]):
    """All lines of a door, and what they share."""

    def __init__(
        self, patience: P, *, clock: Callable[[], float], later: Callable[[float, Callable[[], None]], TimerHandle]
    ) -> None:
        self.patience = patience
        self.clock = clock
        self.later = later
        self.connections: set[Line] = set()
        # One for all, since it is read as soon as it is filled: a buffer for each would be what idle peers cost.
        self.inbox = memoryview(bytearray(64 * 1024))

    def sweep(self) -> None:
        """Look at the time of every line."""
        now = self.clock()
        for line in [each for each in self.connections if each.deadline <= now]:
            line.expire(now)


class Line(BufferedProtocol):
    """What every peer gets; what is spoken is said by those who inherit."""

    def __init__(self, lines: Lines[P]) -> None:
        self._lines = lines
        self._is_full = False  # the peer does not read
        self._is_last = False  # the last word is written
        self._is_cut = False  # and then the line breaks
        self._unsent_bytes = 0
        self._dropped_bytes = 0
        self._renew()

    # ── what asyncio tells ───────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: BaseTransport) -> None:
        """A peer has come."""
        self._transport = cast("Transport", transport)
        self._lines.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the contract
        """It is gone, whyever."""
        self._lines.connections.discard(self)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the contract
        """Where the next bytes go."""
        return self._lines.inbox

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes came."""
        if self._is_last:
            self._drop(nbytes)
        else:
            self._receive(self._lines.inbox[:nbytes])

    def pause_writing(self) -> None:
        """The peer does not read. Until it does, it is not read from."""
        self._is_full = True
        self._unsent_bytes = 0
        self._renew()
        if not self._is_last:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It has read."""
        self._is_full = False
        if self._is_last:
            self._hang_up()
        else:
            self._go_on()

    # ── what those say who inherit ───────────────────────────────────────────────────────────────────────────────

    @abstractmethod
    def _receive(self, data: memoryview) -> None:
        """These bytes came."""

    @abstractmethod
    def _go_on(self) -> None:
        """The peer has read, and may be told more."""

    @abstractmethod
    def _is_owed_nothing(self) -> bool:
        """Whether a peer whose time is over is sent away without a word."""

    @abstractmethod
    def _say_that_it_is_late(self) -> None:
        """The time of a peer is over that was in the middle of something."""

    # ── what the door asks ───────────────────────────────────────────────────────────────────────────────────────

    def expire(self, now: float) -> None:
        """The time is over by which something should have happened."""
        if self._is_full and self._is_on_its_way():
            self.deadline = now + self._lines.patience.idle_s
        elif self._is_full or self._is_last or self._is_owed_nothing():
            self.abort()
        else:
            self._say_that_it_is_late()

    def abort(self) -> None:
        """Close it at once."""
        self._transport.abort()

    def reset(self) -> None:
        """Break it, as a line breaks: the peer is told so, and nothing else."""
        self._is_last = True
        with suppress(OSError):  # it is broken already
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.abort()

    # ── how it ends ──────────────────────────────────────────────────────────────────────────────────────────────

    def _cut(self) -> None:
        """What was written is sent, and then the line breaks."""
        self._is_cut = True
        self._part()

    def _part(self) -> None:
        """What was written is the last word."""
        self._is_last = True
        self._transport.set_write_buffer_limits(high=0)  # to hear when all of it is sent
        self._transport.resume_reading()
        if not self._is_full:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._is_cut:
            self.reset()
            return
        self.deadline = self._lines.clock() + self._lines.patience.linger_s
        with suppress(OSError):  # the peer is gone already, as the next read will tell
            self._transport.write_eof()

    def _drop(self, nbytes: int) -> None:
        self._dropped_bytes += nbytes
        if self._dropped_bytes > self._lines.patience.linger_bytes:
            self.abort()

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _renew(self) -> None:
        self.deadline = self._lines.clock() + self._lines.patience.idle_s

    def _is_on_its_way(self) -> bool:
        before, self._unsent_bytes = self._unsent_bytes, self._transport.get_write_buffer_size()
        return before != self._unsent_bytes
