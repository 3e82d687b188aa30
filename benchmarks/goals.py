"""The goals: what must come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from benchmarks.addresses import EMAIL_VALIDATOR
from benchmarks.box import FIXTURE, MAILS
from benchmarks.imports import BOTO3
from benchmarks.measure import Figure
from benchmarks.memory import SESMAIL_CHUNKS
from benchmarks.peers import (
    DJANGO,
    DJANGO_FORMATADDR,
    EMAIL_MESSAGE,
    NODEMAILER,
    NODEMAILER_LONG,
    SESMAIL,
    SESMAIL_SPEED,
    SESMAIL_VALUES,
)
from benchmarks.policies import POLICIES
from benchmarks.sends import ASYNC_SEND, COUNTS, SEND
from benchmarks.templated import DJANGO_MAIL, OURS, OURS_BARE, PREMAILER
from benchmarks.ways.way import (
    AIOBOTOCORE,
    AIOSMTPLIB,
    ANYMAIL,
    BOTO,
    BOTO_LINE,
    BOTO_SIMPLE,
    DIRECT,
    DJANGO_SES,
    EMAIL_AIOBOTOCORE,
    EMAIL_BOTO3,
    IN_DJANGO,
    SESMAIL_AWAITED,
    SMTPLIB,
)

Figures = Mapping[str, Figure]


class Goal(Protocol):
    """One line of the table."""

    @property
    def case(self) -> str:
        """The case's name."""

    @property
    def peers(self) -> tuple[str, ...]:
        """Whose figures it takes."""

    @property
    def wanted(self) -> str:
        """The goal for people."""

    def measured(self, figures: Figures) -> float:
        """The number that is held against it."""

    def holds(self, measured: float) -> bool:
        """Whether that is good enough."""


@dataclass(frozen=True, slots=True)
class TimesCheaper:
    """Cheaper than a peer, by a factor."""

    case: str
    than: str
    times: float
    ours: str = SESMAIL
    word: str = "cheaper"

    @property
    def peers(self) -> tuple[str, ...]:
        """Ours and theirs."""
        return self.ours, self.than

    @property
    def wanted(self) -> str:
        """The goal for people."""
        return f"{self.ours}: >= {self.times:g} x {self.word} than {self.than}"

    def measured(self, figures: Figures) -> float:
        """The factor."""
        return figures[self.than].median / figures[self.ours].median

    def holds(self, measured: float) -> bool:
        """Whether the factor is reached."""
        return measured >= self.times


@dataclass(frozen=True, slots=True)
class AtMost:
    """No more than a limit."""

    case: str
    limit: float
    unit: str
    ours: str = SESMAIL

    @property
    def peers(self) -> tuple[str, ...]:
        """Only ours."""
        return (self.ours,)

    @property
    def wanted(self) -> str:
        """The goal for people."""
        return f"{self.ours}: <= {self.limit:g} {self.unit}"

    def measured(self, figures: Figures) -> float:
        """The figure itself."""
        return figures[self.ours].median

    def holds(self, measured: float) -> bool:
        """Whether the limit is kept."""
        return measured <= self.limit


@dataclass(frozen=True, slots=True)
class AtMostTimes:
    """No dearer than something else of ours, by more than a factor."""

    case: str
    ours: str
    than: str
    times: float
    word: str = "its build"

    @property
    def peers(self) -> tuple[str, ...]:
        """Both."""
        return self.ours, self.than

    @property
    def wanted(self) -> str:
        """The goal for people."""
        return f"{self.ours}: <= {self.times:g} x {self.word}"

    def measured(self, figures: Figures) -> float:
        """The factor."""
        return figures[self.ours].median / figures[self.than].median

    def holds(self, measured: float) -> bool:
        """Whether it is kept."""
        return measured <= self.times


@dataclass(frozen=True, slots=True)
class Flat:
    """The same for few and for many, but for a part of it."""

    case: str
    peers: tuple[str, ...]
    within: float

    @property
    def wanted(self) -> str:
        """The goal for people."""
        return f"{self.peers[0]} to {self.peers[-1]}: flat within {self.within:.0%}"

    def measured(self, figures: Figures) -> float:
        """The largest by the smallest."""
        medians = [figures[peer].median for peer in self.peers]
        return max(medians) / min(medians)

    def holds(self, measured: float) -> bool:
        """Whether it is flat."""
        return measured <= 1 + self.within


