"""Memory: the peak while a mail with a large attachment is built, beyond the attachment itself, which exists before.

Each in a fresh process, since a peak cannot be taken back. Traced, so it is the same each time: one round is enough.
"""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.encoder import plain_install
from benchmarks.mail import SMALL, Mail, with_attachment
from benchmarks.measure import Figure
from benchmarks.peers import DJANGO, EMAIL_MESSAGE, PEERS, SESMAIL, sesmail_email
from sesmail import mime

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class MemoryCase:
    """An attachment of so many bytes, and the ways to build a mail with it."""

    name: str
    unit: str
    ways: tuple[str, ...]
    size: int
    divisor: int

    def figures(self, rounds: int) -> dict[str, Figure]:  # noqa: ARG002 - one contract for all cases
        """Measure each way once."""
        ways = [way for way in self.ways if way not in PEERS or not PEERS[way].why_missing]
        return {way: Figure((self._peak(way) / self.divisor,)) for way in ways}

    def _peak(self, way: str) -> int:
        command = [sys.executable, "-m", "benchmarks.memory", way, str(self.size)]
        return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def _consume_chunks(mail: Mail) -> None:
    with plain_install():
        deque(mime.write(sesmail_email(mail)).chunks(), maxlen=0)


def _build_by(peer: str) -> Callable[[Mail], object]:
    return lambda mail: PEERS[peer].job(mail).build()


SESMAIL_CHUNKS = "sesmail, chunks"
_WAYS: dict[str, Callable[[Mail], object]] = {
    SESMAIL_CHUNKS: _consume_chunks,
    **{name: _build_by(name) for name in (SESMAIL, EMAIL_MESSAGE, DJANGO)},
}


def _traced_peak(way: str, size: int) -> int:
    run = _WAYS[way]
    run(SMALL)  # what is imported on first use is no part of a mail
    mail = with_attachment(size)
    tracemalloc.start()
    run(mail)
    return tracemalloc.get_traced_memory()[1]


if __name__ == "__main__":
    print(_traced_peak(sys.argv[1], int(sys.argv[2])))
