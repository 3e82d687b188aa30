"""An answer that is remembered: who asks, who waits, and what holds where nobody can say."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sesmail._clock import SYSTEM_CLOCK
from sesmail.errors import AccountError
from sesmail.policies.flow import Ask, Sleep, arun, run
from sesmail.policies.rate.known import EVERY_S, PATIENCE_S, REST_S, TRIES, Known
from tests.policies.rate.simulation import Simulation, Told
from tests.policies.stepping import Stepper, StillClock

BUSY = AccountError("too many calls", operation="GetAccount", retryable=True)
BROKEN = AccountError("no", operation="GetAccount")


def told(known: Known[str], account: Told, clock: StillClock, ttl_s: float = 300) -> str | None:
    return run(known.get(account, clock, ttl_s), clock)


def test_it_is_asked_once_in_its_time() -> None:
    known, account, clock = Known[str](), Told("14", "50"), StillClock()
    answers = []
    for _ in range(5):
        answers.append(told(known, account, clock, ttl_s=100))
        clock.time += 40

    assert answers == ["14", "14", "14", "50", "50"]


def test_when_64_begin_at_once_one_asks_and_all_hear() -> None:
    simulation = Simulation(asking_s=0.3)
    known, account = Known[str](), Told("14", now=simulation.now)
    for _ in range(64):
        simulation.begin(known.get(account, simulation, 300))
    simulation.run()

    assert simulation.ended == ["14"] * 64
    assert account.asked_at == [1000.0]
    assert simulation.time < 1000.5


def test_64_real_threads_ask_once() -> None:
    class Slow(Told):
        def answer(self) -> Any:
            time.sleep(0.05)
            return super().answer()

    known, account, heard = Known[str](), Slow("14"), []
    threads = [
        threading.Thread(target=lambda: heard.append(run(known.get(account, SYSTEM_CLOCK, 300), SYSTEM_CLOCK)))
        for _ in range(64)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert heard == ["14"] * 64
    assert len(account.asked_at) == 1


def test_64_real_tasks_ask_once() -> None:
    known, account = Known[str](), Told("14")

    async def ask_all() -> list[str | None]:
        return await asyncio.gather(*[arun(known.get(account, SYSTEM_CLOCK, 300), SYSTEM_CLOCK) for _ in range(64)])

    assert asyncio.run(ask_all()) == ["14"] * 64
    assert len(account.asked_at) == 1


def test_who_has_an_older_answer_does_not_wait_for_the_new_one() -> None:
    known, account, clock = Known[str](), Told("14", "50"), StillClock()
    told(known, account, clock)
    clock.time += 301
    asking = Stepper(known.get(account, clock, 300))

    assert isinstance(asking.step, Ask)
    assert told(known, account, clock) == "14"
    asking.give("50")
    assert told(known, account, clock) == "50"


def test_it_is_asked_at_most_once_a_second() -> None:
    known, account, clock = Known[str](), Told("14", "50"), StillClock()
    told(known, account, clock)
    clock.time += 0.5
    known.expire(clock.now())
    assert told(known, account, clock) == "14"
    clock.time += 0.5
    assert told(known, account, clock) == "50"


def test_what_is_told_to_be_old_while_it_is_on_its_way_is_asked_again() -> None:
    known, account, clock = Known[str](), Told("14"), StillClock()
    asking = Stepper(known.get(account, clock, 300))
    known.expire(clock.now())
    asking.give("old")
    clock.time += EVERY_S

    assert told(known, account, clock) == "14"


def test_an_answer_expires_at_the_earliest_moment_that_was_said() -> None:
    known, account, clock = Known[str](), Told("14", "50"), StillClock()
    told(known, account, clock)
    known.expire(clock.now() + 5)
    known.expire(clock.now() + 50)
    clock.time += 6

    assert told(known, account, clock) == "50"


def test_who_was_overtaken_between_two_looks_does_not_ask() -> None:
    known, account = Known[str](), Told("14")

    class Meanwhile(StillClock):
        """Somebody else asks just when this one has looked at the time."""

        looks = 0

        def now(self) -> float:
            self.looks += 1
            if self.looks == 3:
                known._next_at = self.time + EVERY_S
            return self.time

    clock = Meanwhile()
    asking = Stepper(known.get(account, clock, 300))

    assert isinstance(asking.step, Sleep)
    assert not known._asking


def test_where_it_may_be_said_in_a_moment_it_is_asked_again() -> None:
    known, account, clock = Known[str](), Told(BUSY, BUSY, "14"), StillClock()

    assert told(known, account, clock) == "14"
    assert sum(clock.slept) == pytest.approx(2 * EVERY_S, abs=0.1)


@pytest.mark.parametrize(("errors", "tries"), [([BUSY], TRIES), ([BROKEN], 1)])
def test_where_nobody_can_say_the_mail_is_not_kept(
    errors: list[Exception], tries: int, caplog: pytest.LogCaptureFixture
) -> None:
    known, clock = Known[str](), StillClock()
    account = Told(*errors, now=clock.now)
    with caplog.at_level(logging.WARNING, "sesmail"):
        assert told(known, account, clock) is None
        slept = sum(clock.slept)
        assert told(known, account, clock) is None

    assert len(account.asked_at) == tries
    assert sum(clock.slept) == slept < PATIENCE_S
    assert [record.getMessage() for record in caplog.records] == [
        "the account could not be asked what it may do: AccountError"
    ]


def test_after_a_rest_it_is_asked_again_and_an_old_answer_holds_until_then() -> None:
    known, clock = Known[str](), StillClock()
    account = Told("14", BROKEN, "50", now=clock.now)
    assert told(known, account, clock) == "14"
    clock.time += 301
    assert told(known, account, clock) == "14"
    clock.time += REST_S / 2
    assert told(known, account, clock) == "14"
    assert len(account.asked_at) == 2
    clock.time += REST_S / 2
    assert told(known, account, clock) == "50"


def test_nobody_waits_for_ever_while_another_one_asks() -> None:
    known, account, clock = Known[str](), Told("14"), StillClock()
    asking = Stepper(known.get(account, clock, 300))

    assert told(known, account, clock) is None
    assert sum(clock.slept) == pytest.approx(PATIENCE_S, abs=0.1)
    asking.give("14")


def test_who_is_cancelled_while_asking_leaves_it_to_the_next() -> None:
    known, account, clock = Known[str](), Told("14"), StillClock()
    flow = known.get(account, clock, 300)
    next(flow)
    flow.close()
    clock.time += EVERY_S

    assert told(known, account, clock) == "14"


def test_an_error_that_is_no_answer_is_raised_and_keeps_nobody_out() -> None:
    known, clock = Known[str](), StillClock()
    account = Told(ZeroDivisionError(), "14")
    with pytest.raises(ZeroDivisionError):
        told(known, account, clock)

    assert told(known, account, clock) == "14"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_knows_what_its_parent_knew_and_asks_for_itself() -> None:
    known, clock = Known[str](), StillClock()
    asking = Stepper(known.get(Told("14"), clock, 300))
    assert isinstance(asking.step, Ask)
    clock.time += EVERY_S
    child = os.fork()
    if child == 0:
        heard = told(known, Told("50"), clock)
        os._exit(0 if heard == "50" and not clock.slept else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 20
