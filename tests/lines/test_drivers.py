"""Both drivers, and the second in a loop without readers: one test for all of them."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from time import monotonic, sleep

import pytest

from sesmail.lines.dialogue import HEAR, PAUSE, Dialogue, do
from sesmail.lines.fault import Kind, LineFault
from sesmail.lines.patience import Deadline, Patience
from tests.lines.colours import Awaited, Blocking, Clock, Colour
from tests.lines.other_end import OtherEnd, drain, echo, reset


def deadline(*, connect_s: float = 10, read_s: float = 10, total_s: float = 20) -> Deadline:
    return Patience(connect_s=connect_s, read_s=read_s, total_s=total_s).deadline()


def all_that_comes() -> Dialogue[bytes]:
    heard = b""
    while data := (yield HEAR):
        heard += data
    return heard


def caught(dialogue: Dialogue[object]) -> Dialogue[LineFault]:
    """The fault that a dialogue ends with."""
    try:
        yield from dialogue
    except LineFault as fault:
        return fault
    raise AssertionError("nothing was raised")


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_said_is_answered(colour: Colour) -> None:
    def dialogue() -> Dialogue[bytes]:
        yield b"hello"
        heard = b""
        while len(heard) < 5:
            heard += yield HEAR
        return heard

    with OtherEnd(echo) as other, closing(colour.connect(other.place, deadline())) as line:
        assert colour.drive(line, dialogue(), deadline()) == b"hello"
        assert colour.drive(line, dialogue(), deadline()) == b"hello", "and again"


def test_a_line_sends_each_word_at_once_and_notices_a_peer_that_vanished(colour: Colour) -> None:
    with OtherEnd(echo) as other, closing(colour.connect(other.place, deadline())) as line:
        assert line.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert line.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_an_end_is_heard_as_nothing(colour: Colour) -> None:
    def dialogue() -> Dialogue[list[bytes]]:
        return [(yield HEAR), (yield HEAR), (yield HEAR)]

    def serve(sock: socket.socket) -> None:
        sock.sendall(b"all")
        sock.shutdown(socket.SHUT_WR)
        drain(sock)

    with OtherEnd(serve) as other, closing(colour.connect(other.place, deadline())) as line:
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


def test_a_large_answer_arrives_whole(colour: Colour) -> None:
    said = bytes(range(256)) * 16384

    with OtherEnd(lambda sock: sock.sendall(said)) as other, closing(colour.connect(other.place, deadline())) as line:
        assert colour.drive(line, all_that_comes(), deadline()) == said


def test_a_reset_is_a_line_that_broke(colour: Colour) -> None:
    def dialogue() -> Dialogue[LineFault]:
        yield b"x"
        return (yield from caught(all_that_comes()))

    with OtherEnd(lambda sock: reset(sock) if sock.recv(1) else None) as other:
        with closing(colour.connect(other.place, deadline())) as line:
            fault = colour.drive(line, dialogue(), deadline())

    assert fault.kind is Kind.LOST
    assert isinstance(fault.__cause__, ConnectionResetError)


def test_who_cannot_speak_any_more_can_still_hear(colour: Colour) -> None:
    """Why a peer has left is often the last thing it said."""

    def serve(sock: socket.socket) -> None:
        sock.recv(1)
        sock.sendall(b"421 no")

    def dialogue() -> Dialogue[bytes]:
        try:
            while True:
                yield b"x" * 10_000
                yield from do(lambda: sleep(0.01))
        except LineFault as fault:
            assert fault.kind is Kind.LOST
        return (yield HEAR)

    with OtherEnd(serve) as other, closing(colour.connect(other.place, deadline())) as line:
        try:
            assert colour.drive(line, dialogue(), deadline()) == b"421 no"
        except LineFault as fault:  # the reset, which may come first on some systems
            assert fault.kind is Kind.LOST


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_silence_is_not_waited_for_longer_than_one_answer_may_take(colour: Colour) -> None:
    with OtherEnd(drain) as other, closing(colour.connect(other.place, deadline())) as line:
        begun = monotonic()
        fault = colour.drive(line, caught(all_that_comes()), deadline(read_s=0.1))

        assert fault.kind is Kind.LATE
        assert 0.09 < monotonic() - begun < 2


def test_drops_that_come_in_time_do_not_make_the_whole_longer(colour: Colour) -> None:
    def drip(sock: socket.socket) -> None:
        while True:
            sock.sendall(b".")
            sleep(0.02)

    with OtherEnd(drip) as other, closing(colour.connect(other.place, deadline())) as line:
        begun = monotonic()
        fault = colour.drive(line, caught(all_that_comes()), deadline(read_s=0.2, total_s=0.4))

        assert fault.kind is Kind.LATE
        assert 0.39 < monotonic() - begun < 2


def test_each_answer_has_its_own_time(colour: Colour) -> None:
    def drip(sock: socket.socket) -> None:
        for _ in range(8):
            sleep(0.05)
            sock.sendall(b".")

    with OtherEnd(drip) as other, closing(colour.connect(other.place, deadline())) as line:
        assert colour.drive(line, all_that_comes(), deadline(read_s=0.3)) == b"........"


def test_a_flood_ends_with_the_whole_time(colour: Colour) -> None:
    def flood(sock: socket.socket) -> None:
        while True:
            sock.sendall(bytes(100_000))

    def swallow() -> Dialogue[None]:
        while (yield HEAR):
            pass

    with OtherEnd(flood) as other, closing(colour.connect(other.place, deadline())) as line:
        begun = monotonic()
        fault = colour.drive(line, caught(swallow()), deadline(total_s=0.3))

        assert fault.kind is Kind.LATE
        assert monotonic() - begun < 2


def test_a_peer_that_takes_nothing_is_not_waited_for_longer_than_that(colour: Colour) -> None:
    gone = threading.Event()

    def dialogue() -> Dialogue[None]:
        while True:
            yield bytes(500_000)

    with OtherEnd(lambda _: gone.wait(20) and None) as other, closing(colour.connect(other.place, deadline())) as line:
        begun = monotonic()
        fault = colour.drive(line, caught(dialogue()), deadline(read_s=0.1))
        gone.set()

        assert fault.kind is Kind.LATE
        assert monotonic() - begun < 5


def test_a_peer_that_takes_a_little_at_a_time_is_waited_for(colour: Colour) -> None:
    taken = 0

    def serve(sock: socket.socket) -> None:
        nonlocal taken
        while data := sock.recv(20_000):
            taken += len(data)
            sleep(0.01)

    def dialogue() -> Dialogue[None]:
        yield bytes(1_000_000)

    with OtherEnd(serve) as other, closing(colour.connect(other.place, deadline())) as line:
        line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20_000)
        begun = monotonic()
        colour.drive(line, dialogue(), deadline(read_s=0.15))

        assert monotonic() - begun > 0.15, "or this test shows nothing"


@pytest.mark.parametrize("step", [b"word", HEAR])
def test_when_the_time_is_over_nothing_more_is_said_or_heard(colour: Colour, clock: Clock, step: object) -> None:
    """Even what would take none."""

    def dialogue() -> Dialogue[None]:
        yield step  # type: ignore[misc]

    with OtherEnd(lambda sock: sock.sendall(b"there") or drain(sock)) as other:  # type: ignore[func-returns-value]
        with closing(colour.connect(other.place, deadline())) as line:
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

    with OtherEnd(lambda sock: sock.sendall(b".") or drain(sock)) as other:  # type: ignore[func-returns-value]
        with closing(colour.connect(other.place, deadline())) as line:
            begun = monotonic()
            fault = colour.drive(line, dialogue(), Patience(read_s=10, total_s=20).deadline(clock))

            assert fault.kind is Kind.LATE
            assert monotonic() - begun < 5


# ── calls, pauses and errors ─────────────────────────────────────────────────────────────────────────────────────


def test_a_call_gives_what_it_gives(colour: Colour) -> None:
    def dialogue() -> Dialogue[tuple[int, int]]:
        return (yield from do(threading.get_ident)), (yield from do(lambda: 42))

    with OtherEnd(drain) as other, closing(colour.connect(other.place, deadline())) as line:
        thread, answer = colour.drive(line, dialogue(), deadline())

        assert answer == 42
        assert (thread == threading.get_ident()) is isinstance(colour, Blocking), "a loop is not kept from its work"


@pytest.mark.parametrize("error", [OSError(5, "the disk"), TimeoutError("of a call"), KeyError("x")])
def test_what_a_call_raises_is_raised_in_the_dialogue_as_it_is(colour: Colour, error: Exception) -> None:
    def fail() -> None:
        raise error

    def dialogue() -> Dialogue[Exception]:
        try:
            yield from do(fail)
        except Exception as caught:
            return caught
        raise AssertionError

    with OtherEnd(drain) as other, closing(colour.connect(other.place, deadline())) as line:
        assert colour.drive(line, dialogue(), deadline()) is error


def test_an_error_of_the_dialogue_is_its_own(colour: Colour) -> None:
    ended = []

    def dialogue() -> Dialogue[None]:
        try:
            yield PAUSE
            raise ZeroDivisionError
        finally:
            ended.append(True)

    with OtherEnd(drain) as other, closing(colour.connect(other.place, deadline())) as line:
        with pytest.raises(ZeroDivisionError):
            colour.drive(line, dialogue(), deadline())

    assert ended


def test_a_fault_that_nobody_catches_comes_out_with_its_cause(colour: Colour) -> None:
    with OtherEnd(drain) as other, closing(colour.connect(other.place, deadline())) as line:
        with pytest.raises(LineFault, match="no answer in time") as caught:
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

    with OtherEnd(drain) as other, closing(colour.connect(other.place, deadline())) as line:
        threading.Timer(0.05, signal.pthread_kill, (threading.get_ident(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            colour.drive(line, dialogue(), deadline())

    assert ended == [GeneratorExit]


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


def run_in_threads(count: int, work: Callable[[int], None]) -> None:
    """Each in a thread of its own; the first failure is raised."""
    failures: list[BaseException] = []

    def attempt(number: int) -> None:
        try:
            work(number)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]


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
