"""Who comes when: in order, with gaps closed, and never more at once than the burst allows."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.policies.rate.bucket import PAUSE_S, Pace
from sesmail.policies.rate.line import OVERDUE_S, Line, Place

TEN = Pace(10, 5.0)
ONE = Pace(1, 1.0)


def line_of(pace: Pace, *recipients: int, now: float = 0) -> tuple[Line, list[Place]]:
    line = Line(pace, now)
    return line, [line.take(count, pace, now, longest=inf) for count in recipients]


def waits(places: list[Place]) -> list[object]:
    return [pytest.approx(place.wait_s) for place in places]


def test_a_burst_goes_at_once_and_then_one_after_the_other() -> None:
    _, places = line_of(TEN, *[1] * 8)

    assert waits(places) == [0, 0, 0, 0, 0, 0.1, 0.2, 0.3]


def test_a_mail_to_many_goes_whole_and_is_paid_before_the_next() -> None:
    _, places = line_of(TEN, 50, 50, 1)

    assert waits(places) == [0, 4.6, 9.6]


def test_whose_turn_is_too_late_takes_no_place() -> None:
    line, _ = line_of(ONE, 10)

    assert line.take(1, ONE, 0, longest=9.9).wait_s == pytest.approx(10)
    assert line.take(1, ONE, 0, longest=10).wait_s == pytest.approx(10)
    assert line.take(1, ONE, 0, longest=11).wait_s == pytest.approx(11)


def test_it_goes_when_its_turn_has_come_and_not_before() -> None:
    line, (_, second) = line_of(ONE, 1, 1)

    assert line.look(second, ONE, 0.4) == pytest.approx(0.6)
    assert line.look(second, ONE, 1.0) == 0
    assert second.went_at == 1.0


def test_a_new_pace_is_everybodys() -> None:
    line, (*_, third, last) = line_of(ONE, *[1] * 4)

    assert line.look(last, Pace.of(10), 0.5) == pytest.approx(0.25)
    assert line.look(last, ONE, 0.55) == pytest.approx(2)
    assert line.look(third, ONE, 0.55) == pytest.approx(1)


@pytest.mark.parametrize("gone", [[4], [2], [1, 2, 3], [3, 2, 1], [1, 3], [1, 2, 3, 4, 5]])
def test_who_gives_its_place_back_is_as_if_it_had_never_come(gone: list[int]) -> None:
    counts = [1, 3, 1, 4, 1, 5]
    slow = Pace(0.5, 1.0)  # so that all but the first wait
    line, places = line_of(slow, *counts)
    _, others = line_of(slow, *[count for number, count in enumerate(counts) if number not in gone], 1)
    for number in gone:
        line.give_back(places[number])
    newcomer = line.take(1, slow, 0, longest=inf)

    stay = [place for number, place in enumerate(places) if number not in gone and number]
    assert [line.look(place, slow, 0) for place in [*stay, newcomer]] == waits(others)[1:]


def test_a_gap_is_nothing_to_those_in_front() -> None:
    line, (_, second, third, _) = line_of(ONE, 1, 1, 30, 1)
    before = line.look(second, ONE, 0.5)
    line.give_back(third)

    assert line.look(second, ONE, 0.5) == pytest.approx(before)


def test_a_thousand_that_are_cancelled_together_leave_an_empty_line() -> None:
    line, places = line_of(ONE, *[1] * 1001)
    for place in places:
        line.give_back(place)

    assert line.take(1, ONE, 0, longest=inf).wait_s == pytest.approx(1)


def test_of_one_that_went_nothing_comes_back() -> None:
    line, (first, second) = line_of(ONE, 1, 1)
    line.give_back(first)
    line.look(second, ONE, 1)
    line.give_back(second)

    assert line.take(1, ONE, 1, longest=inf).wait_s == pytest.approx(1)


def test_after_a_long_sleep_of_the_machine_the_line_does_not_leave_at_once() -> None:
    line, places = line_of(TEN, *[1] * 100)
    waiting = places[5:]

    assert sum(line.look(place, TEN, 3600) == 0 for place in reversed(waiting)) <= TEN.burst
    assert sum(line.look(place, TEN, 3600) == 0 for place in waiting) <= TEN.burst


def test_a_rest_gives_a_burst_and_no_more() -> None:
    line, _ = line_of(TEN, *[1] * 5)

    assert sum(line.take(1, TEN, 86400, longest=inf).wait_s == 0 for _ in range(20)) == TEN.burst


def test_who_never_comes_holds_nobody_up_for_ever() -> None:
    line, (_, lost, next_one) = line_of(ONE, 1, 1, 1)
    now, left = 0.0, 1.0
    while left and now < 60:
        now += 0.5
        left = line.look(next_one, ONE, now)

    assert 1 + OVERDUE_S < now <= 3 + OVERDUE_S
    assert line.look(lost, ONE, now) == 0  # and whoever comes after all may go: it was counted
    line.give_back(lost)
    assert line.take(1, ONE, now, longest=inf).wait_s > 0


def test_a_throttle_halves_the_pace_and_lets_nothing_leave_for_a_moment() -> None:
    line, places = line_of(TEN, *[1] * 25)
    first, waiting = places[0], places[5:]
    assert line.slow(first, 0.05)

    assert line.bucket.rate == 5
    assert line.look(waiting[0], TEN, 0.06) == pytest.approx(PAUSE_S - 0.01, abs=0.02)
    assert line.look(waiting[1], TEN, 0.06) - line.look(waiting[0], TEN, 0.06) == pytest.approx(1 / 5, rel=0.05)


def test_many_throttles_of_one_trouble_slow_down_once() -> None:
    line, places = line_of(TEN, *[1] * 6)

    assert [line.slow(place, 0.1) for place in places[:5]] == [True, False, False, False, False]
    assert line.look(places[5], TEN, 5) == 0
    assert line.slow(places[5], 5.1)
    assert line.bucket.rate == pytest.approx(10 * (0.5 + 5 / 60) / 2, rel=0.02)


def test_a_throttle_takes_nothing_from_a_line_that_is_in_debt_already() -> None:
    line, (first, second) = line_of(ONE, 30, 1)
    line.slow(first, 0)

    assert line.look(second, ONE, 20) > 0
    assert line.look(second, ONE, 40) == 0


takers = st.lists(
    st.tuples(st.floats(0, 2), st.integers(1, 9), st.floats(0, 3), st.booleans()), min_size=1, max_size=60
)


@given(takers, st.sampled_from([Pace.of(1), Pace.of(14), Pace.of(200)]))
def test_the_bound_holds_whoever_looks_late_or_gives_up(
    schedule: list[tuple[float, int, float, bool]], pace: Pace
) -> None:
    line, now = Line(pace, 0), 0.0
    waiting: list[Place] = []
    went: list[tuple[float, int]] = []
    for pause, recipients, look_after, gives_up in schedule:
        now += pause
        place = line.take(recipients, pace, now, longest=inf)
        waiting.append(place)
        if not place.wait_s:
            went.append((now, recipients))
            waiting.remove(place)
        now += look_after
        if gives_up and waiting:
            line.give_back(waiting.pop(len(waiting) // 2))
        for place in [one for one in waiting if not line.look(one, pace, now)]:
            went.append((now, place.recipients))
            waiting.remove(place)

    for number, (start, _) in enumerate(went):
        total = 0
        for end, recipients in went[number:]:
            # the last of them may go into debt; all before it had to be there
            assert total <= pace.burst + pace.rate * (end - start) - 1 + 1e-3
            total += recipients
