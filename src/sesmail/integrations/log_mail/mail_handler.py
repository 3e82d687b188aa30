"""MailHandler: a handler of ``logging`` that mails errors, many in one mail, and never harms the program it watches."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import weakref
from collections.abc import Callable

from sesmail.errors import SetupError, UnknownOption
from sesmail.integrations.log_mail.complaint import Complaint
from sesmail.integrations.log_mail.courier import Courier, Pace
from sesmail.integrations.log_mail.digest import Digest
from sesmail.integrations.log_mail.guard import is_about_itself, sending
from sesmail.integrations.log_mail.letter import Letter
from sesmail.integrations.log_mail.texts import Redact
from sesmail.lines.per_process import PerProcess
from sesmail.mail.address import AddressesLike, AddressLike
from sesmail.mail.message import Email
from sesmail.mailer.mailer import Mailer
from sesmail.mime.writer import write

_LONGEST_S = threading.TIMEOUT_MAX / 4  # a thread that is told to wait longer raises; two of these may come together


class MailHandler(logging.Handler):
    """Mails errors of the log: the first a few seconds after it happened, the others gathered in one mail.

    >>> import logging
    >>> from sesmail import Mailer
    >>> from sesmail.integrations.log_mail import MailHandler
    >>> mailer = Mailer("memory://", sender="shop@example.com")
    >>> handler = MailHandler(mailer=mailer, to="ops@example.com")
    >>> logger = logging.getLogger("shop")
    >>> logger.addHandler(handler)
    >>> for number in range(1000):
    ...     logger.error("order %d was not stored", number)
    >>> handler.flush()
    >>> [mail.email.subject.partition(": ")[2] for mail in mailer.transport.sent]
    ['order 0 was not stored']
    >>> logger.removeHandler(handler)
    >>> handler.close()

    The way out is ``url``, or a ``mailer`` of yours, or the environment's ``SESMAIL_URL``. All else is plain, as
    ``logging.config.dictConfig`` wants it. Records are gathered for ``window_s`` seconds, and two mails are
    ``interval_s`` apart. A mail tells of ``most_shown`` places in the program in full and of ``most_groups`` at most;
    what is beyond is counted. ``flush`` and ``close`` wait ``flush_s`` seconds. ``subject`` has the gaps ``level``,
    ``host``, ``logger``, ``message`` and ``count``. ``redact`` gets each text before it is kept, and gives what may be
    mailed.

    A wrong set-up raises here. Afterwards nothing does, and nobody waits: that a mail failed is said on stderr, once.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        to: AddressesLike,
        sender: AddressLike | None = None,
        mailer: Mailer | None = None,
        level: int | str = logging.ERROR,
        subject: str = "{level} at {host}: {message}",
        window_s: float = 5.0,
        interval_s: float = 300.0,
        most_shown: int = 20,
        most_groups: int = 100,
        flush_s: float = 5.0,
        redact: Redact | None = None,
    ) -> None:
        _seconds(window_s=window_s, interval_s=interval_s, flush_s=flush_s)
        _at_least_one(most_shown=most_shown, most_groups=most_groups)
        if redact is not None and not callable(redact):
            raise SetupError(
                "redact is a function from text to text; a dictConfig has it as ext://your.module.function"
            )
        self._mailer, self._is_mine = _mailer(url, mailer)
        base = Email(sender=sender, to=to, auto_submitted="auto-generated")
        self._letter = Letter(base, subject, platform.node() or "this machine", most_shown)
        self._rehearse()
        self._flush_s = flush_s
        self._redact = redact
        self._complaint = Complaint()
        self._pace = Pace(window_s, interval_s, most_groups)
        # A thread does not survive a fork, and what the parent has not mailed yet is the parent's to mail.
        self._couriers = PerProcess(self._new_courier)
        self._is_over = False
        super().__init__(_level(level))  # when all is well: from here on `logging.shutdown` knows it

    def _rehearse(self) -> None:
        """Find now what every mail would meet, and import now what every mail needs.

        A fork while the sending thread imports would leave the child with a lock on that module for ever.
        """
        digest = Digest(1)
        digest.add(logging.makeLogRecord({"levelno": logging.ERROR, "msg": "é"}), None, None)
        mail = self._letter.written(digest)
        for problem in self._mailer.check(mail):
            problem.raise_if_blocking()
        write(self._mailer.compose(mail)).to_bytes()

    def _new_courier(self) -> Courier:
        # Children of multiprocessing end without `logging.shutdown`, but with the finalizers of its own.
        if (multiprocessing := sys.modules.get("multiprocessing.util")) is not None:
            multiprocessing.Finalize(self, MailHandler._flush_if_alive, (weakref.ref(self),), exitpriority=0)
        return Courier(self._mail, self._pace, self._complaint)

    # ── what logging calls ───────────────────────────────────────────────────────────────────────────────────

    def handle(self, record: logging.LogRecord) -> bool:
        """Take a record in, unless its level, a filter or the guard says no.

        The level is asked here too, as a ``QueueListener`` does not ask it. The lock of `logging.Handler` is not taken:
        ``logging.shutdown`` holds it while it waits for `flush`, and what the sending thread logs meanwhile would wait
        for that.
        """
        try:
            if record.levelno < self.level or is_about_itself(record):
                return False
            passed: object = self.filter(record)  # since 3.12 a filter may give another record
            if passed:
                self.emit(passed if isinstance(passed, logging.LogRecord) else record)
            return bool(passed)
        except Exception:  # noqa: BLE001 - a log handler must never raise into the program
            self.handleError(record)
            return False

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record in."""
        if not self._is_over:
            self._couriers.get().add(record, self.formatter, self._redact)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - the name is that of logging
        """Say on stderr that a record could not be taken in, if no failure was told yet."""
        self._complaint.tell("a record of the log could not be taken in", sys.exc_info()[1])

    def flush(self) -> None:
        """Mail now what was gathered, whatever the pace, and wait for it: at most ``flush_s`` seconds."""
        self._wait(self._couriers.get().flush)

    def close(self) -> None:
        """Mail what was gathered, and take nothing in any more. A mailer of yours stays open."""
        self._is_over = True
        if self._wait(self._couriers.get().close) and self._is_mine:
            self._let_go()
        super().close()

    # ── mails ────────────────────────────────────────────────────────────────────────────────────────────────

    def _mail(self, digest: Digest) -> None:
        result = self._mailer.send(self._letter.written(digest))
        if result.failed:
            self._complaint.tell(f"a mail about the log did not go to {len(result.failed)} of its recipients")
        else:
            self._complaint.is_over()

    def _let_go(self) -> None:
        try:
            with sending():
                self._mailer.close()
        except Exception as exc:  # noqa: BLE001 - this is the end of the program, which has other things to do
            self._complaint.tell("the way out could not be closed", exc)

    def _wait(self, done_in: Callable[[float], bool]) -> bool:
        done = done_in(self._flush_s)
        if not done:
            self._complaint.tell(f"a mail about the log is not out after {self._flush_s:g} s")
        return done

    @staticmethod
    def _flush_if_alive(handler: weakref.ref[MailHandler]) -> None:
        if (alive := handler()) is not None:
            alive.flush()


def _mailer(url: str | None, mailer: Mailer | None) -> tuple[Mailer, bool]:
    if url is not None and mailer is not None:
        raise SetupError("a MailHandler takes a url or a mailer, not both")
    if mailer is not None and not isinstance(mailer, Mailer):
        raise SetupError(
            f"a MailHandler sends through a Mailer, and not {type(mailer).__name__}; it has its own thread"
        )
    return (Mailer(url), True) if mailer is None else (mailer, False)


def _level(level: int | str) -> int | str:
    known = logging.getLevelNamesMapping()
    if isinstance(level, str) and level not in known:
        raise UnknownOption(level, known=known, where="the level of a MailHandler")
    return level


def _seconds(**given: object) -> None:
    for name, value in given.items():
        if not isinstance(value, int | float) or not 0 <= value <= _LONGEST_S:
            raise SetupError(f"{name} of a MailHandler is a number of seconds, from 0 to {_LONGEST_S:.0f}")


def _at_least_one(**numbers: object) -> None:
    for name, value in numbers.items():
        if not isinstance(value, int) or value < 1:
            raise SetupError(f"{name} of a MailHandler is a whole number, 1 or more")
