"""So many at once, in the order in which they came."""

from __future__ import annotations

import signal
import sys
import threading
from time import monotonic, sleep

import pytest

from sesmail.lines.gate import Gate
from tests.lines.threads import run_in_threads


def until_waiting(gate: Gate, count: int) -> None:
    ends = monotonic() + 10
    while len(gate._waiting) != count:
        assert monotonic() < ends
        sleep(0.001)


def test_so_many_and_no_more() -> None:
    gate = Gate(2)

    assert [gate.enter(0), gate.enter(0), gate.enter(0), gate.enter(0.01)] == [True, True, False, False]
    gate.leave()
    gate.leave()
    assert [gate.enter(0), gate.enter(0), gate.enter(0)] == [True, True, False]


def test_who_came_first_goes_first() -> None:
    gate, order = Gate(1), list[int]()

    def come(number: int) -> None:
        assert gate.enter(20)
        order.append(number)
        gate.leave()

    gate.enter(0)
    threads = [threading.Thread(target=come, args=(number,)) for number in range(8)]
    for number, thread in enumerate(threads):
        thread.start()
        until_waiting(gate, number + 1)
    gate.leave()
    for thread in threads:
        thread.join()

    assert order == list(range(8))


def test_who_leaves_and_comes_again_does_not_pass_those_who_wait() -> None:
    gate, entered = Gate(1), threading.Event()
    gate.enter(0)

    def come() -> None:
        assert gate.enter(20)
        entered.set()
        gate.leave()

    waiting = threading.Thread(target=come)
    waiting.start()
    until_waiting(gate, 1)
    gate.leave()  # the interpreter goes on with this thread
    assert gate.enter(20)
    assert entered.is_set()
    gate.leave()
    waiting.join()


def test_who_waits_in_vain_leaves_the_queue() -> None:
    gate = Gate(1)
    gate.enter(0)
    begun = monotonic()

    assert not gate.enter(0.05)
    assert 0.04 < monotonic() - begun < 5
    assert not gate._waiting
    gate.leave()
    assert gate.enter(0)


class Handing(Gate):
    """Somebody leaves in the moment in which a wait is over."""

    __slots__ = ()

    def _gives_up(self, turn: threading.Lock) -> bool:
        self.leave()
        return super()._gives_up(turn)


def test_a_place_that_is_given_in_the_last_moment_is_taken() -> None:
    gate = Handing(1)
    gate.enter(0)

    assert gate.enter(0.01)
    gate.leave()
    assert gate.enter(0), "and not lost"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("kind", [Gate, Handing])
def test_an_interruption_loses_no_place(kind: type[Gate]) -> None:
    gate = kind(1)
    gate.enter(0)
    threading.Timer(0.05, signal.pthread_kill, (threading.get_ident(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        gate.enter(20)

    if kind is Gate:
        gate.leave()
    assert gate._free == 1
    assert not gate._waiting


def test_many_threads_lose_no_place_however_impatient_they_are() -> None:
    gate, now, most, lock = Gate(3), 0, 0, threading.Lock()

    def work(number: int) -> None:
        nonlocal now, most
        for turn in range(60):
            if gate.enter((number * 7 + turn) % 5 / 2000):
                with lock:
                    now += 1
                    most = max(most, now)
                sleep(0.0005)
                with lock:
                    now -= 1
                gate.leave()

    run_in_threads(16, work)

    assert most == 3
    assert [gate.enter(0) for _ in range(4)] == [True, True, True, False]
    assert not gate._waiting
