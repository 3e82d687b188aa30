"""One thing in each process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from sesmail.lines.per_process import PerProcess
from tests.lines.threads import run_in_threads


def test_many_threads_get_the_same_one_though_each_has_made_one() -> None:
    together = threading.Barrier(4)
    got: list[object] = []

    def made() -> object:
        together.wait(10)
        return object()

    mine = PerProcess(made)
    run_in_threads(4, lambda _: got.append(mine.get()))

    assert len(set(map(id, got))) == 1
    assert got[0] is mine.get()


def test_what_is_taken_out_is_not_given_to_anybody_else() -> None:
    mine = PerProcess(object)
    first = mine.get()

    assert mine.is_now(first)
    assert mine.take_out() is first
    assert mine.take_out() is None
    assert not mine.is_now(first)
    assert mine.get() is not first


def test_something_that_is_false_is_something() -> None:
    mine = PerProcess[list[int]](list)

    assert mine.get() is mine.get()


def test_in_another_process_there_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[object] = []
    mine = PerProcess(object, gone.append)
    first = mine.get()
    monkeypatch.setattr(os, "getpid", lambda: -1)

    assert not mine.is_now(first)
    assert mine.get() is not first
    assert gone == [first]
    assert mine.get() is mine.get()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.parametrize("ask", [PerProcess.get, PerProcess.take_out])
def test_a_child_lets_go_what_the_fork_copied(ask: Callable[[PerProcess[list[int]]], object]) -> None:
    gone: list[list[int]] = []
    mine = PerProcess(lambda: [os.getpid()], gone.append)
    parents = mine.get()
    child = os.fork()
    if child == 0:
        good = False
        try:
            ask(mine)
            good = gone == [parents] and mine.get() == [os.getpid()] and not mine.is_now(parents)
            ask(mine)
            good = good and gone == [parents]
        finally:
            os._exit(0 if good else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert mine.get() is parents
    assert gone == []
