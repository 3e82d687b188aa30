"""Sink: a process that takes mails and answers at once, or after a latency. Both ends of its control line are here.

The control line is its standard input: a word in, a line of JSON out, and its end is the sink's.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Literal, cast

from benchmarks.ways.core import pin_sink

ROOT = Path(__file__).resolve().parents[2]
Speaks = Literal["ses", "smtp", "smtp with PIPELINING"]
_PROGRAMS: dict[Speaks, tuple[str, ...]] = {
    "ses": ("benchmarks.ways.ses_sink",),
    "smtp": ("benchmarks.ways.smtp_sink",),
    "smtp with PIPELINING": ("benchmarks.ways.smtp_sink", "--pipelining"),
}
LATENCY_S = 0.02  # what a connection across half a continent has


@dataclass(slots=True)
class Counts:
    """What a sink has seen."""

    connections: int = 0
    mails: int = 0
    round_trips: int = 0
    """SMTP only."""

    def since(self, before: Counts) -> Counts:
        """What has come to it."""
        return Counts(
            self.connections - before.connections, self.mails - before.mails, self.round_trips - before.round_trips
        )


# ── the end of whoever measures ──────────────────────────────────────────────────────────────────────────────────


class Sink:
    """A sink that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._input, self._output = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
        self.port = cast("int", self._heard())

    def counts(self) -> Counts:
        """What it has seen so far."""
        return Counts(**cast("dict[str, int]", self._asked("counts")))

    def keep_one(self) -> None:
        """Have it keep the next mail."""
        self._asked("keep")

    def kept(self) -> bytes:
        """The body of the call, or the mail with its dots, that it was told to keep."""
        return b64decode(cast("str", self._asked("kept")))

    def _asked(self, word: str) -> object:
        self._input.write(word + "\n")
        self._input.flush()
        return self._heard()

    def _heard(self) -> object:
        line = self._output.readline()
        if not line:
            raise RuntimeError("the sink has ended; its message stands above")
        return cast("object", json.loads(line))


@contextmanager
def running(speaks: Speaks, *, latency_s: float = 0) -> Iterator[Sink]:
    """A sink, for as long as it is needed."""
    command = [sys.executable, "-m", *_PROGRAMS[speaks], "--latency-s", str(latency_s)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Sink(process)
        finally:
            process.kill()


# ── the sink's own end ───────────────────────────────────────────────────────────────────────────────────────────


class Kept:
    """The one mail that is kept, if any."""

    def __init__(self) -> None:
        self.data = b""
        self._is_open = False

    def begin(self) -> None:
        """Keep what comes."""
        self.data, self._is_open = b"", True

    def add(self, data: bytes) -> None:
        """A piece has come."""
        if self._is_open:
            self.data += data

    def end(self) -> None:
        """That was all of it."""
        self._is_open = False


def serve(connection: Callable[[Counts, Kept, Namespace], asyncio.Protocol]) -> None:
    """Run until the control line ends."""
    parser = ArgumentParser()
    parser.add_argument("--latency-s", type=float, default=0)
    parser.add_argument("--pipelining", action="store_true")
    pin_sink()
    asyncio.run(_serve(connection, parser.parse_args()))


async def _serve(connection: Callable[[Counts, Kept, Namespace], asyncio.Protocol], options: Namespace) -> None:
    loop = asyncio.get_running_loop()
    counts, kept = Counts(), Kept()
    server = await loop.create_server(lambda: connection(counts, kept, options), "127.0.0.1", 0, backlog=1024)
    _say(server.sockets[0].getsockname()[1])
    control = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(control), sys.stdin)
    while word := (await control.readline()).strip():
        if word == b"keep":
            kept.begin()
        _say({b"counts": asdict(counts), b"keep": None, b"kept": b64encode(kept.data).decode()}[word])


def _say(answer: object) -> None:
    print(json.dumps(answer), flush=True)
