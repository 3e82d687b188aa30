"""Reports: how each of many mails ended, and how all of them did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from sesmail.errors import Outcome
from sesmail.mail.envelope import Envelope
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.message import Email, EmailFields
from sesmail.mail.outgoing import SendResult
from sesmail.templates.mail import Mail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.ses.stored.content import RowLike


class TemplatedFields(EmailFields, total=False):
    """What `Mailer.send` takes by keyword: the fields of an `Email`, or a template and what it needs."""

    template: str
    context: Mapping[str, object]
    locale: str


class MailFields(TemplatedFields, total=False):
    """One of many mails: the same, and an envelope."""

    envelope: Envelope | None


# `EmailFields` are not named beside it: a checker would take the larger for a kind of the smaller, and forget it.
MailLike = Email | Mail | MailFields


@dataclass(frozen=True, slots=True)
class MailReport:
    """How one of many mails ended: with a result, or with an error.

    >>> from sesmail import Mailer
    >>> mailer = Mailer("null://", sender="shop@example.com")
    >>> for report in mailer.iter_many([{"to": "ada@example.org", "text": "Hi"}, {"to": "nobody"}]):
    ...     print(report.index, report.is_sent, type(report.error).__name__)
    0 True NoneType
    1 False InvalidAddress
    """

    index: int
    """Its place among the mails that were given, from 0 on."""
    mail: MailLike | RowLike
    """The mail, or the row, as it was given."""
    result: SendResult | None = None
    error: BaseException | None = None

    @property
    def is_sent(self) -> bool:
        """Whether it went to everyone."""
        return self.result is not None and not self.result.failed

    def __repr__(self) -> str:
        return f"MailReport({self.index}, {self.result or type(self.error).__name__})"


@dataclass(frozen=True, slots=True)
class ManyReport:
    """How many mails ended how, and the first that did not go to everyone.

    >>> from sesmail import Mailer
    >>> mailer = Mailer("null://", sender="shop@example.com")
    >>> report = mailer.send_many({"to": to, "text": "Hi"} for to in ["ada@example.org", "nobody"])
    >>> report.mails, report.sent, report.failed
    (2, 1, 1)
    >>> report.failures[0].error.field
    'to'
    >>> report.errors
    {'InvalidAddress': 1}
    """

    mails: int
    sent: int
    """Mails that went to everyone."""
    partly: int
    """Mails that went to some and not to others. Do not send them again as they are: see `MailReport.result`."""
    unknown: int
    """Mails of which nobody knows whether they are out. Sending one again may make a second mail."""
    recipients: Mapping[str, int]
    """Recipients by how it ended for them, of all mails that have a result."""
    errors: Mapping[str, int]
    """Mails that ended with an error, by the name of its class."""
    failures: tuple[MailReport, ...]
    """The first mails that did not go to everyone."""

    @property
    def failed(self) -> int:
        """Mails that went to nobody."""
        return self.mails - self.sent - self.partly - self.unknown


class Tally:
    """Counts reports, and keeps the first failures. When the run breaks off, the error gets a note of the counts."""

    def __init__(self, keep_failures: int) -> None:
        self._keep = keep_failures
        self._kinds: Counter[str] = Counter()
        self._recipients: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._failures: list[MailReport] = []

    def add(self, report: MailReport) -> None:
        """Count one more."""
        self._kinds[kind := _kind_of(report)] += 1
        if report.result:
            self._recipients.update([one.outcome for one in report.result.recipients])
        if report.error:
            self._errors[type(report.error).__name__] += 1
        if kind != _SENT and len(self._failures) < self._keep:
            if report.error:
                report.error.__traceback__ = None  # its frames would hold on to much more than the mail
            self._failures.append(report)

    def report(self) -> ManyReport:
        """What came together."""
        return ManyReport(
            self._kinds.total(),
            self._kinds[_SENT],
            self._kinds[_PARTLY],
            self._kinds[_UNKNOWN],
            FrozenMap(self._recipients),
            FrozenMap(self._errors),
            tuple(self._failures),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is not None:
            counts = ", ".join(f"{count} {kind}" for kind, count in self._kinds.items())
            error.add_note(f"Before that, send_many had reports of {self._kinds.total()} mails ({counts or 'none'}).")


_SENT, _PARTLY, _UNKNOWN, _FAILED = "sent", "partly sent", "unknown", "failed"


def _kind_of(report: MailReport) -> str:
    if report.result is None:
        return _UNKNOWN if getattr(report.error, "outcome", None) is Outcome.UNKNOWN else _FAILED
    outcomes = {one.outcome for one in report.result.recipients}
    if outcomes == {Outcome.SENT}:
        return _SENT
    if Outcome.SENT in outcomes:
        return _PARTLY
    return _UNKNOWN if Outcome.UNKNOWN in outcomes else _FAILED
