"""Clock: the time by which policies and errands wait. Tests bring one of their own, and wait for nothing."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Protocol


class Clock(Protocol):
    """A time that only goes forward, and two ways to let it pass."""

    def now(self) -> float:
        """Seconds since some moment."""

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""

    async def asleep(self, seconds: float) -> None:
        """Let so many seconds pass without blocking the loop."""


class SystemClock:
    """The machine's own time, which no change of the date moves.

    >>> from sesmail._clock import SYSTEM_CLOCK
    >>> SYSTEM_CLOCK.now() <= SYSTEM_CLOCK.now()
    True
    """

    def now(self) -> float:
        """Seconds since some moment."""
        return monotonic()

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        sleep(seconds)

    async def asleep(self, seconds: float) -> None:
        """Let so many seconds pass without blocking the loop."""
        import asyncio

        await asyncio.sleep(seconds)


SYSTEM_CLOCK = SystemClock()
