"""Connection: one client at the SMTP door, from its first byte to the last reply. It does what its session says.

Rule 1: one step at a time, on the thread of the loop. While a reply is late, on purpose or because the client does not
        read, nothing more is read from it.
Rule 2: a command has its time as a whole, and so has a handshake; a mail has it for each piece.
Rule 3: TLS is ended as SES ends it: with the connection, and without a word. See `Line` for the rest.
"""

from __future__ import annotations

import ssl
from asyncio import BaseTransport, TimerHandle
from collections.abc import Callable, Mapping
from functools import partial
from math import inf

from sesmail._logging import ERROR, log
from sesmail.local.line import Line
from sesmail.local.smtp.desk import Desk
from sesmail.local.smtp.session import Phase
from sesmail.local.smtp.steps import Step, Then
from sesmail.local.smtp.tls import REFUSED, Tls


class Connection(Line):
    """Says what the session says, and ends as it says."""

    def __init__(self, desk: Desk, *, is_wrapped: bool = False) -> None:
        super().__init__(desk)
        self._desk = desk
        self._is_wrapped = is_wrapped
        self._tls: Tls | None = None
        self._tls_fault = ""
        self._late: TimerHandle | None = None  # a reply that is late on purpose

    def connection_made(self, transport: BaseTransport) -> None:
        """A client has come."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername") or ("",)
        self._session = self._desk.new_session(peer[0], self._is_wrapped, self._desk.is_crowded)
        self._proceed()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, whyever."""
        super().connection_lost(exc)
        if self._late:
            self._late.cancel()

    # ── what a line asks ─────────────────────────────────────────────────────────────────────────────────────────

    def _receive(self, data: memoryview) -> None:
        if self._tls_fault:
            self._fail_tls()
        elif self._tls:
            self._receive_wrapped(self._tls, data)
        else:
            self._hear(data)

    def _go_on(self) -> None:
        self._renew()
        self._listen()
        self._proceed()

    def _is_owed_nothing(self) -> bool:
        return self._session.phase is Phase.SECURING

    def _say_that_it_is_late(self) -> None:
        self._session.expire()
        self._proceed()

    # ── what comes in ────────────────────────────────────────────────────────────────────────────────────────────

    def _hear(self, data: bytes | memoryview) -> None:
        self._session.receive(data)
        self._proceed()
        if self._session.phase is Phase.MAIL and not self._late:
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
        self._hear(said)
        if tls.is_over and not self._is_last:
            self._part()

    def _fail_tls(self) -> None:
        if self._tls_fault == "refused":
            self._transport.write(REFUSED)
            self._part()
        else:
            self.reset()

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

    def _nothing_more(self, _step: Step) -> None:
        """Nothing comes behind it."""

    def _secure(self, step: Step) -> None:
        if step.tls_fault in _WITHOUT_CERTIFICATE:
            self._tls_fault = step.tls_fault
        else:
            self._tls = Tls(self._desk.tls(step.tls_fault))

    def _end(self, _step: Step) -> None:
        self._part()

    def _break(self, _step: Step) -> None:
        self._cut()

    def _listen(self) -> None:
        if not (self._is_full or self._late):
            self._transport.resume_reading()


_WITHOUT_CERTIFICATE = frozenset({"refused", "reset"})
_ENDS: Mapping[Then, Callable[[Connection, Step], None]] = {
    Then.GO_ON: Connection._nothing_more,  # noqa: SLF001 - its own table
    Then.SECURE: Connection._secure,  # noqa: SLF001
    Then.END: Connection._end,  # noqa: SLF001
    Then.BREAK: Connection._break,  # noqa: SLF001
}
