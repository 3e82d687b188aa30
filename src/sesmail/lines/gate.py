"""Gate: lets so many threads in at once, in the order in which they came.

A semaphore of `threading` keeps no order: a thread that leaves and comes again at once gets in before those that wait,
and one that waits may do so until its time is over. Here who leaves hands the place to who has waited longest.
"""

from __future__ import annotations

from collections import deque
from threading import Lock


class Gate:
    """So many places.

    >>> from sesmail.lines.gate import Gate
    >>> gate = Gate(1)
    >>> gate.enter(0), gate.enter(0)
    (True, False)
    >>> gate.leave()
    >>> gate.enter(0)
    True
    """

    __slots__ = ("_free", "_lock", "_waiting")

    def __init__(self, places: int) -> None:
        self._free = places
        self._lock = Lock()
        self._waiting: deque[Lock] = deque()  # each held until it is its owner's turn

    def enter(self, patience_s: float) -> bool:
        """Whether a place was free in time, which is taken then."""
        with self._lock:
            if self._free:  # then nobody waits
                self._free -= 1
                return True
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            if turn.acquire(timeout=patience_s):
                return True
        except BaseException:  # a signal's, such as KeyboardInterrupt
            if not self._gives_up(turn):
                self.leave()
            raise
        return not self._gives_up(turn)

    def _gives_up(self, turn: Lock) -> bool:
        """Wait no longer, unless it was one's turn in this very moment."""
        with self._lock:
            if turn not in self._waiting:
                return False
            self._waiting.remove(turn)
            return True

    def leave(self) -> None:
        """Give the place to the next one."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
