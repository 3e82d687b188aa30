"""Circuit: whether a way out is asked at all. It is cut where the way keeps failing, and mended by one mail that goes.

Rule 1: closed, as nearly always, it lets every mail through. So many faults in a row open it, or one that says it all.
Rule 2: open, it lets nobody through until its rest is over. Then it is half open: one mail tries it, and while that one
        is under way all others take another way. If it goes well the circuit closes, if it fails the rest begins anew.
Rule 3: what says nothing about the way counts neither as good nor as bad: a mail's own fault, and a send that was
        cancelled. The place of one who tried is given back then, and the next mail has it.
Rule 4: while it is open, only those who try it are heard. Sends that began before are no news.

The memory is the process's own. A fork takes along what is known, but neither a lock that a thread of the parent holds
nor the place of one that tries.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum, auto
from threading import Lock

from sesmail._logging import INFO, WARNING, log
from sesmail.errors import Outcome, SesmailError

_AGES_AGO = float("-inf")


class Entry(Enum):
    """What a circuit says to a mail, and what the mail then says it came by."""

    FREE = auto()
    """It is closed."""
    TRIAL = auto()
    """It is half open, and this is the one mail that tries it."""
    LAST_RESORT = auto()
    """It is open, and the mail goes all the same, since no other way is left. Heard like a trial; holds no place."""
    SHUT = auto()
    """Not by this way."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a way said last when it failed. Not in its own words: they may be about somebody else's mail."""

    kind: str
    code: str = ""
    retryable: bool = True

    @classmethod
    def of(cls, error: SesmailError) -> Fault:
        """What is remembered of an error: it itself would keep the mail alive."""
        # A mail of unknown outcome must not go again; the next mail may.
        retryable = getattr(error, "retryable", False) or getattr(error, "outcome", None) is Outcome.UNKNOWN
        return cls(type(error).__name__, getattr(error, "code", ""), retryable)

    def __str__(self) -> str:
        return f"{self.kind} ({self.code})" if self.code else self.kind


class Circuit:
    """One way's health.

    >>> from sesmail.errors import ConnectFailed
    >>> from sesmail.policies.circuit import Circuit, Entry, Fault
    >>> circuit = Circuit("way 1 (ses)", failures=2, rest_s=30)
    >>> for _ in range(2):
    ...     circuit.failed(circuit.enter(now=100), Fault.of(ConnectFailed("nobody there")), now=100)
    >>> circuit.enter(now=129), circuit.enter(now=130), circuit.enter(now=130)
    (<Entry.SHUT: 4>, <Entry.TRIAL: 2>, <Entry.SHUT: 4>)
    """

    __slots__ = ("_failures", "_faults", "_last", "_locks", "_opens_at", "_rest_s", "_trial_of", "label")

    def __init__(self, label: str, *, failures: int, rest_s: float) -> None:
        self.label = label
        self._failures = failures
        self._rest_s = rest_s
        self._faults = 0
        self._last: Fault | None = None
        self._opens_at: float | None = None  # for a trial; nothing while it is closed
        self._trial_of = 0  # the process in which a mail tries it
        self._locks: dict[int, Lock] = {}

    # ── asked ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def is_open(self) -> bool:
        """Whether mails pass it over, all or all but one."""
        return self._opens_at is not None

    @property
    def opens_at(self) -> float:
        """When its rest is over; ages ago if it is closed."""
        opens_at = self._opens_at
        return _AGES_AGO if opens_at is None else opens_at

    @property
    def faults(self) -> int:
        """How many in a row."""
        return self._faults

    @property
    def last(self) -> Fault | None:
        """What went wrong last, if anything ever did."""
        return self._last

    # ── used ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def enter(self, now: float) -> Entry:
        """Whether a mail may go by it. Whoever may says how it ended, if that is news, and in any case that it left."""
        if self._opens_at is None:
            return Entry.FREE
        with self._lock():
            if not self.is_open:
                return Entry.FREE
            if now < self._opens_at or self._trial_of == os.getpid():
                return Entry.SHUT
            self._trial_of = os.getpid()
            return Entry.TRIAL

    def passed(self, entry: Entry) -> None:
        """The way took a mail."""
        if not self._faults:
            return  # nothing to forget; open circuits always have some
        with self._lock():
            was_open = self._opens_at is not None
            if was_open and entry is Entry.FREE:
                return
            self._opens_at = None
            self._faults = 0
        if was_open:
            log(INFO, "the circuit of %s is closed again: it took a mail", self.label)

    def failed(self, entry: Entry, fault: Fault, now: float, *, at_once: bool = False) -> None:
        """The way failed, and the mail was not at fault; ``at_once`` if it is no use to ask any more."""
        with self._lock():
            was_open = self._opens_at is not None
            if was_open and entry is Entry.FREE:
                return
            self._faults += 1
            self._last = fault
            opens = was_open or at_once or self._faults >= self._failures
            if opens:
                self._opens_at = now + self._rest_s
            faults = self._faults
        if opens and not was_open:  # said outside of the lock: whoever listens may want to send a mail
            rest_s, kind = self._rest_s, fault.kind
            log(
                WARNING,
                "the circuit of %s opens for %g s (faults in a row: %d, the last a %s)",
                self.label,
                rest_s,
                faults,
                kind,
            )

    def leave(self, entry: Entry) -> None:
        """The mail is through with it, however that ended."""
        if entry is Entry.TRIAL:
            self._trial_of = 0

    def _lock(self) -> Lock:
        process = os.getpid()
        return self._locks.get(process) or self._locks.setdefault(process, Lock())
