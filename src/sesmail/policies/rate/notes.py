"""Notes: what a process knows of one account, whichever mailer it learned that by."""

from __future__ import annotations

from sesmail._clock import Clock
from sesmail.policies.account import Account, Standing
from sesmail.policies.flow import Flow
from sesmail.policies.rate.day import Day
from sesmail.policies.rate.generation import generation
from sesmail.policies.rate.known import Known

AGAIN_S = 10.0
"""When it is asked again whether a quota is still used up: others' sends leave the window all the time."""


class Notes:
    """What the account said, and what was sent since."""

    __slots__ = ("_days", "_heard_at", "is_said", "known")

    def __init__(self) -> None:
        self.known: Known[Standing] = Known()
        self._heard_at = self.known.answered_at
        self._days: dict[int, Day] = {}
        self.is_said = False  # that the rate is not known

    @property
    def day(self) -> Day:
        """What this process sent. One that was forked off begins with nothing."""
        own = generation()
        return self._days.get(own) or self._days.setdefault(own, Day())

    def standing(self, account: Account, clock: Clock, ttl_s: float) -> Flow[Standing | None]:
        """What the account may do, asked where that is not known."""
        ever = self.day.ever
        answer = yield from self.known.get(account.standing(), clock, ttl_s)
        if self.known.answered_at > self._heard_at:
            # What leaves while it is asked counts twice rather than not at all.
            self._heard_at = self.known.answered_at
            self.day.mark(ever)
        return answer

    def is_used_up(self, now: float, ttl_s: float) -> bool:
        """Whether the account itself said a moment ago that its quota is."""
        standing = self.known.answer
        if standing is None or standing.quota is None or standing.sent is None:
            return False
        if not 0 <= standing.quota <= standing.sent:
            return False
        self.known.expire(self.known.answered_at + AGAIN_S)
        return self.known.is_fresh(now, ttl_s)


_BY_KEY: dict[str, Notes] = {}


def notes_of(key: str) -> Notes:
    """Those of this process on an account."""
    return _BY_KEY.setdefault(key, Notes())
