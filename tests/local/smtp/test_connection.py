"""What a connection waits for, and how long. The wire is asyncio's side of it, and the clock is moved by hand."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from sesmail.local.smtp.connection import Connection
from sesmail.local.smtp.desk import Desk, Patience
from sesmail.local.smtp.office import Letter
from sesmail.local.smtp.replies import Reply
from sesmail.local.smtp.session import Session
from tests.local.loose_wire import Later, Plug, Wire
from tests.local.smtp.talking import ENVELOPE, LOGIN, MAIL, Client


class Table:
    """A desk, one connection, its wire and a clock."""

    def __init__(self, *, most: int = 10, is_wrapped: bool = False, linger_bytes: int = 100) -> None:
        self.now = 1000.0
        self.client = Client()  # for its clerk and chaos
        self.came_from: list[str] = []
        self.timers: list[Later] = []
        desk: dict[str, Any] = {"new_session": self._new_session, "later": self._later, "clock": lambda: self.now}
        self.desk = Desk(tls=_tls, patience=Patience(linger_bytes=linger_bytes), most=most, **desk)
        self.wire = Wire()
        self.wire.connection = self.connection = Connection(self.desk, is_wrapped=is_wrapped)
        self.connection.connection_made(self.wire)

    def _new_session(self, source_ip: str, is_wrapped: bool, is_crowded: bool) -> Session:
        self.came_from.append(source_ip)
        self.client = Client(is_wrapped=is_wrapped, is_crowded=is_crowded)
        self.client.session._dialogue._begin(is_secure=True)  # the tests of TLS are elsewhere
        return self.client.session

    def _later(self, seconds: float, do: Callable[[], None]) -> Later:
        self.timers.append(Later(self.now + seconds, do))
        return self.timers[-1]

    def receive(self, data: bytes) -> bytes:
        """What the door says to it."""
        before = len(self.wire.sent)
        self.connection.get_buffer(-1)[: len(data)] = data
        self.connection.buffer_updated(len(data))
        return self.wire.sent[before:]

    def say(self, *lines: str) -> bytes:
        return [self.receive(line.encode() + b"\r\n") for line in lines][-1]

    def wait(self, seconds: float) -> None:
        self.now += seconds
        for timer in [each for each in self.timers if each.do and each.at <= self.now]:
            assert timer.do
            do, timer.do = timer.do, None
            do()
        self.desk.sweep()

    def drip(self, pieces: Iterable[bytes], every: float) -> None:
        for piece in pieces:
            self.receive(piece)
            self.wait(every)

    def listens(self) -> bool:
        return self.wire.is_read_from

    def is_reset(self) -> bool:
        plug: Plug = self.wire.get_extra_info("socket")
        return self.wire.is_closed and plug.options == [(socket.SOL_SOCKET, socket.SO_LINGER)]


def _tls(_fault: str) -> ssl.SSLContext:
    """Without a certificate; it is enough for a handshake that does not come on."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


@pytest.fixture
def table() -> Table:
    return Table()


IDLE = b"451 4.4.2 Timeout waiting for data from client.\r\n"
OK = b"250 Ok\r\n"

# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_client_is_greeted_and_known_by_its_address(table: Table) -> None:
    assert table.wire.sent.startswith(b"220 ")
    assert table.came_from == ["192.0.2.7"]


def test_a_silent_client_is_told_and_sent_away(table: Table) -> None:
    table.wait(9.9)
    assert not table.wire.sent.endswith(IDLE)
    table.wait(0.1)

    assert table.wire.sent.endswith(IDLE)
    assert table.wire.is_ended
    table.wait(2)
    assert table.wire.is_closed
    assert not table.desk.connections


def test_silence_is_counted_from_the_last_reply(table: Table) -> None:
    table.drip([b"NOOP\r\n"] * 5, every=9.9)
    assert table.wire.sent.endswith(OK)
    table.wait(0.1)

    assert table.wire.sent.endswith(IDLE)


def test_a_command_has_its_time_as_a_whole(table: Table) -> None:
    table.drip([b"N", b"O", b"O", b"P"], every=2.4)
    assert not table.wire.is_ended
    table.drip([b" "], every=0.5)

    assert table.wire.sent.endswith(IDLE)


def test_a_line_without_end_has_an_end(table: Table) -> None:
    table.drip([b"x" * 65536] * 9, every=1)
    assert not table.wire.is_ended
    table.drip([b"x"], every=1)

    assert table.wire.sent.endswith(IDLE)
    assert len(table.client.session._inbox) <= 12_288


def test_a_mail_has_its_time_for_each_piece(table: Table) -> None:
    table.say("EHLO a", LOGIN, *ENVELOPE, "DATA")
    table.drip([bytes([byte]) for byte in MAIL], every=9.9)
    assert table.receive(b".\r\n") == b"250 Ok 1\r\n"
    table.wait(9.9)
    assert table.say("NOOP") == OK


def test_a_mail_that_does_not_come_on_is_given_up(table: Table) -> None:
    table.say("EHLO a", LOGIN, *ENVELOPE, "DATA")
    table.drip([b"From: shop@example.com\r\n"], every=10)

    assert table.wire.sent.endswith(IDLE)
    assert table.client.clerk.letters == []


def test_a_handshake_has_its_time_as_a_whole(caplog: pytest.LogCaptureFixture) -> None:
    table = Table(is_wrapped=True)
    table.drip([b"\x16", b"\x03"], every=4.9)
    still_open = not table.wire.is_closed
    table.wait(0.3)

    assert (still_open, table.wire.is_closed, table.wire.sent) == (True, True, b"")
    assert caplog.records == []