GOALS: tuple[Goal, ...] = (
    TimesCheaper("small text", EMAIL_MESSAGE, 25),
    TimesCheaper("small text", DJANGO, 6),
    TimesCheaper("text and HTML", EMAIL_MESSAGE, 15),
    TimesCheaper("text and HTML", DJANGO, 3),
    TimesCheaper("text and HTML", NODEMAILER, 2),
    TimesCheaper("text and HTML in ASCII", EMAIL_MESSAGE, 15),
    TimesCheaper("inline image and PDF", EMAIL_MESSAGE, 15),
    TimesCheaper("inline image and PDF", NODEMAILER, 3),
    TimesCheaper("inline image and PDF", NODEMAILER_LONG, 3, SESMAIL_SPEED),
    TimesCheaper("10 MB attachment", EMAIL_MESSAGE, 15),
    TimesCheaper("10 MB attachment", EMAIL_MESSAGE, 30, SESMAIL_SPEED),
    TimesCheaper("100 recipients", EMAIL_MESSAGE, 60),
    TimesCheaper("100 recipients", DJANGO, 1.5),
    TimesCheaper("100 recipients", DJANGO_FORMATADDR, 1.5),
    TimesCheaper("100 recipients", DJANGO, 4, SESMAIL_VALUES),
    TimesCheaper("100 recipients", DJANGO_FORMATADDR, 4, SESMAIL_VALUES),
    AtMost("memory for 25 MB", 1.45, "x the attachment"),
    AtMost("memory for 25 MB in chunks", 1, "MB", SESMAIL_CHUNKS),
    AtMost("memory for 100 MB in chunks", 1, "MB", SESMAIL_CHUNKS),
    TimesCheaper("import", BOTO3, 5),
    TimesCheaper("import of the mailer", BOTO3, 5),
    TimesCheaper("address, new domain", EMAIL_VALIDATOR, 5),
    TimesCheaper("address, known domain", EMAIL_VALIDATOR, 10),
    AtMostTimes("send", SEND, SESMAIL, 2),
    AtMostTimes("send", ASYNC_SEND, SESMAIL, 2),
    Flat("many", COUNTS, 0.25),
    Flat("many, memory", COUNTS, 0.25),
    TimesCheaper("templates", PREMAILER, 12, OURS),
    TimesCheaper("templates", DJANGO_MAIL, 2.5, OURS),
    TimesCheaper("templates", DJANGO_MAIL, 2.5, OURS_BARE),
    Flat("templates, many", COUNTS, 0.25),
    Flat("templates, many, memory", COUNTS, 0.25),
    *(AtMost(case, 3, "us", policy) for case in ("policies", "policies, awaited") for policy in POLICIES),
    AtMost("box, sends", 500, "us, which is 2,000 a second"),
    Flat("box, memory", MAILS, 0.25),
    AtMost("box, ready", 300, "ms"),
    AtMost("box, fixture", 5, "ms", FIXTURE),
    TimesCheaper("SES, raw", BOTO3, 5, DIRECT),
    TimesCheaper("SES, raw, 32 in flight", AIOBOTOCORE, 4, DIRECT),
    TimesCheaper("SES, 20 ms, 128 in flight", AIOBOTOCORE, 2.5, DIRECT, "quicker"),
    TimesCheaper("SES, build and send", EMAIL_BOTO3, 10, DIRECT),
    TimesCheaper("SES, build and send", DJANGO_SES, 4, DIRECT),
    TimesCheaper("SES, build and send", EMAIL_BOTO3, 3, BOTO),
    AtMostTimes("Django, build and send", IN_DJANGO, BOTO_LINE, 1.15, "the bare mailer"),
    TimesCheaper("Django, build and send", DJANGO_SES, 1.5, IN_DJANGO),
    TimesCheaper("Django, build and send", ANYMAIL, 2, IN_DJANGO),
    TimesCheaper("SES, build and send 7 MB", EMAIL_BOTO3, 4, DIRECT),
    *(AtMost(f"SES, memory over 25 MB, {how}", 2, "MB", DIRECT) for how in ("traced", "resident")),
    AtMost("SES, memory for 25 MB, traced", 7, "x the attachment", BOTO),  # botocore's own copies
    AtMost("SES, memory for 25 MB, traced", 4.3, "x the attachment", BOTO_SIMPLE),
    *(AtMost(f"SES, loop, {mail}, own CPU", 5, "ms", DIRECT) for mail in ("7 MB", "100 recipients")),
    *(
        TimesCheaper(f"SES, loop, {mail}, {time}", EMAIL_AIOBOTOCORE, 3, BOTO, "less")
        for mail in ("7 MB", "100 recipients")
        for time in ("own CPU", "stall")
    ),
    TimesCheaper("SES, first mail", BOTO3, 3, DIRECT),
    TimesCheaper("SES, first mail, start to end", BOTO3, 3, DIRECT, "quicker"),
    TimesCheaper("SMTP with PIPELINING", SMTPLIB, 2),
    TimesCheaper("SMTP with PIPELINING", SMTPLIB, 1.2, SESMAIL_AWAITED),
    # Six round trips on a bare socket, with nothing read and no limit kept, are 40 % of smtplib's time already.
    TimesCheaper("SMTP", SMTPLIB, 1.1),
    TimesCheaper("SMTP", AIOSMTPLIB, 1.5, SESMAIL_AWAITED),
    *(AtMost("SMTP, round trips", 6, "per mail", ours) for ours in (SESMAIL, SESMAIL_AWAITED)),
    *(AtMost("SMTP with PIPELINING, round trips", 2, "per mail", ours) for ours in (SESMAIL, SESMAIL_AWAITED)),
    *(AtMost("SMTP, handshakes of a pool of 5", 5, "of 60 mails", ours) for ours in (SESMAIL, SESMAIL_AWAITED)),
)
