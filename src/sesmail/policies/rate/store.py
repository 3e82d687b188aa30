"""RateStore: where the lines of all accounts live, and MemoryStore, where they live in the process.

Every step is one question to the store, decided there as a whole: a database does it in one statement. What it keeps
for a key is few numbers (left, taken, at, pace, share, slowed at), and of those who wait nothing but their place.
"""

from __future__ import annotations

from threading import Lock
from typing import Protocol

from sesmail.policies.flow import Flow
from sesmail.policies.rate.bucket import Pace
from sesmail.policies.rate.generation import generation
from sesmail.policies.rate.line import Line, Place


class RateStore(Protocol):
    """Where it is known who comes when. The key says whose line: an account in a Region.

    What may take a while is a flow: a store that is somewhere else asks by `sesmail.policies.ask`, in both colours.
    ``now`` is the time of whoever asks; a store that several machines share takes its own.
    """

    def take(self, key: str, recipients: int, pace: Pace, now: float, longest: float) -> Flow[Place]:
        """A place for a mail to so many. Whose ``wait_s`` is over the longest has got none."""

    def look(self, key: str, place: Place, pace: Pace, now: float) -> Flow[float]:
        """How many seconds this one still waits; nothing means that it goes now."""

    def give_back(self, key: str, place: Place) -> None:
        """It will not come. Does nothing for one that went.

        Must not wait, since it is called where a flow is cancelled. To forget it costs the time of one mail.
        """

    def slow(self, key: str, place: Place, now: float) -> Flow[float]:
        """This one was throttled. Gives the new rate, or nothing where that was known."""


class _Lines:
    """Those of one process."""

    __slots__ = ("by_key", "lock")

    def __init__(self) -> None:
        self.lock = Lock()
        self.by_key: dict[str, Line] = {}


class MemoryStore:
    """Lines in the memory of this process, for all threads and loops.

    A process that was forked off begins with none: those who wait in them are not its own, and how fast its parent was
    says little. So each process has the whole rate to itself; with several, give each its part. A flow that such a
    child inherits finds no line and goes on.
    """

    def __init__(self) -> None:
        # A lock that some other thread held in the moment of the fork would never open in the child.
        self._of: dict[int, _Lines] = {}

    def take(self, key: str, recipients: int, pace: Pace, now: float, longest: float) -> Flow[Place]:
        """A place in the line."""
        yield from ()
        lines = self._lines
        with lines.lock:
            line = lines.by_key.get(key)
            if line is None:
                line = lines.by_key[key] = Line(pace, now)
            return line.take(recipients, pace, now, longest)

    def look(self, key: str, place: Place, pace: Pace, now: float) -> Flow[float]:
        """How long it still waits."""
        yield from ()
        lines = self._lines
        with lines.lock:
            line = lines.by_key.get(key)
            return line.look(place, pace, now) if line else 0.0

    def give_back(self, key: str, place: Place) -> None:
        """It will not come."""
        lines = self._lines
        with lines.lock:
            line = lines.by_key.get(key)
            if line:
                line.give_back(place)

    def slow(self, key: str, place: Place, now: float) -> Flow[float]:
        """Slow down, once for one trouble."""
        yield from ()
        lines = self._lines
        with lines.lock:
            line = lines.by_key.get(key)
            return line.bucket.rate if line and line.slow(place, now) else 0.0

    @property
    def _lines(self) -> _Lines:
        own = generation()
        lines = self._of.get(own)
        return lines or self._of.setdefault(own, _Lines())

    def __repr__(self) -> str:
        return "MemoryStore()"


IN_THIS_PROCESS = MemoryStore()
"""What all mailers of a process share, so that several of them are not several times as fast."""
