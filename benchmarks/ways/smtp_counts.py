"""What a sink of SMTP counts at 20 ms: round trips of a mail, and connections of a pool. The same each time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from benchmarks.measure import Figure, in_rounds
from benchmarks.ways.errand import Errand
from benchmarks.ways.sink import LATENCY_S, Counts, Sink, Speaks, running
from benchmarks.ways.way import Ways, Worker

_MAILS = 60


@dataclass(frozen=True, slots=True)
class SmtpCounts:
    """Some mails, and what the sink has counted meanwhile."""

    name: str
    unit: str
    ways: Ways = field(repr=False)
    speaks: Speaks
    counted: Callable[[Counts, Counts], float]
    in_flight: int = 1

    def figures(self, rounds: int) -> dict[str, Figure]:  # noqa: ARG002 - one contract for all cases
        """Count for each way once."""
        return in_rounds(self._turn, [name for name, way in self.ways.items() if not way.why_missing], 1)

    def _turn(self, name: str) -> float:
        with running(self.speaks, latency_s=LATENCY_S) as sink, self._working(name, sink) as worker:
            opened = sink.counts()
            worker.ask("wall_s", _MAILS)
            return self.counted(opened, sink.counts())

    def _working(self, name: str, sink: Sink) -> AbstractContextManager[Worker]:
        return self.ways[name].working(Errand("html", sink.port, self.in_flight))


def round_trips_per_mail(opened: Counts, done: Counts) -> float:
    """How often a mail waits for an answer, on a connection that is open."""
    meanwhile = done.since(opened)
    return meanwhile.round_trips / meanwhile.mails


def connections(_: Counts, done: Counts) -> float:
    """How many there were from the beginning."""
    return done.connections
