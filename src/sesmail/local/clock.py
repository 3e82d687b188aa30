"""The box's clock: the machine's own, moved on by whoever must not wait for 24 hours."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

_LONGEST = 100 * 365 * 86400  # of one step


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
        self.on_advance: Callable[[], None] = lambda: None

    def now(self) -> float:
        """The time, in seconds since 1970."""
        return (time.time() if self._standing is None else self._standing) + self.ahead

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        """Move the clock on. It never goes back, as nothing in a real account does."""
        ahead = seconds + 60 * minutes + 3600 * hours
        if not 0 <= ahead < _LONGEST:
            raise ValueError("a clock moves on, not back, and not by centuries")
        self.ahead += ahead
        self.on_advance()


def iso(at: float) -> str:
    """A time as SES writes it.

    >>> from sesmail.local.clock import iso
    >>> iso(1_800_000_000)
    '2027-01-15T08:00:00.000Z'
    """
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
