"""Day: how many went out in the last 24 hours, and since a moment."""

from __future__ import annotations

from collections import deque
from threading import Lock

DAY_S = 86400.0
SLOT_S = 60.0  # counted together, so that a day is never more than 1441 numbers


class Day:
    """A count of recipients that forgets after 24 hours.

    >>> from sesmail.policies.rate.day import Day
    >>> day = Day()
    >>> day.count(3, now=0)
    >>> day.count(2, now=80000)
    >>> day.within(80001), day.within(86500), day.ever
    (5, 2, 5)
    """

    __slots__ = ("_ends", "_lock", "_mark", "_slot", "_slots", "_sum", "ever")

    def __init__(self) -> None:
        self._lock = Lock()
        self._slots: deque[tuple[float, int]] = deque()  # when each ended, and how many were in it
        self._sum = 0  # of them all
        self._ends = 0.0
        self._slot = 0  # the one that has not ended
        self.ever = 0
        self._mark = 0

    def count(self, recipients: int, now: float) -> None:
        """So many more went out."""
        with self._lock:
            if now >= self._ends:
                self._begin(now)
            self.ever += recipients
            self._slot += recipients

    def within(self, now: float) -> int:
        """How many in the 24 hours until now. One may stay a minute too long, and none leaves too early."""
        with self._lock:
            self._begin(now)
            return self._sum + self._slot

    def mark(self, ever: int) -> None:
        """Somebody else counted, when it was so many here."""
        self._mark = ever

    @property
    def since_mark(self) -> int:
        """How many since then."""
        return self.ever - self._mark

    def _begin(self, now: float) -> None:
        """A new slot, if the last one has ended; and what is older than a day goes."""
        if now >= self._ends:
            self._slots.append((self._ends, self._slot))
            self._sum += self._slot
            self._slot, self._ends = 0, (now // SLOT_S + 1) * SLOT_S
        while self._slots and self._slots[0][0] <= now - DAY_S:
            self._sum -= self._slots.popleft()[1]
