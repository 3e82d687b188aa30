"""Known: something found out by asking, remembered for a while. One asks, and the others wait for that answer.

There is no lock, since nobody may hold one over a ``yield``: who is first to put its claim down is the one who asks.
Two may do so at once, after a claim was given up; that costs a call and does no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from os import getpid
from typing import Generic, TypeVar

from sesmail._clock import Clock
from sesmail.policies.flow import Flow, sleep

T = TypeVar("T")
_LOOK_AGAIN_S = 0.05
_LONGEST_S = 60.0  # who asks for longer than that may have died over it
_CLAIM = "claim"


class Known(Generic[T]):
    """What ``find`` finds, and for how many seconds it holds. No answer is ``None``.

    >>> from sesmail._clock import SYSTEM_CLOCK
    >>> from sesmail.policies.flow import run
    >>> from sesmail.policies.known import Known
    >>> def find():
    ...     print("asked")
    ...     return "sandbox", 300.0
    ...     yield
    >>> known = Known(find, clock=SYSTEM_CLOCK)
    >>> run(known.fetch(), SYSTEM_CLOCK), known.at_hand()
    asked
    ('sandbox', 'sandbox')
    """

    def __init__(self, find: Callable[[], Flow[tuple[T, float]]], *, clock: Clock) -> None:
        self._find = find
        self._clock = clock
        self._held: _Held[T] | None = None
        self._claims: dict[str, _Claim] = {}

    def at_hand(self) -> T | None:
        """The answer, if it is there and still holds."""
        held = self._held
        return held.value if held is not None and self._clock.now() < held.until else None

    @property
    def last(self) -> T | None:
        """The last answer, whether it still holds or not."""
        return self._held.value if self._held is not None else None

    def doubt(self, *, older_than_s: float) -> bool:
        """Let an answer that is as old as this, or older, hold no longer, and a younger one until it is as old."""
        held = self._held
        if held is not None:
            held.until = min(held.until, held.since + older_than_s)
        return self.at_hand() is None

    def fetch(self) -> Flow[T]:
        """The answer: at hand, or asked for now, or what somebody else is just asking for."""
        while (value := self.at_hand()) is None:
            mine = _Claim(getpid(), self._clock.now() + _LONGEST_S)
            claim = self._claims.setdefault(_CLAIM, mine)
            if claim is mine:
                return (yield from self._ask(mine))
            if claim.pid != mine.pid or claim.until <= self._clock.now():  # a parent's, or one that nobody works on
                self._claims.pop(_CLAIM, None)
            else:
                yield from sleep(_LOOK_AGAIN_S)
        return value

    def _ask(self, mine: _Claim) -> Flow[T]:
        try:
            value, holds_s = yield from self._find()
            self._held = _Held(value, self._clock.now(), holds_s)
            return value
        finally:
            if self._claims.get(_CLAIM) is mine:
                self._claims.pop(_CLAIM, None)


class _Held(Generic[T]):
    __slots__ = ("since", "until", "value")

    def __init__(self, value: T, since: float, holds_s: float) -> None:
        self.value = value
        self.since = since
        self.until = since + holds_s


class _Claim:
    __slots__ = ("pid", "until")

    def __init__(self, pid: int, until: float) -> None:
        self.pid = pid
        self.until = until
