"""What was sent, in points of 15 minutes over two weeks: all that v1 tells about the past."""

from __future__ import annotations

from dataclasses import dataclass, field

_STEP = 15 * 60
_KEPT = 14 * 86400


@dataclass(slots=True)
class DataPoint:
    """15 minutes."""

    start: float
    attempts: int = 0
    bounces: int = 0
    complaints: int = 0
    rejects: int = 0


@dataclass(slots=True)
class Statistics:
    """The points in which something was sent, oldest first."""

    points: list[DataPoint] = field(default_factory=list)

    def count(self, now: float, *, attempts: int = 0, bounces: int = 0, complaints: int = 0, rejects: int = 0) -> None:
        """Add to the point of now."""
        point = self._point(now // _STEP * _STEP)
        point.attempts += attempts
        point.bounces += bounces
        point.complaints += complaints
        point.rejects += rejects

    def recent(self, now: float) -> list[DataPoint]:
        """The points of the last two weeks."""
        return [point for point in self.points if point.start > now - _KEPT]

    def _point(self, start: float) -> DataPoint:
        if not self.points or self.points[-1].start != start:
            self.points = [*self.recent(start), DataPoint(start)]
        return self.points[-1]
