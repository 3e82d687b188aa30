"""Shelf: the lines that nobody uses just now, with their sessions.

Rule 1: a line that is not surely in step is closed. Only a session that says so itself (`is_open`) is kept, whatever
        else happened: time-outs and cancellations leave it closed.
Rule 2: before a kept line is used, it is looked at. Words that nobody asked for, or an end, and it is closed.
Rule 3: the one that was used last is taken first. So the others grow old, and go, where fewer would do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from sesmail.lines.keeping import Keeping
from sesmail.lines.line import Line
from sesmail.lines.session import Session

S = TypeVar("S", bound=Session)


class Kept(Generic[S]):
    """A line, its session, and what is known of its past."""

    __slots__ = ("born", "era", "line", "session", "since", "uses")

    def __init__(self, line: Line, session: S, *, now: float, era: object) -> None:
        self.line = line
        self.session = session
        self.born = self.since = now
        self.era = era
        self.uses = 0

    def end(self) -> None:
        """Take leave where both are in step, and close it."""
        if self.session.is_open:
            self.line.part(self.session.farewell())
        self.line.close()


class Shelf(Generic[S]):
    """Where lines wait. Its methods are for any thread."""

    __slots__ = ("_clock", "_era", "_keeping", "_kept")

    def __init__(self, keeping: Keeping, clock: Callable[[], float]) -> None:
        self._keeping = keeping
        self._clock = clock
        self._kept: deque[Kept[S]] = deque()  # its methods are safe from many threads, and unlike a lock survive a fork
        self._era = object()  # from one closing to the next

    def begin(self, line: Line, session: S) -> Kept[S]:
        """A new line, in use."""
        return Kept(line, session, now=self._clock(), era=self._era)

    def take(self) -> Kept[S] | None:
        """One that may be used again, or none."""
        while kept := self._pop():
            if not self._is_young(kept, self._clock()):
                kept.end()
            elif not kept.line.is_quiet():
                kept.line.close()
            else:
                return kept
        return None

    def put(self, kept: Kept[S]) -> None:
        """Keep it for the next one, or end it."""
        now = kept.since = self._clock()
        kept.uses += 1
        if not (kept.session.is_open and kept.uses < self._keeping.uses and self._is_young(kept, now)):
            kept.end()
            return
        self._kept.append(kept)
        if kept.era is not self._era:  # closed while it was in use, perhaps just now, by another thread
            self._end_all()
        self._end_idle(now)

    def idle_s(self, kept: Kept[S]) -> float:
        """How long it has waited."""
        return self._clock() - kept.since

    def close(self) -> None:
        """End all that is there, and what is in use when it comes back."""
        self._era = object()
        self._end_all()

    def let_go(self) -> None:
        """Close all, silently: another process speaks on these lines."""
        while kept := self._pop():
            kept.line.close()

    def _is_young(self, kept: Kept[S], now: float) -> bool:
        return now - kept.since < self._keeping.idle_s and now - kept.born < self._keeping.age_s

    def _end_all(self) -> None:
        while kept := self._pop():
            kept.end()

    def _end_idle(self, now: float) -> None:
        """At the other end are those that nobody has needed for long."""
        try:
            while now - self._kept[0].since >= self._keeping.idle_s:
                self._kept.popleft().end()
        except IndexError:  # another thread has taken it
            return

    def _pop(self) -> Kept[S] | None:
        try:
            return self._kept.pop()
        except IndexError:  # asking first would not be safe from many threads
            return None
