"""Connection: one peer at the door, from its first byte to the last answer.

Rule 1: one request at a time, in the order in which they came, on the thread of the loop.
Rule 2: nothing is held without a limit. Who does not read its answers is not read from either, and its next request
        waits.
Rule 3: nothing is waited for without a limit. A connection has a time by which something must have happened; the door
        looks at these times now and then, since a timer for each connection would cost more than most requests do.
Rule 4: who plays a bad line says so with the answer: it goes out late, as noise, or in part before a reset.
Rule 5: the last answer arrives. A socket that is closed while bytes come in takes back what the peer has not read
        (RFC 9112 9.6). So our half is ended first, and what still comes is dropped for a while.
"""

from __future__ import annotations

import socket
import struct
import sys
from asyncio import BaseTransport, BufferedProtocol, Transport
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import cast

from sesmail._logging import ERROR, log
from sesmail.local.http.fault import HttpFault
from sesmail.local.http.message import WHOLE, Handover, HttpReply, HttpRequest
from sesmail.local.http.reader import HttpReader, Phase
from sesmail.local.http.writer import CONTINUE, HttpWriter

Answer = Callable[[HttpRequest], HttpReply]
Later = Callable[[float, Callable[[], None]], object]
CutAfter = Callable[[], int | None]  # bytes of a request after which the line breaks

