"""Budget: how many tries may be second ones, so that an outage is not made larger by those who wait for its end.

Rule 1: what was never in the budget is never tried again. The mail's error is raised, and says so.
Rule 2: one budget for each way and process, whoever sends by it. A process that was forked takes a copy along.
Rule 3: throttles have tokens of their own. A provider that says "slower" works, and one second of rest is its cure.
"""

from __future__ import annotations

import os
import re
from threading import Lock

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail.errors import SetupError

# A place that several mailers may share, such as a Region or a host. `memory://` names none.
_PLACE = re.compile(r"://[^\s()?]")
_MANY = 1000  # ways in one process
_HAIR = 1e-9  # ten tenths are a little less than one


class Budget:
    """Two buckets of tokens: one for faults, one for throttles. Each further try takes a token out of one of them.

    >>> from sesmail.policies.budget import Budget
    >>> budget = Budget(capacity=2)
    >>> [budget.take() for _ in range(3)]
    [True, True, False]
    >>> budget.take(throttled=True)
    True

    Both are full at the start and hold ``capacity`` tokens. A mail that goes out at its first try puts
    ``per_success`` of a token into both. So where most mails go out, all that fail may be tried again; where few do, at
    most a tenth as many further tries are made as mails go out. Beside that, time alone puts in ``per_s`` tokens a
    second for faults, for programs that send a mail now and then, and ``throttles_per_s`` for throttles: one a second,
    which is what SES gives its smallest account.

    Without a word, mailers in a process that send by the same way share one. It is not shared between processes.
    """

    __slots__ = ("_clock", "_faults", "_locks", "_per_success", "_throttles")

    def __init__(
        self,
        *,
        capacity: float = 10.0,
        per_success: float = 0.1,
        per_s: float = 0.1,
        throttles_per_s: float = 1.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        if capacity < 1 or min(per_success, per_s, throttles_per_s) < 0:
            raise SetupError("a budget holds one token or more, and nothing is taken out of it by time or success")
        self._clock = clock
        self._per_success = per_success
        now = clock.now()
        self._faults = _Bucket(capacity, per_s, now)
        self._throttles = _Bucket(capacity, throttles_per_s, now)
        # By process: a lock that was copied while a thread of the parent held it would never open.
        self._locks: dict[int, Lock] = {}

    @classmethod
    def of_way(cls, notation: str) -> Budget:
        """This process's one for a way, by how the way is written. Where that names no place, nothing is shared.

        >>> Budget.of_way("ses://eu-west-1") is Budget.of_way("ses://eu-west-1")
        True
        >>> Budget.of_way("memory://") is Budget.of_way("memory://")
        False
        """
        if not _PLACE.search(notation):
            return cls()
        if len(_SHARED) >= _MANY:
            _forget_full()
        return _SHARED.get(notation) or _SHARED.setdefault(notation, cls())

    def take(self, *, throttled: bool = False) -> bool:
        """Take a token for one further try. False where there is none, and then there must be no further try."""
        with self._lock():
            return (self._throttles if throttled else self._faults).take(self._clock.now())

    def succeeded(self) -> None:
        """A mail went out at its first try."""
        faults, throttles = self._faults, self._throttles
        if faults.level >= faults.capacity and throttles.level >= throttles.capacity:
            return  # as nearly always, and then it costs no lock
        with self._lock():
            now = self._clock.now()
            faults.put(self._per_success, now)
            throttles.put(self._per_success, now)

    def left(self, *, throttled: bool = False) -> float:
        """How many tokens there are now."""
        with self._lock():
            bucket = self._throttles if throttled else self._faults
            bucket.put(0, self._clock.now())
            return bucket.level

    def _lock(self) -> Lock:
        process = os.getpid()
        return self._locks.get(process) or self._locks.setdefault(process, Lock())

    def __repr__(self) -> str:
        return f"Budget({self.left():.1f} tokens, {self.left(throttled=True):.1f} for throttles)"


class _Bucket:
    """Tokens, as many as there were at some moment. Whoever changes it has the lock."""

    __slots__ = ("_at", "_per_s", "capacity", "level")

    def __init__(self, capacity: float, per_s: float, now: float) -> None:
        self.capacity = capacity
        self.level = capacity
        self._per_s = per_s
        self._at = now

    def put(self, tokens: float, now: float) -> None:
        """Put in so much, and what time has brought."""
        by_time = max(0.0, now - self._at) * self._per_s
        self._at = now
        self.level = min(self.capacity, self.level + by_time + tokens)

    def take(self, now: float) -> bool:
        self.put(0, now)
        if self.level < 1 - _HAIR:
            return False
        self.level = max(0.0, self.level - 1)
        return True


_SHARED: dict[str, Budget] = {}  # its methods are safe from many threads


def _forget_full() -> None:
    """A program that makes a way for each of its customers must not grow. A full budget is as good as a new one."""
    for notation, budget in list(_SHARED.items()):
        if min(budget.left(), budget.left(throttled=True)) >= budget._faults.capacity:  # noqa: SLF001 - its own class
            _SHARED.pop(notation, None)
