"""Both drivers, and the second in a loop without readers: one test for all of them."""

from __future__ import annotations

import gc
import signal
import socket
import sys
import threading
import tracemalloc
import weakref
from collections.abc import Iterator
from contextlib import closing, suppress
from time import monotonic, sleep
from typing import Any

import pytest

from sesmail.lines import awaited, blocking
from sesmail.lines.dialogue import HEAR, PAUSE, Ask, Dialogue, do
from sesmail.lines.fault import Kind, LineFault
from sesmail.lines.line import Line
from sesmail.lines.patience import Deadline, Patience
from sesmail.lines.threads import Threads
from sesmail.lines.waits import Waits
from tests.lines.colours import ALL_COLOURS, Awaited, Blocking, Clock, Colour
from tests.lines.dialogues import all_that_comes, asked, caught, deadline, exactly, line_to
from tests.lines.other_end import OtherEnd, drain, echo, reset, saying
from tests.lines.threads import run_in_threads


@pytest.fixture(params=ALL_COLOURS)
def colour(request: pytest.FixtureRequest) -> Iterator[Colour]:
    colour = ALL_COLOURS[request.param]()
    yield colour
    colour.close()


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_said_is_answered(colour: Colour) -> None:
    with line_to(colour, echo) as line:
        assert colour.drive(line, asked(b"hello"), deadline()) == b"hello"
        assert colour.drive(line, asked(b"ciao"), deadline()) == b"ciao", "and again"


def test_a_word_and_its_answer_may_be_two_steps(colour: Colour) -> None:
    def dialogue() -> Dialogue[bytes]:
        assert (yield b"hello") == b""
        return (yield from exactly(5))

    with line_to(colour, echo) as line:
        assert colour.drive(line, dialogue(), deadline()) == b"hello"


def test_a_line_sends_each_word_at_once_and_notices_a_peer_that_vanished(colour: Colour) -> None:
    with line_to(colour, echo) as line:
        assert line.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert line.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_an_end_is_heard_as_nothing(colour: Colour) -> None:
    def dialogue() -> Dialogue[list[bytes]]:
        return [(yield HEAR), (yield HEAR), (yield HEAR)]

    def serve(sock: socket.socket) -> None:
        sock.sendall(b"all")
        sock.shutdown(socket.SHUT_WR)
        drain(sock)

    with line_to(colour, serve) as line:
        assert colour.drive(line, dialogue(), deadline()) == [b"all", b"", b""]


def test_a_large_word_arrives_whole_although_the_other_end_is_slow(colour: Colour) -> None:
    said = bytes(range(256)) * 16384  # more than the system keeps
    heard = bytearray()

    def serve(sock: socket.socket) -> None:
        sleep(0.05)
        while data := sock.recv(300_000):
            heard.extend(data)

    def dialogue() -> Dialogue[None]:
        yield said

    with OtherEnd(serve) as other:
        with closing(colour.connect(other.place, deadline())) as line:
            line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            colour.drive(line, dialogue(), deadline())
        while other.open:
            sleep(0.005)

    assert bytes(heard) == said


def test_a_large_question_is_asked_whole_before_its_answer_is_heard(colour: Colour) -> None:
    size = 4_000_000

    def serve(sock: socket.socket) -> None:
        sleep(0.05)
        left = size
        while left:
            left -= len(sock.recv(min(left, 100_000)))
        sock.sendall(b"all")

    def dialogue() -> Dialogue[bytes]:
        return (yield Ask(bytes(size)))

    with line_to(colour, serve) as line:
        line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        assert colour.drive(line, dialogue(), deadline()) == b"all"


