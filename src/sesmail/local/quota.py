"""How much an account may send: so many recipients in any 24 hours, and so many a second.

A recipient is the unit of both. The rate may go into debt, as that of SES does: while anything is left, a whole mail
passes, with all its recipients; then everything waits until the debt is paid.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

DAY = 86400
UNLIMITED = -1.0  # how SES says it


@dataclass(slots=True)
class Quota:
    """Recipients in a window of 24 hours. Sends of the same second are counted together, so memory has a bound."""

    maximum: float
    sends: deque[tuple[float, int]] = field(default_factory=deque)
    total: int = 0

    def sent(self, now: float) -> int:
        """How many in the last 24 hours."""
        while self.sends and self.sends[0][0] <= now - DAY:
            self.total -= self.sends.popleft()[1]
        return self.total

    def has_room(self, recipients: int, now: float) -> bool:
        """Whether so many more fit."""
        return self.maximum == UNLIMITED or self.sent(now) + recipients <= self.maximum

    def count(self, recipients: int, now: float) -> None:
        """So many more were sent."""
        self.sent(now)  # also where nothing is limited, what is old goes
        self.total += recipients
        if self.sends and int(self.sends[-1][0]) == int(now):
            # the later time counts for both: a recipient may stay up to a second too long, and none leaves too early
            recipients += self.sends.pop()[1]
        self.sends.append((now, recipients))


@dataclass(slots=True)
class Rate:
    """Recipients a second."""

    a_second: float
    left: float | None = None  # what may go out at `at`; below zero is debt
    at: float = 0.0

    def has_room(self, now: float) -> bool:
        """Whether a mail may go out now."""
        return self.a_second > 0 and self._left(now) >= min(1.0, self.a_second)

    def count(self, recipients: int, now: float) -> None:
        """So many go out."""
        self.left, self.at = self._left(now) - recipients, now

    def change(self, a_second: float) -> None:
        """Another rate from now on; debts are forgiven."""
        self.a_second, self.left = a_second, None

    def _left(self, now: float) -> float:
        full = max(1.0, self.a_second)
        return full if self.left is None else min(full, self.left + (now - self.at) * self.a_second)
