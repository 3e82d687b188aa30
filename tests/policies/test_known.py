"""What was found out is remembered for a while, and asked for by one at a time."""

from __future__ import annotations

import asyncio
import gc
from threading import Barrier, Thread

import pytest

from sesmail._clock import SYSTEM_CLOCK
from sesmail.policies.flow import Flow, arun, run, sleep
from sesmail.policies.known import Known
from tests.policies.stepping import Stepper, StillClock


class Finder:
    """Finds numbers: the next one each time, in one step."""

    def __init__(self, holds_s: float = 10.0, takes_s: float = 0.5) -> None:
        self.found = 0
        self.holds_s = holds_s
        self.takes_s = takes_s
        self.fails = 0

    def __call__(self) -> Flow[tuple[int, float]]:
        yield from sleep(self.takes_s)
        if self.fails:
            self.fails -= 1
            raise OSError("no answer")
        self.found += 1
        return self.found, self.holds_s


def test_an_answer_holds_for_its_time_and_is_asked_for_again() -> None:
    clock, find = StillClock(), Finder()
    known = Known(find, clock=clock)
    assert (known.at_hand(), known.last) == (None, None)

    assert run(known.fetch(), clock) == 1
    clock.time += 9.9
    assert known.at_hand() == run(known.fetch(), clock) == 1
    clock.time += 0.1
    assert known.at_hand() is None
    assert known.last == 1
    assert run(known.fetch(), clock) == 2


def test_a_doubt_takes_effect_when_the_answer_is_as_old_as_that() -> None:
    clock = StillClock()
    known = Known(Finder(), clock=clock)
    assert known.doubt(older_than_s=1.0)

    run(known.fetch(), clock)
    assert not known.doubt(older_than_s=1.0)
    clock.time += 0.9
    assert known.at_hand() == 1
    clock.time += 0.1
    assert known.at_hand() is None
    assert known.doubt(older_than_s=5.0), "a milder doubt does not bring it back"


def test_one_asks_and_the_others_wait_for_that_answer() -> None:
    clock, find = StillClock(), Finder()
    known = Known(find, clock=clock)
    first, second = Stepper(known.fetch()), Stepper(known.fetch())
    assert (first.sleeps, second.sleeps) == (0.5, 0.05)

    second.give()
    assert second.sleeps == 0.05
    first.give()
    second.give()
    assert (first.result, second.result, find.found) == (1, 1, 1)


def test_who_waits_asks_when_the_other_one_failed() -> None:
    clock, find = StillClock(), Finder()
    find.fails = 1
    known = Known(find, clock=clock)
    first, second = Stepper(known.fetch()), Stepper(known.fetch())
    with pytest.raises(OSError, match="no answer"):
        first.give()

    second.give()
    assert second.sleeps == 0.5
    second.give()
    assert second.result == 1


def test_who_waits_asks_when_the_other_one_was_cancelled() -> None:
    clock = StillClock()
    known = Known(Finder(), clock=clock)
    first, second = Stepper(known.fetch()), Stepper(known.fetch())
    del first
    gc.collect()

    second.give()
    assert second.sleeps == 0.5


def test_a_claim_that_nobody_works_on_is_given_up() -> None:
    clock, find = StillClock(), Finder()
    known = Known(find, clock=clock)
    first, second = Stepper(known.fetch()), Stepper(known.fetch())
    clock.time += 60

    second.give()
    assert second.sleeps == 0.5
    second.give()
    first.give()
    assert (second.result, first.result) == (1, 2), "the late one does no harm"


def test_the_late_one_leaves_the_claim_of_another_alone() -> None:
    clock = StillClock()
    known = Known(Finder(holds_s=0), clock=clock)
    late, new = Stepper(known.fetch()), Stepper(known.fetch())
    clock.time += 60
    new.give()
    late.give()
    assert late.result == 1

    assert Stepper(known.fetch()).sleeps == 0.05, "the new one still asks"
    new.give()
    assert Stepper(known.fetch()).sleeps == 0.5


def test_a_claim_of_the_parent_is_none_after_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, find = StillClock(), Finder()
    known = Known(find, clock=clock)
    parents = Stepper(known.fetch())
    assert parents.sleeps == 0.5

    monkeypatch.setattr("sesmail.policies.known.getpid", lambda: -1)
    assert Stepper(known.fetch()).sleeps == 0.5


def test_threads_and_tasks_share_one_question() -> None:
    find = Finder(takes_s=0.05)
    known = Known(find, clock=SYSTEM_CLOCK)
    barrier = Barrier(6)
    found: list[int] = []

    def ask() -> None:
        barrier.wait()
        found.append(run(known.fetch(), SYSTEM_CLOCK))

    async def ask_all() -> None:
        found.extend(await asyncio.gather(*[arun(known.fetch(), SYSTEM_CLOCK) for _ in range(5)]))

    threads = [Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    barrier.wait()
    asyncio.run(ask_all())
    for thread in threads:
        thread.join(10)

    assert found == [1] * 10
