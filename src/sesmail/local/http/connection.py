"""Connection: one peer at the HTTP door, from its first byte to the last answer. See `Line` for how it ends.

Rule 1: one request at a time, in the order in which they came, on the thread of the loop.
Rule 2: nothing is held without a limit; while somebody does not read its answers, its next request waits.
Rule 3: a head has its time as a whole, and a body for each piece of it.
Rule 4: who plays a bad line says so with the answer: it goes out late, as noise, or in part before a reset.
"""

from __future__ import annotations

from asyncio import TimerHandle
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import inf

from sesmail._logging import ERROR, log
from sesmail.local.http.fault import HttpFault
from sesmail.local.http.message import WHOLE, Handover, HttpReply, HttpRequest
from sesmail.local.http.reader import HttpReader, Phase
from sesmail.local.http.writer import CONTINUE, HttpWriter
from sesmail.local.line import Line, Lines

Answer = Callable[[HttpRequest], HttpReply]
CutAfter = Callable[[bytes], int | None]  # how a request begins, and bytes of it after which the line breaks

_FAILED = HttpFault(500, "the server failed to answer this request; its log says why").reply
_BEGINNING = 64  # bytes
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


class Desk(Lines[Patience]):
    """What all connections of a door share."""

    def __init__(
        self,
        answer: Answer,
        *,
        new_reader: Callable[[], HttpReader],
        writer: HttpWriter,
        patience: Patience,
        clock: Callable[[], float],
        later: Callable[[float, Callable[[], None]], TimerHandle],
        cut_after: CutAfter = lambda _begins: None,
    ) -> None:
        super().__init__(patience, clock=clock, later=later)
        self.answer = answer
        self.new_reader = new_reader
        self.writer = writer
        self.cut_after = cut_after

    def connect(self) -> Connection:
        """One more peer."""
        return Connection(self)


class Connection(Line):
    """Reads and answers."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._reader = desk.new_reader()
        self._phase = Phase.IDLE
        self._late: TimerHandle | None = None  # an answer that goes out later
        self._may_pass: int | None = None  # bytes, before the line breaks

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, whyever."""
        super().connection_lost(exc)
        if self._late:
            self._late.cancel()

    def eof_received(self) -> bool:
        """The peer sends no more, and may still read: asyncio sends what is written and closes then."""
        if not self._is_last and self._reader.phase is not Phase.IDLE:
            self._end(HttpFault(400, "the connection ended before the request was whole"))
        return False

    # ── what a line asks ─────────────────────────────────────────────────────────────────────────────────────────

    def _receive(self, data: memoryview) -> None:
        passes = self._passing(data)
        self._reader.feed(data[:passes])
        self._proceed()
        if passes < len(data) or (self._may_pass == 0 and self._reader.phase is not Phase.IDLE):
            self.reset()

    def _go_on(self) -> None:
        if not self._late:
            self._transport.resume_reading()
            self._proceed(served=True)

    def _is_owed_nothing(self) -> bool:
        return self._phase is Phase.IDLE

    def _say_that_it_is_late(self) -> None:
        self._end(HttpFault(408, _SLOW.format(self._desk.patience.seconds(self._phase))))

    # ── what it does ─────────────────────────────────────────────────────────────────────────────────────────────

    def _proceed(self, *, served: bool = False) -> None:
        try:
            while request := self._reader.next_request():
                self._serve(request)
                if self._has_to_wait():
                    return
                served = True
            self._wait(served=served)
        except HttpFault as fault:
            self._end(fault)

    def _has_to_wait(self) -> bool:
        return self._is_full or self._is_last or self._late is not None or self._transport.is_closing()

    def _wait(self, *, served: bool) -> None:
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
            self.deadline = inf
            self._transport.pause_reading()
            hand_over = partial(self._hand_over_late, pieces, handover, last=last)
            self._late = self._desk.later(handover.delay_s, hand_over)
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
        self._late = None
        self._transport.resume_reading()
        self._hand_over(pieces, handover, last=last)
        if not self._has_to_wait():
            self._proceed(served=True)

    def _hand_over(self, pieces: tuple[bytes, ...], handover: Handover, *, last: bool) -> None:
        if handover.noise is not None:
            pieces, last = (handover.noise,), True
        if handover.most_bytes is not None:
            self._transport.write(b"".join(pieces)[: handover.most_bytes])
            self._cut()
            return
        for piece in pieces:
            self._transport.write(piece)
        if last:
            self._part()

    def _end(self, fault: HttpFault) -> None:
        for piece in self._desk.writer.write(fault.reply, last=True):
            self._transport.write(piece)
        self._part()

    def _passing(self, data: memoryview) -> int:
        """How many of these bytes come through, on a line that may break."""
        if self._reader.phase is Phase.IDLE:
            self._may_pass = self._desk.cut_after(bytes(data[:_BEGINNING]))
        if self._may_pass is None:
            return len(data)
        passes = min(len(data), self._may_pass)
        self._may_pass -= passes
        return passes
