"""Sends: what a mailer costs beyond building the mail, and whether many mails cost as much each as few."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import process_time
from typing import ClassVar

from benchmarks.encoder import plain_install
from benchmarks.mail import SMALL, Mail
from benchmarks.measure import Figure, Timed, cpu_s, in_rounds, interleaved
from benchmarks.memory import ROOT
from benchmarks.peers import SESMAIL
from sesmail import AsyncMailer, Email, Mailer, mime
from sesmail.mail.message import EmailFields
from sesmail.mailer.reports import MailFields

SEND = "Mailer.send to null"
SEND_DEFAULTS = "Mailer.send to null, sender by default"
ASYNC_SEND = "AsyncMailer.send to null"


def _fields(mail: Mail) -> EmailFields:
    return {"sender": mail.sender, "to": mail.to, "subject": mail.subject, "text": mail.text}


# ── one ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SendCase:
    """One mail, built only and sent to where nothing is done with it."""

    name: str
    mail: Mail
    unit: ClassVar = "us of CPU per mail"

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Measure all ways."""
        fields = _fields(self.mail)
        by_default: EmailFields = {"to": self.mail.to, "subject": self.mail.subject, "text": self.mail.text}
        mailer, with_sender = Mailer("null://"), Mailer("null://", sender=self.mail.sender)
        jobs: dict[str, Timed] = {
            SESMAIL: _Calls(lambda: mime.write(Email(**fields)).to_bytes()),
            SEND: _Calls(lambda: mailer.send(**fields)),
            SEND_DEFAULTS: _Calls(lambda: with_sender.send(**by_default)),
            ASYNC_SEND: _AwaitedSends(fields),
        }
        return interleaved(jobs, rounds)


@dataclass(frozen=True, slots=True)
class _Calls:
    call: Callable[[], object]

    def cpu_s(self, loops: int) -> float:
        with plain_install():
            return cpu_s(self.call, loops)


@dataclass(frozen=True, slots=True)
class _AwaitedSends:
    fields: EmailFields

    def cpu_s(self, loops: int) -> float:
        mailer = AsyncMailer("null://")

        async def main() -> float:
            start = process_time()
            for _ in range(loops):
                await mailer.send(**self.fields)
            return process_time() - start

        return asyncio.run(main())


# ── many ─────────────────────────────────────────────────────────────────────────────────────────────────────────

COUNTS = ("100", "10000", "1000000")
_AT_LEAST = 100_000  # mails in a turn: a hundred alone say little on a shared machine


@dataclass(frozen=True, slots=True)
class ManyCase:
    """`send_many` of more and more mails, each count in a process of its own."""

    name: str
    unit: str
    figure: int
    """Which of the two numbers that such a process prints."""
    rounds: int
    """Of a million mails each."""
    module: str = "benchmarks.sends"
    """What such a process runs."""

    def figures(self, rounds: int) -> dict[str, Figure]:  # noqa: ARG002 - one contract for all cases
        """Measure every count."""
        return in_rounds(self._measured, COUNTS, self.rounds)

    def _measured(self, count: str) -> float:
        command = [sys.executable, "-m", self.module, count]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        return float(done.stdout.split()[self.figure])


def _many(count: int) -> Iterator[MailFields]:
    for number in range(count):
        yield {"to": f"reader{number}@example.org", "subject": f"News {number}", "text": SMALL.text}


def _send_many(count: int) -> tuple[float, float]:
    """Microseconds of CPU per mail, and the most memory that the process ever had, in MB."""
    mailer = Mailer("null://", sender=SMALL.sender)
    mailer.send_many(_many(100))
    turns = max(1, _AT_LEAST // count)
    start = process_time()
    for _ in range(turns):
        report = mailer.send_many(_many(count))
        if report.sent != count:
            raise RuntimeError(f"{report.sent} of {count} were sent")
    spent = process_time() - start
    return spent / turns / count * 1e6, peak_mb()


def peak_mb() -> float:
    # What `getrusage` says is inherited from the process that began this one, and a larger one hides ours.
    status = Path("/proc/self/status")
    if not status.exists():
        return getrusage(RUSAGE_SELF).ru_maxrss / 1024
    (line,) = (line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    print(*_send_many(int(sys.argv[1])))
