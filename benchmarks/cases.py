"""The cases: what is measured."""

from __future__ import annotations

from typing import Protocol

from benchmarks.addresses import AddressCase
from benchmarks.box import BoxFixture, BoxMemory, BoxReady, BoxSends
from benchmarks.builds import EVERYONE, BuildCase
from benchmarks.imports import EMAIL, FIRST_SEND, MAILER, ImportCase
from benchmarks.mail import ASCII_HTML, FILES, HTML, LARGE, MB, RECIPIENTS, SMALL
from benchmarks.measure import Figure
from benchmarks.memory import SESMAIL_CHUNKS, MemoryCase
from benchmarks.peers import DJANGO, DJANGO_FORMATADDR, EMAIL_MESSAGE, SESMAIL, SESMAIL_SPEED, SESMAIL_VALUES
from benchmarks.sends import ManyCase, SendCase


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
    BoxSends("box, sends"),
    BoxMemory("box, memory"),
    BoxReady("box, ready"),
    BoxFixture("box, fixture"),
)
