"""Profiles for the property tests: how many examples, chosen by SESMAIL_EXAMPLES. What coverage leaves out."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

_FOR_CHILDREN = "COVERAGE_PROCESS_CONFIG"  # by which coverage finds them

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


def pytest_collection_finish() -> None:
    """Twenty thousand tests are in memory, and stay: no collection of garbage has to walk through them any more."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Not traced are tests which a tracer would make slow, or change, and which reach no line that others do not."""
    measured = Coverage.current()
    if measured is None or _is_traced(item):
        return (yield)
    measured.stop()
    for_children = {name: os.environ.pop(name) for name in (_FOR_CHILDREN,) if name in os.environ}
    try:
        return (yield)
    finally:
        os.environ.update(for_children)
        measured.start()


def _is_traced(item: pytest.Item) -> bool:
    heavy = item.get_closest_marker("heavy")
    if heavy is not None and not heavy.kwargs.get("traced"):
        return False
    return not (item.get_closest_marker("server") or item.get_closest_marker("untraced"))
