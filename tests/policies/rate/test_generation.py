"""Which process it is, without asking the system."""

from __future__ import annotations

import os

import pytest

from sesmail._clock import SYSTEM_CLOCK
from sesmail.policies.flow import run
from sesmail.policies.rate import generation
from sesmail.policies.rate.notes import Notes
from sesmail.policies.rate.store import MemoryStore
from tests.policies.rate.test_store import take


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_counts_one_more() -> None:
    before = generation.generation()
    child = os.fork()
    if child == 0:
        os._exit(generation.generation() - before)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert generation.generation() == before


def test_what_is_kept_by_it_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    store, notes = MemoryStore(), Notes()
    place = take(store, recipients=50)
    notes.day.count(50, 0)
    monkeypatch.setattr(generation, "_forks", generation.generation())
    generation._count()

    assert notes.day.within(0) == 0
    assert run(store.slow("a", place, 0), SYSTEM_CLOCK) == 0
    assert take(store).wait_s == 0
