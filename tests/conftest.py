"""Profiles for the property tests: how many examples, chosen by SESMAIL_EXAMPLES."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "sesmail",
    max_examples=int(os.environ.get("SESMAIL_EXAMPLES", "100")),
    deadline=None,  # machines are shared and noisy
    suppress_health_check=[HealthCheck.too_slow],
    # A failing example is printed with the line that repeats it; no state is kept between runs in CI.
    print_blob=True,
)
settings.load_profile("sesmail")


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """SIGINT interrupts, whatever a shell in the background or another test has made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
