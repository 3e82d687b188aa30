"""A circuit: when it opens, whom it lets through, and what it makes of how that ended."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sesmail.errors import ConnectFailed, CredentialsMissing, SendingPaused, Throttled, TimedOut
from sesmail.policies.circuit import Circuit, Entry, Fault

NOW = 1000.0
FAULT = Fault("ConnectFailed")


def circuit(failures: int = 3, rest_s: float = 30) -> Circuit:
    return Circuit("way 1 (ses)", failures=failures, rest_s=rest_s)


def fail(one: Circuit, times: int = 1, *, now: float = NOW) -> None:
    for _ in range(times):
        entry = one.enter(now)
        one.failed(entry, FAULT, now)
        one.leave(entry)


def opened(failures: int = 3) -> Circuit:
    one = circuit(failures)
    fail(one, failures)
    return one


def test_a_new_one_is_closed_and_knows_nothing() -> None:
    one = circuit()

    assert one.enter(NOW) is Entry.FREE
    assert (one.is_open, one.faults, one.last, one.opens_at) == (False, 0, None, float("-inf"))


def test_it_opens_at_the_last_of_so_many_faults_in_a_row() -> None:
    one = circuit(3)
    fail(one, 2)
    assert one.enter(NOW) is Entry.FREE
    fail(one)

    assert one.is_open
    assert (one.faults, one.last, one.opens_at) == (3, FAULT, NOW + 30)


def test_a_mail_that_goes_ends_the_row() -> None:
    one = circuit(3)
    fail(one, 2)
    one.passed(one.enter(NOW))
    fail(one, 2)

    assert not one.is_open
    assert one.faults == 2
    assert one.last == FAULT, "what went wrong last is not forgotten"


def test_some_faults_open_it_at_once() -> None:
    one = circuit(100)
    one.failed(one.enter(NOW), Fault("SendingPaused"), NOW, at_once=True)

    assert one.enter(NOW) is Entry.SHUT


def test_nobody_passes_before_its_rest_is_over_and_one_does_then() -> None:
    one = opened()

    assert one.enter(NOW + 29.9) is Entry.SHUT
    assert one.enter(NOW + 30) is Entry.TRIAL
    assert one.enter(NOW + 30) is Entry.SHUT
    assert one.enter(NOW + 3000) is Entry.SHUT


def test_a_trial_that_goes_well_closes_it() -> None:
    one = opened()
    entry = one.enter(NOW + 30)
    one.passed(entry)
    one.leave(entry)

    assert (one.is_open, one.faults) == (False, 0)
    assert [one.enter(NOW + 30) for _ in range(3)] == [Entry.FREE] * 3


def test_a_trial_that_fails_begins_the_rest_anew() -> None:
    one = opened()
    fail(one, now=NOW + 40)

    assert one.opens_at == NOW + 70
    assert one.enter(NOW + 69) is Entry.SHUT
    assert one.enter(NOW + 70) is Entry.TRIAL


def test_so_does_one_after_what_opened_it_at_once() -> None:
    one = circuit(100)
    one.failed(one.enter(NOW), Fault("SendingPaused"), NOW, at_once=True)
    fail(one, now=NOW + 30)

    assert one.enter(NOW + 59) is Entry.SHUT


def test_a_trial_that_says_nothing_gives_its_place_back() -> None:
    one = opened()
    one.leave(one.enter(NOW + 30))

    assert one.is_open
    assert one.enter(NOW + 30) is Entry.TRIAL


def test_who_has_no_place_gives_none_back() -> None:
    one = opened()
    assert one.enter(NOW + 30) is Entry.TRIAL
    for entry in (Entry.FREE, Entry.LAST_RESORT, Entry.SHUT):
        one.leave(entry)

    assert one.enter(NOW + 30) is Entry.SHUT


def test_sends_that_began_before_it_opened_are_no_news() -> None:
    one = circuit(1)
    early, late = one.enter(NOW), one.enter(NOW)
    fail(one)
    one.passed(early)
    assert one.is_open
    one.failed(late, Fault("Throttled"), NOW + 20, at_once=True)

    assert (one.faults, one.last, one.opens_at) == (1, FAULT, NOW + 30)


def test_a_last_resort_is_heard_while_it_is_open() -> None:
    one = opened()
    one.failed(Entry.LAST_RESORT, Fault("TimedOut"), NOW + 10)
    assert (one.opens_at, one.faults, one.last) == (NOW + 40, 4, Fault("TimedOut"))
    one.passed(Entry.LAST_RESORT)

    assert not one.is_open


def test_it_is_said_when_it_opens_and_when_it_closes_and_not_in_between(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "sesmail"):
        one = opened()
        fail(one, now=NOW + 30)
        one.passed(one.enter(NOW + 60))
        one.passed(one.enter(NOW + 60))

    name = "the circuit of way 1 (ses)"
    assert caplog.record_tuples == [
        ("sesmail", logging.WARNING, f"{name} opens for 30 s (faults in a row: 3, the last a ConnectFailed)"),
        ("sesmail", logging.INFO, f"{name} is closed again: it took a mail"),
    ]


def test_whoever_listens_to_the_log_may_use_it(caplog: pytest.LogCaptureFixture) -> None:
    one = circuit(1)
    heard = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            with ThreadPoolExecutor(1) as other:  # a lock that this thread holds would stop another one
                heard.append(other.submit(one.enter, NOW + 30).result(timeout=5))

    logger, listener = logging.getLogger("sesmail"), Listener()
    logger.addHandler(listener)
    try:
        with caplog.at_level(logging.INFO, "sesmail"):
            fail(one)
            one.passed(Entry.TRIAL)
    finally:
        logger.removeHandler(listener)

    assert heard == [Entry.TRIAL, Entry.FREE]


def test_what_is_remembered_of_an_error_is_not_its_text() -> None:
    assert Fault.of(Throttled("<ada@example.org> is greylisted", code="451 4.7.1")) == Fault("Throttled", "451 4.7.1")
    assert str(Fault.of(Throttled("x", code="451"))) == "Throttled (451)"
    assert str(Fault.of(ConnectFailed("x"))) == "ConnectFailed"
    assert Fault.of(CredentialsMissing("x")) == Fault("CredentialsMissing", retryable=False)
    assert not Fault.of(SendingPaused("x")).retryable
    assert Fault.of(TimedOut("x")).retryable, "the next mail may go where this one must not go again"


# ── many at once ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_fault_of_many_threads_is_lost() -> None:
    one = circuit(10_000)
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda _: fail(one, 100), range(32)))

    assert one.faults == 3200


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.enter(NOW + 30),
        lambda one: one.passed(Entry.TRIAL),
        lambda one: one.failed(Entry.TRIAL, FAULT, NOW),
    ],
    ids=["enter", "passed", "failed"],
)
def test_what_changes_it_waits_for_others_who_do(change: Callable[[Circuit], object]) -> None:
    one = opened()
    thread = threading.Thread(target=change, args=[one])
    with one._lock():
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
        assert (one._faults, one._opens_at, one._trial_of) == (3, NOW + 30, 0)
    thread.join(5)

    assert not thread.is_alive()
    assert (one._faults, one._opens_at, one._trial_of) != (3, NOW + 30, 0)


def test_of_many_threads_one_at_a_time_tries_it() -> None:
    one = opened()
    inside, most, tried = [0], [0], [0]
    guard = threading.Lock()

    def task(_: int) -> None:
        for _ in range(50):
            entry = one.enter(NOW + 30)
            assert entry is not Entry.FREE
            if entry is Entry.TRIAL:
                with guard:
                    inside[0] += 1
                    tried[0] += 1
                    most[0] = max(most[0], inside[0])
                os.sched_yield()
                with guard:
                    inside[0] -= 1
            one.leave(entry)

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(task, range(32)))

    assert most == [1]
    assert tried[0] > 1


def test_who_comes_while_it_is_being_closed_passes() -> None:
    one = opened()

    class Slow:
        """A lock for which one waits until a trial has gone well."""

        def __enter__(self) -> None:
            one._opens_at = None

        def __exit__(self, *_: object) -> None:
            """Nothing is held."""

    one._locks[os.getpid()] = Slow()  # type: ignore[assignment]

    assert one.enter(NOW + 30) is Entry.FREE


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_child_waits_neither_for_a_lock_nor_for_a_trial_of_its_parent() -> None:
    one = opened()
    with one._lock():  # as if a thread held it that the child will not have
        one._trial_of = os.getpid()
        child = os.fork()
        if not child:
            threading.Timer(5, os._exit, [9]).start()
            os._exit(0 if one.enter(NOW + 30) is Entry.TRIAL and one.enter(NOW + 30) is Entry.SHUT else 1)
        _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert one.enter(NOW + 30) is Entry.SHUT, "and the parent's trial goes on"
