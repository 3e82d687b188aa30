"""Each test has a process to itself, as far as limits go."""

from __future__ import annotations

import pytest

from sesmail.policies.rate import notes, store


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    notes._BY_KEY.clear()
    store.IN_THIS_PROCESS._of.clear()
