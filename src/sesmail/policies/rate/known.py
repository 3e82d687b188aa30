"""Known: an answer that is remembered for a while, and asked for by one at a time.

Rule 1: where many want it at once, one asks and the others wait. Who has an older answer takes that, and does not wait.
Rule 2: it is asked at most once a second, which is what SES takes.
Rule 3: no answer is an answer too: after some tries the others are not kept, and hear that nothing is known.
"""

from __future__ import annotations

import os
from math import inf
from typing import Generic, TypeVar

from sesmail._clock import Clock
from sesmail._logging import WARNING, log
from sesmail.errors import SesmailError
from sesmail.policies.flow import Flow, Question, ask, sleep

T = TypeVar("T")

EVERY_S = 1.0
"""How often it is asked at most."""
TRIES = 3
"""How often in a row it is asked while nobody can say."""
REST_S = 60.0
"""When it is asked again, after it could not be said."""
PATIENCE_S = 10.0
"""How long anybody waits while another one asks."""
POLL_S = 0.02


class Known(Generic[T]):
    """An answer, and how old it is."""

    __slots__ = ("_asking", "_failures", "_next_at", "_stale_at", "answer", "answered_at")

    def __init__(self) -> None:
        self.answer: T | None = None
        self.answered_at = -inf
        self._stale_at = inf
        self._next_at = -inf
        self._failures = 0
        # Who asks, by process: a fork asks for itself. Setting a default is one step, so no lock is needed.
        self._asking: dict[int, object] = {}

    def is_fresh(self, now: float, ttl_s: float) -> bool:
        """Whether it need not be asked."""
        return now < self._stale_at and now < self.answered_at + ttl_s

    def expire(self, at: float) -> None:
        """From then on it is asked anew, if not before."""
        self._stale_at = min(self._stale_at, at)

    def get(self, question: Question[T], clock: Clock, ttl_s: float) -> Flow[T | None]:
        """The answer, or nothing where nobody can say."""
        until = clock.now() + PATIENCE_S
        while not self.is_fresh(now := clock.now(), ttl_s):
            if now >= self._next_at and (yield from self._asked(question, clock)):
                continue
            is_near = now < until and (os.getpid() in self._asking or self._next_at <= now + EVERY_S)
            if self.answer is not None or not is_near:
                break
            yield from sleep(POLL_S)
        return self.answer

    def _asked(self, question: Question[T], clock: Clock) -> Flow[bool]:
        """Ask, unless somebody does already; whether that was done."""
        me, process = object(), os.getpid()
        if self._asking.setdefault(process, me) is not me:
            return False
        try:
            if (now := clock.now()) < self._next_at:
                return False  # somebody asked between two looks of this one
            # What is told to be old while it is on its way is old.
            self._stale_at, self._next_at = inf, now + EVERY_S
            self.answer = yield from ask(question)
            self.answered_at, self._failures = clock.now(), 0
        except SesmailError as error:
            self._fail(error, clock.now())
        finally:
            self._asking.pop(process, None)
        return True

    def _fail(self, error: SesmailError, now: float) -> None:
        self._failures += 1
        is_worth_it = getattr(error, "retryable", False) and self._failures < TRIES
        self._next_at = now + (EVERY_S if is_worth_it else REST_S)
        if not is_worth_it:
            self._failures = 0
            log(WARNING, "the account could not be asked what it may do: %s", type(error).__name__)
