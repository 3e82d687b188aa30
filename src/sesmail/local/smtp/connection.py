"""Connection: one client at the SMTP door, from its first byte to the last reply. It does what its session says.

Rule 1: one step at a time, on the thread of the loop. While a reply is late, on purpose or because the client does not
        read, nothing more is read from it.
Rule 2: nothing is waited for without a limit. A command has its time as a whole, and so has a handshake; a mail has it
        for each piece. The door looks at these times now and then.
Rule 3: the last reply arrives. Our half is ended first, and what still comes is dropped for a while.
Rule 4: TLS is ended as SES ends it: with the connection, and without a word.
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys
from asyncio import BaseTransport, BufferedProtocol, TimerHandle, Transport
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from math import inf
from typing import cast

from sesmail._logging import ERROR, log
from sesmail.local.smtp.desk import Desk
from sesmail.local.smtp.session import Phase
from sesmail.local.smtp.steps import Step, Then
from sesmail.local.smtp.tls import REFUSED, Tls

_AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # of SO_LINGER: a close is a reset


class Connection(BufferedProtocol):
    """Reads, says what the session says, and ends as it says."""

    def __init__(self, desk: Desk, *, is_wrapped: bool = False) -> None:
        self._desk = desk
        self._is_wrapped = is_wrapped
        self._tls: Tls | None = None
        self._tls_fault = ""
        self._late: TimerHandle | None = None  # a reply that is late on purpose
        self._is_full = False  # the client does not read
        self._is_last = False  # the last reply is written
        self._unsent_bytes = 0
        self._dropped_bytes = 0
        self.deadline = desk.clock() + desk.patience.idle_s

    # ── what asyncio tells ───────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: BaseTransport) -> None:
        """A client has come."""
        self._transport = cast("Transport", transport)
        self._desk.connections.add(self)
        peer = transport.get_extra_info("peername") or ("",)
        self._session = self._desk.new_session(peer[0], self._is_wrapped, self._desk.is_crowded)
        self._proceed()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the contract
        """It is gone, whyever."""
        self._desk.connections.discard(self)
        if self._late:
            self._late.cancel()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the contract
        """Where the next bytes go."""
        return self._desk.inbox

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes came."""
        data = self._desk.inbox[:nbytes]
        if self._is_last:
            self._drop(nbytes)
        elif self._tls_fault:
            self._fail_tls()
        elif self._tls:
            self._receive_wrapped(self._tls, data)
        else:
            self._receive(data)

    def pause_writing(self) -> None:
        """The client does not read. Until it does, it is not read from."""
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
            self._renew()
            self._listen()
            self._proceed()

    # ── what the door asks ───────────────────────────────────────────────────────────────────────────────────────

    def expire(self, now: float) -> None:
        """The time is over by which something should have happened."""
        if self._is_full and self._is_on_its_way():
            self.deadline = now + self._desk.patience.idle_s
        elif self._is_full or self._is_last or self._session.phase is Phase.SECURING:
            self.abort()
        else:
            self._session.expire()
            self._proceed()

    def abort(self) -> None:
        """Close it at once."""
        self._transport.abort()

    # ── what comes in ────────────────────────────────────────────────────────────────────────────────────────────

    def _receive(self, data: bytes | memoryview) -> None:
        self._session.receive(data)
        self._proceed()
        if self._session.phase is Phase.MAIL:
            self._renew()

    def _receive_wrapped(self, tls: Tls, data: memoryview) -> None:
        was_ready = tls.is_ready
        try:
            said = tls.receive(data)
        except ssl.SSLError:
            self._transport.write(tls.unsent())
            self._part()
            return
        self._transport.write(tls.unsent())
        if tls.is_ready and not was_ready:
            self._renew()
            self._session.secured()
        self._receive(said)
        if tls.is_over and not self._is_last:
            self._part()

    def _fail_tls(self) -> None:
        if self._tls_fault == "refused":
            self._transport.write(REFUSED)
            self._part()
        else:
            self._break()

    # ── what goes out ────────────────────────────────────────────────────────────────────────────────────────────

    def _proceed(self, late: Step | None = None) -> None:
        try:
            if late:
                self._say(late)
            while not self._has_to_wait() and (step := self._session.next_step()):
                self._do(step)
        # Also what is no Exception, such as SystemExit: it would end the thread, and every other client would wait.
        except BaseException as exc:  # noqa: BLE001
            log(ERROR, "the door failed to answer a %.20s: %s", "client of SMTP", type(exc).__name__, traceback=True)
            self.abort()

    def _has_to_wait(self) -> bool:
        return self._is_full or self._is_last or self._late is not None or self._transport.is_closing()

    def _do(self, step: Step) -> None:
        if step.wait_s:
            self._transport.pause_reading()
            self.deadline = inf
            self._late = self._desk.later(step.wait_s, partial(self._say_late, step))
        else:
            self._say(step)

    def _say_late(self, step: Step) -> None:
        self._late = None
        self._listen()
        self._proceed(step)

    def _say(self, step: Step) -> None:
        self._renew()
        if step.data:
            self._transport.write(self._tls.wrap(step.data) if self._tls else step.data)
        _ENDS[step.then](self, step)

    def _go_on(self, _step: Step) -> None:
        """Nothing comes behind it."""

    def _secure(self, step: Step) -> None:
        if step.tls_fault in _WITHOUT_CERTIFICATE:
            self._tls_fault = step.tls_fault
        else:
            self._tls = Tls(self._desk.tls(step.tls_fault))

    def _end(self, _step: Step) -> None:
        self._part()

    def _break(self, _step: Step | None = None) -> None:
        self._is_last = True
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.abort()

    def _part(self) -> None:
        self._is_last = True
        self._transport.set_write_buffer_limits(high=0)  # to hear when all of it is sent
        self._transport.resume_reading()
        if not self._is_full:
            self._hang_up()

    def _hang_up(self) -> None:
        self.deadline = self._desk.clock() + self._desk.patience.linger_s
        with suppress(OSError):  # the client is gone already, as the next read will tell
            self._transport.write_eof()

    def _drop(self, nbytes: int) -> None:
        self._dropped_bytes += nbytes
        if self._dropped_bytes > self._desk.patience.linger_bytes:
            self.abort()

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _listen(self) -> None:
        if not (self._is_full or self._late):
            self._transport.resume_reading()

    def _renew(self) -> None:
        self.deadline = self._desk.clock() + self._desk.patience.idle_s

    def _is_on_its_way(self) -> bool:
        before, self._unsent_bytes = self._unsent_bytes, self._transport.get_write_buffer_size()
        return before != self._unsent_bytes


_WITHOUT_CERTIFICATE = frozenset({"refused", "reset"})
_ENDS: Mapping[Then, Callable[[Connection, Step], None]] = {
    Then.GO_ON: Connection._go_on,  # noqa: SLF001 - its own table
    Then.SECURE: Connection._secure,  # noqa: SLF001
    Then.END: Connection._end,  # noqa: SLF001
    Then.BREAK: Connection._break,  # noqa: SLF001
}
