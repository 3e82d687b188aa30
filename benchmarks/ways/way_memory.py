"""Memory: the peak while a mail with a large attachment is built and sent, beyond the attachment itself.

Each in a fresh process, since a peak cannot be taken back. A small mail was sent before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.measure import Figure, in_rounds
from benchmarks.ways.errand import Errand
from benchmarks.ways.sink import running
from benchmarks.ways.way import Ways


@dataclass(frozen=True, slots=True)
class WayMemory:
    """Traced: what Python asked for, the same each time. Resident: what the process had."""

    name: str
    unit: str
    ways: Ways = field(repr=False)
    asks: str
    divisor: int

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Measure each way."""
        ways = {name: way for name, way in self.ways.items() if not way.why_missing}
        with running("ses") as sink:

            def turn(name: str) -> float:
                with ways[name].working(Errand("25 MB", sink.port)) as worker:
                    return worker.ask(self.asks, 1) / self.divisor

            return in_rounds(turn, ways, 1 if self.asks == "traced_bytes" else rounds)