def test_a_word_for_which_there_is_no_room_at_all_waits_for_it(colour: Colour) -> None:
    listens, last = threading.Event(), b""

    def serve(sock: socket.socket) -> None:
        nonlocal last
        listens.wait(10)
        while data := sock.recv(1_000_000):
            last = (last + data)[-5:]

    def dialogue() -> Dialogue[None]:
        yield PAUSE
        threading.Timer(0.02, listens.set).start()
        yield b"hello"

    with line_to(colour, serve) as line:
        with suppress(BlockingIOError):
            while True:
                line.sock.send(bytes(100_000))
        colour.drive(line, dialogue(), deadline())
        line.sock.shutdown(socket.SHUT_WR)
        assert colour.drive(line, all_that_comes(), deadline()) == b""

    assert last == b"hello"


def test_a_large_answer_arrives_whole(colour: Colour) -> None:
    said = bytes(range(256)) * 16384

    with line_to(colour, lambda sock: sock.sendall(said)) as line:
        assert colour.drive(line, all_that_comes(), deadline()) == said


def test_a_reset_is_a_line_that_broke(colour: Colour) -> None:
    def dialogue() -> Dialogue[LineFault]:
        yield b"x"
        return (yield from caught(all_that_comes()))

    def serve(sock: socket.socket) -> None:
        sock.recv(1)
        reset(sock)

    with line_to(colour, serve) as line:
        fault = colour.drive(line, dialogue(), deadline())

    assert fault.kind is Kind.LOST
    assert isinstance(fault.__cause__, ConnectionResetError)


def test_who_cannot_speak_any_more_can_still_hear(colour: Colour) -> None:
    """Why a peer has left is often the last thing it said."""

    def serve(sock: socket.socket) -> None:
        sock.sendall(b"421 no")
        sock.shutdown(socket.SHUT_RDWR)  # and no word of ours is heard any more

    def speak() -> Dialogue[None]:
        while True:
            yield b"x" * 10_000
            yield from do(lambda: sleep(0.01))

    def dialogue() -> Dialogue[tuple[Kind, bytes]]:
        fault = yield from caught(speak())
        return fault.kind, (yield HEAR)

    with line_to(colour, serve) as line:
        assert colour.drive(line, dialogue(), deadline()) == (Kind.LOST, b"421 no")


