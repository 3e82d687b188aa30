"""The store in memory: for all threads of a process, and for none of another."""

from __future__ import annotations

import os
import threading

import pytest

from sesmail._clock import SYSTEM_CLOCK
from sesmail.policies.flow import run
from sesmail.policies.rate.bucket import Pace
from sesmail.policies.rate.line import Place
from sesmail.policies.rate.store import MemoryStore, RateStore

ONE = Pace.of(1)


def take(store: RateStore, key: str = "a", recipients: int = 1, now: float = 0, longest: float = 60) -> Place:
    return run(store.take(key, recipients, ONE, now, longest), SYSTEM_CLOCK)


def test_each_key_has_a_line_of_its_own() -> None:
    store = MemoryStore()

    assert [take(store, key).wait_s for key in ("a", "b", "a")] == [0, 0, 1]


def test_places_of_many_threads_are_one_line() -> None:
    store, places = MemoryStore(), []
    threads = [
        threading.Thread(target=lambda: places.extend([take(store, longest=1e9) for _ in range(100)]))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(place.wait_s for place in places) == pytest.approx(list(range(1600)))


def test_it_slows_down_and_says_to_what() -> None:
    store = MemoryStore()
    place = take(store)

    assert run(store.slow("a", place, 0), SYSTEM_CLOCK) == 0.5
    assert run(store.slow("a", place, 0), SYSTEM_CLOCK) == 0


def test_a_place_of_another_process_is_nobodys() -> None:
    store, place = MemoryStore(), Place(0, 1, 0.0)

    assert run(store.look("a", place, ONE, 0), SYSTEM_CLOCK) == 0
    assert run(store.slow("a", place, 0), SYSTEM_CLOCK) == 0
    store.give_back("a", place)
    assert repr(store) == "MemoryStore()"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_begins_with_no_line_and_no_lock() -> None:
    store = MemoryStore()
    take(store, recipients=100)
    with store._lines.lock:  # as some other thread may hold it in that moment
        child = os.fork()
        if child == 0:
            os._exit(0 if take(store).wait_s == 0 and len(store._of) == 2 else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert take(store, longest=1000).wait_s == 100
