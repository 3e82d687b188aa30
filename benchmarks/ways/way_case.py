"""A case of ways: one mail, one sink, and everyone who sends the one to the other."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.measure import Figure, in_rounds, interleaved
from benchmarks.ways.errand import Errand
from benchmarks.ways.proof import prove_sent
from benchmarks.ways.sink import Sink, Speaks, running
from benchmarks.ways.way import Ways, Worker


@dataclass(frozen=True, slots=True)
class WayCase:
    """Asked again and again of the same processes."""

    name: str
    unit: str
    mail: str
    ways: Ways = field(repr=False)
    asks: str = "cpu_s"
    scale: float = 1e6
    in_flight: int = 1
    loops: int = 0
    """Of a turn; 0 for as many as take long enough to be measured."""
    speaks: Speaks = "ses"
    latency_s: float = 0

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Prove first, then measure."""
        with running(self.speaks, latency_s=self.latency_s) as sink, ExitStack() as stack:
            workers = {
                name: stack.enter_context(way.working(self._errand(sink)))
                for name, way in self.ways.items()
                if not way.why_missing
            }
            for name, worker in workers.items():
                prove_sent(name, worker, sink, self.speaks, self.mail)
            if not self.loops:
                return interleaved(workers, rounds)
            return in_rounds(lambda name: self._turn(workers[name]), workers, rounds)

    def _errand(self, sink: Sink) -> Errand:
        return Errand(self.mail, sink.port, self.in_flight, beside_sink=self.in_flight == 1)

    def _turn(self, worker: Worker) -> float:
        each = self.loops if self.asks in _OF_ALL else 1
        return worker.ask(self.asks, self.loops) / each * self.scale


_OF_ALL = ("cpu_s", "wall_s")  # asked of all sends of a turn; the others are asked of each