# ── peers that do not read ───────────────────────────────────────────────────────────────────────────────────────


def test_who_does_not_read_is_not_read_from(table: Table) -> None:
    table.wire.unsent = 100_000
    assert table.receive(b"NOOP\r\nNOOP\r\n") == OK
    assert not table.listens()
    table.wire.peer_reads()

    assert table.listens()
    assert table.wire.sent.endswith(OK * 2)


def test_who_reads_slowly_is_waited_for(table: Table) -> None:
    table.wire.unsent = 100_000
    table.receive(b"NOOP\r\n")
    for _ in range(9):
        table.wire.unsent -= 1000
        table.wait(10)
    assert not table.wire.is_closed
    table.wait(10)

    assert table.wire.is_closed


def test_who_does_not_read_the_last_reply_is_given_up(table: Table) -> None:
    table.wire.unsent = 100_000
    table.receive(b"QUIT\r\n")
    assert not table.wire.is_ended
    table.wait(10)
    table.wait(10)

    assert table.wire.is_closed


def test_the_last_reply_is_sent_before_the_end(table: Table) -> None:
    table.wire.unsent = 100
    table.receive(b"QUIT\r\n")
    ended = [table.wire.is_ended]
    table.wire.peer_reads()

    assert [*ended, table.wire.is_ended, table.wire.is_closed] == [False, True, False]


def test_what_comes_behind_the_last_reply_is_dropped(table: Table) -> None:
    assert table.say("QUIT") == b"221 Bye\r\n"
    assert table.say("NOOP") == b""
    assert not table.wire.is_closed
    table.receive(b"x" * 101)

    assert table.wire.is_closed


# ── what goes wrong on purpose ───────────────────────────────────────────────────────────────────────────────────


def test_a_late_reply_holds_what_comes_behind_it(table: Table) -> None:
    table.client.chaos.slow(30, on="noop")
    assert table.receive(b"NOOP\r\nRSET\r\n") == b""
    assert not table.listens()
    table.wait(29)
    assert table.wire.sent.startswith(b"220 ")
    assert not table.wire.sent.endswith(OK)
    table.wait(1)

    assert table.wire.sent.endswith(OK + OK)
    assert table.listens()
    table.wait(9.9)
    assert not table.wire.is_ended
    table.wait(0.1)
    assert table.wire.sent.endswith(IDLE)


def test_a_late_reply_that_ends_the_session_ends_it(table: Table) -> None:
    table.client.chaos.slow(5, on="quit")
    table.say("QUIT")
    table.wait(5)

    assert table.wire.sent.endswith(b"221 Bye\r\n")
    assert table.wire.is_ended


def test_a_late_word_to_go_on_does_not_count_as_silence(table: Table) -> None:
    table.client.chaos.slow(60, on="data")
    table.say("EHLO a", LOGIN, *ENVELOPE, "DATA")
    table.wait(59)
    assert not table.wire.sent.endswith(IDLE)
    table.wait(1)

    assert table.wire.sent.endswith(b"354 End data with <CR><LF>.<CR><LF>\r\n")


def test_who_is_gone_is_told_nothing_late(table: Table) -> None:
    table.client.chaos.slow(5, on="noop")
    table.say("NOOP")
    table.connection.abort()

    assert [timer.do for timer in table.timers] == [None]
    table.wait(5)
    assert not table.wire.sent.endswith(OK)


def test_a_late_reply_to_who_does_not_read_keeps_the_door_shut(table: Table) -> None:
    table.client.chaos.slow(5, on="noop")
    table.say("NOOP")
    table.wire.unsent = 100_000
    table.wait(5)

    assert not table.listens()
    table.wire.peer_reads()
    assert table.listens()


def test_who_reads_while_a_reply_is_late_is_not_read_from_yet(table: Table) -> None:
    table.client.chaos.slow(5, on="noop")
    table.say("NOOP")
    table.wire.peer_reads()

    assert not table.listens()


def test_a_reset_is_one(table: Table) -> None:
    table.client.chaos.reset(on="noop")

    assert table.say("NOOP") == b""
    assert table.is_reset()


def test_a_reply_is_cut_and_the_connection_reset(table: Table) -> None:
    table.client.chaos.cut_answer(at=3, on="noop")

    assert table.say("NOOP") == b"250"
    assert table.is_reset()


def test_one_too_many_is_sent_away() -> None:
    first = Table(most=1)
    second = Connection(first.desk)
    wire = Wire()
    wire.connection = second
    second.connection_made(wire)

    assert first.wire.sent.startswith(b"220 ")
    assert wire.sent == b"421 Too many concurrent SMTP connections\r\n"
    assert wire.is_ended


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_our_own_mistake_ends_one_connection_and_is_logged_without_details(
    error: type[BaseException], table: Table, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(letter: Letter) -> Reply:
        raise error("s3cret")

    table.say("EHLO a", LOGIN, *ENVELOPE, "DATA")
    monkeypatch.setattr(table.client.clerk, "take", fails)
    with caplog.at_level(logging.ERROR, "sesmail"):
        table.receive(MAIL + b".\r\n")

    assert table.wire.is_closed
    (record,) = caplog.records
    assert record.getMessage() == f"the door failed to answer a client of SMTP: {error.__name__}"
    assert record.exc_info
