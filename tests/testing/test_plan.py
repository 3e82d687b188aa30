"""What a plan does to bytes, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sesmail.errors import SetupError, UnknownOption
from sesmail.testing import Flow, Plan
from sesmail.testing.plan import plan_for
from tests.examples import one_in


@given(some.binary(max_size=60), some.lists(some.integers(0, 60)), some.integers(0, 70), some.integers(1, 9))
@one_in(1)
def test_what_passes_is_the_beginning_however_it_comes(data: bytes, at: list[int], cut: int, size: int) -> None:
    flow = Flow(cut_after=cut, segment_bytes=size)
    edges = sorted({0, *at, len(data)})
    passed: list[bytes] = []
    for start, end in pairwise(edges):
        passed += flow.pieces(data[start:end], passed=len(b"".join(passed)))

    assert b"".join(passed) == data[:cut]
    assert all(0 < len(piece) <= size for piece in passed)
    assert flow.is_over(len(b"".join(passed))) == (len(data) >= cut)


@given(some.binary(min_size=1, max_size=20), some.integers(0, 25), some.integers(1, 20))
@one_in(2)
def test_one_byte_is_corrupt_however_it_comes(data: bytes, at: int, edge: int) -> None:
    flow = Flow(corrupt_at=at)
    first = b"".join(flow.pieces(data[:edge], passed=0))
    passed = first + b"".join(flow.pieces(data[edge:], passed=len(first)))

    assert [number for number, (was, is_now) in enumerate(zip(data, passed, strict=True)) if was != is_now] == (
        [at] if at < len(data) else []
    )
    assert at >= len(data) or passed[at] == 255 - data[at]


def test_without_arguments_nothing_is_touched() -> None:
    assert list(Flow().pieces(b"abc", passed=7)) == [b"abc"]
    assert not Flow().is_over(1 << 40)


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (Plan(), "untouched"),
        (Plan(door="reset"), "reset at the door"),
        (Plan.cut("to_server", 0, by="silence"), "to_server: silence after 0"),
        (
            Plan(Flow(segment_bytes=1, delay_s=0.5), Flow(corrupt_at=0), door="close"),
            "to_server: in segments of 1, each 0.5 s late; to_client: byte 0 corrupt; close at the door",
        ),
    ],
)
def test_a_plan_tells_itself(plan: Plan, told: str) -> None:
    assert str(plan) == told


def test_a_cut_is_in_one_direction() -> None:
    assert Plan.cut("to_server", 3, by="close") == Plan(to_server=Flow(cut_after=3, by="close"))
    assert Plan.cut("to_client", 3) == Plan(to_client=Flow(cut_after=3, by="reset"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: Flow(cut_after=-1), "cut_after of a flow is -1; give 0 or more"),
        (lambda: Flow(segment_bytes=0), "segment_bytes of a flow is 0; give 1 or more"),
        (lambda: Flow(delay_s=-0.1), "delay_s of a flow is -0.1; give 0 or more"),
        (lambda: Flow(corrupt_at=-1), "corrupt_at of a flow is -1; give 0 or more"),
    ],
)
def test_a_number_that_means_nothing_is_refused(wrong: Callable[[], object], said: str) -> None:
    with pytest.raises(SetupError, match=said):
        wrong()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            lambda: Flow(by="rest"),  # type: ignore[arg-type]
            "'by' of a plan has no option 'rest'; did you mean 'reset'",
        ),
        (
            lambda: Plan(door="closed"),  # type: ignore[arg-type]
            "'door' of a plan has no option 'closed'; did you mean 'close'",
        ),
        (
            lambda: Plan.cut("to_sever", 1),  # type: ignore[arg-type]
            "'direction' of a plan has no option 'to_sever'; did you mean 'to_server'",
        ),
    ],
)
def test_an_unknown_word_is_refused(wrong: Callable[[], object], said: str) -> None:
    with pytest.raises(UnknownOption, match=said):
        wrong()


def test_plans_are_for_all_or_one_by_one_or_asked_for() -> None:
    cut = Plan.cut("to_client", 1)

    assert [plan_for(number, cut) for number in range(2)] == [cut, cut]
    assert [plan_for(number, [cut, Plan()]) for number in range(3)] == [cut, Plan(), Plan()]
    assert plan_for(5, lambda number: Plan.cut("to_client", number)) == Plan.cut("to_client", 5)
