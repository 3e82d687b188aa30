"""What was sent in the last 24 hours."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from sesmail.policies.rate.day import DAY_S, SLOT_S, Day


@given(st.lists(st.tuples(st.floats(0, 20000), st.integers(1, 50)), max_size=60))
def test_it_forgets_after_a_day_and_at_most_a_minute_late(sends: list[tuple[float, int]]) -> None:
    day, now, all_of_them = Day(), 0.0, []
    for pause, recipients in sends:
        now += pause
        day.count(recipients, now)
        all_of_them.append((now, recipients))
    least = sum(recipients for at, recipients in all_of_them if at > now - DAY_S)
    most = sum(recipients for at, recipients in all_of_them if at > now - DAY_S - SLOT_S)

    assert least <= day.within(now) <= most
    assert day.ever == sum(recipients for _, recipients in all_of_them)
    assert day.within(now + DAY_S + SLOT_S) == 0


def test_its_memory_has_a_bound() -> None:
    day = Day()
    for second in range(200_000):
        day.count(1, second)
        if not second % 100:
            day.within(second)

    assert len(day._slots) <= DAY_S / SLOT_S + 1
    assert DAY_S <= day.within(199_999) <= DAY_S + SLOT_S


def test_since_a_mark_is_what_came_after_it() -> None:
    day = Day()
    day.count(3, 0)
    day.mark(day.ever)
    day.count(4, 1)

    assert day.since_mark == 4


def test_no_count_of_many_threads_is_lost() -> None:
    day = Day()

    def count_many() -> None:
        for _ in range(2000):
            day.count(1, 0)

    threads = [threading.Thread(target=count_many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert day.within(0) == day.ever == 16_000
