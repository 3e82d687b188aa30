"""Line: who comes when. First come, first served.

Rule 1: who comes takes a place at once, and with it what it needs of the bucket. So the line is a sum, not a crowd: its
        turn comes when the bucket, without those behind it, holds one.
Rule 2: a turn is no moment that was fixed once. Whoever waits looks again now and then, so a new pace is everybody's.
Rule 3: a place that is given back closes the gap: those behind move up.
Rule 4: what those who wait have coming is bounded by the burst. After a machine slept, its line does not leave at once.
"""

from __future__ import annotations

from math import inf

from sesmail.policies.rate.bucket import NEARLY, ONE, PAUSE_S, Bucket, Pace

OVERDUE_S = 5.0
"""For how long a turn is kept for somebody who does not come. Its loop may have ended while it waited."""


class Place:
    """One mail's place. ``wait_s`` is how long it was to wait when it came."""

    __slots__ = ("before", "overdue_since", "recipients", "wait_s", "went_at")

    def __init__(self, before: int, recipients: int, wait_s: float) -> None:
        self.before = before  # how many were taken by those before it, since the line began
        self.recipients = recipients
        self.wait_s = wait_s
        self.went_at = inf
        self.overdue_since = inf


class Line:
    """A bucket, and those who wait at it.

    >>> from sesmail.policies.rate.bucket import Pace
    >>> from sesmail.policies.rate.line import Line
    >>> pace = Pace.of(1)
    >>> line = Line(pace, now=0)
    >>> [line.take(5, pace, 0, longest=60).wait_s for _ in range(3)]
    [0.0, 5.0, 10.0]
    """

    __slots__ = ("_gaps", "_owing", "_slowed_at", "_taken", "_waiting", "bucket")

    def __init__(self, pace: Pace, now: float) -> None:
        self.bucket = Bucket(pace, now)
        self._taken = 0
        self._waiting: dict[Place, None] = {}  # in the order in which they came
        self._owing = 0  # how many recipients these have taken, and did not use yet
        self._gaps: list[Place] = []
        self._slowed_at = -inf

    def take(self, recipients: int, pace: Pace, now: float, longest: float) -> Place:
        """A place at the end. Whose wait would be longer than the longest gets the wait, and no place."""
        self._settle(pace, now)
        place = Place(self._taken, recipients, self.bucket.seconds_to(ONE))
        if place.wait_s <= longest:
            self._taken += recipients
            self.bucket.left -= recipients
            if place.wait_s:
                self._waiting[place] = None
                self._owing += recipients
            else:
                place.went_at = now
        return place

    def look(self, place: Place, pace: Pace, now: float) -> float:
        """How long it still waits. Nothing means that it goes now."""
        self._settle(pace, now)
        if place not in self._waiting:
            return 0.0  # nobody counted on it any more, and what it takes is paid
        wait_s = self.bucket.seconds_to(ONE - self._taken + place.before)
        if not wait_s:
            self._leave(place)
            place.went_at = now
        return wait_s

    def give_back(self, place: Place) -> None:
        """It will not come. Of one that went, nothing comes back."""
        if place in self._waiting:
            self._leave(place)
            self._gaps.append(place)

    def slow(self, place: Place, now: float) -> bool:
        """This one was throttled: halve the pace, and let nothing leave for a moment. Whether that was done.

        It is not done twice for one trouble: those that left before the pace was halved say nothing new.
        """
        if place.went_at <= self._slowed_at:
            return False
        self._settle(self.bucket.pace, now)
        self._slowed_at = now
        self.bucket.slow()
        self._hold(ONE - PAUSE_S * self.bucket.rate)
        return True

    # ── what time, and who gave up, have changed ─────────────────────────────────────────────────────────────────

    def _settle(self, pace: Pace, now: float) -> None:
        self.bucket.fill(pace, now)
        if self._gaps:
            self._close_gaps()
        if self._hold(pace.burst) and self._waiting:
            self._pass_over(now)

    def _close_gaps(self) -> None:
        """All at once: a thousand tasks may be cancelled together, and first those in front."""
        gaps = sorted(self._gaps, key=_before, reverse=True)
        self._gaps.clear()
        self._taken -= (all_of_them := sum(gap.recipients for gap in gaps))
        self.bucket.left += all_of_them
        moved = 0
        for place in self._waiting:
            while gaps and gaps[-1].before < place.before:
                moved += gaps.pop().recipients
            place.before -= moved

    def _hold(self, most: float) -> bool:
        """Leave no more than this for those who wait or come; whether there was more."""
        more = self.bucket.left + self._owing - most
        if more <= NEARLY:
            return False
        self.bucket.left -= more
        return True

    def _pass_over(self, now: float) -> None:
        """The first has been able to go for long, and others wait behind it."""
        first = next(iter(self._waiting))
        first.overdue_since = min(first.overdue_since, now)
        if now - first.overdue_since > OVERDUE_S:
            self._leave(first)
            first.went_at = now

    def _leave(self, place: Place) -> None:
        del self._waiting[place]
        self._owing -= place.recipients


def _before(place: Place) -> int:
    return place.before
