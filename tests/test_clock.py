"""The time by which policies and errands wait."""

from __future__ import annotations

import asyncio

from sesmail._clock import SYSTEM_CLOCK


def test_the_systems_clock_waits_in_both_colours() -> None:
    begun = SYSTEM_CLOCK.now()
    SYSTEM_CLOCK.sleep(0.01)
    asyncio.run(SYSTEM_CLOCK.asleep(0.01))
    assert SYSTEM_CLOCK.now() - begun >= 0.02
