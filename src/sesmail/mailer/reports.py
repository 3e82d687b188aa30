"""Reports: how each of many mails ended, and how all of them did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sesmail.errors import Outcome
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.message import Email, EmailFields
from sesmail.mail.outgoing import SendResult


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
    mail: Email | EmailFields
    """The mail as it was given."""
    result: SendResult | None = None
    error: Exception | None = None

    @property
    def is_sent(self) -> bool:
        """Whether it went to everyone."""
        return self.result is not None and not self.result.failed

    def __repr__(self) -> str:
        return (
            f"MailReport({self.index}, {self.result!r})" if self.result else f"MailReport({self.index}, {_kind(self)})"
        )


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
    recipients: Mapping[Outcome, int]
    """Recipients by how it ended for them, of all mails that have a result."""
    errors: Mapping[str, int]
    """Mails that ended with an error, by the name of its class."""
    failures: tuple[MailReport, ...]
    """The first mails that did not go to everyone."""

    @property
    def failed(self) -> int:
        """Mails that went to nobody, or of which nothing is known."""
        return self.mails - self.sent - self.partly


class Tally:
    """Counts reports, and keeps the first failures."""

    def __init__(self, keep_failures: int) -> None:
        self._keep = keep_failures
        self._mails = self._sent = self._partly = 0
        self._recipients: Counter[Outcome] = Counter()
        self._errors: Counter[str] = Counter()
        self._failures: list[MailReport] = []

    def add(self, report: MailReport) -> None:
        """Count one more."""
        self._mails += 1
        if report.result:
            self._recipients.update([one.outcome for one in report.result.recipients])
        if report.is_sent:
            self._sent += 1
            return
        if report.result and len(report.result.failed) < len(report.result.recipients):
            self._partly += 1
        if report.error:
            self._errors[_kind(report)] += 1
        if len(self._failures) < self._keep:
            self._failures.append(report)

    def report(self) -> ManyReport:
        """What came together."""
        return ManyReport(
            self._mails,
            self._sent,
            self._partly,
            dict(self._recipients),
            FrozenMap(self._errors),
            tuple(self._failures),
        )


def _kind(report: MailReport) -> str:
    return type(report.error).__name__
