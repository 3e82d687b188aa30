"""Lines that are kept open between two mails."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from time import monotonic, sleep
from typing import Any

import pytest

from sesmail.errors import ConnectFailed, Outcome, TimedOut
from sesmail.lines.dialogue import HEAR, Dialogue, do
from sesmail.lines.fault import LineFault, StaleLine
from sesmail.lines.keeping import Keeping
from sesmail.lines.line import Place
from sesmail.lines.patience import Patience
from sesmail.lines.pool import AwaitedPool, BlockingPool
from sesmail.lines.threads import Threads
from tests.lines.colours import Awaited, Clock, Colour
from tests.lines.other_end import HOST, OtherEnd, reset
from tests.lines.sessions import Greeting, Host, heard_line
from tests.lines.threads import run_in_threads

PATIENT = Patience()
Talk = Callable[[Greeting], Dialogue[str]]


def ask(word: str = "x") -> Talk:
    return lambda session: session.ask(word)


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def other(host: Host) -> Iterator[OtherEnd]:
    with OtherEnd(host) as other:
        yield other


Make = Callable[..., Any]


@pytest.fixture
def pool_to(colour: Colour, clock: Clock) -> Iterator[Make]:
    """A pool of this colour, which is closed at the end."""
    made: list[Any] = []

    def make(place: Place, session: object = Greeting, *, patience: Patience = PATIENT, **keeping: float) -> Any:
        made.append(
            colour.pool(place, session, keeping=Keeping(**keeping), patience=patience, clock=clock)  # type: ignore[arg-type]
        )
        return made[-1]

    yield make
    for pool in made:
        pool.close()


@pytest.fixture
def pool(pool_to: Make, other: OtherEnd) -> Any:
    return pool_to(other.place)


def until(condition: Callable[[], bool]) -> None:
    ends = monotonic() + 10
    while not condition():
        assert monotonic() < ends
        sleep(0.001)


# ── a line is kept ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_is_used_again(pool: Any, host: Host) -> None:
    assert [pool.run(ask("a")), pool.run(ask("b")), pool.run(ask("c"))] == ["0 a", "0 b", "0 c"]
    pool.close()
    until(lambda: host.heard == [["a", "b", "c", "quit", "end"]])


def test_a_closed_pool_opens_anew(pool: Any) -> None:
    assert pool.run(ask("a")) == "0 a"
    pool.close()
    pool.close()
    assert pool.run(ask("b")) == "1 b"


def test_a_pool_that_was_never_used_can_be_closed(pool: Any) -> None:
    pool.close()
    assert pool.run(ask("a")) == "0 a"


def test_a_session_hears_how_long_it_was_idle_and_only_then(pool_to: Make, other: OtherEnd, clock: Clock) -> None:
    made = []

    def session() -> Greeting:
        made.append(Greeting())
        return made[-1]

    pool = pool_to(other.place, session)
    for idle_s in (0, 3, 2.5):
        clock.now += idle_s
        pool.run(ask())

    assert [session.idle for session in made] == [[3, 2.5]]


def test_a_line_that_was_used_often_enough_is_opened_anew(pool_to: Make, other: OtherEnd, host: Host) -> None:
    pool = pool_to(other.place, uses=2)

    assert [pool.run(ask(word)) for word in "abcde"] == ["0 a", "0 b", "1 c", "1 d", "2 e"]
    until(lambda: host.heard[0] == ["a", "b", "quit", "end"])


@pytest.mark.parametrize(("seconds", "number"), [(29.9, 0), (30, 1)])
def test_a_line_that_was_idle_for_long_is_not_used_again(
    pool: Any, host: Host, clock: Clock, seconds: float, number: int
) -> None:
    pool.run(ask("a"))
    clock.now += seconds

    assert pool.run(ask("b")) == f"{number} b"
    if number:
        until(lambda: host.heard[0] == ["a", "quit", "end"])


def test_a_line_that_is_old_is_not_used_again(pool: Any, host: Host, clock: Clock) -> None:
    for number in range(30):
        assert pool.run(ask("a")) == f"{number // 24} a"
        clock.now += 25
    until(lambda: host.heard[0] == [*["a"] * 24, "quit", "end"])


def test_a_line_that_has_grown_old_in_use_is_ended_when_it_comes_back(pool: Any, host: Host, clock: Clock) -> None:
    def long(session: Greeting) -> Dialogue[str]:
        clock.now += 290
        return (yield from session.ask("a"))

    for _ in range(3):
        assert pool.run(long) == "0 a"
    until(lambda: host.heard == [["a", "a", "a", "quit", "end"]])


# ── a line that must not be used ─────────────────────────────────────────────────────────────────────────────────


def test_a_word_that_nobody_asked_for_ends_a_line(pool_to: Make) -> None:
    """It would pass for the answer to the next one."""

    def talkative(sock: socket.socket) -> None:
        sock.sendall(b"hello\n")
        sock.recv(100)
        sock.sendall(b"first\n")
        heard.wait(10)
        sock.sendall(b"421 idle\n")
        said.set()
        sock.recv(100)

    heard, said = threading.Event(), threading.Event()
    with OtherEnd(talkative, Host()) as other:
        pool = pool_to(other.place)
        assert pool.run(ask()) == "first"
        heard.set()
        said.wait(10)
        sleep(0.02)  # in which it arrives
        assert pool.run(ask("b")) == "0 b"
        assert pool.run(ask("c")) == "0 c"
        pool.close()


@pytest.mark.parametrize("leave", [socket.socket.close, reset])
def test_a_line_that_has_ended_is_opened_anew(pool_to: Make, leave: Callable[[socket.socket], None]) -> None:
    def serve(sock: socket.socket) -> None:
        sock.sendall(b"hello\n")
        sock.recv(100)
        sock.sendall(b"first\n")
        sleep(0.01)
        leave(sock)

    with OtherEnd(serve) as other:
        pool = pool_to(other.place)
        for number in range(3):
            assert pool.run(ask()) == "first"
            assert other.accepted == number + 1
            until(lambda: other.open == 0)


def test_a_line_that_ends_while_the_first_word_is_said_is_opened_anew(pool_to: Make, host: Host) -> None:
    """No look can tell: the server leaves when it hears us."""

    def serve(sock: socket.socket) -> None:
        sock.sendall(b"hello\n")
        sock.recv(100)
        sock.sendall(b"first\n")
        sock.recv(100)

    with OtherEnd(serve, host) as other:
        pool = pool_to(other.place)
        assert pool.run(ask("a")) == "first"
        assert pool.run(ask("b")) == "0 b"
        assert host.heard == [["b"]]
        pool.close()


def test_that_happens_once_and_no_more(pool_to: Make) -> None:
    tries = []

    def always(session: Greeting) -> Dialogue[str]:
        tries.append(session.is_open)
        yield from ()
        raise StaleLine

    with OtherEnd(Host()) as other:
        pool = pool_to(other.place)
        pool.run(ask())
        with pytest.raises(StaleLine):
            pool.run(always)

        assert len(tries) == 2
        assert other.accepted == 2
        pool.close()


def test_a_line_that_was_never_kept_is_not_stale(pool_to: Make) -> None:
    def serve(sock: socket.socket) -> None:
        sock.sendall(b"hello\n")
        sock.recv(100)

    with OtherEnd(serve) as other:
        with pytest.raises(LineFault, match="the line broke"):
            pool_to(other.place).run(ask())
        assert other.accepted == 1


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Refused(Exception):
    pass


def test_an_error_that_leaves_the_session_open_leaves_the_line(pool: Any) -> None:
    def refused(session: Greeting) -> Dialogue[str]:
        yield from session.ask("a")
        raise Refused

    with pytest.raises(Refused):
        pool.run(refused)
    assert pool.run(ask("b")) == "0 b"


def test_an_error_in_the_middle_ends_the_line_without_a_word(pool: Any, host: Host) -> None:
    def broken(session: Greeting) -> Dialogue[str]:
        session.is_open = False
        yield b"a\n"
        raise Refused

    with pytest.raises(Refused):
        pool.run(broken)
    assert pool.run(ask("b")) == "1 b"
    until(lambda: host.heard[0] == ["a", "end"])


def test_a_late_answer_is_not_heard_by_the_next_one(pool_to: Make) -> None:
    gone = threading.Event()

    def serve(sock: socket.socket) -> None:
        sock.sendall(b"hello\n")
        sock.recv(100)
        gone.wait(10)
        sock.sendall(b"late\n")

    with OtherEnd(serve, Host()) as other:
        pool = pool_to(other.place, patience=Patience(read_s=0.3))
        with pytest.raises(LineFault, match="no answer in time"):
            pool.run(ask())
        gone.set()
        assert pool.run(ask("b")) == "0 b"
        pool.close()


def test_a_session_that_cannot_be_opened_leaves_no_line(pool_to: Make) -> None:
    class Shy(Greeting):
        def open(self) -> Dialogue[None]:
            yield from heard_line()
            raise Refused

    with OtherEnd(Host()) as other:
        pool = pool_to(other.place, Shy, connections=1)
        for number in range(3):
            with pytest.raises(Refused):
                pool.run(ask())
            assert other.accepted == number + 1
        until(lambda: other.open == 0)


def test_a_session_that_cannot_be_made_leaves_no_line(pool_to: Make, other: OtherEnd) -> None:
    def none() -> Greeting:
        raise Refused

    pool = pool_to(other.place, none, connections=1)
    for _ in range(3):
        with pytest.raises(Refused):
            pool.run(ask())
    assert other.accepted == 0


def test_where_nobody_answers_nothing_was_sent(pool_to: Make) -> None:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        place = Place(HOST, sock.getsockname()[1])
        pool = pool_to(place, connections=1)
        for _ in range(2):
            with pytest.raises(ConnectFailed) as caught:
                pool.run(ask())

    assert str(caught.value) == (f"{place}: nobody answers there: Connection refused (connect); nothing was sent")
    assert (caught.value.outcome, caught.value.retryable) == (Outcome.NOT_SENT, True)
    assert isinstance(caught.value.__cause__, LineFault)


# ── how many ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_many_threads_share_a_few_lines(other: OtherEnd) -> None:
    with closing(BlockingPool(other.place, Greeting, keeping=Keeping(connections=4), patience=Patience())) as pool:

        def work(number: int) -> None:
            for turn in range(10):
                word = f"{number}-{turn}"
                assert pool.run(ask(word)).split()[1] == word

        run_in_threads(64, work)

        assert other.most <= 4
        assert other.accepted <= 4
    until(lambda: other.open == 0)


def test_many_tasks_share_a_few_lines(loop: Awaited, other: OtherEnd) -> None:
    pool = awaited_pool(loop, other, connections=4)

    async def work(number: int) -> None:
        for turn in range(10):
            word = f"{number}-{turn}"
            assert (await pool.run(ask(word))).split()[1] == word

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            for number in range(64):
                tasks.create_task(work(number))

    loop.run(main())
    pool.close()
    assert other.most <= 4
    assert other.accepted <= 4


def awaited_pool(
    loop: Awaited, other: OtherEnd, *, patience: Patience = PATIENT, **keeping: int
) -> AwaitedPool[Greeting]:
    return AwaitedPool(other.place, Greeting, keeping=Keeping(**keeping), patience=patience, threads=loop.threads)


TOO_BUSY = "all 1 connections were busy for too long; nothing was sent"


def test_a_thread_that_waits_in_vain_is_told_so(other: OtherEnd) -> None:
    patience = Patience(total_s=0.3)
    busy, gone = threading.Event(), threading.Event()

    def long(session: Greeting) -> Dialogue[str]:
        yield from do(busy.set)
        yield from do(lambda: gone.wait(10))
        session.is_open = False
        return "done"

    with closing(BlockingPool(other.place, Greeting, keeping=Keeping(connections=1), patience=patience)) as pool:
        working = threading.Thread(target=pool.run, args=(long,))
        working.start()
        busy.wait(10)
        begun = monotonic()
        with pytest.raises(TimedOut, match=TOO_BUSY) as caught:
            pool.run(ask())
        assert 0.09 < monotonic() - begun < 5
        gone.set()
        working.join()
        assert pool.run(ask("b")) == "1 b"

    assert (caught.value.outcome, caught.value.retryable, caught.value.stage) == (Outcome.NOT_SENT, True, "connect")


def test_a_task_that_waits_in_vain_is_told_so(loop: Awaited, other: OtherEnd) -> None:
    pool = awaited_pool(loop, other, connections=1, patience=Patience(total_s=0.3))

    async def main() -> None:
        gone = threading.Event()

        def long(session: Greeting) -> Dialogue[str]:
            yield from do(lambda: gone.wait(10))
            session.is_open = False
            return "done"

        working = asyncio.create_task(pool.run(long))
        await asyncio.sleep(0.02)
        with pytest.raises(TimedOut, match=TOO_BUSY) as caught:
            await pool.run(ask())
        assert (caught.value.outcome, caught.value.retryable) == (Outcome.NOT_SENT, True)
        gone.set()
        assert await working == "done"
        assert await pool.run(ask("b")) == "1 b"

    loop.run(main())
    pool.close()


def test_a_task_that_is_cancelled_while_it_waits_takes_no_place_with_it(loop: Awaited, other: OtherEnd) -> None:
    """At any moment, also in that in which it is its turn."""
    pool = awaited_pool(loop, other, connections=2)
    rng = random.Random(7)

    async def work(number: int) -> None:
        await pool.run(ask(str(number)))

    async def main() -> None:
        for _ in range(40):
            tasks = [asyncio.create_task(work(number)) for number in range(8)]
            for _ in range(rng.randrange(12)):
                await asyncio.sleep(0)
            for task in rng.sample(tasks, 5):
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(end is None or isinstance(end, asyncio.CancelledError) for end in ended)
        async with asyncio.timeout(10):
            assert len(await asyncio.gather(*(work(number) for number in range(8)))) == 8

    loop.run(main())
    pool.close()
    assert other.most <= 2


def test_a_cancellation_at_each_step_leaves_nothing_and_no_answer_for_the_next(loop: Awaited) -> None:
    async def main(pool: AwaitedPool[Greeting]) -> int:
        steps = cancelled = 0
        while True:
            task = asyncio.create_task(pool.run(ask(f"lost {steps}")))
            for _ in range(steps):
                await asyncio.sleep(0)
            if task.done():
                return cancelled
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            cancelled += task.cancelled()
            assert (await pool.run(ask(f"next {steps}"))).endswith(f"next {steps}")
            steps += 1 + steps // 20

    with OtherEnd(Host(delay_s=0.001)) as other:
        pool = awaited_pool(loop, other, connections=1)
        assert loop.run(main(pool)) > 5
        pool.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interruption_takes_no_place_with_it(pool_to: Make, other: OtherEnd, host: Host) -> None:
    pool = pool_to(other.place, connections=1)

    def silent(session: Greeting) -> Dialogue[str]:
        session.is_open = False
        yield HEAR
        raise AssertionError

    threading.Timer(0.05, signal.pthread_kill, (threading.get_ident(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        pool.run(silent)
    assert pool.run(ask("b")) == "1 b"
    until(lambda: host.heard[0] == ["end"])


# ── which one ────────────────────────────────────────────────────────────────────────────────────────────────────


def open_many(pool: BlockingPool[Greeting], count: int) -> None:
    """So many lines, given back in the order of their numbers."""
    barrier, turns = threading.Barrier(count), [threading.Event() for _ in range(count + 1)]
    turns[0].set()

    def together(session: Greeting) -> Dialogue[str]:
        yield from do(lambda: barrier.wait(10))
        answer = yield from session.ask("open")
        number = int(answer.split()[0])
        yield from do(lambda: turns[number].wait(10))
        return answer

    def work(_: int) -> None:
        number = int(pool.run(together).split()[0])
        turns[number + 1].set()

    run_in_threads(count, work)


def test_the_line_that_was_used_last_is_used_first_and_the_others_grow_old(
    other: OtherEnd, host: Host, clock: Clock
) -> None:
    with closing(
        BlockingPool(other.place, Greeting, keeping=Keeping(connections=3), patience=Patience(), clock=clock)
    ) as pool:
        open_many(pool, 3)
        for _ in range(4):
            clock.now += 8
            assert pool.run(ask("again")) == "2 again"
        until(lambda: other.open == 1)

        assert [heard[-2:] for heard in host.heard] == [["quit", "end"], ["quit", "end"], ["again", "again"]]


# ── closed while it is in use ────────────────────────────────────────────────────────────────────────────────────


def test_a_line_in_use_is_ended_when_it_comes_back_to_a_closed_pool(other: OtherEnd, host: Host) -> None:
    busy, gone, answers = threading.Event(), threading.Event(), []

    def long(session: Greeting) -> Dialogue[str]:
        yield from do(busy.set)
        yield from do(lambda: gone.wait(10))
        return (yield from session.ask("a"))

    pool = BlockingPool(other.place, Greeting, keeping=Keeping(connections=1), patience=Patience(total_s=5))
    working = threading.Thread(target=lambda: answers.append(pool.run(long)))
    working.start()
    busy.wait(10)
    pool.close()  # by another thread
    waiting = threading.Thread(target=lambda: answers.append(pool.run(ask("b"))))
    waiting.start()
    sleep(0.02)
    assert other.accepted == 1, "the limit is kept"
    gone.set()
    working.join()
    waiting.join()

    assert answers == ["0 a", "1 b"]
    until(lambda: host.heard[0] == ["a", "quit", "end"])
    assert pool.run(ask("c")) == "1 c", "what was opened since is kept"
    pool.close()
    until(lambda: other.open == 0)


def test_an_awaited_line_in_use_is_ended_when_it_comes_back(loop: Awaited, other: OtherEnd, host: Host) -> None:
    pool = awaited_pool(loop, other, connections=1)

    async def main() -> None:
        busy, gone = threading.Event(), threading.Event()

        def long(session: Greeting) -> Dialogue[str]:
            yield from do(busy.set)
            yield from do(lambda: gone.wait(10))
            return (yield from session.ask("a"))

        working = asyncio.create_task(pool.run(long))
        await asyncio.to_thread(busy.wait, 10)
        closing_it = threading.Thread(target=pool.close)  # by another thread
        closing_it.start()
        closing_it.join()
        gone.set()
        assert await working == "0 a"
        assert await pool.run(ask("b")) == "1 b"

    loop.run(main())
    until(lambda: host.heard[0] == ["a", "quit", "end"])
    pool.close()
    until(lambda: other.open == 0)


def test_closing_all_the_time_loses_no_line_and_no_answer(other: OtherEnd) -> None:
    pool = BlockingPool(other.place, Greeting, keeping=Keeping(connections=4), patience=Patience())
    done = threading.Event()

    def close_all_the_time() -> None:
        while not done.is_set():
            pool.close()
            sleep(0.0005)

    closing_it = threading.Thread(target=close_all_the_time)
    closing_it.start()

    def work(number: int) -> None:
        for turn in range(20):
            word = f"{number}-{turn}"
            assert pool.run(ask(word)).split()[1] == word

    run_in_threads(8, work)
    done.set()
    closing_it.join()
    pool.close()
    until(lambda: other.open == 0)


# ── loops ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_several_loops_at_once_use_one_pool(other: OtherEnd) -> None:
    threads = Threads(4, "test")
    pool = AwaitedPool(other.place, Greeting, keeping=Keeping(connections=2), patience=Patience(), threads=threads)

    async def some(number: int) -> None:
        async def one(turn: int) -> None:
            word = f"{number}-{turn}"
            assert (await pool.run(ask(word))).split()[1] == word

        await asyncio.gather(*(one(turn) for turn in range(10)))

    def work(number: int) -> None:
        for _ in range(5):
            asyncio.run(some(number))

    run_in_threads(8, work)
    assert other.most <= 2 * 8 * 2, "two for each loop, and those that a loop has just left"
    pool.close()
    threads.close()
    until(lambda: other.open == 0)


def test_what_a_closed_loop_has_left_is_ended_by_the_next_one(other: OtherEnd, host: Host) -> None:
    threads = Threads(1, "test")
    pool = AwaitedPool(other.place, Greeting, keeping=Keeping(), patience=Patience(), threads=threads)

    assert asyncio.run(pool.run(ask("a"))) == "0 a"
    assert host.heard == [["a"]], "nobody has closed it"
    assert asyncio.run(pool.run(ask("b"))) == "1 b"
    until(lambda: host.heard[0] == ["a", "quit", "end"])
    pool.close()
    until(lambda: host.heard[1] == ["b", "quit", "end"])
    threads.close()


def test_a_loop_that_is_gone_is_not_held(other: OtherEnd) -> None:
    import gc
    import weakref

    threads = Threads(1, "test")
    pool = AwaitedPool(other.place, Greeting, keeping=Keeping(), patience=Patience(), threads=threads)
    running = asyncio.new_event_loop()
    seen = weakref.ref(running)
    running.run_until_complete(pool.run(ask("a")))
    running.close()
    del running
    pool.close()
    gc.collect()

    assert seen() is None
    threads.close()


# ── forks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_in_another_process_a_line_is_let_go_without_a_word(
    pool: Any, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pool.run(ask("a")) == "0 a"
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert pool.run(ask("b")) == "1 b"
    until(lambda: host.heard[0] == ["a", "end"])


def forked(work: Callable[[], bool]) -> int:
    """What becomes of it in a child."""
    child = os.fork()
    if child == 0:
        good = False
        try:
            good = work()
        finally:
            os._exit(0 if good else 1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.parametrize("first", ["run", "close"])
def test_a_child_has_lines_of_its_own_and_leaves_its_parents_alone(
    colour: Colour, pool: Any, other: OtherEnd, host: Host, first: str
) -> None:
    assert pool.run(ask("parent")) == "0 parent"

    def child() -> bool:
        if isinstance(colour, Awaited):
            colour.forget()
        if first == "close":
            pool.close()
        good = pool.run(ask("child")) == "1 child"
        pool.close()
        sleep(0.05)
        return bool(good)

    assert forked(child) == 0
    assert pool.run(ask("parent")) == "0 parent"
    pool.close()
    until(lambda: host.heard == [["parent", "parent", "quit", "end"], ["child", "quit", "end"]])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_child_does_not_keep_its_parents_lines_open(pool: Any, host: Host) -> None:
    """Or the server would not hear that the parent has left."""
    pool.run(ask("parent"))
    begun, go = os.pipe(), os.pipe()

    def child() -> bool:
        pool.close()
        os.write(begun[1], b"x")
        return os.read(go[0], 1) == b"x"

    waiting: list[int] = []
    thread = threading.Thread(target=lambda: waiting.append(forked(child)))
    thread.start()
    os.read(begun[0], 1)
    pool.close()
    until(lambda: host.heard == [["parent", "quit", "end"]])
    os.write(go[1], b"x")
    thread.join()
    for end in (*begun, *go):
        os.close(end)

    assert waiting == [0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_fork_while_a_line_is_in_use_gives_the_child_its_place(other: OtherEnd) -> None:
    busy, gone = threading.Event(), threading.Event()

    def long(session: Greeting) -> Dialogue[str]:
        yield from do(busy.set)
        yield from do(lambda: gone.wait(10))
        return (yield from session.ask("parent"))

    pool = BlockingPool(other.place, Greeting, keeping=Keeping(connections=1), patience=Patience(total_s=5))
    answers: list[str] = []
    working = threading.Thread(target=lambda: answers.append(pool.run(long)))
    working.start()
    busy.wait(10)

    assert forked(lambda: pool.run(ask("child")) == "1 child") == 0
    gone.set()
    working.join()
    assert answers == ["0 parent"]
    pool.close()


# ── costs ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_waits_does_not_pay_for_who_awaits_nor_for_tls(other: OtherEnd) -> None:
    code = f"""if True:
        import sys
        from sesmail.lines.keeping import Keeping
        from sesmail.lines.line import Place
        from sesmail.lines.patience import Patience
        from sesmail.lines.pool import AwaitedPool, BlockingPool
        from sesmail.lines.threads import Threads
        from tests.lines.sessions import Greeting
        place = Place({other.place.host!r}, {other.place.port})
        both = dict(keeping=Keeping(), patience=Patience())
        pool = BlockingPool(place, Greeting, **both)
        awaited = AwaitedPool(place, Greeting, threads=Threads(1, "test"), **both)
        print(pool.run(lambda session: session.ask("x")))
        pool.close()
        awaited.close()
        print(*sorted({{"asyncio", "ssl", "concurrent.futures", "selectors", "logging", "inspect"}} & set(sys.modules)))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[0] == "0 x"
    assert set(done.stdout.splitlines()[1].split()) <= {"inspect", "selectors"}, "which dataclasses and socket bring"
