"""Courier: gathers the records of one process, and mails them from a thread of its own.

Rule 1: who logs never waits for a mail. The lock is held to count a record in or to take the digest out, never to send.
Rule 2: the lock may be taken again by who holds it: a signal handler that logs does so at any line.
Rule 3: a courier belongs to its process. The child of a fork has one of its own, and nothing of its parent's.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from sesmail.errors import MailError, Outcome, SetupError
from sesmail.integrations.log_mail.complaint import Complaint
from sesmail.integrations.log_mail.digest import Digest
from sesmail.integrations.log_mail.guard import is_at_work_here, sending
from sesmail.integrations.log_mail.texts import Redact

Send = Callable[[Digest], object]

# Also where mails may follow each other at once: who fails must not fail in a loop.
_AFTER_A_FAILURE_S = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long records are gathered for a mail, how far two mails are apart, how many places a digest holds."""

    window_s: float
    interval_s: float
    most_groups: int


class Courier:
    """One process's digest and the thread that mails it, begun with the first record."""

    def __init__(self, send: Send, pace: Pace, complaint: Complaint) -> None:
        self._send = send
        self._pace = pace
        self._complaint = complaint
        self._changed = threading.Condition(threading.RLock())
        self._digest = Digest(pace.most_groups)
        self._due = 0.0
        self._not_before = 0.0
        self._is_busy = False
        self._in_haste = False
        self._is_closed = False
        self._thread: threading.Thread | None = None

    # ── for those who log ────────────────────────────────────────────────────────────────────────────────────

    def add(self, record: logging.LogRecord, formatter: logging.Formatter | None, redact: Redact | None) -> None:
        """Count a record in. A mail will tell of it."""
        with self._changed:
            if self._is_closed:
                return
            was_empty = not self._digest
            self._digest.add(record, formatter, redact)
            if was_empty:
                self._due = max(monotonic() + self._pace.window_s, self._not_before)
                self._changed.notify_all()
            self._begin()

    def flush(self, timeout_s: float) -> bool:
        """Mail now what is there, whatever the pace, and wait for it. Whether it was done in time."""
        return self._hurry(timeout_s)

    def close(self, timeout_s: float) -> bool:
        """The same, and nothing is counted in any more. What takes longer is still sent, if the program lives on."""
        return self._hurry(timeout_s, closes=True)

    def _hurry(self, timeout_s: float, *, closes: bool = False) -> bool:
        with self._changed:
            self._is_closed = self._is_closed or closes
            if is_at_work_here() or not (self._digest or self._is_busy):
                self._changed.notify_all()
                return True  # nothing to do; or a hook of the mailer asks for what it is itself a part of
            if not self._is_left_to_us():
                self._in_haste = True
                self._changed.notify_all()
                return self._changed.wait_for(lambda: not self._in_haste and not self._is_busy, timeout_s)
            digest = self._taken()
        self._mail(digest)
        return True

    def _is_left_to_us(self) -> bool:
        """Whether the thread cannot do it: none is begun while the interpreter ends, and one may wait for a logger."""
        return not self._is_busy and (not self._begin() or _configures_logging())

    # ── the thread ───────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self) -> bool:
        """Have the thread there. Whether it is."""
        if self._thread is not None and self._thread.is_alive():
            return True
        # Not a thread that the program waits for: at its end there is `close`, which has a deadline.
        thread = threading.Thread(target=self._run, name="sesmail-log-mail", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no more of them, or the interpreter ends: the records wait for `flush`
            return False
        self._thread = thread
        return True

    def _run(self) -> None:
        while (digest := self._next()) is not None:
            self._mail(digest)

    def _next(self) -> Digest | None:
        """The next digest when its time has come; none when all is over."""
        with self._changed:
            while not self._is_ready():
                if self._is_closed:
                    return None
                self._changed.wait(self._due - monotonic() if self._digest else None)
            return self._taken()

    def _is_ready(self) -> bool:
        if self._digest:
            return self._in_haste or self._is_closed or monotonic() >= self._due
        self._in_haste = False  # who asked for haste waits for this
        self._changed.notify_all()
        return False

    def _taken(self) -> Digest:
        digest, self._digest = self._digest, Digest(self._pace.most_groups)
        self._is_busy, self._in_haste = True, False
        return digest

    def _mail(self, digest: Digest) -> None:
        outcome: object = Outcome.UNKNOWN
        try:
            with sending():
                self._send(digest)
            outcome = Outcome.SENT
        except Exception as exc:  # noqa: BLE001 - no failure may reach the program; it is told on stderr
            outcome = _outcome_of(exc)
            self._complaint.tell(f"a mail about the log failed (records: {digest.records})", exc)
        finally:
            with self._changed:
                self._is_busy = False
                self._rest(digest, outcome)
                self._changed.notify_all()

    def _rest(self, digest: Digest, outcome: object) -> None:
        """Not the next mail yet. What surely did not go out is in it; of what may be out, it has the number."""
        pause = self._pace.interval_s
        if outcome != Outcome.SENT:
            pause = max(pause, _AFTER_A_FAILURE_S)
            if outcome == Outcome.NOT_SENT and not self._is_closed:
                digest.add_later(self._digest)
                self._digest = digest
            else:
                self._digest.lost += digest.records
        self._not_before = self._due = monotonic() + pause


def _outcome_of(error: Exception) -> object:
    """How it ended for the records. A wrong set-up sends nothing; what is wrong with a mail would be so again."""
    if isinstance(error, SetupError):
        return Outcome.NOT_SENT
    if isinstance(error, MailError):
        return Outcome.REFUSED
    return getattr(error, "outcome", Outcome.UNKNOWN)


def _configures_logging() -> bool:
    """Whether this thread holds the lock of `logging` itself, as ``dictConfig`` does while it closes handlers.

    No other thread gets a logger meanwhile, and an import of boto3 wants a dozen.
    """
    is_owned: Callable[[], bool] = getattr(getattr(logging, "_lock", None), "_is_owned", bool)
    return is_owned()