_FAILED = HttpFault(500, "the server failed to answer this request; its log says why").reply
_LINGER_NOT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # a close is a reset then
_SLOW = "the request did not come on for {:g} seconds"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a connection is waited for, and how much is dropped behind the last answer."""

    idle_s: float = 75.0  # between requests, and for a peer that does not read
    head_s: float = 10.0  # for a whole head
    body_s: float = 20.0  # for one more byte of a body
    linger_s: float = 2.0
    linger_bytes: int = 64 * 1024 * 1024

    def seconds(self, phase: Phase) -> float:
        """How long what is awaited may take."""
        if phase is Phase.IDLE:
            return self.idle_s
        return self.head_s if phase is Phase.HEAD else self.body_s


class Desk:
    """What all connections of a door share."""

    def __init__(
        self,
        answer: Answer,
        *,
        new_reader: Callable[[], HttpReader],
        writer: HttpWriter,
        patience: Patience,
        clock: Callable[[], float],
        later: Later,
        cut_after: CutAfter = lambda: None,
    ) -> None:
        self.answer = answer
        self.new_reader = new_reader
        self.writer = writer
        self.patience = patience
        self.clock = clock
        self.later = later
        self.cut_after = cut_after
        self.connections: set[Connection] = set()
        # One for all, since it is read as soon as it is filled: a buffer for each would be what idle peers cost.
        self.inbox = memoryview(bytearray(64 * 1024))

    def connect(self) -> Connection:
        """One more peer."""
        return Connection(self)

    def sweep(self) -> None:
        """Look at the time of every connection."""
        now = self.clock()
        for connection in [each for each in self.connections if each.deadline <= now]:
            connection.expire(now)


class Connection(BufferedProtocol):
    """Reads, answers, and says goodbye."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._reader = desk.new_reader()
        self._phase = Phase.IDLE
        self._is_full = False  # the peer does not read
        self._is_last = False  # the last answer is written
        self._is_waiting = False  # an answer goes out later
        self._is_cut = False  # what is written is the last, and then the line breaks
        self._may_pass: int | None = None  # bytes, before the line breaks
        self._unsent_bytes = 0
        self._dropped_bytes = 0
        self.deadline = desk.clock() + desk.patience.idle_s

    # ── what asyncio tells ───────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: BaseTransport) -> None:
        """A peer has come."""
        self._transport = cast("Transport", transport)
        self._desk.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the contract
        """It is gone, whyever."""
        self._desk.connections.discard(self)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the contract
        """Where the next bytes go."""
        return self._desk.inbox

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes came."""
        if self._is_last:
            self._drop(nbytes)
            return
        passes = self._passing(nbytes)
        self._reader.feed(self._desk.inbox[:passes])
        self._proceed()
        if passes < nbytes or (self._may_pass == 0 and self._reader.phase is not Phase.IDLE):
            self.reset()

    def eof_received(self) -> bool:
        """The peer sends no more, and may still read: asyncio sends what is written and closes then."""
        if not self._is_last and self._reader.phase is not Phase.IDLE:
            self._end(HttpFault(400, "the connection ended before the request was whole"))
        return False

    def pause_writing(self) -> None:
        """The peer does not read. Until it does, it is not read from."""
        self._is_full = True
        self._unsent_bytes = 0
        self.deadline = self._desk.clock() + self._desk.patience.idle_s
        if not self._is_last:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It has read."""
        self._is_full = False
        if self._is_cut:
            self.reset()
        elif self._is_last:
            self._hang_up()
        elif not self._is_waiting:
            self._transport.resume_reading()
            self._proceed(served=True)

    # ── what the door asks ───────────────────────────────────────────────────────────────────────────────────────

    def expire(self, now: float) -> None:
        """The time is over by which something should have happened."""
        if self._is_full and self._is_on_its_way():
            self.deadline = now + self._desk.patience.idle_s
        elif self._is_full or self._is_last or self._phase is Phase.IDLE:
            self.abort()
        else:
            self._end(HttpFault(408, _SLOW.format(self._desk.patience.seconds(self._phase))))

    def abort(self) -> None:
        """Close it at once."""
        self._transport.abort()

    def reset(self) -> None:
        """Break it, as a line breaks: the peer is told so, and nothing else."""
        with suppress(OSError):  # it is broken already
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.abort()

    # ── what it does ─────────────────────────────────────────────────────────────────────────────────────────────

    def _proceed(self, *, served: bool = False) -> None:
        try:
            while request := self._reader.next_request():
                self._serve(request)
                if self._is_full or self._is_last or self._is_waiting or self._transport.is_closing():
                    return
                served = True
            self._wait(served=served)
        except HttpFault as fault:
            self._end(fault)

    def _wait(self, *, served: bool) -> None:
        """A head has its time as a whole, and a body for each piece of it."""
        if self._reader.wants_continue:
            self._transport.write(CONTINUE)
            self._reader.continued()
        phase = self._reader.phase
        if served or phase is not self._phase or phase is Phase.BODY:
            self._phase = phase
            self.deadline = self._desk.clock() + self._desk.patience.seconds(phase)

    def _serve(self, request: HttpRequest) -> None:
        last = not request.keeps_alive
        pieces, handover = self._answer(request, last=last)
        if handover.delay_s:
            self._is_waiting = True
            self.deadline = inf
            self._transport.pause_reading()
            self._desk.later(handover.delay_s, partial(self._hand_over_late, pieces, handover, last=last))
        else:
            self._hand_over(pieces, handover, last=last)

    def _answer(self, request: HttpRequest, *, last: bool) -> tuple[tuple[bytes, ...], Handover]:
        to_head = request.method == "HEAD"
        write = self._desk.writer.write
        try:
            reply = self._desk.answer(request)
            return write(reply, to_head=to_head, last=last), reply.handover
        # Also what is no Exception, such as SystemExit: it would end the thread, and every other peer would wait.
        except BaseException as exc:  # noqa: BLE001
            log(ERROR, "the door failed to answer a %.20s: %s", request.method, type(exc).__name__, traceback=True)
            return write(_FAILED, to_head=to_head, last=last), WHOLE

    def _hand_over_late(self, pieces: tuple[bytes, ...], handover: Handover, *, last: bool) -> None:
        self._is_waiting = False
        if self._transport.is_closing():
            return
        self._transport.resume_reading()
        self._hand_over(pieces, handover, last=last)
        if not (self._is_last or self._is_full or self._transport.is_closing()):
            self._proceed(served=True)

    def _hand_over(self, pieces: tuple[bytes, ...], handover: Handover, *, last: bool) -> None:
        if handover.noise is not None:
            pieces, last = (handover.noise,), True
        if handover.most_bytes is not None:
            self._cut(b"".join(pieces)[: handover.most_bytes])
            return
        for piece in pieces:
            self._transport.write(piece)
        if last:
            self._part()

    def _cut(self, rest: bytes) -> None:
        self._is_cut = True
        self._transport.set_write_buffer_limits(high=0)  # to hear when all of it is sent
        if rest:
            self._transport.write(rest)
        if not self._is_full:
            self.reset()

    def _end(self, fault: HttpFault) -> None:
        for piece in self._desk.writer.write(fault.reply, last=True):
            self._transport.write(piece)
        self._part()

    def _part(self) -> None:
        self._is_last = True
        self._transport.set_write_buffer_limits(high=0)  # to hear when all of it is sent
        self._transport.resume_reading()
        if not self._is_full:
            self._hang_up()

    def _hang_up(self) -> None:
        self.deadline = self._desk.clock() + self._desk.patience.linger_s
        with suppress(OSError):  # the peer is gone already, as the next read will tell
            self._transport.write_eof()

    def _passing(self, nbytes: int) -> int:
        """How many of these bytes come through, on a line that may break."""
        if self._may_pass is None and self._reader.phase is Phase.IDLE:
            self._may_pass = self._desk.cut_after()
        if self._may_pass is None:
            return nbytes
        passes = min(nbytes, self._may_pass)
        self._may_pass -= passes
        return passes

    def _drop(self, nbytes: int) -> None:
        self._dropped_bytes += nbytes
        if self._dropped_bytes > self._desk.patience.linger_bytes:
            self.abort()

    def _is_on_its_way(self) -> bool:
        before, self._unsent_bytes = self._unsent_bytes, self._transport.get_write_buffer_size()
        return before != self._unsent_bytes
