"""The cases: what is measured."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from benchmarks.addresses import AddressCase
from benchmarks.box import BoxFixture, BoxMemory, BoxReady, BoxSends
from benchmarks.builds import EVERYONE, BuildCase
from benchmarks.imports import EMAIL, FIRST_SEND, MAILER, ImportCase
from benchmarks.mail import ASCII_HTML, FILES, HTML, LARGE, MB, RECIPIENTS, SMALL
from benchmarks.measure import Figure
from benchmarks.memory import SESMAIL_CHUNKS, MemoryCase
from benchmarks.peers import DJANGO, DJANGO_FORMATADDR, EMAIL_MESSAGE, PEERS, SESMAIL, SESMAIL_SPEED, SESMAIL_VALUES
from benchmarks.policies import PolicyCase
from benchmarks.sends import ManyCase, SendCase
from benchmarks.templated import TemplateCase
from benchmarks.ways.first_mail import FirstMail, cpu_ms, wall_ms
from benchmarks.ways.sink import LATENCY_S
from benchmarks.ways.smtp_counts import SmtpCounts, connections, round_trips_per_mail
from benchmarks.ways.way import (
    BUILD,
    BUILD_AWAITED,
    BUILD_IN_DJANGO,
    BUILD_LARGE,
    BY_SMTP,
    DIRECT,
    RAW,
    RAW_AWAITED,
    SESMAIL_AWAITED,
)
from benchmarks.ways.way_case import WayCase
from benchmarks.ways.way_memory import WayMemory

CPU = "us of CPU per mail"
DIRECT_ALONE = {DIRECT: BUILD[DIRECT]}
SMTP_POOLS = {name: BY_SMTP[name] for name in (SESMAIL, SESMAIL_AWAITED)}


class Case(Protocol):
    """Something to measure."""

    @property
    def name(self) -> str:
        """What the goals call it."""

    @property
    def unit(self) -> str:
        """What the figures count. Less is better."""

    def figures(self, rounds: int) -> dict[str, Figure]:
        """A figure for each peer that is there, the one to compare with first."""


class Participant(Protocol):
    """Whoever is measured."""

    @property
    def version(self) -> str:
        """Which one it is."""

    @property
    def why_missing(self) -> str:
        """Why it cannot take part, and what to do about it; nothing when it can."""


def taking_part(cases: Iterable[Case]) -> dict[str, Participant]:
    """Everyone whom these cases are about, missing or not."""
    part: dict[str, Participant] = {}
    for case in cases:
        part.update(case.ways if isinstance(case, WayCase | WayMemory | SmtpCounts | FirstMail) else PEERS)
    return part


CASES: tuple[Case, ...] = (
    BuildCase("small text", SMALL),
    BuildCase("text and HTML", HTML),
    BuildCase("text and HTML in ASCII", ASCII_HTML),
    BuildCase("inline image and PDF", FILES, (*EVERYONE, SESMAIL_SPEED)),
    BuildCase("10 MB attachment", LARGE, (*EVERYONE, SESMAIL_SPEED)),
    BuildCase("100 recipients", RECIPIENTS, (*EVERYONE, SESMAIL_VALUES, DJANGO_FORMATADDR)),
    MemoryCase("memory for 25 MB", "x the attachment", (SESMAIL, EMAIL_MESSAGE, DJANGO), size=25 * MB, divisor=25 * MB),
    MemoryCase("memory for 25 MB in chunks", "MB", (SESMAIL_CHUNKS,), size=25 * MB, divisor=MB),
    MemoryCase("memory for 100 MB in chunks", "MB", (SESMAIL_CHUNKS,), size=100 * MB, divisor=MB),
    ImportCase("import", EMAIL, net=True),
    ImportCase("import, whole process", EMAIL, net=False),
    ImportCase("import of the mailer", MAILER, net=True),
    ImportCase("import and first send", FIRST_SEND, net=True),
    AddressCase("address, new domain", "ada@host{}.example.com"),
    AddressCase("address, known domain", "ada{}@example.com"),
    SendCase("send", SMALL),
    ManyCase("many", "us of CPU per mail", figure=0, rounds=5),
    ManyCase("many, memory", "MB of the process", figure=1, rounds=1),
    TemplateCase("templates"),
    ManyCase("templates, many", "us of CPU per mail", figure=0, rounds=3, module="benchmarks.templated"),
    ManyCase("templates, many, memory", "MB of the process", figure=1, rounds=1, module="benchmarks.templated"),
    PolicyCase("policies", awaited=False),
    PolicyCase("policies, awaited", awaited=True),
    BoxSends("box, sends"),
    BoxMemory("box, memory"),
    BoxReady("box, ready"),
    BoxFixture("box, fixture"),
    WayCase("SES, raw", CPU, "html", RAW),
    WayCase("SES, raw, 32 in flight", CPU, "html", RAW_AWAITED, in_flight=32),
    WayCase(
        "SES, 20 ms, 128 in flight",
        "us per mail",
        "html",
        RAW_AWAITED,
        "wall_s",
        in_flight=128,
        loops=20 * 128,
        latency_s=LATENCY_S,
    ),
    WayCase("SES, build and send", CPU, "html", BUILD),
    WayCase("Django, build and send", CPU, "html", BUILD_IN_DJANGO),
    WayCase("SES, build and send 7 MB", CPU, "7 MB", BUILD_LARGE),
    WayMemory("SES, memory for 25 MB, traced", "x the attachment", BUILD_LARGE, "traced_bytes", 25 * MB),
    WayMemory("SES, memory for 25 MB, resident", "x the attachment", BUILD_LARGE, "resident_bytes", 25 * MB),
    WayMemory("SES, memory over 25 MB, traced", "MB", DIRECT_ALONE, "traced_bytes", MB),
    WayMemory("SES, memory over 25 MB, resident", "MB", DIRECT_ALONE, "resident_bytes", MB),
    WayCase("SES, loop, 7 MB, own CPU", "ms", "7 MB", BUILD_AWAITED, "own_stall_s", 1e3, loops=3),
    WayCase("SES, loop, 7 MB, stall", "ms", "7 MB", BUILD_AWAITED, "stall_s", 1e3, loops=3),
    WayCase("SES, loop, 100 recipients, own CPU", "ms", "recipients", BUILD_AWAITED, "own_stall_s", 1e3, loops=9),
    WayCase("SES, loop, 100 recipients, stall", "ms", "recipients", BUILD_AWAITED, "stall_s", 1e3, loops=9),
    FirstMail("SES, first mail", "ms of CPU", cpu_ms),
    FirstMail("SES, first mail, start to end", "ms", wall_ms),
    WayCase("SMTP", CPU, "html", BY_SMTP, speaks="smtp"),
    WayCase("SMTP with PIPELINING", CPU, "html", BY_SMTP, speaks="smtp with PIPELINING"),
    SmtpCounts("SMTP, round trips", "per mail", BY_SMTP, "smtp", round_trips_per_mail),
    SmtpCounts("SMTP with PIPELINING, round trips", "per mail", BY_SMTP, "smtp with PIPELINING", round_trips_per_mail),
    SmtpCounts("SMTP, handshakes of a pool of 5", "of 60 mails", SMTP_POOLS, "smtp", connections, in_flight=5),
)
