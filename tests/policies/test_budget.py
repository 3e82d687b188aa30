"""The budget: what goes in, what comes out, who shares it, and that threads and forks do not break it."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from sesmail.errors import SetupError
from sesmail.policies import budget as module
from sesmail.policies.budget import Budget
from tests.policies.stepping import StillClock


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SHARED", {})
    return


def taken(budget: Budget, *, throttled: bool = False) -> int:
    """How many tokens can be taken now."""
    count = 0
    while budget.take(throttled=throttled):
        count += 1
    return count


def test_it_is_full_at_the_start_and_then_empty() -> None:
    budget = Budget(clock=StillClock())
    assert taken(budget) == 10
    assert not budget.take()
    assert taken(budget, throttled=True) == 10
    assert budget.left() == budget.left(throttled=True) == 0


def test_ten_mails_that_go_out_earn_one_further_try_of_each_kind() -> None:
    budget = Budget(clock=StillClock())
    taken(budget), taken(budget, throttled=True)
    for _ in range(9):
        budget.succeeded()
    assert not budget.take()
    budget.succeeded()
    assert (taken(budget), taken(budget, throttled=True)) == (1, 1)


def test_time_brings_a_little_for_faults_and_one_a_second_for_throttles() -> None:
    clock = StillClock()
    budget = Budget(clock=clock)
    taken(budget), taken(budget, throttled=True)
    clock.time += 1
    assert (taken(budget), taken(budget, throttled=True)) == (0, 1)
    clock.time += 9
    assert (taken(budget), taken(budget, throttled=True)) == (1, 9)


def test_it_holds_no_more_than_its_capacity() -> None:
    clock = StillClock()
    budget = Budget(capacity=2, clock=clock)
    budget.succeeded()
    assert budget.left() == 2
    assert budget.take()
    clock.time += 1e6
    for _ in range(100):
        budget.succeeded()
    assert (taken(budget), taken(budget, throttled=True)) == (2, 2)


def test_a_success_fills_one_kind_though_the_other_is_full() -> None:
    for throttled in (False, True):
        budget = Budget(clock=StillClock())
        assert budget.take(throttled=throttled)
        budget.succeeded()
        assert round(budget.left(throttled=throttled), 6) == 9.1
        assert budget.left(throttled=not throttled) == 10


def test_a_clock_that_goes_back_takes_nothing_out() -> None:
    clock = StillClock()
    budget = Budget(clock=clock)
    clock.time -= 1000
    assert taken(budget) == 10


@pytest.mark.parametrize("odd", [{"capacity": 0.5}, {"per_success": -1}, {"per_s": -0.1}, {"throttles_per_s": -1}])
def test_what_makes_no_sense_is_refused(odd: dict[str, float]) -> None:
    with pytest.raises(SetupError):
        Budget(**odd)  # type: ignore[arg-type]


def test_it_prints_what_it_holds() -> None:
    budget = Budget(clock=StillClock())
    budget.take()
    assert repr(budget) == "Budget(9.0 tokens, 10.0 for throttles)"


# ── who shares it ────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_place_has_one_budget() -> None:
    for notation in ("ses://eu-west-1", "failover(ses://eu-west-1 ses://eu-west-2)", "smtp://localhost:25?tls=none"):
        assert Budget.of_way(notation) is Budget.of_way(notation)
    assert Budget.of_way("ses://eu-west-1") is not Budget.of_way("ses://eu-west-2")


@pytest.mark.parametrize("notation", ["memory://", "failover(memory:// null://)", "memory://?sandbox=refuse", "Mine()"])
def test_what_names_no_place_is_not_shared(notation: str) -> None:
    assert Budget.of_way(notation) is not Budget.of_way(notation)


def test_many_ways_do_not_fill_the_memory_and_an_empty_budget_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MANY", 20)
    spent = [Budget.of_way(f"ses://spent-{number}") for number in range(2)]
    spent[0].take(), spent[1].take(throttled=True)
    for number in range(100):
        Budget.of_way(f"ses://region-{number}")
    assert [Budget.of_way(f"ses://spent-{number}") for number in range(2)] == spent
    assert len(module._SHARED) <= 20


# ── threads and forks ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.untraced
def test_threads_never_take_more_than_there_is() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        budget = Budget(capacity=2000, clock=StillClock())
        counts: list[int] = []
        threads = [threading.Thread(target=lambda: counts.append(taken(budget))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert sum(counts) == 2000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_takes_a_copy_though_the_lock_was_held() -> None:
    budget = Budget(clock=StillClock())
    assert budget.take()
    with budget._lock():  # as a thread of the parent may hold it at that moment
        child = os.fork()
        if not child:
            os._exit(taken(budget))  # a lock that was copied would hang here
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 9
    assert budget.left() == 9, "what a child takes is not taken here"
