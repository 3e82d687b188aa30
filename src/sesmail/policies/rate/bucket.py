"""Bucket: what may leave at a moment. Pure arithmetic; the time is given.

Rule 1: a mail leaves when there is at least one, and takes as many as it has recipients. Below nothing is debt, and the
        next one waits until it is repaid. So SES does it.
Rule 2: what was not used is kept, but for a burst only.
Rule 3: after a throttle the pace is halved. It grows back by the same amount each second, up to the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

ONE = 1.0
"""What must be there for a mail to leave, however many recipients it has."""
NEARLY = 1e-6  # of a recipient: sums of times are never exact
TICK_S = 1e-6  # nobody is told to wait for less, or a clock could fail to move

RECOVERY_S = 60.0
"""How long it takes to grow from nothing to the whole pace: half of it, after one throttle."""
LEAST_SHARE = 0.1
"""Of the pace: many throttles make it no slower."""
PAUSE_S = 1.0
"""For how long nothing leaves after a throttle."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast: recipients a second, and how many of them at once after a rest.

    >>> from sesmail.policies.rate.bucket import Pace
    >>> Pace.of(14), Pace.of(1)
    (Pace(rate=14, burst=7.0), Pace(rate=1, burst=1.0))
    """

    rate: float
    burst: float

    @classmethod
    def of(cls, rate: float) -> Pace:
        """At once goes half a second's worth, and at least one.

        SES allows more. But what leaves one after the other arrives together when the first ones had to connect.
        """
        return cls(rate, max(ONE, rate / 2))


class Bucket:
    """What is left at a moment; below nothing is debt.

    >>> from sesmail.policies.rate.bucket import Bucket, Pace
    >>> bucket = Bucket(Pace.of(10), now=0)
    >>> bucket.left, bucket.seconds_to(1)
    (5.0, 0.0)
    >>> bucket.left -= 50
    >>> bucket.seconds_to(1)
    4.6
    """

    __slots__ = ("_at", "left", "pace", "share")

    def __init__(self, pace: Pace, now: float) -> None:
        self.pace = pace
        self.left = pace.burst
        self.share = 1.0
        self._at = now

    @property
    def rate(self) -> float:
        """Recipients a second, just now."""
        return self.pace.rate * self.share

    def fill(self, pace: Pace, now: float) -> None:
        """Time went by, and from now on this is the pace."""
        # Threads look at the clock before they take their turn here, so the next one may come with an earlier time.
        if now > self._at:
            self.left += self._gained(now - self._at)
            self._at = now
        self.pace = pace

    def _gained(self, seconds: float) -> float:
        if self.share == 1.0:
            return self.pace.rate * seconds
        growing = min(seconds, (1.0 - self.share) * RECOVERY_S)
        before, self.share = self.share, self.share + growing / RECOVERY_S
        if growing < seconds:
            self.share = 1.0
        return self.pace.rate * ((before + self.share) / 2 * growing + (seconds - growing))

    def seconds_to(self, left: float) -> float:
        """How long until so many are left, if nobody takes any."""
        missing = left - self.left
        if missing <= NEARLY:
            return 0.0
        seconds = missing / self.pace.rate
        growing = (1.0 - self.share) * RECOVERY_S
        if growing:
            # missing / rate = share * t + t² / (2 * RECOVERY_S), as long as it grows
            t = RECOVERY_S * (sqrt(self.share**2 + 2 * seconds / RECOVERY_S) - self.share)
            seconds = t if t < growing else growing + seconds - (1.0 + self.share) / 2 * growing
        return max(seconds, TICK_S)

    def slow(self) -> None:
        """Half as fast from now on."""
        self.share = max(LEAST_SHARE, self.share / 2)
