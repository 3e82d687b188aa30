"""What a connection waits for, and how long. The wire is asyncio's side of it, and the clock is moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from sesmail.local.http.connection import Desk, Patience
from sesmail.local.http.message import WHOLE, Handover, HttpReply, HttpRequest
from sesmail.local.http.reader import HttpReader
from sesmail.local.http.writer import HttpWriter
from tests.local.loose_wire import Later, Plug, Wire

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"


class Table:
    """A desk, one connection, its wire and a clock."""

    def __init__(self, *, linger_bytes: int = 100) -> None:
        self.now = 1000.0
        self.seen: list[HttpRequest] = []
        self.handover = WHOLE
        self.cut_after: int | None = None
        self.begun: list[bytes] = []
        self.timers: list[Later] = []
        self.desk = Desk(
            self._answer,
            new_reader=HttpReader,
            writer=HttpWriter(),
            patience=Patience(linger_bytes=linger_bytes),
            clock=lambda: self.now,
            later=self._later,
            cut_after=self._cut_after,
        )
        self.wire = Wire()
        self.wire.connection = self.connection = self.desk.connect()
        self.connection.connection_made(self.wire)

    def _answer(self, request: HttpRequest) -> HttpReply:
        self.seen.append(request)
        return HttpReply(200, handover=self.handover)

    def _cut_after(self, begins: bytes) -> int | None:
        self.begun.append(begins)
        cut_after, self.cut_after = self.cut_after, None
        return cut_after

    def _later(self, seconds: float, run: Callable[[], None]) -> Any:
        self.timers.append(Later(self.now + seconds, run))
        return self.timers[-1]

    def come_late(self) -> None:
        """The time of what was put off."""
        run = self.timers[-1].do
        assert run
        run()

    def receive(self, data: bytes) -> None:
        self.connection.get_buffer(-1)[: len(data)] = data
        self.connection.buffer_updated(len(data))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.desk.sweep()

    def drip(self, pieces: Iterable[bytes], every: float) -> None:
        for piece in pieces:
            self.receive(piece)
            self.wait(every)

    @property
    def status(self) -> int:
        """Of the last answer, or 0."""
        _, found, rest = self.wire.sent.rpartition(b"HTTP/1.1 ")
        return int(rest[:3]) if found else 0


@pytest.fixture
def table() -> Table:
    return Table()


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_silent_connection_is_closed_without_a_word(table: Table) -> None:
    table.wait(74.9)
    assert not table.wire.is_closing()
    table.wait(0.1)

    assert table.wire.is_closing()
    assert table.wire.sent == b""
    assert not table.desk.connections


def test_silence_is_counted_from_the_last_answer(table: Table) -> None:
    table.wait(70)
    table.receive(GET)
    table.wait(70)
    assert not table.wire.is_closing()
    table.wait(5)

    assert table.wire.is_closing()
    assert table.status == 200


def test_an_empty_line_breaks_no_silence(table: Table) -> None:
    table.wait(70)
    table.receive(b"\r\n")
    table.wait(5)

    assert table.wire.is_closing()


def test_a_head_has_its_time_as_a_whole(table: Table) -> None:
    table.wait(50)
    table.drip([b"GET / ", b"HTTP/1.1\r\n"], every=4.9)
    assert table.status == 0
    table.drip([b"A: b\r\n"], every=0.3)

    assert table.status == 408
    assert b"10 seconds" in table.wire.sent
    assert table.wire.is_ended


def test_each_head_has_its_own_time(table: Table) -> None:
    table.drip([GET[:5]], every=9)
    table.drip([GET[5:] + GET[:5]], every=9)
    table.drip([GET[5:]], every=9)

    assert len(table.seen) == 2
    assert table.status == 200


def test_a_body_has_its_time_for_each_piece(table: Table) -> None:
    table.drip([POST[:9], POST[9:]], every=9)
    table.drip([b"x"] * 99, every=19.9)
    assert table.status == 0
    table.receive(b"x")

    assert table.status == 200


def test_a_body_that_does_not_come_on_is_given_up(table: Table) -> None:
    table.drip([POST, b"x"], every=19)
    table.wait(1)

    assert table.status == 408
    assert b"20 seconds" in table.wire.sent


# ── peers that do not read ───────────────────────────────────────────────────────────────────────────────────────


def test_who_does_not_read_is_not_read_from(table: Table) -> None:
    table.wire.unsent = 100_000
    table.receive(GET + GET)
    assert (len(table.seen), table.wire.is_read_from) == (1, False)
    table.wire.peer_reads()

    assert (len(table.seen), table.wire.is_read_from) == (2, True)


def test_who_reads_slowly_is_waited_for(table: Table) -> None:
    table.wire.unsent = 100_000
    table.receive(GET)
    for table.wire.unsent in (9, 5, 1):
        table.wait(75)
        assert not table.wire.is_closing()
    table.wait(75)

    assert table.wire.is_closing()


def test_a_head_that_waited_for_its_peer_to_read_has_its_own_time(table: Table) -> None:
    table.receive(GET[:5])
    table.wire.unsent = 100_000
    table.receive(GET[5:] + GET[:5])
    table.wire.peer_reads()
    table.wait(10)

    assert table.status == 408


# ── the last answer ──────────────────────────────────────────────────────────────────────────────────────────────


def test_behind_the_last_answer_is_a_short_while(table: Table) -> None:
    table.receive(b"\0")
    assert (table.status, table.wire.is_ended, table.wire.is_read_from) == (400, True, True)
    table.wait(1.9)
    assert not table.wire.is_closing()
    table.wait(0.1)

    assert table.wire.is_closing()


def test_behind_the_last_answer_only_so_much_is_dropped(table: Table) -> None:
    table.receive(b"\0")
    table.receive(b"x" * 100)
    assert not table.wire.is_closing()
    table.receive(b"x")

    assert table.wire.is_closing()


@pytest.mark.parametrize("unsent", [10, 100_000])
def test_the_short_while_begins_when_the_last_answer_is_out(table: Table, unsent: int) -> None:
    table.wire.unsent = unsent
    table.receive(b"\0")
    table.wait(74)
    assert (table.wire.is_ended, table.wire.is_read_from) == (False, True)
    table.wire.peer_reads()
    assert table.wire.is_ended
    table.wait(1.9)
    assert not table.wire.is_closing()
    table.wait(0.1)

    assert table.wire.is_closing()


def test_a_last_answer_that_nobody_reads_is_given_up(table: Table) -> None:
    table.wire.unsent = 10
    table.receive(b"\0")
    table.wait(75)
    assert not table.wire.is_closing(), "the first look only notes how much is left"
    table.wait(75)

    assert table.wire.is_closing()


def test_a_connection_that_broke_while_it_was_answered_serves_no_more(table: Table) -> None:
    class Broken(Wire):
        def write(self, data: bytes | bytearray | memoryview) -> None:
            self.is_closed = True

    broken = Broken()
    broken.connection = table.connection
    table.connection.connection_made(broken)
    table.receive(GET + GET)

    assert len(table.seen) == 1


# ── a line that is played to be bad ──────────────────────────────────────────────────────────────────────────────


def test_a_late_answer_lets_nothing_through_before_it(table: Table) -> None:
    table.handover = Handover(delay_s=3)
    table.receive(GET + GET)
    table.wait(1000)

    assert (len(table.seen), table.wire.sent, table.wire.is_read_from) == (1, b"", False)
    assert not table.wire.is_closing()
    table.handover = WHOLE
    table.come_late()
    assert [timer.at for timer in table.timers] == [1003.0]
    assert (len(table.seen), table.wire.sent.count(b" 200 OK"), table.wire.is_read_from) == (2, 2, True)
    table.wait(75)
    assert table.wire.is_closing(), "its silence is counted from the late answer"


def test_a_late_answer_to_somebody_who_left_is_dropped(table: Table) -> None:
    table.handover = Handover(delay_s=3)
    table.receive(GET)
    table.connection.abort()

    assert table.timers[0].do is None
    assert table.wire.sent == b""


def test_a_late_last_answer_is_the_last(table: Table) -> None:
    table.handover = Handover(delay_s=3)
    table.receive(b"GET / HTTP/1.0\r\n\r\n")
    table.come_late()

    assert table.status == 200
    assert table.wire.is_ended


def test_an_answer_that_is_late_and_full_waits_for_its_peer(table: Table) -> None:
    table.handover = Handover(delay_s=3)
    table.receive(GET)
    table.wire.unsent = 10**6
    table.connection.pause_writing()
    table.wire.peer_reads()
    assert not table.wire.is_read_from, "it still waits for the answer"
    table.wire.unsent = 10**6
    table.come_late()
    assert len(table.seen) == 1


@pytest.mark.parametrize("most_bytes", [0, 1, 12, 50])
def test_an_answer_can_be_cut(table: Table, most_bytes: int) -> None:
    table.handover = Handover(most_bytes=most_bytes)
    table.receive(GET + GET)

    assert len(table.wire.sent) == most_bytes
    assert (b"HTTP/1.1 200 OK" + b"?" * 50).startswith(table.wire.sent[:15])
    assert (table.wire.is_reset, table.wire.is_closing(), len(table.seen)) == (True, True, 1)


def test_a_cut_waits_until_what_passes_is_out(table: Table) -> None:
    table.handover = Handover(most_bytes=50)
    table.wire.unsent = 10
    table.receive(GET)
    assert not table.wire.is_closing()
    table.wire.peer_reads()

    assert (table.wire.is_reset, len(table.wire.sent)) == (True, 50)


def test_noise_takes_the_place_of_an_answer_and_is_the_last(table: Table) -> None:
    table.handover = Handover(noise=b"\x00noise")
    table.receive(GET + GET)

    assert (table.wire.sent, table.wire.is_ended, len(table.seen)) == (b"\x00noise", True, 1)


@pytest.mark.parametrize("cut_after", [0, 1, len(POST), len(POST) + 99])
def test_a_request_can_be_cut(table: Table, cut_after: int) -> None:
    table.cut_after = cut_after
    whole = POST + b"x" * 100
    for byte in whole[: max(cut_after, 1)]:
        assert not table.wire.is_closing()
        table.receive(bytes([byte]))

    assert (table.wire.is_reset, table.wire.sent, table.seen) == (True, b"", [])


def test_a_request_that_is_cut_in_one_piece_is_not_served(table: Table) -> None:
    table.cut_after = len(POST) + 99
    table.receive(POST + b"x" * 100)

    assert (table.wire.is_reset, table.wire.sent, table.seen) == (True, b"", [])


def test_a_request_that_ends_before_the_cut_is_served(table: Table) -> None:
    for cut_after in (len(GET), len(GET) + 10):
        table.cut_after = cut_after
        table.receive(GET)
        table.receive(GET)

    assert (table.status, table.wire.is_reset, len(table.seen)) == (200, False, 4)
    assert table.begun == [GET] * 4, "each is asked for once, when it begins"


def test_a_reset_of_what_is_broken_already_breaks_nothing(table: Table) -> None:
    class Gone(Plug):
        def setsockopt(self, level: int, option: int, value: bytes) -> None:
            raise OSError

    table.wire._extra["socket"] = Gone()  # type: ignore[attr-defined] # asyncio's own
    table.connection.reset()

    assert table.wire.is_closing()
