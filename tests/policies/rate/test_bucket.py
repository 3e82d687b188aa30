"""The arithmetic, held against sums of small steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.policies.rate.bucket import LEAST_SHARE, RECOVERY_S, TICK_S, Bucket, Pace

rates = st.floats(0.01, 1000)
times = st.floats(0, 200)


def test_a_burst_is_half_a_second_and_at_least_one() -> None:
    assert [Pace.of(rate).burst for rate in (0.1, 1, 2, 14, 200)] == [1, 1, 1, 7, 100]


def test_it_begins_with_a_burst_and_gains_what_the_rate_says() -> None:
    bucket = Bucket(Pace.of(14), now=100)
    bucket.left -= 21

    bucket.fill(Pace.of(14), 100.5)

    assert bucket.left == -7


def test_an_earlier_time_takes_nothing_back() -> None:
    bucket = Bucket(Pace.of(10), now=100)
    bucket.fill(Pace.of(10), 101)
    before = bucket.left
    bucket.fill(Pace.of(10), 100.5)

    assert bucket.left == before


def test_what_went_by_counts_by_the_old_pace_and_what_comes_by_the_new_one() -> None:
    bucket = Bucket(Pace.of(10), now=0)
    bucket.left = -100
    bucket.fill(Pace.of(20), 1)
    assert bucket.left == -90
    bucket.fill(Pace.of(20), 2)
    assert bucket.left == -70


def test_it_is_halved_and_grows_back_by_as_much_each_second() -> None:
    bucket = Bucket(Pace.of(10), now=0)
    bucket.slow()
    rates = []
    for second in (0, 15, 30, 45):
        bucket.fill(bucket.pace, second)
        rates.append(bucket.rate)

    assert rates == pytest.approx([5, 7.5, 10, 10])
    assert bucket.share == 1.0


def test_it_is_never_slower_than_a_tenth() -> None:
    bucket = Bucket(Pace.of(10), now=0)
    for _ in range(50):
        bucket.slow()

    assert bucket.share == LEAST_SHARE


def test_nobody_is_told_to_wait_for_less_than_a_clock_can_show() -> None:
    bucket = Bucket(Pace.of(1e6), now=0)
    bucket.left = 1 - 2e-6

    assert 1e9 + bucket.seconds_to(1) > 1e9


@given(rates, st.integers(0, 4), st.lists(times, min_size=1, max_size=4))
def test_what_is_gained_is_the_sum_of_small_steps(rate: float, halvings: int, steps: list[float]) -> None:
    bucket = Bucket(Pace.of(rate), now=0)
    for _ in range(halvings):
        bucket.slow()
    share, gained, now = bucket.share, 0.0, 0.0
    for step in steps:
        for _ in range(1000):
            middle = min(1.0, share + step / 2000 / RECOVERY_S)
            share = min(1.0, share + step / 1000 / RECOVERY_S)
            gained += rate * middle * step / 1000
        now += step
        bucket.fill(bucket.pace, now)

    assert bucket.left - bucket.pace.burst == pytest.approx(gained, rel=1e-3)
    assert bucket.share == pytest.approx(share)
    bucket.fill(bucket.pace, now + RECOVERY_S)
    assert bucket.share == 1.0  # exactly, since nothing is computed for it from then on


@given(rates, st.integers(0, 4), st.floats(-5000, 10), times)
def test_after_the_seconds_that_it_names_there_is_enough(rate: float, halvings: int, left: float, rest: float) -> None:
    bucket = Bucket(Pace.of(rate), now=0)
    for _ in range(halvings):
        bucket.slow()
    bucket.fill(bucket.pace, rest)
    bucket.left = left
    seconds = bucket.seconds_to(1)

    if seconds:
        bucket.fill(bucket.pace, rest + seconds * 0.99)
        assert bucket.left < 1 + rate * TICK_S
    bucket.fill(bucket.pace, rest + seconds)
    assert bucket.left >= 1 - 1e-5
