"""Patience: how long anything is waited for. The one table of defaults is here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from sesmail.errors import SetupError

LONGEST_S = 86400.0  # a day; much longer waits are more than some systems can count


def is_time(value: object) -> bool:
    """Whether something is a number of seconds that can be waited for. A truth value is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= LONGEST_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a send waits: for a connection, for each answer, and in all.

    >>> from sesmail.lines.patience import Patience
    >>> Patience(total_s=5).total_s
    5

    ``read_s`` is also how long a peer may take nothing of what is said to it.
    """

    connect_s: float = 10.0
    read_s: float = 60.0
    total_s: float = 300.0

    def __post_init__(self) -> None:
        for name in ("connect_s", "read_s", "total_s"):
            if not is_time(getattr(self, name)):
                raise SetupError(
                    f"a timeout is a number of seconds, over 0 and at most a day: {name.removesuffix('_s')} is not"
                )

    def deadline(self, clock: Callable[[], float] = monotonic) -> Deadline:
        """One send begins now."""
        return Deadline(self, clock)


class Deadline:
    """When one send must be over."""

    __slots__ = ("_at", "_clock", "patience")

    def __init__(self, patience: Patience, clock: Callable[[], float] = monotonic) -> None:
        self.patience = patience
        self._clock = clock
        self._at = clock() + patience.total_s

    def left_s(self) -> float:
        """What is left of it, never less than nothing."""
        return max(0.0, self._at - self._clock())

    def read_s(self) -> float:
        """How long the next answer may take."""
        left_s, read_s = self._at - self._clock(), self.patience.read_s
        # Asked at each step, so not by `min` and `max`, which take as long as the rest of it.
        return read_s if left_s > read_s else left_s if left_s > 0 else 0.0

    def for_connection(self) -> Deadline:
        """When a connection that is begun now must be there."""
        sooner = Deadline(self.patience, self._clock)
        sooner._at = min(self._at, self._clock() + self.patience.connect_s)
        return sooner
