"""One thing in each process."""

from __future__ import annotations

import os

import pytest

from sesmail.lines.per_process import PerProcess


@pytest.mark.parametrize("ask", [PerProcess.get, PerProcess.take_out])
def test_a_process_has_its_own_and_lets_go_of_what_was_copied(monkeypatch: pytest.MonkeyPatch, ask: object) -> None:
    gone: list[object] = []
    mine: PerProcess[object] = PerProcess(object, gone.append)
    first = mine.get()
    monkeypatch.setattr(os, "getpid", lambda: -1)

    assert callable(ask)
    assert ask(mine) is not first
    assert gone == [first]
    second = mine.get()
    assert mine.get() is second
    assert second is not first
    assert gone == [first]


def test_what_is_taken_out_is_made_anew() -> None:
    mine: PerProcess[object] = PerProcess(object)
    assert mine.take_out() is None
    first = mine.get()
    assert mine.is_now(first)
    assert mine.take_out() is first
    assert not mine.is_now(first)
    assert mine.get() is not first
