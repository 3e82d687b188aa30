"""The box's clock: the machine's own, moved on by whoever must not wait for 24 hours."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What tells the time, in seconds since 1970."""

    def now(self) -> float:
        """The time."""


class BoxClock:
    """Runs as the machine's clock does, or stands still when it is told a time; `advance` moves either.

    >>> from sesmail.local.clock import BoxClock
    >>> clock = BoxClock(at=1_800_000_000)
    >>> clock.advance(hours=24)
    >>> clock.now()
    1800086400.0
    """

    def __init__(self, *, at: float | None = None) -> None:
        self._standing = at
        self.ahead = 0.0

    def now(self) -> float:
        """The time, in seconds since 1970."""
        return (time.time() if self._standing is None else self._standing) + self.ahead

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        """Move the clock on. It never goes back, as nothing in a real account does."""
        ahead = seconds + 60 * minutes + 3600 * hours
        if ahead < 0:
            raise ValueError("a clock moves on, not back")
        self.ahead += ahead