class Alarming(socket.socket):
    """Says twice that there is something, and there is nothing."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(fileno=sock.detach())
        self.alarms = 2

    def recv(self, *args: Any) -> bytes:
        if self.alarms:
            self.alarms -= 1
            raise BlockingIOError
        return super().recv(*args)


def test_a_false_alarm_is_slept_through(colour: Colour) -> None:
    with OtherEnd(echo) as other:
        sock = Alarming(colour.connect(other.place, deadline()).sock)
        with closing(Line(sock)) as line:
            assert colour.drive(line, asked(b"hello"), deadline()) == b"hello"

        assert not sock.alarms


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_silence_is_not_waited_for_longer_than_one_answer_may_take(colour: Colour) -> None:
    with line_to(colour, drain) as line:
        begun = monotonic()
        fault = colour.drive(line, caught(all_that_comes()), deadline(read_s=0.25))

        assert fault.kind is Kind.LATE
        assert 0.24 < monotonic() - begun < 2


def test_drops_that_come_in_time_do_not_make_the_whole_longer(colour: Colour) -> None:
    def drip(sock: socket.socket) -> None:
        while True:
            sock.sendall(b".")
            sleep(0.02)

    with line_to(colour, drip) as line:
        begun = monotonic()
        fault = colour.drive(line, caught(all_that_comes()), deadline(total_s=0.25))

        assert fault.kind is Kind.LATE
        assert 0.24 < monotonic() - begun < 2


def test_each_answer_has_its_own_time(colour: Colour, clock: Clock) -> None:
    def dialogue() -> Dialogue[None]:
        for _ in range(8):
            yield from asked(b"x")
            clock.now += 4

    with line_to(colour, echo) as line:
        colour.drive(line, dialogue(), Patience(read_s=5, total_s=100).deadline(clock))


def test_a_flood_ends_with_the_whole_time(colour: Colour) -> None:
    def flood(sock: socket.socket) -> None:
        while True:
            sock.sendall(bytes(100_000))

    def swallow() -> Dialogue[None]:
        while (yield HEAR):
            pass

    with line_to(colour, flood) as line:
        begun = monotonic()
        fault = colour.drive(line, caught(swallow()), deadline(total_s=0.15))

        assert fault.kind is Kind.LATE
        assert monotonic() - begun < 2


def test_a_peer_that_takes_nothing_is_not_waited_for_longer_than_that(colour: Colour) -> None:
    gone = threading.Event()

    def dialogue() -> Dialogue[None]:
        while True:
            yield bytes(500_000)

    with line_to(colour, lambda _: gone.wait(20)) as line:
        begun = monotonic()
        fault = colour.drive(line, caught(dialogue()), deadline(read_s=0.1))
        gone.set()

        assert fault.kind is Kind.LATE
        assert monotonic() - begun < 5


def test_a_peer_that_takes_a_little_at_a_time_is_waited_for(colour: Colour) -> None:
    taken = 0

    def serve(sock: socket.socket) -> None:
        nonlocal taken
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 100_000)
        while data := sock.recv(60_000):
            taken += len(data)
            sleep(0.06)

    def dialogue() -> Dialogue[None]:
        yield bytes(1_300_000)

    with line_to(colour, serve) as line:
        line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20_000)
        begun = monotonic()
        colour.drive(line, dialogue(), deadline(read_s=1.0))

        assert monotonic() - begun > 1.0, "or this test shows nothing"


@pytest.mark.parametrize("step", [b"word", HEAR, Ask(b"word")])
def test_when_the_time_is_over_nothing_more_is_said_or_heard(colour: Colour, clock: Clock, step: object) -> None:
    """Even what would take none."""

    def dialogue() -> Dialogue[None]:
        yield step  # type: ignore[misc]

    with line_to(colour, saying(b"there")) as line:
        sleep(0.02)
        over = Patience(total_s=5).deadline(clock)
        clock.now += 5

        assert colour.drive(line, caught(dialogue()), over).kind is Kind.LATE


def test_a_wait_that_is_shorter_than_the_one_before_is_kept_too(colour: Colour, clock: Clock) -> None:
    """The clock jumps, and next to nothing is left of the whole."""

    def dialogue() -> Dialogue[LineFault]:
        yield HEAR
        clock.now += 19.9
        return (yield from caught(all_that_comes()))

    with line_to(colour, saying(b".")) as line:
        begun = monotonic()
        fault = colour.drive(line, dialogue(), Patience(read_s=10, total_s=20).deadline(clock))

        assert fault.kind is Kind.LATE
        assert monotonic() - begun < 5


# ── calls, pauses and errors ─────────────────────────────────────────────────────────────────────────────────────


def test_a_call_gives_what_it_gives(colour: Colour) -> None:
    def dialogue() -> Dialogue[tuple[int, int]]:
        return (yield from do(threading.get_ident)), (yield from do(lambda: 42))

    with line_to(colour, drain) as line:
        thread, answer = colour.drive(line, dialogue(), deadline())

        assert answer == 42
        assert (thread == threading.get_ident()) is isinstance(colour, Blocking), "a loop is not kept from its work"


@pytest.mark.parametrize("error", [OSError(5, "the disk"), TimeoutError("of a call"), KeyError("x")])
def test_what_a_call_raises_is_raised_in_the_dialogue_as_it_is(colour: Colour, error: Exception) -> None:
    def fail() -> None:
        raise error

    def dialogue() -> Dialogue[Exception]:
        with pytest.raises(type(error)) as caught:
            yield from do(fail)
        return caught.value

    with line_to(colour, drain) as line:
        assert colour.drive(line, dialogue(), deadline()) is error


def test_an_error_of_the_dialogue_is_its_own(colour: Colour) -> None:
    ended = []

    def dialogue() -> Dialogue[None]:
        try:
            yield PAUSE
            raise ZeroDivisionError
        finally:
            ended.append(True)

    with line_to(colour, drain) as line, pytest.raises(ZeroDivisionError):
        colour.drive(line, dialogue(), deadline())

    assert ended


def test_a_fault_that_nobody_catches_comes_out_with_its_cause(colour: Colour) -> None:
    with line_to(colour, drain) as line, pytest.raises(LineFault, match="no answer in time") as caught:
        colour.drive(line, all_that_comes(), deadline(read_s=0.01))

    assert isinstance(caught.value.__cause__, TimeoutError)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interruption_passes_and_the_dialogue_is_closed(colour: Colour) -> None:
    ended: list[type[BaseException] | None] = []

    def dialogue() -> Dialogue[None]:
        try:
            yield HEAR
        finally:
            ended.append(sys.exc_info()[0])

    with line_to(colour, drain) as line:
        threading.Timer(0.05, signal.pthread_kill, (threading.get_ident(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt) as interruption:
            colour.drive(line, dialogue(), deadline())

        assert ended == [GeneratorExit], "and not only when the last of the traceback is gone"
        assert interruption.type is KeyboardInterrupt


# ── memory ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_forty_megabytes_pass_in_a_few_hundred_kilobytes(colour: Colour) -> None:
    heard = 0
    piece = bytes(65536)

    def serve(sock: socket.socket) -> None:
        nonlocal heard
        buffer = bytearray(1_000_000)
        while size := sock.recv_into(buffer):
            heard += size

    def dialogue() -> Dialogue[None]:
        for _ in range(640):
            yield piece[:-1] + b"x"  # each a new one
            yield PAUSE

    with OtherEnd(serve) as other:
        with closing(colour.connect(other.place, deadline())) as line:
            tracemalloc.start()
            colour.drive(line, dialogue(), deadline())
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        while other.open:
            sleep(0.005)

    assert heard == 640 * 65536
    assert peak < 2_000_000


def circles() -> int:
    """How many there are of those that a circle would hold."""
    return sum(type(thing) in {Waits, Deadline} for thing in gc.get_objects())


class Something:
    """Such as a large mail."""


@pytest.mark.parametrize("make", [Blocking, Awaited])
@pytest.mark.parametrize("of", ["a fault", "the dialogue"])
def test_what_failed_is_gone_at_once_and_not_when_the_collector_comes(make: type[Colour], of: str) -> None:
    colour = make()

    def dialogue(_: Something) -> Dialogue[None]:
        yield PAUSE
        if of == "the dialogue":
            raise ZeroDivisionError
        yield HEAR

    def failed(line: Line) -> weakref.ref[Something]:
        something = Something()
        with suppress(LineFault, ZeroDivisionError):
            blocking.drive(line, dialogue(something), deadline(read_s=0.01))
        return weakref.ref(something)

    async def failed_awaited(line: Line, threads: Threads) -> weakref.ref[Something]:
        something = Something()
        with suppress(LineFault, ZeroDivisionError):  # in the loop: asyncio makes circles itself, further out
            await awaited.drive(line, dialogue(something), deadline(read_s=0.01), threads)
        return weakref.ref(something)

    with line_to(colour, drain) as line:
        gc.collect()
        before = circles()
        gc.disable()
        try:
            left = colour.run(failed_awaited(line, colour.threads)) if isinstance(colour, Awaited) else failed(line)
            assert left() is None
            assert circles() == before
        finally:
            gc.enable()
    colour.close()


def test_many_lines_of_many_threads_and_loops_do_not_know_each_other() -> None:
    def work(number: int) -> None:
        colour: Colour = Blocking() if number % 2 else Awaited()
        said = b"%d" % number * 1000

        def dialogue() -> Dialogue[bytes]:
            yield said
            heard = b""
            while len(heard) < len(said):
                heard += yield HEAR
            return heard

        try:
            with closing(colour.connect(other.place, deadline())) as line:
                for _ in range(5):
                    assert colour.drive(line, dialogue(), deadline()) == said
        finally:
            colour.close()

    with OtherEnd(echo) as other:
        run_in_threads(16, work)
