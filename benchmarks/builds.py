"""Builds: the CPU time per mail, from plain data to bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from benchmarks.mail import Mail
from benchmarks.measure import Figure, interleaved
from benchmarks.peers import DJANGO, EMAIL_MESSAGE, NODEMAILER, NODEMAILER_LONG, PEERS, RED_MAIL, SESMAIL, Job
from benchmarks.proof import prove

EVERYONE = (SESMAIL, EMAIL_MESSAGE, DJANGO, RED_MAIL, NODEMAILER, NODEMAILER_LONG)


@dataclass(frozen=True, slots=True)
class BuildCase:
    """A mail, and who builds it."""

    name: str
    mail: Mail = field(repr=False)
    peers: tuple[str, ...] = EVERYONE
    unit: ClassVar = "us of CPU per mail"

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Prove first, then measure."""
        return interleaved({name: self._proven(name) for name in self.peers if not PEERS[name].why_missing}, rounds)

    def _proven(self, name: str) -> Job:
        job = PEERS[name].job(self.mail)
        prove(name, job.build(), self.mail)
        return job
