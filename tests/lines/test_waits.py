"""How a dialogue waits in a loop: cancelled at any moment, in any order, with nothing left."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from time import monotonic, sleep
from typing import Any

import pytest

from sesmail.lines import awaited
from sesmail.lines.dialogue import HEAR, PAUSE, Dialogue, do
from sesmail.lines.line import Line
from sesmail.lines.patience import Patience
from sesmail.lines.waits import CompletionWaits, Waits, waits_for
from tests.lines.colours import Awaited, LoopWithoutReaders
from tests.lines.dialogues import deadline


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(20)
    with ours, theirs:
        yield ours, theirs


Pair = tuple[socket.socket, socket.socket]


def is_known(sock: socket.socket) -> bool:
    """Whether the loop still looks at it."""
    loop = asyncio.get_running_loop()
    return loop.remove_reader(sock) or loop.remove_writer(sock)


def fill(sock: socket.socket) -> None:
    """Until it takes no more."""
    try:
        while True:
            sock.send(bytes(100_000))
    except BlockingIOError:
        pass


def empty(sock: socket.socket) -> None:
    sock.setblocking(False)
    try:
        while True:
            sock.recv(1_000_000)
    except BlockingIOError:
        sock.settimeout(20)


# ── cancelled ────────────────────────────────────────────────────────────────────────────────────────────────────


def hearing() -> Dialogue[None]:
    yield HEAR


def saying() -> Dialogue[None]:
    while True:
        yield bytes(100_000)


def pausing() -> Dialogue[None]:
    while True:
        sleep(0.001)
        yield PAUSE


@pytest.mark.parametrize("dialogue", [hearing, saying, pausing])
@pytest.mark.parametrize("loop_type", [asyncio.SelectorEventLoop, LoopWithoutReaders])
def test_a_cancellation_passes_and_leaves_nothing(
    pair: Pair, dialogue: Callable[[], Dialogue[None]], loop_type: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    colour, ended = Awaited(loop_type), []

    def noted() -> Dialogue[None]:
        try:
            yield from dialogue()
        finally:
            ended.append(True)

    async def main() -> None:
        task = asyncio.create_task(awaited.drive(Line(pair[0]), noted(), deadline(), colour.threads))
        await asyncio.sleep(0.02)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended
        if loop_type is asyncio.SelectorEventLoop:
            assert not is_known(pair[0])

    colour.run(main())
    colour.close()


def test_a_cancellation_passes_while_a_call_blocks_which_goes_on(pair: Pair, loop: Awaited) -> None:
    begun, gone, done = threading.Event(), threading.Event(), threading.Event()

    def call() -> None:
        begun.set()
        gone.wait(20)
        done.set()
        raise OSError

    async def main() -> None:
        task = asyncio.create_task(awaited.drive(Line(pair[0]), do(call), deadline(), loop.threads))
        await asyncio.to_thread(begun.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gone.set()
        assert await asyncio.to_thread(done.wait, 20)

    loop.run(main())


def test_somebody_elses_time_out_is_not_taken_for_our_own(pair: Pair, loop: Awaited) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05) as limit:
                await awaited.drive(Line(pair[0]), hearing(), deadline(), loop.threads)
        assert limit.expired()

    loop.run(main())


def test_a_cancellation_in_the_moment_in_which_the_time_is_over_passes(pair: Pair, loop: Awaited) -> None:
    """In either order, and for whoever else is being cancelled around it."""

    async def main() -> None:
        for order in (0, 1):
            waits = Waits(pair[0], deadline())
            task = asyncio.create_task(waits.hear())
            await asyncio.sleep(0.001)
            both: list[Callable[[], object]] = [waits._on_ring, task.cancel]
            both[order]()
            both[1 - order]()
            with pytest.raises(asyncio.CancelledError):
                await task
            waits.end()

    loop.run(main())


def test_a_cancellation_in_the_moment_in_which_something_comes_passes(pair: Pair, loop: Awaited) -> None:
    """The loop has seen it and not told yet."""
    ours, theirs = pair

    async def main() -> None:
        running = asyncio.get_running_loop()
        waits = Waits(ours, deadline())
        task = asyncio.create_task(waits.hear())
        await asyncio.sleep(0.001)
        theirs.send(b"x")
        running.call_soon(task.cancel)  # in the next turn, before what that finds
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not is_known(ours), "it rings no more"
        waits.end()

    loop.run(main())


def test_a_cancellation_in_the_moment_in_which_something_can_be_said_passes(pair: Pair, loop: Awaited) -> None:
    ours, theirs = pair
    fill(ours)

    async def main() -> None:
        running = asyncio.get_running_loop()
        waits = Waits(ours, deadline())
        task = asyncio.create_task(waits.say(b"x"))
        await asyncio.sleep(0.001)
        empty(theirs)
        running.call_soon(task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not is_known(ours)
        waits.end()

    loop.run(main())


# ── one reader, one timer ────────────────────────────────────────────────────────────────────────────────────────


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.readers = self.timers = 0

    def add_reader(self, fd: Any, callback: Callable[..., Any], *args: Any) -> None:  # type: ignore[override]
        self.readers += 1
        super().add_reader(fd, callback, *args)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        self.timers += 1
        return super().call_at(when, callback, *args, context=context)

    @property
    def counted(self) -> tuple[int, int]:
        return self.readers, self.timers


def test_many_waits_take_one_reader_and_one_timer(pair: Pair) -> None:
    ours, theirs = pair
    running = CountingLoop()
    colour = Awaited(lambda: running)

    def answer() -> None:
        for _ in range(5):
            theirs.recv(10)
            sleep(0.005)
            theirs.send(b"y")

    def dialogue() -> Dialogue[None]:
        for _ in range(5):
            yield b"x"
            assert (yield HEAR) == b"y"

    async def main() -> tuple[int, int]:
        readers, timers = running.counted
        await awaited.drive(Line(ours), dialogue(), deadline(), colour.threads)
        assert not is_known(ours)
        return running.counted[0] - readers, running.counted[1] - timers

    answering = threading.Thread(target=answer)
    answering.start()
    assert colour.run(main()) == (1, 1)
    answering.join()
    colour.close()


def test_the_timer_sleeps_on_when_it_rang_for_a_wait_that_is_over(pair: Pair, loop: Awaited) -> None:
    ours, theirs = pair

    async def main() -> None:
        running = asyncio.get_running_loop()
        waits = Waits(ours, Patience(read_s=0.1, total_s=10).deadline())
        for _ in range(4):  # each in time, and together not
            running.call_later(0.04, theirs.send, b"x")
            assert await waits.hear() == b"x"
        begun = monotonic()
        with pytest.raises(TimeoutError):
            await waits.hear()
        assert 0.09 < monotonic() - begun < 2
        waits.end()

    loop.run(main())


def test_the_timer_rings_for_nobody_between_two_waits(pair: Pair, loop: Awaited) -> None:
    ours, theirs = pair

    async def main() -> None:
        running = asyncio.get_running_loop()
        waits = Waits(ours, Patience(read_s=0.05, total_s=10).deadline())
        running.call_later(0.01, theirs.send, b"x")
        assert await waits.hear() == b"x"
        await asyncio.sleep(0.1)
        begun = monotonic()
        with pytest.raises(TimeoutError):
            await waits.hear()
        assert 0.04 < monotonic() - begun < 2
        waits.end()

    loop.run(main())


def test_what_comes_while_nobody_listens_is_heard_later_and_keeps_nobody_busy(pair: Pair, loop: Awaited) -> None:
    ours, theirs = pair

    async def main() -> int:
        running = asyncio.get_running_loop()
        waits = Waits(ours, deadline())
        running.call_later(0.01, theirs.send, b"x")
        assert await waits.hear() == b"x"
        theirs.send(b"yz")
        turns = 0
        ends = running.time() + 0.05
        while running.time() < ends:
            turns += 1
            await asyncio.sleep(0.01)
        assert not is_known(ours)
        assert await waits.hear() == b"yz"
        waits.end()
        return turns

    assert loop.run(main()) < 10


def test_what_comes_while_something_is_said_is_heard_later(pair: Pair, loop: Awaited) -> None:
    ours, theirs = pair

    async def main() -> None:
        running = asyncio.get_running_loop()
        waits = Waits(ours, deadline())
        running.call_later(0.01, theirs.send, b"x")
        assert await waits.hear() == b"x"
        fill(ours)
        task = asyncio.create_task(waits.say(b"the last"))
        await asyncio.sleep(0.001)
        theirs.send(b"yz")
        await asyncio.sleep(0.02)
        assert not task.done()
        taking = asyncio.create_task(asyncio.to_thread(taken, theirs))
        await task
        ours.shutdown(socket.SHUT_WR)
        assert (await taking).endswith(b"the last")
        assert await waits.hear() == b"yz"
        waits.end()

    loop.run(main())


def taken(sock: socket.socket) -> bytes:
    last = b""
    while data := sock.recv(1_000_000):
        last = (last + data)[-100:]
    return last


def test_a_false_alarm_is_slept_through(pair: Pair, loop: Awaited) -> None:
    ours, theirs = pair

    async def main() -> None:
        running = asyncio.get_running_loop()
        waits = Waits(ours, deadline())
        task = asyncio.create_task(waits.hear())
        await asyncio.sleep(0.001)
        waits._on_readable()
        running.call_later(0.01, theirs.send, b"x")
        assert await task == b"x"
        waits.end()

    loop.run(main())


def test_an_error_that_comes_later_is_raised(loop: Awaited) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as ours:
        ours.connect(listener.getsockname())
        ours.setblocking(False)
        theirs, _ = listener.accept()

        async def main() -> None:
            task = asyncio.create_task(Waits(ours, deadline()).hear())
            await asyncio.sleep(0.001)
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
            theirs.close()
            with pytest.raises(ConnectionResetError):
                await task

        loop.run(main())


# ── turns ────────────────────────────────────────────────────────────────────────────────────────────────────────


def turns_during(loop: Awaited, dialogue: Dialogue[object], line: Line) -> int:
    """How often others had their turn, while a dialogue was carried out."""

    async def main() -> int:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        await asyncio.sleep(0)
        turns = 0
        await awaited.drive(line, dialogue, deadline(), loop.threads)
        counting.cancel()
        await asyncio.wait([counting])
        return turns

    return loop.run(main())


def test_a_pause_is_made_when_there_was_none_for_long(pair: Pair, loop: Awaited) -> None:
    def slow() -> Dialogue[None]:
        for _ in range(10):
            sleep(0.001)
            yield PAUSE

    def quick() -> Dialogue[None]:
        for _ in range(10):
            yield PAUSE

    assert turns_during(loop, slow(), Line(pair[0])) >= 10
    assert min(turns_during(loop, quick(), Line(pair[0])) for _ in range(5)) == 0


class Flooded(socket.socket):
    """There is always more."""

    def recv(self, *_: Any) -> bytes:
        return b"x"


def test_a_peer_who_never_stops_keeps_nobody_from_their_turn(pair: Pair, loop: Awaited) -> None:
    def swallow() -> Dialogue[None]:
        ends = monotonic() + 0.05
        while monotonic() < ends:
            yield HEAR

    pair[1].send(b"x")
    with Flooded(fileno=pair[0].detach()) as ours:
        assert turns_during(loop, swallow(), Line(ours)) > 10


def test_windows_own_loop_is_asked_for_each_piece(pair: Pair) -> None:
    async def kind() -> type[Waits]:
        return type(waits_for(pair[0], deadline()))

    for loop_type, expected in ((asyncio.SelectorEventLoop, Waits), (LoopWithoutReaders, CompletionWaits)):
        with asyncio.Runner(loop_factory=loop_type) as runner:
            assert runner.run(kind()) is expected


def test_a_loop_that_is_closed_in_the_middle_leaves_a_closed_dialogue() -> None:
    ours, theirs = socket.socketpair()
    ended = []

    def dialogue() -> Dialogue[None]:
        try:
            yield HEAR
        finally:
            ended.append(True)

    running = asyncio.new_event_loop()
    colour = Awaited()
    driving = awaited.drive(Line(ours), dialogue(), deadline(), colour.threads)
    with ours, theirs:
        ours.setblocking(False)

        async def begin() -> None:
            driving.send(None)

        running.run_until_complete(begin())
        running.close()
        driving.close()

    assert ended
    colour.close()
